//! Diagnostics as data: what is wrong, where, and what to do; and how they are printed.

pub mod collect;
pub mod hints;
pub mod printable;
pub mod render;

use dp_dialects::diagnostics::Position;
use dp_dialects::{Diagnostic, DiagnosticCode};

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
    /// Of what class it is. Errors have one, and so do warnings of the compiler's own; notes and remarks have none, nor do
    /// warnings of MLIR's.
    pub code: Option<DiagnosticCode>,
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
    pub fn error(code: DiagnosticCode, message: impl Into<String>, help: Option<String>) -> DiagnosticRecord {
        let (severity, message) = (Severity::Error, message.into());
        DiagnosticRecord { severity, code: Some(code), message, help, position: None, notes: Vec::new() }
    }
}

impl From<Diagnostic> for DiagnosticRecord {
    /// An error that is at no place in the program.
    fn from(Diagnostic { code, message, help }: Diagnostic) -> DiagnosticRecord {
        DiagnosticRecord::error(code, message, help)
    }
}
