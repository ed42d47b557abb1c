//! Where `dpc` prints diagnostics and remarks: standard error, of which every line is a record of JSON where the user
//! wants JSON. Nothing else of `dpc` writes there.

use super::remark::Remark;
use dp_driver::diagnostics::render::{DiagnosticFormat, render};
use dp_driver::{DiagnosticRecord, Source};
use std::io::Write as _;

/// Standard error, and how diagnostics look there.
#[derive(Clone, Copy, Debug)]
pub struct Console<'s> {
    format: DiagnosticFormat,
    source: Option<&'s Source>,
}

impl<'s> Console<'s> {
    /// A console whose diagnostics show lines of the program, once it has been read.
    pub fn new(format: DiagnosticFormat, source: Option<&'s Source>) -> Console<'s> {
        Console { format, source }
    }

    /// Prints a diagnostic.
    pub fn print(&self, diagnostic: &DiagnosticRecord) {
        write(&render(diagnostic, self.format, self.source));
    }

    /// Prints a remark.
    pub fn remark(&self, remark: &Remark) {
        write(&remark.render(self.format));
    }
}

/// Writes lines to standard error. A reader who has seen enough may close it.
fn write(lines: &str) {
    let _ = writeln!(std::io::stderr(), "{lines}");
}
