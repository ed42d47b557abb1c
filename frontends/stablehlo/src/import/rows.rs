//! Windows of an operand at positions that are data, which `gather` reads and `scatter` writes.
//!
//! Let I be the dimensions of the operand whose positions vary: those that indices give, those that are batches, and those
//! of which a window is only a part. With the dimensions I first and merged into one, a window is a set of rows of a
//! matrix. The number of a row is `Σ_{d ∈ I} s_d p_d`, where `p_d` is the start along `d` plus the place in the window,
//! and `s_d` is the product of the extents after `d` in I. So all windows together are one tensor of rows, whose
//! dimensions are those of the indices (the batch), those of the windows in I, and the other dimensions of the operand.

use super::extents::{Arithmetic, Extent};
use super::site::{Site, dims};
use super::{Translated, attributes};
use dp_dialects::attributes::Predicate;
use dp_dialects::ir::Val;
use dp_dialects::{Diagnostic, Literal, Number, OpKind, Parameters, ScalarType};

/// The names of the dimension numbers.
pub(super) struct Names {
    pub(super) attribute: &'static str,
    /// The dimensions of the tensor of windows that are dimensions of windows.
    pub(super) windows: &'static str,
    /// The dimensions of the operand that windows lack.
    pub(super) collapsed: &'static str,
    pub(super) batching: &'static str,
    pub(super) indices_batching: &'static str,
    /// The dimension of the operand for each component of an index.
    pub(super) map: &'static str,
}

/// The dimension numbers.
pub(super) struct Numbers {
    pub(super) windows: Vec<usize>,
    pub(super) collapsed: Vec<usize>,
    batching: Vec<usize>,
    indices_batching: Vec<usize>,
    map: Vec<usize>,
    vector: usize,
}

impl Numbers {
    /// Those of an operation; `all` is the rank of the tensor of windows.
    pub(super) fn of<'c>(
        site: &Site<'_, 'c>,
        names: &Names,
        [operand, indices, all]: [usize; 3],
    ) -> Translated<'c, Numbers> {
        let fields = attributes::fields(site.op, names.attribute);
        let fields = fields.ok_or_else(|| Diagnostic::invalid("has no dimension numbers"))?;
        let list = |name, rank| dims(&fields.integers(name).unwrap_or_default(), rank, name);
        let vector = usize::try_from(fields.integer("index_vector_dim").unwrap_or(0)).unwrap_or(usize::MAX);
        if vector > indices {
            return Err(Diagnostic::invalid("'index_vector_dim' is not a dimension of the indices").into());
        }
        Ok(Numbers {
            windows: list(names.windows, all)?,
            collapsed: list(names.collapsed, operand)?,
            batching: list(names.batching, operand)?,
            indices_batching: list(names.indices_batching, indices)?,
            map: list(names.map, operand)?,
            vector,
        })
    }

    /// Whether windows start at 0 along a dimension of the operand.
    pub(super) fn is_fixed(&self, dim: usize) -> bool {
        !self.map.contains(&dim) && !self.batching.contains(&dim)
    }

    /// The dimensions of the operand that windows have, in order.
    pub(super) fn kept(&self, rank: usize) -> Vec<usize> {
        (0..rank).filter(|dim| self.is_kept(*dim)).collect()
    }

    /// Whether windows have a dimension of the operand.
    pub(super) fn is_kept(&self, dim: usize) -> bool {
        !self.collapsed.contains(&dim) && !self.batching.contains(&dim)
    }
}

/// Windows of an operand as rows of a matrix.
pub(super) struct Rows<'c> {
    /// The numbers of the rows: [batch…, windows…], as i64.
    pub(super) numbers: Val<'c>,
    /// Whether each window is within the operand: [batch…], or a boolean.
    pub(super) is_inside: Val<'c>,
    /// The extents of the batch and of the windows in I.
    pub(super) batch: Vec<Extent<'c>>,
    pub(super) places: Vec<Extent<'c>>,
    /// I, and the other dimensions of the operand.
    merged: Vec<usize>,
    rest: Vec<usize>,
    /// For each dimension of the tensor of windows, its dimension in the order [batch…, windows…, rest…].
    pub(super) order: Vec<usize>,
    own: Vec<Extent<'c>>,
}

impl<'c> Rows<'c> {
    /// The rows that indices give; `sizes` are the extents of a window along all dimensions of the operand.
    pub(super) fn of(
        site: &Site<'_, 'c>,
        own: Vec<Extent<'c>>,
        indices: Val<'c>,
        is_unsigned: bool,
        numbers: &Numbers,
        sizes: &[Extent<'c>],
    ) -> Translated<'c, Rows<'c>> {
        site.count_of(&own)?;
        let indices = indices_last(site, indices, numbers, is_unsigned)?;
        let shape = site.extents(indices)?;
        let (batch, components) = (shape[..shape.len() - 1].to_vec(), shape[shape.len() - 1]);
        let invalid = |message: &str| Diagnostic::invalid(message.to_owned());
        if components.known() != Some(numbers.map.len() as u64) {
            return Err(invalid("an index has another number of components than dimensions are indexed").into());
        }
        let is_larger =
            |(size, extent): (&Extent, &Extent)| size.known().zip(extent.known()).is_some_and(|(a, b)| a > b);
        if sizes.len() != own.len() || sizes.iter().zip(&own).any(is_larger) {
            return Err(invalid("a window is larger than the operand").into());
        }
        if numbers.batching.len() != numbers.indices_batching.len()
            || numbers.indices_batching.contains(&numbers.vector)
            || numbers.batching.iter().any(|dim| numbers.map.contains(dim) || numbers.collapsed.contains(dim))
            || numbers
                .collapsed
                .iter()
                .chain(&numbers.batching)
                .any(|dim| sizes[*dim].known().is_none_or(|size| size > 1))
        {
            return Err(invalid("the dimension numbers contradict each other").into());
        }
        let varies =
            |dim: &usize| numbers.map.contains(dim) || numbers.batching.contains(dim) || !sizes[*dim].is(&own[*dim]);
        let merged: Vec<usize> = (0..own.len()).filter(varies).collect();
        let rest: Vec<usize> = (0..own.len()).filter(|dim| !varies(dim)).collect();
        let kept = numbers.kept(own.len());
        let wide: Vec<usize> = merged.iter().copied().filter(|dim| kept.contains(dim)).collect();
        let places: Vec<Extent> = wide.iter().map(|dim| sizes[*dim]).collect();
        let all: Vec<Extent> = batch.iter().chain(&places).copied().collect();
        let mut rows =
            Rows { numbers: indices, is_inside: indices, batch, places, merged, rest, order: Vec::new(), own };
        rows.order = rows.order_of(numbers, &kept, &wide)?;
        (rows.numbers, rows.is_inside) = rows.positions(site, indices, numbers, sizes, &wide, &all)?;
        Ok(rows)
    }

    fn order_of(&self, numbers: &Numbers, kept: &[usize], wide: &[usize]) -> Translated<'c, Vec<usize>> {
        let rank = self.batch.len() + kept.len();
        if numbers.windows.len() != kept.len() {
            return Err(Diagnostic::invalid("windows have another rank than the dimensions that are kept").into());
        }
        let mut batches = 0..self.batch.len();
        let mut windows = kept.iter();
        let place = |dim: &usize| match wide.iter().position(|other| other == dim) {
            Some(place) => self.batch.len() + place,
            None => {
                let place = self.rest.iter().position(|other| other == dim).unwrap_or_default();
                self.batch.len() + wide.len() + place
            }
        };
        let order = (0..rank).map(|dim| match numbers.windows.contains(&dim) {
            true => windows.next().map(place),
            false => batches.next(),
        });
        let order = order.collect::<Option<Vec<usize>>>();
        order.ok_or_else(|| Diagnostic::invalid("the dimensions of windows are not those of the result").into())
    }

    /// The numbers of the rows, and whether windows are inside.
    fn positions(
        &self,
        site: &Site<'_, 'c>,
        indices: Val<'c>,
        numbers: &Numbers,
        sizes: &[Extent<'c>],
        wide: &[usize],
        all: &[Extent<'c>],
    ) -> Translated<'c, (Val<'c>, Val<'c>)> {
        let spread = |value: &Extent<'c>, to: &[Extent<'c>]| -> Translated<'c, Val<'c>> {
            site.repeated(site.integer_of(value, ScalarType::I64)?, &[], to)
        };
        let zero = Extent::Known(0);
        let mut sum = spread(&zero, all)?;
        let holds = Literal::number(ScalarType::I1, Number::Integer(1));
        let mut is_inside = site.repeated(site.builder.literal(holds)?, &[], &self.batch)?;
        let mut stride = Extent::Known(1);
        for dim in self.merged.iter().rev() {
            let mut position = None;
            if let Some(component) = numbers.map.iter().position(|other| other == dim) {
                let start = self.component(site, indices, component)?;
                let last = site.combined(Arithmetic::Sub, &self.own[*dim], &sizes[*dim])?;
                let (low, high) = (spread(&zero, &self.batch)?, spread(&last, &self.batch)?);
                for (predicate, bound) in [(Predicate::Ge, low), (Predicate::Le, high)] {
                    let holds = site.emit(OpKind::ScalarCompare, &Parameters::Compare(predicate), &[start, bound])?;
                    is_inside = site.scalar(OpKind::ScalarAnd, &[is_inside, holds])?;
                }
                let start = site.scalar(OpKind::ScalarMax, &[start, low])?;
                let start = site.scalar(OpKind::ScalarMin, &[start, high])?;
                let along: Vec<usize> = (0..self.batch.len()).collect();
                position = Some(site.repeated(start, &along, all)?);
            } else if let Some(place) = numbers.batching.iter().position(|other| other == dim) {
                let of = numbers.indices_batching[place];
                let along = if of > numbers.vector { of - 1 } else { of };
                position = Some(site.places(along, ScalarType::I64, all)?);
            }
            if let Some(place) = wide.iter().position(|other| other == dim)
                && sizes[*dim].known() != Some(1)
            {
                let within = site.places(self.batch.len() + place, ScalarType::I64, all)?;
                position = Some(match position {
                    Some(start) => site.scalar(OpKind::ScalarAdd, &[start, within])?,
                    None => within,
                });
            }
            if let Some(position) = position {
                let scaled = match stride {
                    Extent::Known(1) => position,
                    _ => site.scalar(OpKind::ScalarMul, &[position, spread(&stride, all)?])?,
                };
                sum = site.scalar(OpKind::ScalarAdd, &[sum, scaled])?;
            }
            stride = site.combined(Arithmetic::Mul, &stride, &self.own[*dim])?;
        }
        Ok((sum, is_inside))
    }

    /// One component of all indices: [batch…], or a number.
    fn component(&self, site: &Site<'_, 'c>, indices: Val<'c>, component: usize) -> Translated<'c, Val<'c>> {
        let rank = self.batch.len() + 1;
        let mut starts = vec![Extent::Known(0); rank];
        starts[rank - 1] = Extent::Known(component as u64);
        let extents = [&self.batch[..], &[Extent::Known(1)]].concat();
        let slice = site.sliced(indices, &starts, &vec![1; rank], &extents)?;
        site.reshaped(slice, &self.batch)
    }

    /// The operand as a matrix of rows.
    pub(super) fn matrix(&self, site: &Site<'_, 'c>, operand: Val<'c>) -> Translated<'c, Val<'c>> {
        let order: Vec<usize> = self.merged.iter().chain(&self.rest).copied().collect();
        let operand = site.transpose(operand, &order)?;
        let merged: Vec<Extent> = self.merged.iter().map(|dim| self.own[*dim]).collect();
        let extents = [&[site.count_of(&merged)?][..], &self.row()].concat();
        site.reshaped(operand, &extents)
    }

    /// The extents of a row.
    pub(super) fn row(&self) -> Vec<Extent<'c>> {
        self.rest.iter().map(|dim| self.own[*dim]).collect()
    }

    /// The operand from the matrix of its rows.
    pub(super) fn operand(&self, site: &Site<'_, 'c>, matrix: Val<'c>) -> Translated<'c, Val<'c>> {
        let order: Vec<usize> = self.merged.iter().chain(&self.rest).copied().collect();
        let extents: Vec<Extent> = order.iter().map(|dim| self.own[*dim]).collect();
        let operand = site.reshaped(matrix, &extents)?;
        let mut back = vec![0; order.len()];
        for (place, dim) in order.iter().enumerate() {
            back[*dim] = place;
        }
        site.transpose(operand, &back)
    }
}

/// Indices as i64, with the dimension of their components last.
fn indices_last<'c>(
    site: &Site<'_, 'c>,
    indices: Val<'c>,
    numbers: &Numbers,
    is_unsigned: bool,
) -> Translated<'c, Val<'c>> {
    let dtype = site.type_of(indices)?.dtype;
    if dtype.is_float() || dtype.is_complex() || dtype == ScalarType::I1 {
        return Err(Diagnostic::invalid("indices are integers").into());
    }
    let wide = if is_unsigned { site.wide(indices)? } else { site.convert(indices, ScalarType::I64, false)? };
    let mut extents = site.extents(wide)?;
    if numbers.vector == extents.len() {
        extents.push(Extent::Known(1));
        return site.reshaped(wide, &extents);
    }
    let order: Vec<usize> = (0..extents.len()).filter(|dim| *dim != numbers.vector).chain([numbers.vector]).collect();
    site.transpose(wide, &order)
}

/// One row of a tensor of rows at a dynamic place: without the first dimension, or a number.
pub(super) fn row<'c>(site: &Site<'_, 'c>, rows: Val<'c>, place: Val<'c>) -> Translated<'c, Val<'c>> {
    let extents = site.extents(rows)?;
    let mut starts = vec![Extent::Known(0); extents.len()];
    starts[0] = Extent::Value(place);
    let one = [&[Extent::Known(1)], &extents[1..]].concat();
    let row = site.sliced(rows, &starts, &vec![1; extents.len()], &one)?;
    site.reshaped(row, &extents[1..])
}
