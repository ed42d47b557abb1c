//! The outcome of a function at a point.

use crate::targets::interp::interpret_within;
use dp_dialects::DiagnosticCode;
use dp_dialects::ir::Op;
use dp_runtime::Array;

/// What a function does.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It returns results.
    Results(Vec<Array>),
    /// It fails at run time, with this message.
    Fails(String),
    /// It executes too many operations, or needs too much memory or too deep a recursion.
    TooLong,
}

/// Executes at most this number of operations of a function.
///
/// # Errors
/// The reason why the interpreter cannot execute it.
pub fn evaluate(limit: u64, module: Op, function: Op, arguments: &[Array]) -> Result<Outcome, String> {
    let error = match interpret_within(Some(limit), module, function, arguments) {
        Ok(results) => return Ok(Outcome::Results(results)),
        Err(located) => located.diagnostic,
    };
    match error.code {
        // Operations report shapes that do not match as invalid.
        DiagnosticCode::RunTime | DiagnosticCode::Invalid => Ok(Outcome::Fails(error.message)),
        DiagnosticCode::Limit => Ok(Outcome::TooLong),
        DiagnosticCode::Syntax
        | DiagnosticCode::Unsupported
        | DiagnosticCode::Request
        | DiagnosticCode::Io
        | DiagnosticCode::Internal => Err(error.message),
    }
}
