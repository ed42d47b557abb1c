//! What the compiler says of its own work where it is asked to: times, memory, programs between steps.

use dp_driver::diagnostics::printable::{printable, printable_line};
use dp_driver::diagnostics::render::DiagnosticFormat;
use serde_json::{Value, json};

/// Something that the compiler says of its own work.
#[derive(Clone, Debug)]
pub struct Remark {
    /// The line that says it, after what begins it.
    pub line: String,
    /// The lines that follow, as they are, where there are more.
    pub body: Option<String>,
    /// What begins the line as text.
    pub prefix: &'static str,
    /// The same as data, an object whose `about` says of what kind it is.
    pub data: Value,
}

impl Remark {
    /// A remark of one line, `dpc: …` as text.
    pub fn new(line: impl Into<String>, data: Value) -> Remark {
        Remark { line: line.into(), body: None, prefix: "dpc: ", data }
    }

    /// The same, which begins otherwise as text.
    pub fn prefix(self, prefix: &'static str) -> Remark {
        Remark { prefix, ..self }
    }

    /// The same, with lines that follow as text. As JSON `data` holds them.
    pub fn body(self, body: impl Into<String>) -> Remark {
        Remark { body: Some(body.into()), ..self }
    }

    /// The remark as it is printed, without the end of its last line.
    pub fn render(&self, format: DiagnosticFormat) -> String {
        match format {
            DiagnosticFormat::Text => {
                let body =
                    self.body.as_ref().map_or_else(String::new, |body| format!("\n{}", printable(body.trim_end())));
                format!("{}{}{body}", self.prefix, printable_line(&self.line))
            }
            // The fields of every record, and its own.
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
