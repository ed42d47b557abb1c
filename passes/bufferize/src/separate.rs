//! `separate-updates`: an update of almost all of a loop-carried tensor is written to another buffer.

use dp_dialects::ir::{
    Blk, Op, Val, block_args, block_ops, defining_op, erase, i64_array, i64_attribute, operands, region_block,
    replace_all_uses, result, users, walk,
};
use dp_dialects::types::DYNAMIC;
use dp_dialects::{Builder, Diagnostic, OpKind, Result, ValueType};
use dp_loopnest::structured::{Index, Region, arith, empty, is_named};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;

/// `separate-updates`.
pub static SEPARATE_UPDATES: Pass = Pass {
    flag: "separate-updates",
    summary: "write large updates of carried tensors to another buffer",
    description: "Takes functions on tensors, right before bufferization. If an iteration of `scf.for` computes a slice of \
        the carried tensor from that tensor and yields it with the slice replaced, bufferization computes the \
        slice aside and copies it. If the slice is most of the tensor, as in a grid with a fixed border, the slice \
        is computed in a new tensor and the border copied to it, so that `rotate-buffers` can alternate two \
        buffers.",
    body: run,
};

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let mut found = Vec::new();
    walk(module, &mut |op| found.extend((OpKind::of(op) == Some(OpKind::ScfFor)).then_some(op)));
    for op in found {
        let Some(block) = region_block(op, 0) else { continue };
        for place in 0..block_args(block).len().saturating_sub(1) {
            separate(op, block, place).map_err(|diagnostic| diagnostic.report(op.location()))?;
        }
    }
    Ok(())
}

/// The offsets and sizes of an insertion with strides 1.
fn place_of<'c>(op: Op<'c>) -> Option<(Vec<Index<'c>>, Vec<Index<'c>>)> {
    if i64_array(op, "static_strides")?.iter().any(|stride| *stride != 1) {
        return None;
    }
    let mut rest = operands(op).split_off(2).into_iter();
    let mut read = |name| -> Option<Vec<Index<'c>>> {
        let known = i64_array(op, name)?;
        known
            .into_iter()
            .map(|known| if known == DYNAMIC { rest.next().map(Index::Value) } else { Some(Index::Known(known)) })
            .collect()
    };
    Some((read("static_offsets")?, read("static_sizes")?))
}

/// Whether a size is at least half of an extent, or smaller by a constant.
fn is_most<'c>(size: Index<'c>, extent: Option<u64>) -> bool {
    match (size, extent) {
        (Index::Known(size), Some(extent)) => size.saturating_mul(2) >= extent as i64,
        (Index::Known(_), None) => false,
        (Index::Value(size), _) => defining_op(size).is_some_and(|op| {
            is_named(op, "arith.subi")
                && defining_op(operands(op)[1]).is_some_and(|op| i64_attribute(op, "value").is_some())
                || is_named(op, "arith.addi")
                    && defining_op(operands(op)[1])
                        .is_some_and(|op| i64_attribute(op, "value").is_some_and(|value| value < 0))
                || is_named(op, "memref.dim")
        }),
    }
}

fn separate<'c>(op: Op<'c>, block: Blk<'c>, place: usize) -> Result<()> {
    let Some(last) = block_ops(block).pop() else { return Ok(()) };
    let (carried, yielded) = (block_args(block)[place + 1], operands(last)[place]);
    let Some(insert) = defining_op(yielded).filter(|op| is_named(*op, "tensor.insert_slice")) else { return Ok(()) };
    let Some(whole) = ValueType::of(carried.r#type()).filter(ValueType::is_tensor) else { return Ok(()) };
    let [slice, destination, ..] = operands(insert)[..] else { return Ok(()) };
    // The slice must be computed in this block from the carried tensor. Otherwise it is written in place, or copied
    // anyway.
    let is_read = users(carried).into_iter().filter(|user| !is_named(*user, "tensor.dim")).count() > 1;
    let is_computed =
        defining_op(slice).is_some_and(|op| is_named(op, "linalg.generic") && op_block(op) == Some(block));
    let slice_type = ValueType::of_value(slice)?;
    if destination != carried
        || users(yielded).len() != 1
        || !is_read
        || !is_computed
        || slice_type.rank() != whole.rank()
    {
        return Ok(());
    }
    let Some((offsets, sizes)) = place_of(insert) else { return Ok(()) };
    if !sizes.iter().zip(whole.extents()).all(|(size, extent)| is_most(*size, *extent)) {
        return Ok(());
    }
    // An insertion preserves the shape, so every iteration carries tensors of the initial shape.
    let outside = Builder::before(op);
    let initial = operands(op)[3 + place];
    let extents =
        (0..whole.rank()).map(|dim| Index::extent(&outside, initial, &whole, dim)).collect::<Result<Vec<_>>>()?;
    let dynamic: Vec<Val> = extents
        .iter()
        .filter_map(|extent| if let Index::Value(value) = extent { Some(*value) } else { None })
        .collect();
    let maker =
        defining_op(slice).ok_or_else(|| Diagnostic::internal("internal error: the slice is a block argument"))?;
    let b = Builder::before(maker).located(insert.location());
    let mut into = empty(&b, &whole, &dynamic)?;
    let b = Builder::before(insert);
    // The slice first, so that it can be computed in place.
    into = Region { offsets: offsets.clone(), sizes: sizes.clone(), strides: vec![1; whole.rank()] }
        .insert(&b, slice, into)?;
    // The border before and after the slice in each dimension: full later dimensions, and the slice's range of earlier
    // ones.
    for dim in 0..whole.rank() {
        let end = sum(&b, offsets[dim], sizes[dim])?;
        let above = difference(&b, extents[dim], end)?;
        for (start, size) in [(Index::Known(0), offsets[dim]), (end, above)] {
            if matches!(size, Index::Known(0)) {
                continue;
            }
            let along = |other: usize, first: Index<'c>, here: Index<'c>, later: Index<'c>| match other.cmp(&dim) {
                std::cmp::Ordering::Less => first,
                std::cmp::Ordering::Equal => here,
                std::cmp::Ordering::Greater => later,
            };
            let slab = Region {
                offsets: (0..whole.rank()).map(|other| along(other, offsets[other], start, Index::Known(0))).collect(),
                sizes: (0..whole.rank()).map(|other| along(other, sizes[other], size, extents[other])).collect(),
                strides: vec![1; whole.rank()],
            };
            let known = |size: &Index| match size {
                Index::Known(size) => u64::try_from(*size).ok(),
                Index::Value(_) => None,
            };
            let r#type = ValueType::tensor(whole.dtype, slab.sizes.iter().map(known).collect());
            let border = slab.extract(&b, carried, &r#type)?;
            into = slab.insert(&b, border, into)?;
        }
    }
    replace_all_uses(result(insert), into);
    erase(insert);
    Ok(())
}

fn op_block(op: Op<'_>) -> Option<Blk<'_>> {
    dp_dialects::ir::value_block(result(op))
}

fn sum<'c>(b: &Builder<'c>, x: Index<'c>, y: Index<'c>) -> Result<Index<'c>> {
    match (x, y) {
        (Index::Known(x), Index::Known(y)) => Ok(Index::Known(x + y)),
        (x, y) => arith(b, "arith.addi", x.value(b)?, y.value(b)?).map(Index::Value),
    }
}

fn difference<'c>(b: &Builder<'c>, x: Index<'c>, y: Index<'c>) -> Result<Index<'c>> {
    match (x, y) {
        (Index::Known(x), Index::Known(y)) => Ok(Index::Known(x - y)),
        (x, y) => arith(b, "arith.subi", x.value(b)?, y.value(b)?).map(Index::Value),
    }
}
