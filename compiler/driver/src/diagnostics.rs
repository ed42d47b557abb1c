//! Diagnostics as data: what is wrong, where, and what to do; and how they are printed.

pub mod collect;
pub mod hints;
pub mod printable;
pub mod render;

use dp_dialects::Diagnostic;
use dp_dialects::diagnostics::Position;

/// How grave a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The compilation fails.
    Error,
    /// It goes on, and the user should know.
    Warning,
    /// More about the diagnostic that it belongs to.
    Note,
    /// What may interest the user.
    Remark,
}

impl Severity {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
            Severity::Remark => "remark",
        }
    }
}

/// What a compilation says to its user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiagnosticRecord {
    /// How grave it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The place in the program; none for the command line and for files.
    pub position: Option<Position>,
    /// What else there is to say, of other places.
    pub notes: Vec<DiagnosticRecord>,
}

impl DiagnosticRecord {
    /// An error that is at no place in the program.
    pub fn error(message: impl Into<String>, help: Option<String>) -> DiagnosticRecord {
        DiagnosticRecord { severity: Severity::Error, message: message.into(), help, position: None, notes: Vec::new() }
    }
}

impl From<Diagnostic> for DiagnosticRecord {
    /// An error that is at no place in the program.
    fn from(diagnostic: Diagnostic) -> DiagnosticRecord {
        DiagnosticRecord::error(diagnostic.message, diagnostic.help)
    }
}
