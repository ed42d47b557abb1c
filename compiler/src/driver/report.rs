//! Why `dpc` fails, as diagnostics.

use crate::diagnostics::DiagnosticRecord;
use dp_dialects::diagnostics::Position;
use dp_dialects::{Diagnostic, ErrorGuaranteed};
use dp_passes::manager::Halt;
use std::fmt::Display;

/// Why `dpc` fails.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Something about the program, which has been reported at its place.
    #[error(transparent)]
    Reported(#[from] ErrorGuaranteed),
    /// Nothing: the user stopped the pipeline after a step.
    #[error("the pipeline was stopped")]
    Stopped,
    /// Something about the command line or a file, yet to be reported.
    #[error(transparent)]
    Diagnostic(#[from] Diagnostic),
    /// What a compiled program says when it is run; the place comes first.
    #[error("{0}")]
    AtRunTime(String),
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
        Failure::Diagnostic(diagnostic) => Some(DiagnosticRecord::error(&diagnostic.message, diagnostic.help.clone())),
        Failure::AtRunTime(message) => Some(match parse_message(message) {
            Some((position, text)) => {
                DiagnosticRecord { position, ..DiagnosticRecord::error(text, Some(CHECK.into())) }
            }
            // Of no place in the program: it advises itself, behind a semicolon.
            None => {
                let Diagnostic { message, help } = advised(message);
                let general = if message.starts_with("internal error") { REPORT } else { CHECK };
                DiagnosticRecord::error(message, Some(help.unwrap_or_else(|| general.into())))
            }
        }),
    }
}

/// Advice for calls that fail at a place in the program, or give none themselves.
const CHECK: &str = "check the values and the shapes of the arguments";

/// Advice for mistakes of the compiler's own.
pub const REPORT: &str = "please report the program that caused it";

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

/// A diagnostic about an option, from an error that advises behind a semicolon.
pub fn of_option(option: &str, error: &dyn Display) -> Diagnostic {
    let Diagnostic { message, help } = advised(&error.to_string());
    Diagnostic { message: format!("{option}: {message}"), help }
}

/// A diagnostic from text: what it advises stands behind its last semicolon, on one line. What is said before may be the
/// words of another tool, with semicolons of its own.
fn advised(text: &str) -> Diagnostic {
    match text.rsplit_once("; ") {
        Some((message, help)) if !help.contains('\n') => Diagnostic::new(message).help(help),
        _ => Diagnostic::new(text),
    }
}
