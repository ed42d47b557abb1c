//! Private functions with tensors: those whose calls are not inlined. They take buffers, which they only read, and
//! return buffers that they allocate, which their callers own.

use super::{allocate, body, read_argument, retype, set_results, terminator};
use dp_dialects::ir::{
    Blk, Op, Val, block_args, body_ops, context_of, erase, is_declaration, operands, replace_all_uses, result, results,
    signature, symbol_name,
};
use dp_dialects::{Builder, Diagnostic, OpKind, Result, ValueType};
use dp_loopnest::structured::buffer_type;
use dp_passes::ErrorGuaranteed;
use dp_passes::calls::{calls, functions_of};
use dp_passes::symbols::public_functions;
use melior::ir::attribute::{Attribute, FlatSymbolRefAttribute};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::{Type, ValueLike};
use std::collections::HashSet;

/// The type of a tensor.
fn tensor(r#type: Type) -> Option<ValueType> {
    ValueType::of(r#type).filter(ValueType::is_tensor)
}

/// Checks that no function calls a public one with tensors, whose arguments and results become those of a C function.
///
/// # Errors
/// If one does; this was reported.
pub(crate) fn refuse_calls_of_public(module: Op) -> Result<(), ErrorGuaranteed> {
    let takes_tensors = |function: &Op| {
        let (inputs, outputs) = signature(*function).unwrap_or_default();
        inputs.into_iter().chain(outputs).any(|r#type| tensor(r#type).is_some())
    };
    let public: HashSet<&str> =
        public_functions(module).into_iter().filter(takes_tensors).filter_map(symbol_name).collect();
    match functions_of(module).flat_map(calls).find(|(_, callee)| public.contains(callee)) {
        None => Ok(()),
        Some((call, callee)) => {
            let diagnostic = Diagnostic::unsupported(format!("calls '{callee}', which is public and has tensors"));
            Err(diagnostic.help("inline calls first, with 'inline-calls'").report(call.location()))
        }
    }
}

/// Makes tensors of private functions buffers, in the functions and in the calls.
///
/// # Errors
/// If a function has unstructured control flow; this was reported.
pub(crate) fn lower(module: Op) -> Result<(), ErrorGuaranteed> {
    let public: HashSet<&str> = public_functions(module).into_iter().filter_map(symbol_name).collect();
    let mut lowered: HashSet<&str> = HashSet::new();
    for function in body_ops(module) {
        let is_ours = OpKind::of(function) == Some(OpKind::FuncFunc) && !is_declaration(function);
        let Some(name) = symbol_name(function).filter(|name| is_ours && !public.contains(name)) else { continue };
        let (inputs, outputs) = signature(function).unwrap_or_default();
        if inputs.into_iter().chain(outputs).any(|r#type| tensor(r#type).is_some()) {
            let made = body(function).and_then(|block| to_buffers(function, block));
            made.map_err(|diagnostic| diagnostic.report(function.location()))?;
            lowered.insert(name);
        }
    }
    let found: Vec<(Op, &str)> = match lowered.is_empty() {
        true => Vec::new(),
        false => functions_of(module).flat_map(calls).filter(|(_, callee)| lowered.contains(callee)).collect(),
    };
    for (call, callee) in found {
        pass(call, callee).map_err(|diagnostic| diagnostic.report(call.location()))?;
    }
    Ok(())
}

/// Makes the arguments and results of a function buffers.
fn to_buffers<'c>(function: Op<'c>, block: Blk<'c>) -> Result<()> {
    let last = terminator(block)?;
    let b = Builder::before(last).located(function.location());
    let context = b.context();
    let restricted = [("restrict", Attribute::unit(context)), ("writable", Attribute::unit(context))];
    let mut returned = Vec::new();
    for value in operands(last) {
        let Some(r#type) = tensor(value.r#type()) else {
            returned.push(value);
            continue;
        };
        let buffer = allocate(&b, value, &r#type)?;
        b.named("bufferization.materialize_in_destination", &[value, buffer], &[], &restricted, vec![])?;
        returned.push(buffer);
    }
    set_results(function, block, &returned)?;
    if let Some(first) = block.first_operation() {
        let b = Builder::before(first).located(function.location());
        for argument in block_args(block) {
            if let Some(r#type) = tensor(argument.r#type()) {
                read_argument(&b, argument, &r#type)?;
            }
        }
    }
    retype(function, block, &returned);
    Ok(())
}

/// Passes buffers to a call, and reads the tensors that it returns from buffers.
fn pass<'c>(call: Op<'c>, callee: &str) -> Result<()> {
    let context = context_of(call);
    let b = Builder::before(call);
    let unit = |name| (name, Attribute::unit(context));
    let mut given = operands(call);
    for value in &mut given {
        if let Some(r#type) = tensor(value.r#type()) {
            let to = [buffer_type(context, &r#type)];
            *value = b.named("bufferization.to_buffer", &[*value], &to, &[unit("read_only")], vec![]).map(result)?;
        }
    }
    let old: Vec<Val> = results(call);
    let types: Vec<Type> = old
        .iter()
        .map(|value| tensor(value.r#type()).map_or(value.r#type(), |r#type| buffer_type(context, &r#type)))
        .collect();
    let symbol = FlatSymbolRefAttribute::new(context, callee).into();
    let made = results(b.named(OpKind::FuncCall.name(), &given, &types, &[("callee", symbol)], vec![])?);
    for (old, new) in old.into_iter().zip(made) {
        let value = match tensor(old.r#type()) {
            Some(r#type) => {
                let attributes = [unit("restrict"), unit("writable")];
                let to = [r#type.to_type(context)];
                b.named("bufferization.to_tensor", &[new], &to, &attributes, vec![]).map(result)?
            }
            None => new,
        };
        replace_all_uses(old, value);
    }
    erase(call);
    Ok(())
}
