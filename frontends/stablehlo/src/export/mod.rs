//! Export to StableHLO text, for XLA.
//!
//! Every value becomes a tensor with static extents; a scalar has rank 0. Special functions that StableHLO lacks are
//! exported from the texts of the scalar library. Control flow in the bodies of maps becomes masks.

mod barriers;
mod calls;
mod constants;
mod control;
mod elementwise;
mod emitter;
mod fourier;
mod linear_algebra;
mod regions;
mod rows;
mod scan;
mod shapes;
mod shardings;
mod slices;
mod sort;
mod status;
mod text;
mod upstream;

use crate::verify;
use dp_dialects::FloatModel;
use dp_dialects::ir::{Op, body_ops, is_declaration, symbol_name};
use dp_dialects::{Diagnostic, OpKind, SpannedDiagnostic};
use dp_passes::ErrorGuaranteed;
use dp_passes::symbols::public_functions;
use emitter::Emitter;
use melior::ir::operation::OperationLike;

/// The name of the entry function that XLA requires.
pub const ENTRY: &str = "main";

/// Options of the export.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The name of the module.
    pub name: String,
    /// The floating-point model.
    pub fp: FloatModel,
    /// The function that becomes [`ENTRY`]. By default the only public function; if there are several, all keep their
    /// names.
    pub entry: Option<String>,
}

/// Returns the program as StableHLO text. Calls must be inlined. Recursion and dynamic extents are not supported by
/// XLA. A function with run-time checks returns a status after its results: an `i32`, 0 or the number of a message; the
/// messages are comments, `// status 1: …`.
///
/// # Errors
/// If StableHLO cannot express the program; located diagnostics have been emitted.
pub fn to_stablehlo<'c>(module: Op<'c>, options: &Options) -> Result<String, ErrorGuaranteed> {
    let entry = entry(module, options).map_err(|located| located.report())?;
    let mut emitter = Emitter::new(module, options.fp);
    let head = format!("module @{} {{", options.name);
    emitter.w.open(&head);
    shardings::meshes(module).iter().for_each(|line| emitter.w.line(line));
    let mut outcome = Ok(());
    for function in body_ops(module) {
        let name = symbol_name(function).unwrap_or_default();
        if OpKind::of(function) != Some(OpKind::FuncFunc) || is_declaration(function) {
            continue;
        }
        let (visibility, name) = match &entry {
            Some(entry) if entry == name => ("public", ENTRY),
            Some(_) => continue,
            None => ("public", name),
        };
        if let Err(trouble) = emitter.function(function, visibility, name) {
            outcome = Err(trouble.report());
        }
    }
    outcome?;
    emitter.written_functions().map_err(|located| located.report())?;
    emitter.w.close("}");
    let comments: Vec<String> = emitter.messages.comments().map(|line| format!("\n  {line}")).collect();
    let text = emitter.w.finish().replacen(&head, &format!("{head}{}", comments.concat()), 1);
    verify(&text).map_err(|why| {
        Diagnostic::internal(format!("internal error: the StableHLO does not verify: {why}")).report(module.location())
    })?;
    Ok(text)
}

/// The entry function, if any.
fn entry<'c>(module: Op<'c>, options: &Options) -> Result<Option<String>, SpannedDiagnostic<'c>> {
    let public = public_functions(module);
    let names: Vec<&str> = public.iter().filter_map(|function| symbol_name(*function)).collect();
    match (&options.entry, &names[..]) {
        (Some(entry), _) if names.contains(&entry.as_str()) => Ok(Some(entry.clone())),
        (Some(entry), _) => {
            let message = format!("the entry '{entry}' is not a public function");
            Err(SpannedDiagnostic::new(
                module.location(),
                Diagnostic::request(message).help(format!("use one of {}", names.join(", "))),
            ))
        }
        (None, [only]) => Ok(Some((*only).to_string())),
        (None, _) => Ok(None),
    }
}
