//! Renders diagnostics as text and as JSON.

use super::DiagnosticRecord;
use super::printable::{Excerpt, printable, printable_line};
use dp_dialects::diagnostics::{DiagnosticCode, Figure, Position};
use dp_frontends::Source;
use serde_json::{Value, json};
use std::borrow::Cow;

/// Format of diagnostics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DiagnosticFormat {
    /// `file:line:column: error: message`, the source line, and help.
    #[default]
    Text,
    /// One JSON object per line: severity, code, message, help, file, line, column, and notes.
    Json,
}

/// Longer source lines are cut to this many characters around the caret.
const WIDTH: usize = 120;

/// Renders diagnostics as one document: lines of text, or a list in JSON.
pub fn render_all(diagnostics: &[DiagnosticRecord], format: DiagnosticFormat) -> String {
    match format {
        DiagnosticFormat::Text => diagnostics.iter().map(|diagnostic| text(diagnostic, None) + "\n").collect(),
        DiagnosticFormat::Json => {
            let lines: Vec<String> = diagnostics.iter().map(|diagnostic| json(diagnostic).to_string()).collect();
            format!("[{}]\n", lines.join(",\n"))
        }
    }
}

/// Renders a diagnostic; `source` provides the source line.
pub fn render(diagnostic: &DiagnosticRecord, format: DiagnosticFormat, source: Option<&Source>) -> String {
    match format {
        DiagnosticFormat::Text => text(diagnostic, source),
        DiagnosticFormat::Json => json(diagnostic).to_string(),
    }
}

fn text(diagnostic: &DiagnosticRecord, source: Option<&Source>) -> String {
    let place = diagnostic.position.as_ref().map_or_else(|| "dpc".into(), Position::to_string);
    let place = printable_line(&place);
    let mut text = format!("{place}: {}: {}", diagnostic.severity.name(), printable(&diagnostic.message));
    if let Some(excerpt) = diagnostic.position.as_ref().and_then(|position| excerpt(position, source)) {
        text += &format!("\n{excerpt}");
    }
    if let Some(help) = &diagnostic.help {
        text += &format!("\n{place}: help: {}", printable(help));
    }
    for note in &diagnostic.notes {
        text += &format!("\n{}", self::text(note, source));
    }
    text
}

/// The source line, with a caret at the position.
fn excerpt(position: &Position, source: Option<&Source>) -> Option<String> {
    let source = source.filter(|source| position.line > 0 && position.file == source.name)?;
    let contents = String::from_utf8_lossy(&source.contents);
    let line = contents.lines().nth(position.line as usize - 1)?;
    // MLIR columns count bytes, from 1.
    let at = (position.column.max(1) as usize - 1).min(line.len());
    let at = line.char_indices().take_while(|(start, c)| start + c.len_utf8() <= at).count();
    let characters: Vec<char> = line.chars().collect();
    let first = if characters.len() <= WIDTH { 0 } else { at.saturating_sub(WIDTH / 2) };
    let shown = &characters[first..(first + WIDTH).min(characters.len())];
    let Excerpt { line, indent } = Excerpt::new(shown, at - first);
    Some(format!("{line}\n{indent}^"))
}

/// The fields of a JSON record, with their contents.
pub const FIELDS: &[(&str, &str)] = &[
    ("severity", "`error`, `warning`, `note` or `remark`"),
    ("code", "one of the codes; null for notes, remarks and MLIR's own warnings"),
    ("message", "the problem"),
    ("help", "how to fix it, or null"),
    ("file", "the source file, or null, for example for errors in the command line"),
    ("line", "the line, from 1, or null"),
    ("column", "the column, from 1, in bytes, or null"),
    ("notes", "further information, with other locations: a list of records with the same fields"),
    (
        "data",
        "only in remarks: an object whose field `about` is the kind of the remark. With `ad-report`, `kind` is `derivative`, \
        `kept`, `computed again`, `extents` or `choice`, and `bytes` is a formula; lines up to the next `derivative` belong to one",
    ),
];

fn json(diagnostic: &DiagnosticRecord) -> Value {
    let position = diagnostic.position.as_ref();
    let number = |of: fn(&Position) -> u32| position.map(of).filter(|number| *number > 0);
    let mut record = json!({
        "severity": diagnostic.severity.name(),
        "code": diagnostic.code.map(DiagnosticCode::name),
        "message": diagnostic.message,
        "help": diagnostic.help,
        "file": position.map(|position| Cow::from(position.file.as_str())),
        "line": number(|position| position.line),
        "column": number(|position| position.column),
        "notes": diagnostic.notes.iter().map(json).collect::<Vec<_>>(),
    });
    if let (Some(figures), Some(fields)) = (&diagnostic.data, record.as_object_mut()) {
        let data = figures.iter().map(|(name, figure)| ((*name).to_owned(), of_figure(figure)));
        fields.insert("data".into(), Value::Object(data.collect()));
    }
    record
}

fn of_figure(figure: &Figure) -> Value {
    match figure {
        Figure::Text(text) => json!(text),
        Figure::Number(number) => json!(number),
        Figure::Texts(texts) => json!(texts),
    }
}
