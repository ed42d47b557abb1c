//! Fusion of structured loops on tensors: fewer passes over memory.
//!
//! A block is read as nests of loops (`nest.rs`) among other operations (`plan.rs`). First, nests that
//! are cheap to compute again vanish into their readers (`repeat.rs`); then nests with the same loops
//! become one (`merge.rs`), where the order of what stands between allows it (`order.rs`). Either
//! happens where it costs less (`cost.rs`). What was decided is made at the end, each nest once
//! (`emit.rs`): the time that all takes grows with the number of operations, not faster.

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
