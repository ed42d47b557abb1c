//! `sink-splats`: rematerializes broadcasts, iotas and splats in the loops that use them.

use crate::structured::address;
use dp_dialects::ir::{Op, ancestors, defining_op, operands, result, set_operand, value_block, walk};
use dp_dialects::{Builder, OpKind, Parameters};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::operation::OperationLike;
use std::collections::HashMap;

/// `sink-splats`.
pub static SINK_SPLATS: Pass = Pass {
    flag: "sink-splats",
    summary: "repeat broadcasts, iotas and splats in the loops and branches that use them",
    description: "Takes functions on tensors, before `lower-array`. An elementwise operation, reduction or update in \
        `scf.for`, `scf.while`, `scf.if` or `scf.index_switch` that uses a broadcast, an iota or a splat constant \
        from outside gets its own copy. Fusion, which looks at one block at a time, then turns it into scalars. A \
        tensor from outside would be stored once and read in each iteration.",
    body: run,
};

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let mut found = Vec::new();
    walk(module, &mut |op| {
        let outer = ancestors(op).next().and_then(OpKind::of);
        let is_within =
            matches!(outer, Some(OpKind::ScfFor | OpKind::ScfWhile | OpKind::ScfIf | OpKind::ScfIndexSwitch));
        if is_within && OpKind::of(op).is_some_and(fuses) {
            found.push(op);
        }
    });
    // At most one copy per block and operation.
    let mut made: HashMap<(usize, usize), dp_dialects::ir::Val> = HashMap::new();
    for op in found {
        let Some(block) = op.block() else { continue };
        for (index, operand) in operands(op).into_iter().enumerate() {
            let Some(maker) = defining_op(operand).filter(|maker| is_free(*maker)) else { continue };
            if value_block(operand) == Some(block) {
                continue;
            }
            let key = (block.to_raw().ptr as usize, address(maker));
            let own = *made.entry(key).or_insert_with(|| result(Builder::before(op).clone_op(maker, &[])));
            set_operand(op, index, own);
        }
    }
    Ok(())
}

/// Whether fusion removes elementwise operands of an operation.
fn fuses(kind: OpKind) -> bool {
    kind.dialect() == "scalar" || matches!(kind, OpKind::ArrayMap | OpKind::ArrayReduce | OpKind::ArrayUpdateSlice)
}

/// Whether an operation makes a tensor of a scalar or of indices.
fn is_free(op: Op) -> bool {
    match OpKind::of(op) {
        Some(OpKind::ArrayBroadcast | OpKind::ArrayIota) => true,
        Some(kind @ OpKind::ArrayConstant) => match Parameters::of(kind, op) {
            Some(Parameters::Constant(literal)) => literal.splat_value().is_some(),
            _ => false,
        },
        _ => false,
    }
}
