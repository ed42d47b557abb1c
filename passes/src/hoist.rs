//! `hoist-invariants`: computes before a loop what is the same in every iteration.
//!
//! LLVM hoists scalars, but only here does it save tensor operations, and residuals: a value from outside of a loop is not
//! kept for each of its iterations.

use crate::{ErrorGuaranteed, NoOptions, Pass};
use dp_dialects::ir::{
    Op, Val, ancestors, block_ops, is_pure, move_before, operands, region_block, results, value_block, walk,
};
use dp_dialects::{OpKind, ScalarType, ValueType};
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;

/// `hoist-invariants`.
pub static HOIST_INVARIANTS: Pass = Pass {
    flag: "hoist-invariants",
    summary: "compute invariants of loops before the loops",
    description: "Takes functions with structured control flow. An operation in the body of `scf.for` or `scf.while`, all \
        of whose operands are defined outside, moves before the loop if it has no effect and cannot fail: the loop may \
        have no iterations. Constants and broadcasts stay where they are used.",
    body: run,
};

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let mut loops = Vec::new();
    walk(module, &mut |op| loops.extend(is_loop(op).then_some(op)));
    // Inner loops first: what leaves one may leave the next.
    for op in loops.into_iter().rev() {
        for block in (0..op.region_count()).filter_map(|region| region_block(op, region)) {
            for inner in block_ops(block) {
                if is_invariant(inner, op) {
                    move_before(inner, op);
                }
            }
        }
    }
    Ok(())
}

fn is_loop(op: Op) -> bool {
    matches!(OpKind::of(op), Some(OpKind::ScfFor | OpKind::ScfWhile))
}

/// Whether an operation gives the same results in every iteration, and may be executed where there is none.
fn is_invariant<'c>(op: Op<'c>, around: Op<'c>) -> bool {
    let is_outside = |value: Val<'c>| {
        let owner = value_block(value).and_then(|block| block.parent_operation());
        owner.is_some_and(|owner| owner != around && ancestors(owner).all(|outer| outer != around))
    };
    op.region_count() == 0 && operands(op).into_iter().all(is_outside) && is_pure(op) && cannot_fail(op)
}

/// Whether an operation is defined for all operands of its types: its extents are known to fit, and it does not divide
/// integers.
pub fn cannot_fail(op: Op) -> bool {
    let Some(kind) = OpKind::of(op).filter(|kind| !kind.entry().is_free) else { return false };
    let type_of = |value: Val| ValueType::of(value.r#type());
    let Some(types) = operands(op).into_iter().chain(results(op)).map(type_of).collect::<Option<Vec<_>>>() else {
        return false;
    };
    // One operand gives the result its extents.
    let fits = types.iter().all(ValueType::is_static) || types.len() == 2;
    let is_float = |r#type: &ValueType| r#type.dtype.is_differentiable() || r#type.dtype == ScalarType::I1;
    match kind {
        OpKind::ArrayDot | OpKind::ArrayTranspose => fits,
        OpKind::ArithAddI | OpKind::ArithSubI | OpKind::ArithMulI | OpKind::ArithMaxSI | OpKind::ArithMinSI => fits,
        kind => kind.dialect() == "scalar" && fits && types.iter().all(is_float),
    }
}
