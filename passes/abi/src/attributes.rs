//! Attributes that describe the library.

use dp_abi::Library;
use dp_dialects::Diagnostic;
use dp_dialects::diagnostics::place;
use dp_dialects::ir::{Op, body_ops, symbol_name};
use dp_dialects::marks::{ABI, MEMORY};
use dp_passes::ErrorGuaranteed;
use dp_passes::symbols::public_functions;
use melior::ir::operation::OperationLike;

/// The message of the status of a workspace size query.
pub(crate) const SIZE_QUERY: &str = "the size of the workspace has been written";

/// The workspace sizes of a module's functions in bytes: the name, and a number or formula. `None` if the module was
/// not lowered for a CPU.
pub fn workspaces(module: Op) -> Option<Vec<(String, String)>> {
    let mut texts = MEMORY.of(module)?.into_iter();
    Some(std::iter::from_fn(|| Some((texts.next()?, texts.next()?))).collect())
}

/// The library that `lower-entries` described, with locations.
///
/// # Errors
/// If there is no description; this was reported.
pub fn library(module: Op) -> Result<Library, ErrorGuaranteed> {
    let mut library = described(module)?;
    for function in public_functions(module) {
        if let (Some(name), Some(place)) = (symbol_name(function), place(function.location())) {
            library.note_location(name, &place);
        }
    }
    Ok(library)
}

/// The library that the module attribute describes.
///
/// # Errors
/// If there is none; this was reported.
pub fn described(module: Op) -> Result<Library, ErrorGuaranteed> {
    let description = ABI.of(module).unwrap_or_default();
    Library::from_description(&description).map_err(|error| {
        Diagnostic::request(format!("the module has no library description: {error}"))
            .help("run 'lower-entries' first")
            .report(body_ops(module).first().map_or(module.location(), |op| op.location()))
    })
}
