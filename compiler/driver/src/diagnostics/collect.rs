//! Collects MLIR's diagnostics as data.

use super::help;
use super::{DiagnosticRecord, Severity};
use dp_dialects::diagnostics::{emission, figures, message, position, upstream_code};
use melior::Context;
use melior::diagnostic::{Diagnostic as Emitted, DiagnosticSeverity};
use std::sync::Arc;

/// Sends all further MLIR diagnostics of a context to a function.
pub fn attach(context: &Context, mut take: impl FnMut(DiagnosticRecord)) {
    context.attach_diagnostic_handler(move |emitted| {
        take(collect(&emitted));
        true
    });
}

fn collect(emitted: &Emitted) -> DiagnosticRecord {
    let severity = match emitted.severity() {
        DiagnosticSeverity::Error => Severity::Error,
        DiagnosticSeverity::Warning => Severity::Warning,
        DiagnosticSeverity::Note => Severity::Note,
        DiagnosticSeverity::Remark => Severity::Remark,
    };
    let message = message(emitted);
    let notes = || (0..emitted.note_count()).filter_map(|index| emitted.note(index).ok());
    let (code, own, notes) = match emission() {
        // Its only note is the help.
        Some(emission) => (Some(emission.code), emission.help, Vec::new()),
        None => {
            let code = matches!(severity, Severity::Error).then(|| help::code(&message, upstream_code()));
            (code, None, notes().map(|note| collect_note(&note)).collect::<Vec<_>>())
        }
    };
    // MLIR's errors have no help, and some of ours have none.
    let known = || matches!(severity, Severity::Error).then(|| help::for_message(&message)).flatten();
    let general = || (matches!(severity, Severity::Error) && notes.is_empty()).then(|| help::GENERAL.to_owned());
    let help = own.or_else(known).or_else(general);
    // A list of everything that is registered helps nobody.
    let notes = notes.into_iter().filter(|note| !note.message.starts_with("Available dialects")).collect();
    DiagnosticRecord {
        severity,
        code,
        message,
        help,
        position: position(emitted.location()),
        notes,
        data: figures().map(Arc::new),
    }
}

fn collect_note(note: &Emitted) -> DiagnosticRecord {
    let position = position(note.location());
    let (severity, message) = (Severity::Note, message(note));
    DiagnosticRecord { severity, code: None, message, help: None, position, notes: Vec::new(), data: None }
}
