//! Mistakes as text on standard error: `file:line:col: error: what`, and hints
//! below as `file:line:col: note: hint`.

use super::hints;
use dp_dialects::Complaint;
use dp_dialects::diagnostics::place;
use dp_dialects::registry::Reported;
use melior::Context;
use melior::diagnostic::{Diagnostic, DiagnosticSeverity};
use std::fmt::Display;

/// Why `dpc` fails.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Something about the program, which has been reported at its place.
    #[error(transparent)]
    Reported(#[from] Reported),
    /// Something about the command line or a file, yet to be reported.
    #[error(transparent)]
    Complaint(#[from] Complaint),
    /// What a compiled program says when it is run; the place comes first.
    #[error("{0}")]
    AtRunTime(String),
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
    match failure {
        Failure::Reported(_) => {}
        Failure::Complaint(complaint) => complain(complaint),
        Failure::AtRunTime(message) => match message.split_once("error: ") {
            Some((place, _)) => eprintln!("{message}\n{place}note: check the values and the shapes of the arguments"),
            // Of no place in the program: it advises itself, behind a semicolon.
            None => complain(&match advised(message) {
                Complaint { hint: None, what } => {
                    Complaint::new(what).hint("check the values and the shapes of the arguments")
                }
                complaint => complaint,
            }),
        },
    }
}

/// A complaint about an option, from an error that advises behind a semicolon.
pub fn complaint(option: &str, error: &dyn Display) -> Complaint {
    let Complaint { what, hint } = advised(&error.to_string());
    Complaint { what: format!("{option}: {what}"), hint }
}

/// A complaint from text: what it advises stands behind a semicolon.
fn advised(text: &str) -> Complaint {
    match text.split_once("; ") {
        Some((what, hint)) => Complaint::new(what).hint(hint),
        None => Complaint::new(text),
    }
}

/// Prints what is wrong with the command line or a file.
pub fn complain(complaint: &Complaint) {
    eprintln!("dpc: error: {}", complaint.what);
    if let Some(hint) = &complaint.hint {
        eprintln!("dpc: note: {hint}");
    }
}

fn print(diagnostic: &Diagnostic) {
    let severity = match diagnostic.severity() {
        DiagnosticSeverity::Error => "error",
        DiagnosticSeverity::Warning => "warning",
        DiagnosticSeverity::Note => "note",
        DiagnosticSeverity::Remark => "remark",
    };
    let place = place(diagnostic.location()).unwrap_or_else(|| "dpc".into());
    let message = diagnostic.to_string();
    eprintln!("{place}: {severity}: {message}");
    if matches!(diagnostic.severity(), DiagnosticSeverity::Error) {
        match hints::hint(&message) {
            Some(hint) => eprintln!("{place}: note: {hint}"),
            None if diagnostic.note_count() == 0 => eprintln!("{place}: note: {}", hints::GENERAL),
            None => {}
        }
    }
    for index in 0..diagnostic.note_count() {
        if let Ok(note) = diagnostic.note(index) {
            print(&note);
        }
    }
}
