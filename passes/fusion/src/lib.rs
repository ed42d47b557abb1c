//! Fusion of structured loops on tensors, to make fewer passes over memory.
//!
//! A block is a sequence of loop nests (`nest.rs`) and other operations (`plan.rs`). Two transformations are applied,
//! each where the cost model (`cost.rs`) says that it pays:
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
    description: "Takes `linalg.generic` and `linalg.fill` on tensors, whose operands are indexed by loops alone. \
        Elementwise operations vanish into what reads them where it is cheap to compute them again; operations over the \
        same loops become one that has several results, where one uses what the other computes at the same step, or \
        both read the same tensor. What is reduced is complete before it is read, sums keep their order, and nothing \
        is fused that would cost more: what is saved in memory is held against what expensive bodies lose that leave \
        long vectors. Leaves `linalg.generic` without operands that are unused or there twice.",
    body: run,
};

pass_options! {
    /// Options of `fuse-loops`.
    pub struct FusionOptions {
        "fp" => fp: FloatModel = FloatModel::Reassociate, "the floating-point model";
        "vector-bytes" => vectors: VectorWidth = VectorWidth::Bytes32, "the bytes of the CPU's widest useful vectors";
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
