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

use dp_abi::Library;
use dp_dialects::ir::{Op, body_ops, is_declaration, string_attribute};
use dp_dialects::{Complaint, OpKind};
use dp_passes::Reported;
use melior::ir::operation::OperationLike;

/// The attribute of a module that holds the description of its library.
pub(crate) const ABI: &str = "dp.abi";
/// The attribute of a module that holds the texts of statuses 1, 2, ….
pub(crate) const MESSAGES: &str = "dp.messages";

/// The library that the module's description describes.
pub(crate) fn described(module: Op) -> Result<Library, Reported> {
    let description = string_attribute(module, ABI).unwrap_or_default();
    Library::from_description(description).map_err(|error| {
        Complaint::new(format!("the module has no description of its library: {error}"))
            .hint("run 'lower-entries' first")
            .report(module.location())
    })
}

/// The functions that others may call: those with a body, not private.
pub(crate) fn public_functions(module: Op<'_>) -> Vec<Op<'_>> {
    let is_public = |op: &Op| {
        OpKind::of(*op) == Some(OpKind::FuncFunc)
            && !is_declaration(*op)
            && string_attribute(*op, "sym_visibility").is_none_or(|visibility| visibility == "public")
    };
    body_ops(module).into_iter().filter(is_public).collect()
}
