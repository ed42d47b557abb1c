//! Fusion of structured loops on tensors, to make fewer passes over memory.
//!
//! A block is a sequence of loop nests (`nest.rs`) and other operations (`plan.rs`). Two transformations are applied,
//! each where the cost model (`cost.rs`) predicts a gain:
//!
//! 1. A cheap elementwise nest is recomputed in its consumers and disappears (`repeat.rs`).
//! 2. Nests that access one tensor with all of their loops have the same loops. They are merged into one nest with
//!    several results (`merge.rs`); what one computes and another uses stays in registers. Operations between them move
//!    before or after, unless one nest depends on the other through them (`order.rs`).
//!
//! The order of reductions never changes. The search is greedy, in program order; the chosen groups are emitted at the
//! end, each nest once (`emit.rs`), so the pass takes linear time.

mod cost;
mod emit;
mod group;
mod merge;
mod nest;
mod order;
mod plan;
mod repeat;

use cost::Machine;
use dp_dialects::ir::{Blk, Op, walk};
use dp_dialects::{FloatModel, License};
use dp_loopnest::structured::is_named;
use dp_passes::manager::VectorWidth;
use dp_passes::{ErrorGuaranteed, Pass, pass_options, upstream};
use melior::ir::operation::OperationLike;
use plan::FusionPlan;
use std::collections::HashSet;

/// `fuse-loops`.
pub static FUSE_LOOPS: Pass<FusionOptions> = Pass {
    flag: "fuse-loops",
    summary: "fuse structured loops on tensors",
    description: "Takes `linalg.generic` and `linalg.fill` on tensors, whose operands are indexed by loops alone. Cheap \
        elementwise operations are recomputed in their consumers and disappear. Operations over the same loops are \
        merged into one with several results, if one uses what the other computes in the same iteration, or both \
        read the same tensor. A reduction is complete before it is read, and sums keep their order. The cost model \
        compares the memory traffic saved with the cost of expensive bodies that leave long vectors. Leaves \
        `linalg.generic` without unused or duplicate operands.",
    body: run,
};

pass_options! {
    /// Options of `fuse-loops`.
    pub struct FusionOptions {
        "fp" => fp: FloatModel = FloatModel::Reassociate, "the floating-point model";
        "vector-bytes" => vectors: VectorWidth = VectorWidth::Bytes32, "the vector width of the CPU, in bytes";
    }
}

fn run<'c>(module: Op<'c>, options: &FusionOptions) -> Result<(), ErrorGuaranteed> {
    let strict = !options.fp.may(License::Reorder);
    let machine = Machine { vector_bytes: options.vectors.bytes() as u64 };
    let (mut blocks, mut seen): (Vec<Blk>, HashSet<usize>) = Default::default();
    walk(module, &mut |op| {
        if let Some(block) = op.block().filter(|_| is_named(op, "linalg.generic"))
            && seen.insert(block.to_raw().ptr as usize)
        {
            blocks.push(block);
        }
    });
    for block in blocks {
        let mut plan = FusionPlan::read(block, machine, strict);
        repeat::repeat(&mut plan);
        merge::merge(&mut plan);
        emit::emit(&plan).map_err(|diagnostic| diagnostic.report(module.location()))?;
    }
    upstream::run(module, "canonicalize,cse")
}
