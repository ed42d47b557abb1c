//! Reductions, scans and contractions: operations that combine elements along dimensions.

use super::extents::{follow, of_first};
use super::movement::check_dimensions;
use super::regions::verify_region;
use super::{Checked, Entry, Extents, Regions, Source, Work, first, invalid, read};
use crate::attributes::Reduction;
use crate::ir::region_block;
use crate::parameters::{Parameters, ScanForm};
use crate::types::compatible;
use crate::{OpKind::*, Result, ScalarType, ValueType};

pub(super) const ENTRIES: &[Entry] = &[
    Entry::term(ArrayReduce, read::reduce)
        .extents(Extents::Follow(kept))
        .inferred(reduce)
        .checked(combiner)
        .regions(Regions::Isolated)
        .work(Work::Reduction),
    Entry::term(ArrayScan, read::scan)
        .extents(Extents::Follow(of_first))
        .inferred(scan)
        .checked(combiner)
        .regions(Regions::Isolated)
        .work(Work::Reduction),
    Entry::term(ArrayDot, read::dot).extents(Extents::Follow(of_dot)).inferred(dot).work(Work::Contraction),
];

/// The dimensions that are not reduced, in order.
fn kept(parameters: &Parameters, rank: &dyn Fn(usize) -> usize, dim: usize) -> Source {
    let Parameters::Reduce { dims, .. } = parameters else { return Source::Own };
    match (0..rank(0)).filter(|dim| !dims.contains(dim)).nth(dim) {
        Some(from) => Source::Operand(0, from),
        None => Source::Own,
    }
}

fn reduce(operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    let x = first(operands, parameters)?;
    let Parameters::Reduce { kind, dims } = parameters else { return invalid("has no 'dims'") };
    check_dimensions("dims", dims, x.rank())?;
    if !combines(*kind, x.dtype) {
        return invalid(format!("'{}' does not reduce {}", kind.keyword(), x.dtype));
    }
    Ok(ValueType::tensor(x.dtype, follow(kept, parameters, &operands[..1], x.rank() - dims.len())?))
}

/// Whether a kind combines elements of a type.
fn combines(kind: Reduction, dtype: ScalarType) -> bool {
    kind.combiner().is_none_or(|combiner| combiner.classes().is_some_and(|classes| classes.admits(dtype)))
}

fn scan(operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    let x = first(operands, parameters)?;
    let Parameters::Scan(form) = parameters else { return invalid("has no 'dim'") };
    if form.dim >= x.rank() {
        return invalid(format!("uses dimension {}, but the rank is {}", form.dim, x.rank()));
    }
    if !combines(form.kind, x.dtype) {
        return invalid(format!("'{}' does not combine {}", form.kind.keyword(), x.dtype));
    }
    Ok(x)
}

/// A `region` reduction or scan has an initial value and a region; the other kinds have neither.
fn combiner(site: &Checked) -> Result<()> {
    let (Parameters::Reduce { kind, .. } | Parameters::Scan(ScanForm { kind, .. }), [x, start @ ..]) =
        (site.parameters, site.operands)
    else {
        return invalid("needs an operand");
    };
    let element = ValueType::number(x.dtype);
    let has_region = region_block(site.op, 0).is_some();
    if *kind != Reduction::Region {
        return match has_region || !start.is_empty() {
            true => invalid(format!("'{}' takes neither an initial value nor a region", kind.keyword())),
            false => Ok(()),
        };
    }
    if start.first() != Some(&element) {
        return invalid(format!("needs an initial value of type {element}"));
    }
    if !has_region {
        return invalid("needs a region that combines two elements");
    }
    verify_region(site.op, &[element.clone(), element.clone()], &[element])
}

/// The dimensions of a dot: batch, free dimensions of the first operand, free dimensions of the second.
fn of_dot(parameters: &Parameters, rank: &dyn Fn(usize) -> usize, dim: usize) -> Source {
    let Parameters::Dot(dims) = parameters else { return Source::Own };
    if let (Some(a), Some(b)) = (dims.batch_a.get(dim), dims.batch_b.get(dim)) {
        return Source::Both(*a, *b);
    }
    let dim = dim - dims.batch_a.len();
    let (free_a, free_b) = (dims.free_a(rank(0)), dims.free_b(rank(1)));
    match (free_a.get(dim), dim.checked_sub(free_a.len()).and_then(|dim| free_b.get(dim))) {
        (Some(from), _) => Source::Operand(0, *from),
        (None, Some(from)) => Source::Operand(1, *from),
        (None, None) => Source::Own,
    }
}

fn dot(operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    let ([a, b], Parameters::Dot(dims)) = (operands, parameters) else { return invalid("needs two tensors") };
    if a.dtype != b.dtype {
        return invalid("requires operands of the same element type");
    }
    if a.dtype == ScalarType::I1 {
        return invalid("does not support booleans");
    }
    for (x, batch, contract) in [(a, &dims.batch_a, &dims.contract_a), (b, &dims.batch_b, &dims.contract_b)] {
        check_dimensions("batch", batch, x.rank())?;
        check_dimensions("contract", contract, x.rank())?;
        if let Some(dim) = batch.iter().find(|dim| contract.contains(dim)) {
            return invalid(format!("dimension {dim} is both a batch and a contracting dimension"));
        }
    }
    if dims.batch_a.len() != dims.batch_b.len() || dims.contract_a.len() != dims.contract_b.len() {
        return invalid("requires lists of dimensions of the same length");
    }
    for (i, j) in dims.batch_a.iter().zip(&dims.batch_b).chain(dims.contract_a.iter().zip(&dims.contract_b)) {
        if !compatible(a.extents()[*i], b.extents()[*j]) {
            return invalid(format!("dimension {i} of {a} and dimension {j} of {b} differ in extent"));
        }
    }
    let shared = dims.batch_a.len() + 2 * dims.contract_a.len();
    Ok(ValueType::tensor(a.dtype, follow(of_dot, parameters, operands, a.rank() + b.rank() - shared)?))
}
