//! What a module and its functions say of the library that they become, as attributes.

use dp_abi::Library;
use dp_dialects::Diagnostic;
use dp_dialects::diagnostics::place;
use dp_dialects::ir::{Op, body_ops, string_attribute, symbol_name};
use dp_passes::ErrorGuaranteed;
use dp_passes::symbols::public_functions;
use melior::Context;
use melior::ir::attribute::{ArrayAttribute, Attribute, StringAttribute};
use melior::ir::operation::OperationLike;

/// The attribute of a module that holds the description of its library.
pub const ABI: &str = "dp.abi";
/// The attribute of a module that holds the texts of statuses 1, 2, ….
pub(crate) const MESSAGES: &str = "dp.messages";

/// The attribute of a module that says what the workspaces of its functions take: a name and
/// a formula for each.
pub(crate) const MEMORY: &str = "dp.memory";
/// The attribute of a function whose last two arguments are a workspace of its caller, and its size.
pub(crate) const WORKSPACE: &str = "dp.workspace";

/// The message of the status of a call that asked for the size of the workspace.
pub(crate) const ASKED: &str = "the size of the workspace has been written";

/// Strings as an attribute.
pub fn strings<'c>(context: &'c Context, texts: &[String]) -> Attribute<'c> {
    let texts: Vec<Attribute> = texts.iter().map(|text| StringAttribute::new(context, text).into()).collect();
    ArrayAttribute::new(context, &texts).into()
}

/// The strings of an attribute.
pub fn strings_of(module: Op, name: &str) -> Option<Vec<String>> {
    let list = module.attribute(name).ok().and_then(|list| ArrayAttribute::try_from(list).ok())?;
    let text = |index| Some(dp_dialects::ir::text(list.element(index).ok()?)?.to_string());
    Some((0..list.len()).filter_map(text).collect())
}

/// How many bytes the workspaces of a module's functions take: each function's name, and a number or a formula. `None`
/// where it has not been lowered for a CPU.
pub fn workspaces(module: Op) -> Option<Vec<(String, String)>> {
    let mut texts = strings_of(module, MEMORY)?.into_iter();
    Some(std::iter::from_fn(|| Some((texts.next()?, texts.next()?))).collect())
}

/// The library that `lower-entries` has described, with the places of its functions.
///
/// # Errors
/// Where the module has no description; it has been reported.
pub fn library(module: Op) -> Result<Library, ErrorGuaranteed> {
    let mut library = described(module)?;
    for function in public_functions(module) {
        if let (Some(name), Some(place)) = (symbol_name(function), place(function.location())) {
            library.note_location(name, &place);
        }
    }
    Ok(library)
}

/// The library that the module's description describes.
///
/// # Errors
/// Where it has none; it has been reported.
pub fn described(module: Op) -> Result<Library, ErrorGuaranteed> {
    let description = string_attribute(module, ABI).unwrap_or_default();
    Library::from_description(description).map_err(|error| {
        Diagnostic::new(format!("the module has no description of its library: {error}"))
            .help("run 'lower-entries' first")
            .report(body_ops(module).first().map_or(module.location(), |op| op.location()))
    })
}
