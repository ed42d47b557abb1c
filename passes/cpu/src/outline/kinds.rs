//! Which operations are outlined, and which are rematerialized.

use dp_dialects::ir::{Op, Val, is_pure, symbol_attribute, walk};
use dp_dialects::{OpKind, ValueType};
use dp_loopnest::structured::is_named;
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;
use std::collections::HashSet;

/// Dialects of scalar computation, buffer accesses, and control flow around them.
const MOVED: [&str; 6] = ["scalar.", "arith.", "math.", "complex.", "vector.", "scf."];

/// Accesses to buffers.
const ACCESSES: [&str; 4] = ["memref.load", "memref.store", "memref.copy", "memref.dim"];

/// Views of buffers.
const VIEWS: [&str; 8] = [
    "memref.view",
    "memref.subview",
    "memref.cast",
    "memref.reinterpret_cast",
    "memref.collapse_shape",
    "memref.expand_shape",
    "memref.transpose",
    "memref.extract_strided_metadata",
];

/// Whether an operation is a constant.
pub(super) fn is_constant(op: Op) -> bool {
    matches!(OpKind::of(op), Some(OpKind::ScalarConstant | OpKind::ArithConstant))
}

/// Whether an operation is cloned into each part that uses it: a constant or a view. It is free, and not part of a run.
pub(super) fn is_repeated(op: Op) -> bool {
    is_constant(op) || VIEWS.iter().any(|name| is_named(op, name))
}

/// Whether a value is a scalar, which can be passed between parts through a workspace.
pub(super) fn is_number(value: Val) -> bool {
    ValueType::of(value.r#type()).is_some_and(|r#type| !r#type.is_tensor())
}

/// Whether an operation with its regions can move to another function: it allocates nothing and cannot fail. `callees`
/// are the functions of which this is known.
pub(super) fn is_movable(op: Op, callees: &HashSet<String>) -> bool {
    let mut moves = true;
    walk(op, &mut |op| {
        moves = moves && (is_movable_alone(op) || is_repeated(op) || calls_one_of(op, callees));
    });
    moves
}

fn is_movable_alone(op: Op) -> bool {
    let name = op.name();
    let name = name.as_string_ref().as_str().unwrap_or_default();
    let computes = op.region_count() == 0 && is_pure(op);
    computes || MOVED.iter().any(|dialect| name.starts_with(dialect)) || ACCESSES.contains(&name)
}

fn calls_one_of(op: Op, callees: &HashSet<String>) -> bool {
    OpKind::of(op) == Some(OpKind::FuncCall)
        && symbol_attribute(op, "callee").is_some_and(|callee| callees.contains(callee))
}

/// The number of operations, including those in regions, without constants.
pub(super) fn weight(op: Op) -> usize {
    let mut weight = 0;
    walk(op, &mut |op| weight += usize::from(!is_constant(op)));
    weight
}
