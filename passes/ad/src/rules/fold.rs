//! A reduction by a region, as loops along the reduced dimensions, whose derivatives exist.
//!
//! The operation may combine elements in any order, so also in the order of the elements. Loops carry the accumulator: a
//! number if all dimensions are reduced, otherwise a tensor, with which `array.map` combines a slice.

use dp_dialects::attributes::Reduction;
use dp_dialects::ir::{Op, Val, block_args, block_ops, erase, operands, region_block, result, take_blocks};
use dp_dialects::parameters::Start;
use dp_dialects::{Builder, Diagnostic, MlirType, OpKind, Parameters, Result, ValueType};
use dp_passes::copies::copy_block;
use dp_passes::parallel::nest;
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;

/// Makes the loops, in front of a reduction by a region, and returns its result. `None` for other reductions.
pub(super) fn fold<'c>(op: Op<'c>) -> Result<Option<Vec<Val<'c>>>> {
    let Some(Parameters::Reduce { kind: Reduction::Region, mut dims }) = Parameters::of(OpKind::ArrayReduce, op) else {
        return Ok(None);
    };
    dims.sort_unstable();
    let (Some(body), [x, initial]) = (region_block(op, 0), &operands(op)[..]) else {
        return Err(Diagnostic::invalid("needs a region and an initial value"));
    };
    let b = Builder::before(op);
    let (r#type, y) = (ValueType::of_value(*x)?, ValueType::of_value(result(op))?);
    let is_number = y.rank() == 0;
    // Those of the result are those of the other dimensions, in order.
    let dynamic = r#type.dynamic_dimensions().filter(|dim| !dims.contains(dim));
    let extents = dynamic.map(|dim| b.extent(*x, dim)).collect::<Result<Vec<_>>>()?;
    let start = if is_number { *initial } else { b.broadcast(*initial, &[], &y, &extents)? };
    let whole = |total: Vec<Val<'c>>| match is_number {
        false => Ok(Some(total)),
        true => {
            let y = y.to_type(b.context());
            b.op(OpKind::TensorFromElements, &total, &[y], &[], vec![]).map(|made| Some(vec![result(made)]))
        }
    };
    if dims.iter().any(|dim| r#type.extents()[*dim] == Some(0)) {
        // A slice of no elements would not verify.
        return whole(vec![start]);
    }
    let range = |dim: &usize| Ok([b.index(0)?, b.extent(*x, *dim)?, b.index(1)?]);
    let ranges = dims.iter().map(range).collect::<Result<Vec<_>>>()?;
    let total = nest(b, &ranges, &mut Vec::new(), &[start], &mut |inner, at, carried| {
        if is_number {
            let element = r#type.dtype.to_type(inner.context());
            let element = inner.op(OpKind::TensorExtract, &[&[*x], at].concat(), &[element], &[], vec![])?;
            let arguments = block_args(body).into_iter().zip([carried[0], result(element)]).collect();
            return Ok(copy_block(inner, block_ops(body), arguments));
        }
        let slice = slice(inner, *x, &dims, at, &extents)?;
        let slice =
            inner.emit_typed(OpKind::ArrayReshape, &Parameters::None, &[&[slice], &extents[..]].concat(), &y)?;
        combine(inner, op, [carried[0], slice]).map(|combined| vec![combined])
    })?;
    whole(total)
}

/// An `array.map` that combines two tensors with the region of an operation.
pub(super) fn combine<'c>(b: Builder<'c>, op: Op<'c>, pair: [Val<'c>; 2]) -> Result<Val<'c>> {
    let copy = b.clone_op(op, &[]);
    let region = copy.region(0).map(take_blocks).map_err(|_| Diagnostic::invalid("needs a region"))?;
    erase(copy);
    b.op(OpKind::ArrayMap, &pair, &[pair[0].r#type()], &[], vec![region]).map(result)
}

/// The elements at positions in some dimensions: a tensor with extent 1 in them. `extents` are those of the other dynamic
/// dimensions.
pub(super) fn slice<'c>(
    b: Builder<'c>,
    x: Val<'c>,
    dims: &[usize],
    at: &[Val<'c>],
    extents: &[Val<'c>],
) -> Result<Val<'c>> {
    let r#type = ValueType::of_value(x)?;
    let shape = (0..r#type.rank()).map(|dim| if dims.contains(&dim) { Some(1) } else { r#type.extents()[dim] });
    let whole = ValueType::tensor(r#type.dtype, shape.collect());
    let start = |dim| if dims.contains(&dim) { Start::Operand } else { Start::At(0) };
    let starts = (0..r#type.rank()).map(start).collect();
    let parameters = Parameters::Slice { starts, strides: vec![1; r#type.rank()] };
    b.emit_typed(OpKind::ArraySlice, &parameters, &[&[x], at, extents].concat(), &whole)
}
