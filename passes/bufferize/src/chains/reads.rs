//! Many reads of one tensor: each refers to its buffer directly, since bufferization compares each read of a tensor
//! with all others.

use super::slices::Slice;
use dp_dialects::ir::{
    Blk, Op, Val, block_ops, defining_op, erase, is_set, operands, replace_all_uses, result, results, set_operand,
    users,
};
use dp_dialects::{Builder, Diagnostic, Result, ValueType};
use dp_loopnest::structured::{address, buffer_type, is_named};
use dp_passes::ErrorGuaranteed;
use melior::ir::ValueLike;
use melior::ir::attribute::Attribute;
use melior::ir::operation::OperationLike;
use std::collections::HashSet;

/// Redirects reads of a tensor to its buffer, if there are at least `least` reads and the tensor is never overwritten.
pub(super) fn look_up_all(blocks: &[Blk], least: usize) -> Result<(), ErrorGuaranteed> {
    let mut gone = HashSet::new();
    for (of, maker) in blocks.iter().flat_map(|block| values(*block)).collect::<Vec<_>>() {
        // A slice of a slice that was replaced.
        if gone.contains(&address(maker)) {
            continue;
        }
        if let Some(reads) = many_reads(of, least) {
            gone.extend(reads.iter().filter(|read| is_part(**read)).map(|read| address(*read)));
            look_up(of, &reads).map_err(|diagnostic| diagnostic.report(maker.location()))?;
        }
    }
    Ok(())
}

/// The values defined in a block.
fn values<'c>(block: Blk<'c>) -> Vec<(Val<'c>, Op<'c>)> {
    block_ops(block).into_iter().flat_map(|op| results(op).into_iter().map(move |value| (value, op))).collect()
}

/// Whether an operation reads an element or a slice of a tensor.
fn is_part(op: Op) -> bool {
    is_named(op, "tensor.extract") || is_named(op, "tensor.extract_slice")
}

/// The reads of a tensor that is never overwritten, if there are many: of elements and slices, and for a function
/// argument, also those of loop nests. Without duplicates.
fn many_reads<'c>(of: Val<'c>, least: usize) -> Option<Vec<Op<'c>>> {
    ValueType::of(of.r#type()).filter(ValueType::is_tensor)?;
    let is_argument =
        defining_op(of).is_some_and(|op| is_named(op, "bufferization.to_tensor") && !is_set(op, "writable"));
    let is_read = |op: &Op| is_part(*op) || is_argument && is_named(*op, "linalg.generic");
    let (mut reads, others): (Vec<Op>, Vec<Op>) = users(of).into_iter().partition(is_read);
    let mut seen = HashSet::new();
    reads.retain(|read| seen.insert(address(*read)));
    let is_kept = is_argument || others.iter().all(|op| only_reads(*op, of));
    (reads.len() >= least && is_kept).then_some(reads)
}

/// Whether an operation certainly does not write to a tensor.
fn only_reads<'c>(op: Op<'c>, of: Val<'c>) -> bool {
    if is_named(op, "linalg.generic") {
        return !operands(op)[inputs(op)..].contains(&of);
    }
    let is_source = is_named(op, "bufferization.materialize_in_destination") && operands(op)[1] != of;
    is_named(op, "tensor.dim") || is_source
}

/// The number of inputs of `linalg.generic` on tensors; its destinations follow.
fn inputs(op: Op) -> usize {
    op.operand_count() - op.result_count()
}

/// Redirects reads to the buffer of a tensor.
fn look_up<'c>(of: Val<'c>, reads: &[Op<'c>]) -> Result<()> {
    let Some(maker) = defining_op(of) else { return Ok(()) };
    let whole = ValueType::of_value(of)?;
    let buffer = if is_named(maker, "bufferization.to_tensor") {
        operands(maker)[0]
    } else {
        let Some(next) = maker.next_in_block() else { return Ok(()) };
        // SAFETY: the operation lives as long as its block, which lives for the pass.
        let next: Op<'c> = unsafe { melior::ir::operation::OperationRef::from_raw(next.to_raw()) };
        let b = Builder::before(next).located(maker.location());
        let attributes = [("read_only", Attribute::unit(b.context()))];
        b.named("bufferization.to_buffer", &[of], &[buffer_type(b.context(), &whole)], &attributes, vec![])
            .map(result)?
    };
    for read in reads {
        let b = Builder::before(*read);
        let tensor = |buffer: Val<'c>, like: Val<'c>| {
            let attributes = [("restrict", Attribute::unit(b.context()))];
            b.named("bufferization.to_tensor", &[buffer], &[like.r#type()], &attributes, vec![])
        };
        if !is_part(*read) {
            let own = result(tensor(buffer, of)?);
            let read_by = operands(*read).into_iter().take(inputs(*read)).enumerate();
            read_by.filter(|(_, operand)| *operand == of).for_each(|(index, _)| set_operand(*read, index, own));
            continue;
        }
        let made = if is_named(*read, "tensor.extract") {
            let operands: Vec<Val> = std::iter::once(buffer).chain(operands(*read).split_off(1)).collect();
            b.named("memref.load", &operands, &[result(*read).r#type()], &[], vec![])?
        } else {
            let of =
                Slice::of(*read).ok_or_else(|| Diagnostic::internal("internal error: a slice without attributes"))?;
            tensor(of.view(&b, buffer, &whole, &ValueType::of_value(result(*read))?)?, result(*read))?
        };
        replace_all_uses(result(*read), result(made));
        erase(*read);
    }
    Ok(())
}
