//! Reasons why a compilation fails, and their conversion to diagnostics.

use super::diagnostics::DiagnosticRecord;
use dp_abi::{HELP, Help};
use dp_dialects::diagnostics::{Position, REPORT, help_of_check};
use dp_dialects::{Diagnostic, DiagnosticCode, ErrorGuaranteed};
use dp_passes::manager::Halt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why a compilation failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// An error that was already reported at its location.
    #[error(transparent)]
    Reported(#[from] ErrorGuaranteed),
    /// No error: the request stops the pipeline after a step.
    #[error("the pipeline was stopped")]
    Stopped,
    /// An error about the command line or a file, not yet reported.
    #[error(transparent)]
    Diagnostic(#[from] Diagnostic),
    /// An error that a check has found.
    #[error("{}", .0.message)]
    Found(Box<DiagnosticRecord>),
    /// The message of a compiled program that failed at run time, with its location first.
    #[error("{message}")]
    AtRunTime {
        /// Its code.
        code: DiagnosticCode,
        /// The message.
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

/// Converts a failure to a diagnostic, unless it was already reported.
pub fn record(failure: &Failure) -> Option<DiagnosticRecord> {
    match failure {
        Failure::Reported(_) | Failure::Stopped => None,
        Failure::Diagnostic(diagnostic) => Some(diagnostic.clone().into()),
        Failure::Found(record) => Some((**record).clone()),
        Failure::AtRunTime { code, message } => Some(match parse_message(message) {
            Some((position, text)) => {
                DiagnosticRecord { position, ..DiagnosticRecord::error(*code, text, Some(help_of_check(text).into())) }
            }
            // Without a location: the message may contain its own help.
            None => {
                let (message, help) =
                    message.split_once(HELP).map_or((&**message, None), |(text, help)| (text, Some(help)));
                let general = if *code == DiagnosticCode::Internal { REPORT } else { help_of_check(message) };
                DiagnosticRecord::error(*code, message, Some(help.unwrap_or(general).into()))
            }
        }),
    }
}

/// Parses a library's message, `file:line:column: error: text`, or `error: text` if the program has no locations.
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

/// A diagnostic about an option. An error that is `invalid` elsewhere has the code `request` here, since an option is
/// not part of the program.
pub fn of_option(option: &str, error: &impl Help) -> Diagnostic {
    let diagnostic = Diagnostic::of(error).prefixed(format_args!("{option}: "));
    let is_given = diagnostic.code == DiagnosticCode::Invalid;
    Diagnostic { code: if is_given { DiagnosticCode::Request } else { diagnostic.code }, ..diagnostic }
}

/// Runs a function and catches panics.
///
/// # Errors
/// If it panics: an internal error.
pub fn guarded<T>(body: impl FnOnce() -> T) -> Result<T, DiagnosticRecord> {
    catch_unwind(AssertUnwindSafe(body)).map_err(|_| Diagnostic::internal("internal error in the compiler").into())
}
