//! Fusion of structured loops on tensors: fewer passes over memory.
//!
//! A block is read as nests of loops (`nest.rs`) among other operations (`plan.rs`). First, nests that
//! are cheap to compute again vanish into their readers (`repeat.rs`); then nests with the same loops
//! become one (`merge.rs`), where the order of what stands between allows it (`order.rs`). Either
//! happens where it costs less (`cost.rs`). What was decided is made at the end, each nest once
//! (`emit.rs`): the time that all takes grows with the number of operations, not faster.

mod cost;
mod emit;
mod merge;
mod nest;
mod order;
mod plan;
mod repeat;
mod unit;

use cost::Machine;
use dp_dialects::ir::{Blk, Op, walk};
use dp_dialects::{Complaint, FloatModel, License};
use dp_loopnest::structured::is_named;
use dp_passes::{Pass, PassOption, Reported, pipeline};
use melior::ir::operation::OperationLike;
use plan::Plan;
use std::collections::HashSet;

/// `fuse-loops`.
pub static FUSE_LOOPS: Pass = Pass {
    flag: "fuse-loops",
    summary: "fuse structured loops on tensors",
    description: "Takes `linalg.generic` and `linalg.fill` on tensors, whose operands are indexed by loops alone. \
        Elementwise operations vanish into what reads them where it is cheap to compute them again; operations over the \
        same loops become one that has several results, where one uses what the other computes at the same step, or \
        both read the same tensor. What is reduced is complete before it is read, sums keep their order, and nothing \
        is fused that would cost more: what is saved in memory is held against what expensive bodies lose that leave \
        long vectors. Leaves `linalg.generic` without operands that are unused or there twice.",
    options: &[
        FloatModel::OPTION,
        PassOption {
            name: "vector-bytes",
            summary: "the widest useful vectors of the processor, in bytes: 16, 32 or 64",
            default: "32",
        },
    ],
    body: run,
};

fn run<'c>(module: Op<'c>, options: &[&str]) -> Result<(), Reported> {
    let (strict, machine) = parse(options).map_err(|complaint| complaint.report(module.location()))?;
    let (mut blocks, mut seen): (Vec<Blk>, HashSet<usize>) = Default::default();
    walk(module, &mut |op| {
        if let Some(block) = op.block().filter(|_| is_named(op, "linalg.generic"))
            && seen.insert(block.to_raw().ptr as usize)
        {
            blocks.push(block);
        }
    });
    for block in blocks {
        let mut plan = Plan::read(block, machine, strict);
        repeat::repeat(&mut plan);
        merge::merge(&mut plan);
        emit::emit(&plan).map_err(|complaint| complaint.report(module.location()))?;
    }
    pipeline::run(module, "canonicalize,cse")
}

/// The options: whether sums keep their order, and the processor.
fn parse(options: &[&str]) -> Result<(bool, Machine), Complaint> {
    let [fp, vector_bytes] = options else {
        return Err(Complaint::new("internal error: 'fuse-loops' has two options"));
    };
    let unknown = |name: &str, value: &str, wanted: &str| {
        Complaint::new(format!("option '{name}' of 'fuse-loops' cannot be '{value}'")).hint(wanted.to_string())
    };
    let strict = !fp.parse::<FloatModel>()?.may(License::Reorder);
    match vector_bytes.parse() {
        Ok(vector_bytes) => Ok((strict, Machine { vector_bytes })),
        Err(_) => Err(unknown("vector-bytes", vector_bytes, "it is a number of bytes")),
    }
}
