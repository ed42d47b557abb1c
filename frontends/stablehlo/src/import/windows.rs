//! Reductions of windows.
//!
//! A window that holds all elements up to its own place is a scan: see `cumulative.rs`. Other windows have few elements:
//! the results for all windows at once are combined from strided slices of the padded operand, one for each place in the
//! window.

use super::Translated;
use super::cumulative::{cumulative, scan};
use super::extents::Extent;
use super::reductions::{apply, kind_of};
use super::shapes::Padding;
use super::site::Site;
use dp_dialects::ir::{Blk, Val, operands};
use dp_dialects::parameters::WindowForm;
use dp_dialects::{Diagnostic, Literal, OpKind, Parameters, ValueType};

/// The places in a window, each of which takes an operation.
pub(super) const MOST_PLACES: u64 = 1024;

/// The form of the windows.
pub(super) struct Windows {
    pub(super) size: Vec<u64>,
    pub(super) strides: Vec<usize>,
    pub(super) low: Vec<i64>,
    pub(super) high: Vec<i64>,
    /// The distances of elements of the operand, after zeros are put between them.
    pub(super) base: Vec<usize>,
    /// The distances of elements in a window.
    pub(super) dilation: Vec<usize>,
}

impl Windows {
    /// The windows of `reduce_window` and `select_and_scatter`, over all dimensions of the operand.
    pub(super) fn of<'c>(site: &Site<'_, 'c>, rank: usize) -> Translated<'c, Windows> {
        let list = |name: &str| -> Translated<'c, Vec<usize>> { positive(site.optional_ints(name)?, rank, name) };
        let size = list("window_dimensions")?.into_iter().map(|size| size as u64).collect();
        let padding = site.optional_ints("padding")?.unwrap_or_else(|| vec![0; 2 * rank]);
        let (low, high) = pairs(&padding, rank)?;
        Ok(Windows {
            size,
            strides: list("window_strides")?,
            low,
            high,
            base: list("base_dilations")?,
            dilation: list("window_dilations")?,
        })
    }

    /// The positions in a window.
    pub(super) fn places<'c>(&self) -> Translated<'c, Vec<Vec<u64>>> {
        let count = self.size.iter().try_fold(1u64, |count, size| count.checked_mul(*size));
        if count.is_none_or(|count| count > MOST_PLACES) {
            let message = format!("windows of more than {MOST_PLACES} elements are not supported");
            return Err(Diagnostic::unsupported(message).help("reduce dimension by dimension").into());
        }
        let mut places = vec![Vec::new()];
        for size in &self.size {
            places = places.iter().flat_map(|place| (0..*size).map(|next| [&place[..], &[next]].concat())).collect();
        }
        Ok(places)
    }

    /// Checks that there are as many windows as the result has elements, along each dimension of the operand.
    pub(super) fn check<'c>(&self, operand: &[u64], result: &[u64]) -> Translated<'c, ()> {
        let windows = |dim: usize| {
            let between = (self.base[dim] as i128 - 1) * (operand[dim] as i128 - 1).max(0);
            let padded = operand[dim] as i128 + between + self.low[dim] as i128 + self.high[dim] as i128;
            let window = (self.size[dim] as i128 - 1) * self.dilation[dim] as i128 + 1;
            if self.size[dim] == 0 || padded < window { 0 } else { (padded - window) / self.strides[dim] as i128 + 1 }
        };
        let fit = operand.len() == result.len() && (0..operand.len()).all(|dim| windows(dim) == result[dim] as i128);
        if fit {
            Ok(())
        } else {
            Err(Diagnostic::invalid("the result has other extents than there are windows").into())
        }
    }

    /// The extents of the result, whose type is given: along dimensions whose extent is only known at run time, windows are
    /// single elements.
    fn results<'c>(&self, own: &[Extent<'c>], to: &ValueType) -> Translated<'c, Vec<Extent<'c>>> {
        if own.len() != to.rank() {
            return Err(Diagnostic::invalid("operand and result have different ranks").into());
        }
        let is_single = |dim: usize| {
            let plain =
                self.size[dim] == 1 && [&self.strides, &self.base, &self.dilation].iter().all(|list| list[dim] == 1);
            plain && (self.low[dim], self.high[dim]) == (0, 0)
        };
        if (0..own.len()).any(|dim| own[dim].known().is_none() && !is_single(dim)) {
            let message = "windows along a dimension whose extent is only known at run time are not supported";
            let diagnostic = Diagnostic::unsupported(message);
            return Err(diagnostic.help("export the model with a fixed extent of this dimension").into());
        }
        // Single elements are as many as there are; 1 stands for an unknown number.
        let some =
            |extents: Vec<Option<u64>>| extents.into_iter().map(|extent| extent.unwrap_or(1)).collect::<Vec<_>>();
        let is_open = |dim: usize| own[dim].known().is_none();
        let result = (0..own.len()).map(|dim| to.extents()[dim].filter(|_| !is_open(dim))).collect();
        self.check(&some(own.iter().map(Extent::known).collect()), &some(result))?;
        let extent =
            |dim: usize| if is_open(dim) { Ok(own[dim]) } else { to.extents()[dim].map(Extent::Known).ok_or(()) };
        let extents = (0..own.len()).map(extent).collect::<Result<Vec<_>, ()>>();
        Ok(extents.map_err(|()| Diagnostic::invalid(format!("an extent of {to} is missing")))?)
    }

    /// The windows of a padded operand, along the dimensions from `dim` on.
    pub(super) fn of_dimensions<'c>(&self, site: &Site<'_, 'c>, x: Val<'c>, dim: usize) -> Translated<'c, Val<'c>> {
        self.places()?;
        let sizes = self.size.iter().map(|size| *size as usize).collect();
        let form = WindowForm { dim, sizes, strides: self.strides.clone(), dilations: self.dilation.clone() };
        if self.size.iter().any(|size| *size != 1) {
            return site.emit(OpKind::ArrayWindows, &Parameters::Windows(form), &[x]);
        }
        // Windows of one element are a slice.
        let mut extents = site.extents(x)?;
        let mut strides = vec![1; extents.len()];
        for place in 0..form.rank() {
            let extent = extents[dim + place].known().ok_or_else(|| Diagnostic::internal("an open extent"))?;
            extents[dim + place] = Extent::Known(form.count(place, extent));
            strides[dim + place] = form.strides[place];
        }
        let slice = site.sliced(x, &vec![Extent::Known(0); extents.len()], &strides, &extents)?;
        let at = dim + form.rank();
        extents.splice(at..at, vec![Extent::Known(1); form.rank()]);
        site.reshaped(slice, &extents)
    }

    /// The padding of the operand.
    pub(super) fn padding(&self) -> Padding {
        let interior = self.base.iter().map(|distance| *distance as i64 - 1).collect();
        Padding { low: self.low.clone(), high: self.high.clone(), interior }
    }
}

/// The two columns of a matrix with `rank` rows.
pub(super) fn pairs<'c>(padding: &[i64], rank: usize) -> Translated<'c, (Vec<i64>, Vec<i64>)> {
    if padding.len() != 2 * rank {
        return Err(Diagnostic::invalid("the padding has another rank than the windows").into());
    }
    Ok(padding.chunks_exact(2).map(|pair| (pair[0], pair[1])).unzip())
}

/// Positive numbers, one for each dimension; ones if the list is missing.
pub(super) fn positive<'c>(values: Option<Vec<i64>>, rank: usize, name: &str) -> Translated<'c, Vec<usize>> {
    let values = values.filter(|values| !values.is_empty()).unwrap_or_else(|| vec![1; rank]);
    let of = |value: &i64| usize::try_from(*value).ok().filter(|value| *value > 0 && *value <= u32::MAX as usize);
    let positive = values.iter().map(of).collect::<Option<Vec<usize>>>().filter(|list| list.len() == rank);
    positive.ok_or_else(|| Diagnostic::invalid(format!("'{name}' is not a positive number for each dimension")).into())
}

/// `reduce_window`.
pub(super) fn reduce_window<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let count = operands(site.op).len() / 2;
    let (xs, initial) = (site.some_operands(0..count)?, site.some_operands(count..2 * count)?);
    let body = site.region(0)?;
    let Some(first) = xs.first() else { return Err(Diagnostic::invalid("has no operands").into()) };
    let windows = Windows::of(site, site.type_of(*first)?.rank())?;
    reduced(site, &xs, &initial, body, &windows)
}

/// The reduction of windows of some tensors, of the same extents, by a block.
pub(super) fn reduced<'c>(
    site: &mut Site<'_, 'c>,
    xs: &[Val<'c>],
    initial: &[Val<'c>],
    body: Blk<'c>,
    windows: &Windows,
) -> Translated<'c, Vec<Val<'c>>> {
    let (first, count) = (xs[0], xs.len());
    let r#type = site.type_of(first)?;
    if let ([x], [start]) = (xs, initial)
        && let Some(kind) = kind_of(body, r#type.dtype)
        && let Some((dim, reverse)) = cumulative(windows, r#type.extents())
    {
        return Ok(vec![scan(site, *x, *start, kind, dim, reverse)?]);
    }
    let to = site.result(0)?;
    let extents = windows.results(&site.extents(first)?, &to)?;
    if to.is_static() && to.extents().contains(&Some(0)) {
        return (0..count).map(|index| site.empty(&site.result(index)?)).collect();
    }
    // Padding adds nothing to a window, as in XLA, where what adds nothing is known.
    let neutral = kind_of(body, r#type.dtype).and_then(|kind| kind.identity(r#type.dtype)).filter(|_| count == 1);
    let mut padded = Vec::new();
    for (x, start) in xs.iter().zip(initial) {
        let around = match neutral {
            Some(neutral) => site.builder.literal(Literal::number(r#type.dtype, neutral))?,
            None => *start,
        };
        padded.push(windows.padding().apply(site, *x, around)?);
    }
    let mut values = Vec::new();
    for start in initial {
        values.push(site.repeated(*start, &[], &extents)?);
    }
    for place in windows.places()? {
        let starts: Vec<Extent> = place
            .iter()
            .zip(&windows.dilation)
            .map(|(place, distance)| Extent::Known(place * *distance as u64))
            .collect();
        for x in &padded {
            values.push(site.sliced(*x, &starts, &windows.strides, &extents)?);
        }
        let builder = site.builder;
        values = apply(site, body, &values, builder)?;
    }
    Ok(values)
}
