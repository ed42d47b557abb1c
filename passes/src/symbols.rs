//! Functions of a module, and symbol names.

use dp_dialects::OpKind;
use dp_dialects::ir::{
    Op, body_ops, context_of, is_declaration, set_attribute, string_attribute, symbol_attribute, symbol_name, walk,
};
use melior::ir::attribute::FlatSymbolRefAttribute;

/// The public functions with a body.
pub fn public_functions(module: Op<'_>) -> Vec<Op<'_>> {
    let is_public = |op: &Op| {
        OpKind::of(*op) == Some(OpKind::FuncFunc)
            && !is_declaration(*op)
            && string_attribute(*op, "sym_visibility").is_none_or(|visibility| visibility == "public")
    };
    body_ops(module).into_iter().filter(is_public).collect()
}

/// An unused symbol name: `name`, with underscores appended until no symbol has it.
pub fn free_symbol(module: Op, mut name: String) -> String {
    while body_ops(module).into_iter().any(|op| symbol_name(op) == Some(&name)) {
        name.push('_');
    }
    name
}

/// Redirects all calls of function `from` to function `to`.
pub fn redirect(module: Op, from: &str, to: &str) {
    let callee = FlatSymbolRefAttribute::new(context_of(module), to);
    walk(module, &mut |op| {
        if OpKind::of(op) == Some(OpKind::FuncCall) && symbol_attribute(op, "callee") == Some(from) {
            set_attribute(op, "callee", callee.into());
        }
    });
}
