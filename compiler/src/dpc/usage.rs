//! Converts command-line errors to diagnostics.

use clap::error::ErrorKind;
use dp_dialects::Diagnostic;
use dp_driver::DiagnosticRecord;
use dp_driver::diagnostics::render::DiagnosticFormat;
use std::error::Error as _;
use std::ffi::OsString;

/// The format of diagnostics that a command line asks for, even if it is invalid otherwise.
pub fn format(arguments: &[OsString]) -> DiagnosticFormat {
    let words: Vec<&str> = arguments.iter().map(|argument| argument.to_str().unwrap_or_default()).collect();
    let asks = |pair: &[&str]| pair[0] == "--diagnostics" && pair[1] == "json";
    match words.contains(&"--diagnostics=json") || words.windows(2).any(asks) {
        true => DiagnosticFormat::Json,
        false => DiagnosticFormat::Text,
    }
}

/// Converts an error of clap, whose text has paragraphs: the message with possible values; tips; usage; and a reference
/// to `--help`.
pub fn record(error: &clap::Error) -> DiagnosticRecord {
    let text = error.render().to_string();
    let (mut message, mut help) = (Vec::new(), Vec::new());
    for (index, paragraph) in text.trim_end().split("\n\n").enumerate() {
        for line in paragraph.lines().map(str::trim) {
            let values = line.strip_prefix('[').and_then(|line| line.strip_suffix(']'));
            match (values, line.strip_prefix("tip: ")) {
                (Some(values), _) => help.push(values),
                (_, Some(tip)) => help.push(tip),
                (None, None) if index == 0 => message.push(line.strip_prefix("error: ").unwrap_or(line)),
                // The usage helps if an argument is missing.
                (None, None) if error.kind() == ErrorKind::MissingRequiredArgument && line.starts_with("Usage") => {
                    help.push(line);
                }
                (None, None) => {}
            }
        }
    }
    // Our value parsers have help of their own.
    let advised = error.source().and_then(|source| source.downcast_ref::<Diagnostic>());
    help.extend(advised.and_then(|diagnostic| diagnostic.help.as_deref()));
    let help = if help.is_empty() { "`dpc --help` lists the options".into() } else { help.join("; ") };
    Diagnostic::request(message.join(" ")).help(help).into()
}
