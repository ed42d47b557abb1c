//! Modules from MLIR text, and quoting of strings for it.

use crate::Result;
use dp_dialects::ir::{Op, body_ops, context_of, region_block, symbol_name};
use dp_dialects::{Builder, Diagnostic};
use melior::Context;
use melior::ir::Module;
use melior::ir::operation::{OperationLike, OperationRef};
use std::collections::HashSet;

/// Parses a module that the compiler generated; `subject` names it in a diagnostic.
pub fn parse<'c>(context: &'c Context, text: &str, subject: &str) -> Result<Module<'c>> {
    Module::parse(context, text).ok_or_else(|| Diagnostic::internal(format!("internal error: cannot read {subject}")))
}

/// Appends clones of a module's symbols to another module, except those that it has already.
pub fn append<'c>(to: Op<'c>, from: &Module<'c>) {
    let Some(block) = region_block(to, 0) else { return };
    // SAFETY: the module is live for this call, which keeps no reference.
    let from: Op<'c> = unsafe { OperationRef::from_raw(from.as_operation().to_raw()) };
    let present: HashSet<&str> = body_ops(to).into_iter().filter_map(symbol_name).collect();
    for op in body_ops(from) {
        if symbol_name(op).is_some_and(|name| present.contains(name)) {
            continue;
        }
        Builder::at_end(context_of(to), block, op.location()).clone_op(op, &[]);
    }
}

/// A quoted string in MLIR's syntax.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' | 0..=31 | 127.. => quoted.push_str(&format!("\\{byte:02X}")),
            _ => quoted.push(byte as char),
        }
    }
    quoted + "\""
}
