//! Diagnostics as data, and their rendering.

pub mod collect;
pub mod help;
pub mod printable;
pub mod render;

use dp_dialects::diagnostics::{Figures, Position};
use dp_dialects::{Diagnostic, DiagnosticCode};
use std::sync::Arc;

/// Severity of a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The compilation fails.
    Error,
    /// The compilation continues, but the user should know.
    Warning,
    /// Additional information about another diagnostic.
    Note,
    /// Information for the user.
    Remark,
}

impl Severity {
    /// The name, as printed.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
            Severity::Remark => "remark",
        }
    }
}

/// A diagnostic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiagnosticRecord {
    /// The severity.
    pub severity: Severity,
    /// The code. Errors and the compiler's own warnings have one; notes, remarks and MLIR's warnings have none.
    pub code: Option<DiagnosticCode>,
    /// The problem.
    pub message: String,
    /// How to fix it.
    pub help: Option<String>,
    /// The source position; `None` for errors in the command line or a file.
    pub position: Option<Position>,
    /// Further information, with other locations.
    pub notes: Vec<DiagnosticRecord>,
    /// The figures of a remark, which are its `data` in JSON. Behind a pointer, since errors are returned by value.
    pub data: Option<Arc<Figures>>,
}

impl DiagnosticRecord {
    /// An error without a source position.
    pub fn error(code: DiagnosticCode, message: impl Into<String>, help: Option<String>) -> DiagnosticRecord {
        let (severity, message) = (Severity::Error, message.into());
        DiagnosticRecord { severity, code: Some(code), message, help, position: None, notes: Vec::new(), data: None }
    }
}

impl From<Diagnostic> for DiagnosticRecord {
    /// An error without a source position.
    fn from(Diagnostic { code, message, help }: Diagnostic) -> DiagnosticRecord {
        DiagnosticRecord::error(code, message, help)
    }
}
