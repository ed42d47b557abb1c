//! The error for a pass that changes a value.

use super::outcome::Outcome;
use crate::diagnostics::{DiagnosticRecord, Severity};
use dp_dialects::Diagnostic;
use dp_dialects::diagnostics::position;
use dp_dialects::ir::{Op, argument_name, result_name, symbol_name};
use dp_runtime::{Array, values};
use melior::ir::operation::OperationLike;

/// Longer texts of values are cut.
const SHOWN: usize = 1000;

/// The error for a pass that changes a value of a function, given the difference in words and the two outcomes.
pub fn differs(
    pass: &str,
    function: Op,
    what: &str,
    (point, points): (usize, usize),
    arguments: &[Array],
    [before, after]: [&Outcome; 2],
) -> DiagnosticRecord {
    let name = symbol_name(function).unwrap_or("?");
    let message = format!("pass '{pass}' changes '{name}': {what} (point {point} of {points})");
    let help = "if the function is discontinuous here, or cancels much larger numbers, choose other points with \
        'dp.range' on its arguments; otherwise please report this bug with the program";
    let position = position(function.location());
    let mut error = DiagnosticRecord { position, ..Diagnostic::run_time(message).help(help).into() };
    let names: Vec<String> = (0..arguments.len()).map(|index| argument_name(function, index)).collect();
    let results = |outcome: &Outcome| match outcome {
        Outcome::Results(results) => {
            let names: Vec<String> = (0..results.len()).map(|index| result_name(function, index)).collect();
            text(&names, results)
        }
        Outcome::Fails(message) => format!("error: {message}"),
        Outcome::TooLong => "no result within the limits".into(),
    };
    let notes = [
        format!("at {}", text(&names, arguments)),
        format!("before: {}", results(before)),
        format!("after: {}", results(after)),
    ];
    error.notes = notes.map(|message| note(message, &error)).into();
    error
}

fn note(message: String, of: &DiagnosticRecord) -> DiagnosticRecord {
    let (severity, position) = (Severity::Note, of.position.clone());
    DiagnosticRecord { severity, code: None, message, help: None, position, notes: Vec::new(), data: None }
}

/// Names and values on one line.
fn text(names: &[String], arrays: &[Array]) -> String {
    let mut text = values::text(names.iter().map(String::as_str).zip(arrays)).trim_end().replace('\n', ", ");
    if let Some((end, _)) = text.char_indices().nth(SHOWN) {
        text.truncate(end);
        text.push('…');
    }
    text
}
