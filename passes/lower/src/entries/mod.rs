//! From functions on tensors to C functions: which functions are public, what
//! they take and give, and the checks at their door.

pub mod border;
pub mod destinations;
pub mod glue;
pub mod guard;
pub mod hoist;
pub mod inline;
pub mod memory;
pub mod model;
pub mod recursion;
pub mod results;
pub mod status;

use crate::structured::set_attribute;
use dp_abi::Library;
use dp_dialects::ir::{
    Op, body_ops, context_of, is_declaration, string_attribute, symbol_attribute, symbol_name, walk,
};
use dp_dialects::{Complaint, OpKind};
use dp_passes::Reported;
use melior::ir::attribute::{ArrayAttribute, FlatSymbolRefAttribute};
use melior::ir::operation::OperationLike;

/// The attribute of a module that holds the description of its library.
pub(crate) const ABI: &str = "dp.abi";
/// The attribute of a module that holds the texts of statuses 1, 2, ….
pub(crate) const MESSAGES: &str = "dp.messages";

/// An attribute of strings.
pub(crate) fn strings_of(module: Op, name: &str) -> Option<Vec<String>> {
    let list = module.attribute(name).ok().and_then(|list| ArrayAttribute::try_from(list).ok())?;
    let text = |index| Some(dp_dialects::ir::text(list.element(index).ok()?)?.to_string());
    Some((0..list.len()).filter_map(text).collect())
}

/// What the workspaces of a module's functions take, a line for each; `None` where it has not been lowered for a
/// processor.
pub fn memory_lines(module: Op) -> Option<Vec<String>> {
    strings_of(module, guard::MEMORY)
}

/// The library that the module's description describes.
pub(crate) fn described(module: Op) -> Result<Library, Reported> {
    let description = string_attribute(module, ABI).unwrap_or_default();
    Library::from_description(description).map_err(|error| {
        Complaint::new(format!("the module has no description of its library: {error}"))
            .hint("run 'lower-entries' first")
            .report(body_ops(module).first().map_or(module.location(), |op| op.location()))
    })
}

/// The functions that others may call: those with a body, not private.
pub fn public_functions(module: Op<'_>) -> Vec<Op<'_>> {
    let is_public = |op: &Op| {
        OpKind::of(*op) == Some(OpKind::FuncFunc)
            && !is_declaration(*op)
            && string_attribute(*op, "sym_visibility").is_none_or(|visibility| visibility == "public")
    };
    body_ops(module).into_iter().filter(is_public).collect()
}

/// A name that no symbol of a module has: the one that is given, and as many underscores as it takes.
pub(crate) fn free_symbol(module: Op, mut name: String) -> String {
    while body_ops(module).into_iter().any(|op| symbol_name(op) == Some(&name)) {
        name.push('_');
    }
    name
}

/// Has calls of one function be calls of another.
pub(crate) fn redirect(module: Op, from: &str, to: &str) {
    let callee = FlatSymbolRefAttribute::new(context_of(module), to);
    walk(module, &mut |op| {
        if OpKind::of(op) == Some(OpKind::FuncCall) && symbol_attribute(op, "callee") == Some(from) {
            set_attribute(op, "callee", callee.into());
        }
    });
}
