//! Aliases of a buffer.

use dp_dialects::ir::{Val, defining_op, operands};
use dp_loopnest::structured::is_named;

/// Operations whose result is a view of their first operand.
pub const VIEWS: [&str; 6] = [
    "memref.cast",
    "memref.subview",
    "memref.reinterpret_cast",
    "memref.expand_shape",
    "memref.collapse_shape",
    "memref.transpose",
];

/// The buffer behind a view.
pub fn buffer(value: Val) -> Val {
    match defining_op(value) {
        Some(op) if VIEWS.iter().any(|name| is_named(op, name)) => buffer(operands(op)[0]),
        _ => value,
    }
}
