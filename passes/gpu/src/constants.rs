//! Constant tensors, which are stored in the kernels that read them, not in host memory.

use crate::fills::VIEWS;
use dp_dialects::ir::{Op, Val, defining_op, operands, result, results, set_operand, users, walk};
use dp_dialects::{Builder, Result};
use dp_loopnest::structured::{is_named, segments};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;

/// The constant tensor that a value is, or is a view of.
pub(crate) fn constant(value: Val<'_>) -> Option<Op<'_>> {
    defining_op(crate::fills::root(value)).filter(|op| is_named(*op, "memref.get_global"))
}

/// Operations that can read a constant tensor in place.
const READERS: [&str; 3] = ["linalg.generic", "memref.load", "memref.dim"];

/// Copies constant tensors to device memory where they are passed on, for example to a loop.
pub(crate) fn copy_to_device(module: Op) -> Result<()> {
    let mut found = Vec::new();
    walk(module, &mut |op| found.extend(is_named(op, "memref.get_global").then_some(op)));
    for op in found {
        let mut pending = vec![result(op)];
        let mut others = Vec::new();
        while let Some(value) = pending.pop() {
            for user in users(value) {
                if VIEWS.iter().any(|name| is_named(user, name)) {
                    pending.extend(results(user));
                } else if !READERS.iter().any(|name| is_named(user, name)) {
                    others.push(user);
                }
            }
        }
        let Some(next) = op.next_in_block().filter(|_| !others.is_empty()) else { continue };
        let uses = users(result(op));
        let b = Builder::before(next).located(op.location());
        let attributes = [segments(b.context(), &[0, 0])];
        let copy = b.named("memref.alloc", &[], &[result(op).r#type()], &attributes, vec![]).map(result)?;
        for user in uses {
            let of = operands(user);
            for index in (0..of.len()).filter(|index| of[*index] == result(op)) {
                set_operand(user, index, copy);
            }
        }
        b.named("memref.copy", &[result(op), copy], &[], &[], vec![])?;
    }
    Ok(())
}
