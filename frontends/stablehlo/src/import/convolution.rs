//! Convolutions, as a contraction of windows with the kernel.
//!
//! With the dimensions in the order batch, places, features, windows slide over the places of the padded operand; the
//! elements of a window and the input features are contracted with those of the kernel. Groups are a batch dimension of
//! the contraction.

use super::extents::{Amount, Arithmetic, Extent, known};
use super::shapes::reversed;
use super::site::{Site, count, dims, extents_of};
use super::windows::{Windows, pairs, positive};
use super::{Translated, attributes};
use crate::dialect::Fields;
use dp_dialects::ir::{Val, i64_attribute};
use dp_dialects::parameters::DotDims;
use dp_dialects::{Diagnostic, OpKind, Parameters, ScalarType, ValueType};

/// The dimensions of operands and result.
struct Dimensions {
    input: Roles,
    /// The batch is the input feature, the feature is the output feature.
    kernel: Roles,
    output: Roles,
}

/// The dimensions of one tensor.
struct Roles {
    batch: usize,
    feature: usize,
    spatial: Vec<usize>,
}

impl Roles {
    fn of<'c>(fields: &Fields<'c>, names: [&str; 3], rank: usize) -> Translated<'c, Roles> {
        let one = |name: &str| fields.integer(name).map(|value| vec![value]).unwrap_or_default();
        let all = [one(names[0]), one(names[1]), fields.integers(names[2]).unwrap_or_default()].concat();
        let all = dims(&all, rank, "dimension_numbers")?;
        if all.len() != rank || rank < 2 {
            return Err(Diagnostic::invalid("the dimension numbers do not name all dimensions").into());
        }
        Ok(Roles { batch: all[0], feature: all[1], spatial: all[2..].to_vec() })
    }
}

/// `convolution`.
pub(super) fn convolution<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let padding = site.optional_ints("padding")?;
    convolved(site, padding)
}

/// `dynamic_conv`, whose padding is an operand, which must be constant.
pub(super) fn dynamic_conv<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let padding = site.integers(site.source(2)?)?.iter().map(Amount::constant).collect::<Option<Vec<i64>>>();
    let padding = padding.ok_or_else(|| {
        let diagnostic = Diagnostic::unsupported("padding that is not constant is not supported");
        diagnostic.help("pad the operand with 'stablehlo.dynamic_pad'")
    })?;
    convolved(site, Some(padding))
}

fn convolved<'c>(site: &Site<'_, 'c>, padding: Option<Vec<i64>>) -> Translated<'c, Vec<Val<'c>>> {
    let to = site.result(0)?;
    let rank = to.rank();
    if to.dtype == ScalarType::I1 {
        return Err(Diagnostic::unsupported("convolutions of booleans are not supported").into());
    }
    let fields = attributes::fields(site.op, "dimension_numbers");
    let fields = fields.ok_or_else(|| Diagnostic::invalid("has no dimension numbers"))?;
    let roles = |names| Roles::of(&fields, names, rank);
    let at = Dimensions {
        input: roles(["input_batch_dimension", "input_feature_dimension", "input_spatial_dimensions"])?,
        kernel: roles([
            "kernel_input_feature_dimension",
            "kernel_output_feature_dimension",
            "kernel_spatial_dimensions",
        ])?,
        output: roles(["output_batch_dimension", "output_feature_dimension", "output_spatial_dimensions"])?,
    };
    let operand = |index| site.convert(site.operand(index)?, to.dtype, site.is_unsigned(index)?);
    let (x, kernel) = (operand(0)?, operand(1)?);
    if site.type_of(x)?.rank() != rank || site.type_of(kernel)?.rank() != rank {
        return Err(Diagnostic::invalid("operands and result have the same rank").into());
    }
    let groups = |name| {
        let count = u64::try_from(i64_attribute(site.op, name).unwrap_or(1)).ok().filter(|count| *count > 0);
        count.ok_or_else(|| Diagnostic::invalid(format!("'{name}' is not positive")))
    };
    let (feature_groups, batch_groups) = (groups("feature_group_count")?, groups("batch_group_count")?);
    let places = rank - 2;
    let list = |name: &str| positive(site.optional_ints(name)?, places, name);
    let padding = padding.unwrap_or_else(|| vec![0; 2 * places]);
    let (low, high) = pairs(&padding, places)?;
    let kernel_extents = extents_of(&site.type_of(kernel)?)?;
    let size = at.kernel.spatial.iter().map(|dim| kernel_extents[*dim]).collect();
    let windows = Windows {
        size,
        strides: list("window_strides")?,
        low,
        high,
        base: list("lhs_dilation")?,
        dilation: list("rhs_dilation")?,
    };
    let along = |r#type: &ValueType, dims: &[usize]| dims.iter().map(|dim| r#type.extents()[*dim]).collect();
    let spatial = |r#type: &ValueType, dims: &[usize]| -> Translated<'c, Vec<u64>> {
        extents_of(&ValueType::tensor(r#type.dtype, along(r#type, dims)))
    };
    windows.check(&spatial(&site.type_of(x)?, &at.input.spatial)?, &spatial(&to, &at.output.spatial)?)?;
    if to.extents().contains(&Some(0)) && to.is_static() {
        return Ok(vec![site.empty(&to)?]);
    }
    let flipped: Vec<usize> = match attributes::flags(site.op, "window_reversal") {
        Some(flags) => at.kernel.spatial.iter().zip(flags).filter(|(_, flag)| *flag).map(|(dim, _)| *dim).collect(),
        None => Vec::new(),
    };
    let kernel = reversed(site, kernel, &flipped)?;
    let convolved = matrices(site, x, kernel, &at, &windows, [feature_groups, batch_groups], &to)?;
    Ok(vec![convolved])
}

/// The convolution as a product of matrices.
fn matrices<'c>(
    site: &Site<'_, 'c>,
    x: Val<'c>,
    kernel: Val<'c>,
    at: &Dimensions,
    windows: &Windows,
    [feature_groups, batch_groups]: [u64; 2],
    to: &ValueType,
) -> Translated<'c, Val<'c>> {
    let groups = feature_groups.saturating_mul(batch_groups);
    let invalid = || Diagnostic::invalid("the groups do not divide the features or the batch");
    // Batch, places, features, padded.
    let order: Vec<usize> =
        std::iter::once(at.input.batch).chain(at.input.spatial.iter().copied()).chain([at.input.feature]).collect();
    let x = site.transpose(x, &order)?;
    let mut padding = windows.padding();
    for list in [&mut padding.low, &mut padding.high, &mut padding.interior] {
        list.insert(0, 0);
        list.push(0);
    }
    let zero = site.number(0.0, to.dtype)?;
    let x = padding.apply(site, x, zero)?;
    let own = site.extents(x)?;
    let batch = own[0];
    let features = own[own.len() - 1].known().ok_or_else(|| {
        let diagnostic =
            Diagnostic::unsupported("a number of features that is only known at run time is not supported");
        diagnostic.help("export the model with a fixed number of features; the batch may be dynamic")
    })?;
    if batch.known().is_some_and(|batch| batch % batch_groups != 0) || features % feature_groups != 0 {
        return Err(invalid().into());
    }
    let part = site.combined(Arithmetic::Div, &batch, &Extent::Known(batch_groups))?;
    let width = features / feature_groups;
    let places: Vec<u64> = at.output.spatial.iter().filter_map(|dim| to.extents()[*dim]).collect();
    let positions = count(&places)?;
    site.count_of(&[&[batch, Extent::Known(positions)], &own[own.len() - 1..]].concat())?;
    site.count_of(&own)?;
    // [batch, positions, places, features].
    let patches = windows.of_dimensions(site, x, 1)?;
    let taps = windows.size.iter().product::<u64>();
    let spatial = windows.size.len();
    // [places, input features, output features].
    let order: Vec<usize> = at.kernel.spatial.iter().copied().chain([at.kernel.batch, at.kernel.feature]).collect();
    let kernel = site.transpose(kernel, &order)?;
    let shape = extents_of(&site.type_of(kernel)?)?;
    let outputs = shape[shape.len() - 1];
    if shape[shape.len() - 2] != width || outputs % groups != 0 {
        return Err(invalid().into());
    }
    let product = match groups {
        1 => {
            let contract_a = (1 + spatial..2 + 2 * spatial).collect();
            let dot = DotDims { contract_a, contract_b: (0..=spatial).collect(), ..DotDims::default() };
            site.emit(OpKind::ArrayDot, &Parameters::Dot(dot), &[patches, kernel])?
        }
        _ => {
            let each = outputs / groups;
            let all =
                |before: &[u64], part: Extent<'c>, after: &[u64]| [&known(before), &[part][..], &known(after)].concat();
            // [groups of the batch, batch, positions, places, groups of features, features].
            let split = all(&[batch_groups], part, &[positions, taps, feature_groups, width]);
            let patches = site.transpose(site.reshaped(patches, &split)?, &[0, 4, 1, 2, 3, 5])?;
            let rows = site.combined(Arithmetic::Mul, &part, &Extent::Known(positions))?;
            let patches = site.reshaped(patches, &all(&[groups], rows, &[taps * width]))?;
            let kernel = site.reshaped(kernel, &known(&[taps * width, groups, each]))?;
            let dot = DotDims { batch_a: vec![0], batch_b: vec![1], contract_a: vec![2], contract_b: vec![0] };
            let product = site.emit(OpKind::ArrayDot, &Parameters::Dot(dot), &[patches, kernel])?;
            // [groups, batch, positions, output features] to [batch, places, groups, output features].
            let product = site.reshaped(product, &all(&[groups], part, &[positions, each]))?;
            let product = site.transpose(product, &[1, 2, 0, 3])?;
            site.reshaped(product, &all(&[], part, &[&places[..], &[outputs]].concat()))?
        }
    };
    let mut order = vec![0; to.rank()];
    order[at.output.batch] = 0;
    order[at.output.feature] = to.rank() - 1;
    for (place, dim) in at.output.spatial.iter().enumerate() {
        order[*dim] = place + 1;
    }
    let product = site.transpose(product, &order)?;
    if !site.type_of(product)?.is_compatible(to) {
        return Err(Diagnostic::invalid(format!("the type of the result is not {to}")).into());
    }
    Ok(product)
}
