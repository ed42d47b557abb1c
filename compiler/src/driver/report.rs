//! Mistakes as text on standard error: `file:line:col: error: what`, and hints
//! below as `file:line:col: note: hint`.

use super::hints;
use dp_dialects::Complaint;
use dp_dialects::Reported;
use dp_dialects::diagnostics::{message, place};
use dp_passes::manager::Halt;
use melior::Context;
use melior::diagnostic::{Diagnostic, DiagnosticSeverity};
use std::fmt::Display;

/// Why `dpc` fails.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Something about the program, which has been reported at its place.
    #[error(transparent)]
    Reported(#[from] Reported),
    /// Nothing: the user stopped the pipeline after a step.
    #[error("the pipeline was stopped")]
    Stopped,
    /// Something about the command line or a file, yet to be reported.
    #[error(transparent)]
    Complaint(#[from] Complaint),
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

/// Prints MLIR's diagnostics from now on.
pub fn attach(context: &Context) {
    context.attach_diagnostic_handler(|diagnostic| {
        print(&diagnostic);
        true
    });
}

/// Prints a failure, unless it has been reported.
pub fn report(failure: &Failure) {
    if let Some(text) = text(failure) {
        eprintln!("{text}");
    }
}

/// A failure as it is printed, unless it has been reported.
pub fn text(failure: &Failure) -> Option<String> {
    match failure {
        Failure::Reported(_) | Failure::Stopped => None,
        Failure::Complaint(complaint) => Some(lines(complaint)),
        Failure::AtRunTime(message) => Some(match beginning(message) {
            Some(place) => format!("{message}\n{place}note: {CHECK}"),
            // Of no place in the program: it advises itself, behind a semicolon.
            None => lines(&match advised(message) {
                Complaint { hint: None, what } => {
                    let hint = if what.starts_with("internal error") { REPORT } else { CHECK };
                    Complaint::new(what).hint(hint)
                }
                complaint => complaint,
            }),
        }),
    }
}

/// Advice for calls that fail at a place in the program, or give none themselves.
const CHECK: &str = "check the values and the shapes of the arguments";

/// Advice for mistakes of the compiler's own.
pub const REPORT: &str = "please report the program that caused it";

/// The beginning of a text of the form `file:line:column: error: what`, up to the error; it is empty where a program
/// says nothing of its places.
fn beginning(message: &str) -> Option<&str> {
    let (place, _) = message.split_once("error: ")?;
    let Some(path) = place.strip_suffix(": ") else { return place.is_empty().then_some(place) };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match path.rsplitn(3, ':').collect::<Vec<_>>()[..] {
        [column, line, file] if is_number(column) && is_number(line) && !file.contains('\n') => Some(place),
        _ => None,
    }
}

/// A complaint about an option, from an error that advises behind a semicolon.
pub fn complaint(option: &str, error: &dyn Display) -> Complaint {
    let Complaint { what, hint } = advised(&error.to_string());
    Complaint { what: format!("{option}: {what}"), hint }
}

/// A complaint from text: what it advises stands behind its last semicolon, on one line. What is said before may be the
/// words of another tool, with semicolons of its own.
fn advised(text: &str) -> Complaint {
    match text.rsplit_once("; ") {
        Some((what, hint)) if !hint.contains('\n') => Complaint::new(what).hint(hint),
        _ => Complaint::new(text),
    }
}

/// What is wrong with the command line or a file, as it is printed.
fn lines(complaint: &Complaint) -> String {
    let hint = complaint.hint.as_ref().map_or_else(String::new, |hint| format!("\ndpc: note: {hint}"));
    format!("dpc: error: {}{hint}", complaint.what)
}

fn print(diagnostic: &Diagnostic) {
    let severity = match diagnostic.severity() {
        DiagnosticSeverity::Error => "error",
        DiagnosticSeverity::Warning => "warning",
        DiagnosticSeverity::Note => "note",
        DiagnosticSeverity::Remark => "remark",
    };
    let place = place(diagnostic.location()).unwrap_or_else(|| "dpc".into());
    let message = message(diagnostic);
    eprintln!("{place}: {severity}: {message}");
    if matches!(diagnostic.severity(), DiagnosticSeverity::Error) {
        match hints::hint(&message) {
            Some(hint) => eprintln!("{place}: note: {hint}"),
            None if diagnostic.note_count() == 0 => eprintln!("{place}: note: {}", hints::GENERAL),
            None => {}
        }
    }
    for index in 0..diagnostic.note_count() {
        // A list of all that MLIR knows helps nobody.
        if let Ok(note) = diagnostic.note(index)
            && !note.to_string().starts_with("Available dialects")
        {
            print(&note);
        }
    }
}
