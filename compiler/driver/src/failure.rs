//! Why a compilation fails, as diagnostics.

use super::diagnostics::DiagnosticRecord;
use dp_abi::{HELP, Help};
use dp_dialects::diagnostics::{Position, REPORT};
use dp_dialects::{Diagnostic, DiagnosticCode, ErrorGuaranteed};
use dp_passes::manager::Halt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why a compilation fails.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Something about the program, which has been reported at its place.
    #[error(transparent)]
    Reported(#[from] ErrorGuaranteed),
    /// Nothing: the request stops the pipeline after a step.
    #[error("the pipeline was stopped")]
    Stopped,
    /// Something about the command line or a file, yet to be reported.
    #[error(transparent)]
    Diagnostic(#[from] Diagnostic),
    /// What a compiled program says when it is run; the place comes first.
    #[error("{message}")]
    AtRunTime {
        /// Of what class it is.
        code: DiagnosticCode,
        /// What it says.
        message: String,
    },
}

impl From<Halt> for Failure {
    fn from(halt: Halt) -> Failure {
        match halt {
            Halt::Failed(reported) => Failure::Reported(reported),
            Halt::Stopped => Failure::Stopped,
        }
    }
}

/// A failure as a diagnostic, unless it has been reported.
pub fn record(failure: &Failure) -> Option<DiagnosticRecord> {
    match failure {
        Failure::Reported(_) | Failure::Stopped => None,
        Failure::Diagnostic(diagnostic) => Some(diagnostic.clone().into()),
        Failure::AtRunTime { code, message } => Some(match parse_message(message) {
            Some((position, text)) => {
                DiagnosticRecord { position, ..DiagnosticRecord::error(*code, text, Some(CHECK.into())) }
            }
            // Of no place in the program: it advises itself.
            None => {
                let (message, help) =
                    message.split_once(HELP).map_or((&**message, None), |(text, help)| (text, Some(help)));
                let general = if *code == DiagnosticCode::Internal { REPORT } else { CHECK };
                DiagnosticRecord::error(*code, message, Some(help.unwrap_or(general).into()))
            }
        }),
    }
}

/// Advice for calls that fail at a place in the program, or give none themselves.
const CHECK: &str = "check the values and the shapes of the arguments";

/// What a library's message of the form `file:line:column: error: what` says, and of where. A program that says nothing
/// of its places has `error: what`.
fn parse_message(message: &str) -> Option<(Option<Position>, &str)> {
    let (place, text) = message.split_once("error: ")?;
    let Some(path) = place.strip_suffix(": ") else { return place.is_empty().then_some((None, text)) };
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    match path.rsplitn(3, ':').collect::<Vec<_>>()[..] {
        [column, line, file] if !file.contains('\n') => {
            let position = Position { file: file.into(), line: number(line)?, column: number(column)? };
            Some((Some(position), text))
        }
        _ => None,
    }
}

/// A diagnostic about an option, from an error of the same matter: what an option gives is no part of the program.
pub fn of_option(option: &str, error: &impl Help) -> Diagnostic {
    let diagnostic = Diagnostic::of(error).prefixed(format_args!("{option}: "));
    let is_given = diagnostic.code == DiagnosticCode::Invalid;
    Diagnostic { code: if is_given { DiagnosticCode::Request } else { diagnostic.code }, ..diagnostic }
}

/// What a body gives.
///
/// # Errors
/// Where it panics, which is an error of the compiler's own.
pub fn guarded<T>(body: impl FnOnce() -> T) -> Result<T, DiagnosticRecord> {
    catch_unwind(AssertUnwindSafe(body)).map_err(|_| Diagnostic::internal("internal error in the compiler").into())
}
