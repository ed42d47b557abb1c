//! Operations on tensors: shapes, `index` operands and regions.

use super::{complain, inferred};
use crate::attributes::Reduction;
use crate::infer::{compatible, compatible_shapes};
use crate::ir::{Op, block_args, operands, region_block};
use crate::parameters::{Parameters, Start};
use crate::types::Extent;
use crate::{DType, Diagnostic, OpKind, Result, ValueType};
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;

pub(super) fn verify(
    kind: OpKind,
    op: Op,
    parameters: &Parameters,
    operands: &[ValueType],
    results: &[ValueType],
) -> Result<()> {
    match (kind, parameters) {
        (OpKind::ArrayYield, _) => Ok(()),
        (OpKind::ArrayMap, _) => map(op, operands, results),
        (OpKind::ArrayReduce, Parameters::Reduce { kind: reduction, .. }) => {
            inferred(kind, parameters, &operands[..1], &results[0])?;
            reduce(op, *reduction, operands)
        }
        (OpKind::ArrayConstant, Parameters::Constant(literal)) => {
            let same = literal.value_type() == results[0];
            if same { Ok(()) } else { complain(format!("holds {}, not {}", literal.value_type(), results[0])) }
        }
        (OpKind::ArrayUpdateSlice, Parameters::Update { starts, .. }) => {
            inferred(kind, parameters, operands, &results[0])?;
            check_starts(starts, operands[0].rank(), operands.len() - 2)
        }
        (_, parameters) => match shaped(kind, parameters, operands, &results[0]) {
            Some(verdict) => verdict,
            None => inferred(kind, parameters, operands, &results[0]),
        },
    }
}

/// The operations whose result type is written; `None` for the others.
fn shaped(kind: OpKind, parameters: &Parameters, operands: &[ValueType], result: &ValueType) -> Option<Result<()>> {
    let given = operands.iter().filter(|operand| operand.dtype == DType::Index).count();
    let verdict = match (kind, parameters) {
        (OpKind::ArrayIota, Parameters::Dim(dim)) => iota(*dim, result),
        (OpKind::ArrayBroadcast, Parameters::Broadcast(dims)) => broadcast(&operands[0], dims, result),
        (OpKind::ArrayReshape, _) => reshape(&operands[0], result),
        (OpKind::ArraySlice, Parameters::Slice { starts, strides }) => slice(&operands[0], starts, strides, result)
            .and_then(|()| {
                let dynamic = starts.iter().filter(|start| **start == Start::Operand).count();
                if dynamic <= given { Ok(()) } else { complain("needs an 'index' operand for each start that is one") }
            }),
        (OpKind::ArrayPad, Parameters::Pad { low, high, interior }) => {
            if operands[1] != ValueType::number(operands[0].dtype) {
                return Some(complain(format!("fills with a number of type {}", operands[0].dtype)));
            }
            pad(&operands[0], [low, high, interior], result)
        }
        _ => return None,
    };
    let wanted = result.dynamic_dimensions().count();
    let given = given - parameters.dynamic_starts().min(given);
    Some(verdict.and_then(|()| {
        if given == wanted {
            return Ok(());
        }
        let diagnostic =
            Diagnostic::new(format!("has {given} extents for the {wanted} dynamic dimensions of {result}"));
        Err(diagnostic.help("give one 'index' operand for each '?' of the result type, in order"))
    }))
}

fn iota(dim: usize, result: &ValueType) -> Result<()> {
    if dim >= result.rank() {
        return complain(format!("counts along dimension {dim} of a tensor of rank {}", result.rank()));
    }
    if result.dtype == DType::I1 { complain("does not count in booleans") } else { Ok(()) }
}

fn broadcast(x: &ValueType, dims: &[usize], result: &ValueType) -> Result<()> {
    if x.dtype != result.dtype {
        return complain("keeps the element type");
    }
    if dims.len() != x.rank() {
        return complain(format!("'dims' places {} of the operand's {} dimensions", dims.len(), x.rank()));
    }
    if !dims.windows(2).all(|pair| pair[0] < pair[1]) {
        let diagnostic = Diagnostic::new("'dims' must increase strictly");
        return Err(diagnostic.help("permute the operand with 'array.transpose' first"));
    }
    for (from, to) in dims.iter().enumerate() {
        let Some(extent) = result.extents().get(*to) else {
            return complain(format!("'dims' names dimension {to} of a result of rank {}", result.rank()));
        };
        if !compatible(x.extents()[from], *extent) {
            let diagnostic = Diagnostic::new(format!("dimension {from} of {x} and dimension {to} of {result} differ"));
            return Err(diagnostic.help("a dimension of extent 1 is not stretched: reshape it away first"));
        }
    }
    Ok(())
}

fn reshape(x: &ValueType, result: &ValueType) -> Result<()> {
    if x.dtype != result.dtype {
        return complain("keeps the element type");
    }
    if x.is_static() && result.is_static() && (x.count().is_none() || result.count().is_none()) {
        return complain("has more elements than can be counted");
    }
    match (x.count(), result.count()) {
        (Some(from), Some(to)) if from != to => complain(format!("makes {to} elements of {from}")),
        _ => Ok(()),
    }
}

fn check_starts(starts: &[Start], rank: usize, given: usize) -> Result<()> {
    if starts.len() != rank {
        return complain(format!("has {} starts for {rank} dimensions", starts.len()));
    }
    if starts.iter().any(|start| matches!(start, Start::At(at) if *at < 0)) {
        return complain("starts at a negative position");
    }
    let dynamic = starts.iter().filter(|start| **start == Start::Operand).count();
    if dynamic == given { Ok(()) } else { complain(format!("has {given} 'index' operands for {dynamic} starts")) }
}

fn slice(x: &ValueType, starts: &[Start], strides: &[usize], result: &ValueType) -> Result<()> {
    if x.dtype != result.dtype || x.rank() != result.rank() {
        return complain("keeps the element type and the rank");
    }
    let dynamic = starts.iter().filter(|start| **start == Start::Operand).count();
    check_starts(starts, x.rank(), dynamic)?;
    if strides.len() != x.rank() || strides.contains(&0) {
        return complain("has one positive stride for each dimension");
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
            return complain(format!("the box reaches position {last} of dimension {dim}, which has extent {extent}"));
        }
    }
    Ok(())
}

fn pad(x: &ValueType, [low, high, interior]: [&[usize]; 3], result: &ValueType) -> Result<()> {
    if x.dtype != result.dtype || x.rank() != result.rank() {
        return complain("keeps the element type and the rank");
    }
    if [low, high, interior].iter().any(|margin| margin.len() != x.rank()) {
        return complain("has 'low', 'high' and 'interior' for each dimension");
    }
    for dim in 0..x.rank() {
        let margins = [low[dim], high[dim], interior[dim]].map(|margin| margin as u64);
        let padded: Extent = match x.extents()[dim] {
            Some(n) => match padded_extent(n, margins) {
                Some(extent) => Some(extent),
                None => return complain(format!("dimension {dim} is too large when padded")),
            },
            None => None,
        };
        if !compatible(padded, result.extents()[dim]) {
            return complain(format!("dimension {dim} has extent {} when padded", padded.unwrap_or_default()));
        }
    }
    Ok(())
}

/// The extent of a padded dimension; `None` where MLIR's types do not hold it.
fn padded_extent(extent: u64, [low, high, interior]: [u64; 3]) -> Option<u64> {
    let gaps = interior.checked_mul(extent.saturating_sub(1))?;
    let padded = extent.checked_add(gaps)?.checked_add(low)?.checked_add(high)?;
    (padded <= i64::MAX as u64).then_some(padded)
}

fn map(op: Op, operands: &[ValueType], results: &[ValueType]) -> Result<()> {
    let Some(first) = operands.first() else { return complain("needs an operand") };
    if operands.iter().chain(results).any(|r#type| !compatible_shapes(first, r#type)) {
        return complain("takes and gives tensors of one shape");
    }
    region(op, &numbers(operands), &numbers(results))
}

fn reduce(op: Op, kind: Reduction, operands: &[ValueType]) -> Result<()> {
    let element = ValueType::number(operands[0].dtype);
    let has_region = region_block(op, 0).is_some();
    if kind != Reduction::Region {
        return match has_region || operands.len() > 1 {
            true => complain(format!("'{}' takes neither a start nor a region", kind.keyword())),
            false => Ok(()),
        };
    }
    if operands.get(1) != Some(&element) {
        return complain(format!("needs a start of type {element}"));
    }
    if !has_region {
        return complain("needs a region that combines two elements");
    }
    region(op, &[element.clone(), element.clone()], &[element])
}

fn numbers(types: &[ValueType]) -> Vec<ValueType> {
    types.iter().map(|r#type| ValueType::number(r#type.dtype)).collect()
}

/// Checks that a region takes and yields numbers of the given types.
fn region(op: Op, arguments: &[ValueType], yields: &[ValueType]) -> Result<()> {
    let Some(block) = region_block(op, 0) else { return complain("needs a region") };
    let types = |values: Vec<crate::ir::Val>| -> Vec<Option<ValueType>> {
        values.into_iter().map(|value| ValueType::of(value.r#type())).collect()
    };
    let same = |found: &[Option<ValueType>], wanted: &[ValueType]| {
        found.len() == wanted.len() && found.iter().zip(wanted).all(|(found, wanted)| found.as_ref() == Some(wanted))
    };
    if !same(&types(block_args(block)), arguments) {
        return complain(format!("its region takes ({})", join(arguments)));
    }
    let terminator = block.terminator().filter(|last| OpKind::of(*last) == Some(OpKind::ArrayYield));
    let Some(terminator) = terminator else { return complain("its region ends in 'array.yield'") };
    let yielded = types(operands(terminator));
    if !same(&yielded, yields) {
        return complain(format!("its region yields ({})", join(yields)));
    }
    debug_assert_eq!(terminator.operand_count(), yielded.len());
    Ok(())
}

fn join(types: &[ValueType]) -> String {
    types.iter().map(ValueType::to_string).collect::<Vec<_>>().join(", ")
}
