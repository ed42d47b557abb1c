//! Functions that return memory: private functions with tensors as results. Their memory is in the list of the public
//! function that calls them, or of the one that returns none in between. So a caller owns what they return, and frees
//! what they hold if a check fails.

use crate::descriptors::pointer;
use crate::memory::retype;
use dp_dialects::ir::{
    Op, Val, body_ops, context_of, erase, is_declaration, is_set, operands, region_block, replace_all_uses, results,
    signature, symbol_name,
};
use dp_dialects::{Builder, Diagnostic, OpKind, Result};
use dp_passes::calls::calls;
use melior::ir::attribute::FlatSymbolRefAttribute;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::{Type, TypeLike, ValueLike};
use std::collections::HashSet;

/// The functions that return memory.
pub(super) fn givers<'c>(module: Op<'c>, is_public: impl Fn(Op<'c>) -> bool) -> HashSet<&'c str> {
    // SAFETY: the types of a signature are live.
    let is_buffer = |r#type: &Type| unsafe { mlir_sys::mlirTypeIsAMemRef(r#type.to_raw()) };
    let gives = |op: &Op<'c>| {
        let is_function = OpKind::of(*op) == Some(OpKind::FuncFunc) && !is_declaration(*op);
        let is_ours = is_function && !is_public(*op) && !is_set(*op, "no_inline");
        is_ours && signature(*op).is_some_and(|(_, outputs)| outputs.iter().any(is_buffer))
    };
    body_ops(module).into_iter().filter(gives).filter_map(symbol_name).collect()
}

/// Adds a list of the caller's as last argument of a function.
pub(super) fn take<'c>(function: Op<'c>) -> Result<Val<'c>> {
    let block = region_block(function, 0).ok_or_else(|| Diagnostic::internal("internal error: no body"))?;
    let list = block.add_argument(pointer(context_of(function)), function.location());
    let returned = block.terminator().map(operands).unwrap_or_default();
    retype(function, block, &returned);
    // SAFETY: the argument lives as long as its block, which the module owns.
    Ok(unsafe { melior::ir::Value::from_raw(list.to_raw()) })
}

/// Whether a function calls one that returns memory.
pub(super) fn receives(function: Op, givers: &HashSet<&str>) -> bool {
    !givers.is_empty() && calls(function).into_iter().any(|(_, callee)| givers.contains(callee))
}

/// Passes a list to the functions that return memory.
pub(super) fn pass<'c>(function: Op<'c>, list: Val<'c>, givers: &HashSet<&str>) -> Result<()> {
    if givers.is_empty() {
        return Ok(());
    }
    for (call, callee) in calls(function).into_iter().filter(|(_, callee)| givers.contains(callee)) {
        append_argument(call, callee, list)?;
    }
    Ok(())
}

/// Rewrites a call to pass one more argument.
pub(crate) fn append_argument<'c>(call: Op<'c>, callee: &str, argument: Val<'c>) -> Result<()> {
    let b = Builder::before(call);
    let mut given = operands(call);
    given.push(argument);
    let types: Vec<Type> = results(call).into_iter().map(|value| value.r#type()).collect();
    let symbol = FlatSymbolRefAttribute::new(b.context(), callee).into();
    let made = results(b.named(OpKind::FuncCall.name(), &given, &types, &[("callee", symbol)], vec![])?);
    results(call).into_iter().zip(made).for_each(|(old, new)| replace_all_uses(old, new));
    erase(call);
    Ok(())
}
