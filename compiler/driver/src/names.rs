//! Rejects names that text formats, headers and linkers cannot represent.

use super::diagnostics::printable::is_interpreted;
use dp_dialects::ir::{Op, body_ops, parameter_attribute, signature, text};
use dp_dialects::marks::NAME;
use dp_dialects::source::MAX_NAME;
use dp_dialects::{Diagnostic, OpKind, Result, SpannedDiagnostic};
use melior::ir::attribute::Attribute;
use melior::ir::operation::OperationLike;

/// Checks the names of functions, arguments and results.
///
/// # Errors
/// If a name is not UTF-8, empty, longer than [`MAX_NAME`], or contains control characters.
pub fn check(module: Op<'_>) -> Result<(), SpannedDiagnostic<'_>> {
    for function in body_ops(module).into_iter().filter(|op| OpKind::of(*op) == Some(OpKind::FuncFunc)) {
        let at = |diagnostic| SpannedDiagnostic::new(function.location(), diagnostic);
        if let Ok(name) = function.attribute("sym_name") {
            check_name("the function's name", name).map_err(at)?;
        }
        let (inputs, outputs) = signature(function).unwrap_or_default();
        for (which, subject, count) in [("arg_attrs", "argument", inputs.len()), ("res_attrs", "result", outputs.len())]
        {
            for index in 0..count {
                let Some(name) = parameter_attribute(function, which, index, NAME.name) else { continue };
                check_name(&format!("'{}' of {subject} {index}", NAME.name), name).map_err(at)?;
            }
        }
    }
    Ok(())
}

/// Help for invalid names.
const FORM: &str = "use letters, digits and underscores";

fn check_name(subject: &str, name: Attribute) -> Result<()> {
    let wrong = match text(name) {
        None => format!("{subject} is not UTF-8"),
        Some("") => format!("{subject} is empty"),
        Some(name) if name.len() > MAX_NAME => {
            let message = format!("{subject} is {} bytes long; the limit is {MAX_NAME}", name.len());
            return Err(Diagnostic::limit(message).help(FORM));
        }
        Some(name) if name.contains('\0') => format!("{subject} contains a NUL character"),
        Some(name) if name.contains(is_interpreted) => format!("{subject} contains a control character"),
        Some(_) => return Ok(()),
    };
    Err(Diagnostic::invalid(wrong).help(FORM))
}
