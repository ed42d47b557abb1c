//! `merge-counted-loops`: a loop that counts its rounds, and a loop that repeats these rounds, become one.
//!
//! The derivative of an `scf.while` has this form: a copy of the loop counts, then an `scf.for` of as many rounds
//! computes the same values and stores some on tapes, whose extents are the count. If the second loop carries nothing
//! that the first does not, the first can do its work. Tapes, whose extents are then not known when they are made, become
//! records, each of which holds the position of the one before.

mod pair;
mod same;
mod tapes;

use dp_dialects::OpKind;
use dp_dialects::Result;
use dp_dialects::ir::{Blk, Op, block_ops, body_ops, walk};
use dp_passes::{ErrorGuaranteed, Pass, pass_options};
use melior::ir::operation::OperationLike;
use pair::Pair;

/// `merge-counted-loops`.
pub static MERGE_COUNTED_LOOPS: Pass<MergeOptions> = Pass {
    flag: "merge-counted-loops",
    summary: "execute loops once that are executed to count their rounds",
    description: "Takes functions with structured control flow. Where an `scf.while` counts its rounds, and an `scf.for` beside \
        it repeats them, the results of the first replace those of the second. With `records`, the second may store \
        numbers and tensors on tapes that other loops read in reverse order: then the first keeps them in records.",
    body: run,
};

pass_options! {
    /// Options of `merge-counted-loops`.
    pub struct MergeOptions {
        "records" => records: bool = false, "keep values in records where the loop stores them";
    }
}

/// Whether an operation is a loop that may count its rounds.
pub fn is_counting(op: Op) -> bool {
    OpKind::of(op) == Some(OpKind::ScfWhile)
}

fn run<'c>(module: Op<'c>, options: &MergeOptions) -> Result<(), ErrorGuaranteed> {
    for function in body_ops(module) {
        let mut is_there = false;
        walk(function, &mut |op| is_there |= is_counting(op));
        if is_there {
            visit(function, options.records).map_err(|diagnostic| diagnostic.report(function.location()))?;
        }
    }
    Ok(())
}

/// Merges the loops in an operation. Outer ones first: what they record then stays until the inner ones have taken theirs
/// off the tape again.
fn visit(op: Op, with_records: bool) -> Result<()> {
    let blocks = || (0..op.region_count()).filter_map(|region| dp_dialects::ir::region_block(op, region));
    blocks().try_for_each(|block| merge(block, with_records))?;
    blocks().flat_map(block_ops).try_for_each(|inner| visit(inner, with_records))
}

fn merge(block: Blk, with_records: bool) -> Result<()> {
    // Collected first, since merging erases loops.
    let mut counting = block_ops(block);
    counting.retain(|op| is_counting(*op));
    for mut op in counting {
        while let Some(pair) = Pair::of(op, with_records) {
            op = pair.merge()?;
        }
    }
    Ok(())
}
