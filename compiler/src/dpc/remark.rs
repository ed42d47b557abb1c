//! Remarks: output about the compilation itself, such as times, memory use, and programs between steps.

use dp_driver::diagnostics::printable::{printable, printable_line};
use dp_driver::diagnostics::render::DiagnosticFormat;
use serde_json::{Value, json};

/// A remark about the compilation.
#[derive(Clone, Debug)]
pub struct Remark {
    /// The line, after the prefix.
    pub line: String,
    /// Further lines, printed as they are.
    pub body: Option<String>,
    /// The prefix of the line in text form.
    pub prefix: &'static str,
    /// The same as JSON: an object whose `about` is the kind.
    pub data: Value,
}

impl Remark {
    /// A remark of one line, with the prefix `dpc: `.
    pub fn new(line: impl Into<String>, data: Value) -> Remark {
        Remark { line: line.into(), body: None, prefix: "dpc: ", data }
    }

    /// Sets the prefix.
    pub fn prefix(self, prefix: &'static str) -> Remark {
        Remark { prefix, ..self }
    }

    /// Adds further lines in text form. In JSON, `data` contains them.
    pub fn body(self, body: impl Into<String>) -> Remark {
        Remark { body: Some(body.into()), ..self }
    }

    /// Renders the remark, without a final newline.
    pub fn render(&self, format: DiagnosticFormat) -> String {
        match format {
            DiagnosticFormat::Text => {
                let body =
                    self.body.as_ref().map_or_else(String::new, |body| format!("\n{}", printable(body.trim_end())));
                format!("{}{}{body}", self.prefix, printable_line(&self.line))
            }
            // The fields of every record, and `data`.
            DiagnosticFormat::Json => json!({
                "severity": "remark",
                "code": null,
                "message": self.line.split_whitespace().collect::<Vec<_>>().join(" "),
                "help": null,
                "file": null,
                "line": null,
                "column": null,
                "notes": [],
                "data": self.data,
            })
            .to_string(),
        }
    }
}
