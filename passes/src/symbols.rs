//! Functions of a module, and symbol names.

use dp_dialects::ir::{
    Op, Val, block_args, body_ops, context_of, is_declaration, operands, set_attribute, string_attribute,
    symbol_attribute, symbol_name, walk,
};
use dp_dialects::{Builder, Diagnostic, OpKind, Result};
use melior::ir::attribute::{FlatSymbolRefAttribute, StringAttribute, TypeAttribute};
use melior::ir::block::BlockLike;
use melior::ir::r#type::FunctionType;
use melior::ir::{Region, RegionLike, Type, ValueLike};

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

/// Makes a private function before another symbol of the module. The terminator of the region is given.
///
/// # Errors
/// If it cannot be created.
pub fn define_private<'c>(builder: Builder<'c>, name: &str, region: Region<'c>) -> Result<Op<'c>> {
    let context = builder.context();
    let types = |values: Vec<Val<'c>>| values.into_iter().map(|value| value.r#type()).collect::<Vec<Type>>();
    let block = region.first_block();
    let block = block.ok_or_else(|| Diagnostic::internal("internal error: a function without a block"))?;
    let (inputs, outputs) = (types(block_args(block)), types(block.terminator().map(operands).unwrap_or_default()));
    let attributes = [
        ("sym_name", StringAttribute::new(context, name).into()),
        ("function_type", TypeAttribute::new(FunctionType::new(context, &inputs, &outputs).into()).into()),
        ("sym_visibility", StringAttribute::new(context, "private").into()),
    ];
    builder.op(OpKind::FuncFunc, &[], &[], &attributes, vec![region])
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
