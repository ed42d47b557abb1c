//! Constants, and operations that move elements without computing.

use super::extents::{follow, of_first};
use super::{Attributes, Check, Checked, Entry, Extents, Source, Work, first, invalid, literal, read, windows};
use crate::ir::Op;
use crate::parameters::{Parameters, Start};
use crate::types::{Extent, compatible};
use crate::{Diagnostic, OpKind, OpKind::*, Result, ScalarType, ValueType};

pub(super) const ENTRIES: &[Entry] = &[
    constant(ScalarConstant),
    constant(ArrayConstant),
    Entry::term(ArrayIota, read::dim).extents(Extents::Given).checked(iota).work(Work::View).free(),
    Entry::term(ArrayBroadcast, read::broadcast).extents(Extents::Given).checked(broadcast).work(Work::View).free(),
    Entry::term(ArrayReshape, read::nothing).extents(Extents::Given).checked(reshape).work(Work::View),
    Entry::term(ArrayTranspose, read::permutation).extents(Extents::Follow(permuted)).inferred(transpose),
    Entry::term(ArraySlice, read::slice).extents(Extents::Given).checked(slice).work(Work::Slice),
    Entry::term(ArrayUpdateSlice, read::update)
        .extents(Extents::Follow(of_first))
        .inferred(update_slice)
        .checked(update_starts)
        .work(Work::Update(1)),
    Entry::term(ArrayPad, read::pad).extents(Extents::Given).checked(pad),
    Entry::term(ArrayWindows, read::windows).extents(Extents::Follow(windows::extents)).inferred(windows::windows),
    Entry::term(ArrayConcatenate, read::dim).extents(Extents::Follow(joined)).inferred(concatenate),
    Entry { attributes: Attributes::Read(read::nothing), check: Check::Operation(shard), ..Entry::of(ArrayShard) }
        .extents(Extents::Follow(of_first))
        .work(Work::View),
];

/// Its types are in ODS, and its sharding is read where it is used: by XLA.
fn shard(_: Op) -> Result<()> {
    Ok(())
}

const fn constant(kind: OpKind) -> Entry {
    Entry::term(kind, read::constant).inferred(literal).checked(holds).work(Work::Nothing).free()
}

fn holds(site: &Checked) -> Result<()> {
    let held = literal(site.operands, site.parameters)?;
    let same = site.results.iter().all(|result| *result == held);
    if same { Ok(()) } else { invalid(format!("has a value of type {held}, not {}", site.results[0])) }
}

/// Checks a list of dimensions: less than the rank, and without duplicates.
pub(super) fn check_dimensions(name: &str, dims: &[usize], rank: usize) -> Result<()> {
    for (index, dim) in dims.iter().enumerate() {
        if *dim >= rank {
            return invalid(format!("'{name}' lists dimension {dim}, but the rank is {rank}"));
        }
        if dims[..index].contains(dim) {
            return invalid(format!("'{name}' lists dimension {dim} twice"));
        }
    }
    Ok(())
}

/// The first operand and the result; ODS guarantees both.
fn pair<'a>(site: &Checked<'a, '_>) -> Result<(&'a ValueType, &'a ValueType)> {
    site.operands
        .first()
        .zip(site.results.first())
        .ok_or_else(|| Diagnostic::invalid("requires one operand and one result"))
}

fn iota(site: &Checked) -> Result<()> {
    let (Parameters::Dim(dim), [result]) = (site.parameters, site.results) else {
        return invalid("must return a tensor");
    };
    if *dim >= result.rank() {
        return invalid(format!("uses dimension {dim}, but the rank is {}", result.rank()));
    }
    if result.dtype == ScalarType::I1 { invalid("does not support booleans") } else { Ok(()) }
}

fn broadcast(site: &Checked) -> Result<()> {
    let (x, result) = pair(site)?;
    let Parameters::Broadcast(dims) = site.parameters else { return invalid("has no 'dims'") };
    if x.dtype != result.dtype {
        return invalid("requires operand and result of the same element type");
    }
    if dims.len() != x.rank() {
        return invalid(format!("'dims' lists {} dimensions, but the operand has rank {}", dims.len(), x.rank()));
    }
    if !dims.windows(2).all(|pair| pair[0] < pair[1]) {
        let diagnostic = Diagnostic::invalid("'dims' must be strictly increasing");
        return Err(diagnostic.help("permute the operand with 'array.transpose' first"));
    }
    for (from, to) in dims.iter().enumerate() {
        let Some(extent) = result.extents().get(*to) else {
            return invalid(format!("'dims' lists dimension {to}, but the result has rank {}", result.rank()));
        };
        if !compatible(x.extents()[from], *extent) {
            let diagnostic =
                Diagnostic::invalid(format!("dimension {from} of {x} and dimension {to} of {result} differ in extent"));
            return Err(
                diagnostic.help("dimensions of extent 1 are not stretched; remove them first with 'array.reshape'")
            );
        }
    }
    Ok(())
}

fn reshape(site: &Checked) -> Result<()> {
    let (x, result) = pair(site)?;
    if x.dtype != result.dtype {
        return invalid("requires operand and result of the same element type");
    }
    if x.is_static() && result.is_static() && (x.count().is_none() || result.count().is_none()) {
        return Err(Diagnostic::limit("has more elements than can be counted"));
    }
    match (x.count(), result.count()) {
        (Some(from), Some(to)) if from != to => invalid(format!("changes the number of elements from {from} to {to}")),
        _ => Ok(()),
    }
}

fn permuted(parameters: &Parameters, _: &dyn Fn(usize) -> usize, dim: usize) -> Source {
    match parameters {
        Parameters::Permutation(permutation) => Source::Operand(0, permutation[dim]),
        _ => Source::Own,
    }
}

fn transpose(operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    let x = first(operands, parameters)?;
    let Parameters::Permutation(permutation) = parameters else { return invalid("has no 'permutation'") };
    check_dimensions("permutation", permutation, x.rank())?;
    if permutation.len() != x.rank() {
        let named = permutation.len();
        return invalid(format!("'permutation' lists {named} dimensions, but the operand has rank {}", x.rank()));
    }
    Ok(ValueType::tensor(x.dtype, follow(permuted, parameters, operands, x.rank())?))
}

fn check_starts(starts: &[Start], rank: usize, given: usize) -> Result<()> {
    if starts.len() != rank {
        return invalid(format!("has {} starts, but the rank is {rank}", starts.len()));
    }
    if starts.iter().any(|start| matches!(start, Start::At(at) if *at < 0)) {
        return invalid("has a negative start");
    }
    let dynamic = starts.iter().filter(|start| **start == Start::Operand).count();
    if dynamic == given {
        Ok(())
    } else {
        invalid(format!("has {given} 'index' operands for {dynamic} dynamic starts"))
    }
}

fn slice(site: &Checked) -> Result<()> {
    let (x, result) = pair(site)?;
    let Parameters::Slice { starts, strides } = site.parameters else { return invalid("has no 'starts'") };
    if x.dtype != result.dtype || x.rank() != result.rank() {
        return invalid("requires operand and result of the same element type and rank");
    }
    let dynamic = site.parameters.dynamic_starts();
    check_starts(starts, x.rank(), dynamic)?;
    if strides.len() != x.rank() || strides.contains(&0) {
        return invalid("requires one positive stride for each dimension");
    }
    for (dim, stride) in strides.iter().enumerate() {
        let (Some(extent), Some(count)) = (x.extents()[dim], result.extents()[dim]) else { continue };
        let start = match starts[dim] {
            Start::At(at) => at as u64,
            Start::Operand => 0,
        };
        let last =
            count.checked_sub(1).map_or(start, |steps| start.saturating_add(steps.saturating_mul(*stride as u64) + 1));
        if last > extent {
            return invalid(format!("the slice reaches position {last} of dimension {dim}, which has extent {extent}"));
        }
    }
    if dynamic < site.operands.len() { Ok(()) } else { invalid("needs an 'index' operand for each dynamic start") }
}

fn update_slice(operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    let [x, update, ..] = operands else { return invalid("needs a tensor and an update") };
    if matches!(parameters, Parameters::Update { accumulate: true, .. }) && x.dtype == ScalarType::I1 {
        return invalid("does not support booleans");
    }
    if x.dtype != update.dtype || x.rank() != update.rank() {
        return invalid("requires an update of the tensor's rank and element type");
    }
    let fits = |(x, u): (&Extent, &Extent)| x.zip(*u).is_none_or(|(x, u)| u <= x);
    if !x.extents().iter().zip(update.extents()).all(fits) {
        return invalid("the update is larger than the tensor");
    }
    Ok(x.clone())
}

fn update_starts(site: &Checked) -> Result<()> {
    let (Parameters::Update { starts, .. }, [x, _, given @ ..]) = (site.parameters, site.operands) else {
        return invalid("needs a tensor and an update");
    };
    check_starts(starts, x.rank(), given.len())
}

fn pad(site: &Checked) -> Result<()> {
    let (x, result) = pair(site)?;
    let Parameters::Pad { low, high, interior } = site.parameters else {
        return invalid("lacks 'low', 'high' or 'interior'");
    };
    if site.operands.get(1) != Some(&ValueType::number(x.dtype)) {
        return invalid(format!("requires a padding value of type {}", x.dtype));
    }
    if x.dtype != result.dtype || x.rank() != result.rank() {
        return invalid("requires operand and result of the same element type and rank");
    }
    if [low, high, interior].iter().any(|margin| margin.len() != x.rank()) {
        return invalid("requires one entry of 'low', 'high' and 'interior' for each dimension");
    }
    for dim in 0..x.rank() {
        let margins = [low[dim], high[dim], interior[dim]].map(|margin| margin as u64);
        let padded: Extent = match x.extents()[dim] {
            Some(n) => match padded_extent(n, margins) {
                Some(extent) => Some(extent),
                None => return Err(Diagnostic::limit(format!("padded dimension {dim} is too large"))),
            },
            None => None,
        };
        if !compatible(padded, result.extents()[dim]) {
            return invalid(format!("padded dimension {dim} has extent {}", padded.unwrap_or_default()));
        }
    }
    Ok(())
}

/// The extent of a padded dimension; `None` if it does not fit in an i64, as MLIR's types require.
fn padded_extent(extent: u64, [low, high, interior]: [u64; 3]) -> Option<u64> {
    let gaps = interior.checked_mul(extent.saturating_sub(1))?;
    let padded = extent.checked_add(gaps)?.checked_add(low)?.checked_add(high)?;
    (padded <= i64::MAX as u64).then_some(padded)
}

fn joined(parameters: &Parameters, _: &dyn Fn(usize) -> usize, dim: usize) -> Source {
    match parameters {
        Parameters::Dim(along) if *along == dim => Source::Sum,
        _ => Source::Agreed,
    }
}

fn concatenate(operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    let x = first(operands, parameters)?;
    let Parameters::Dim(along) = parameters else { return invalid("has no 'dim'") };
    if *along >= x.rank() {
        return invalid("'dim' must be a dimension of the operands");
    }
    if operands.iter().any(|other| other.dtype != x.dtype || other.rank() != x.rank()) {
        return invalid("requires operands of the same rank and element type");
    }
    Ok(ValueType::tensor(x.dtype, follow(joined, parameters, operands, x.rank())?))
}
