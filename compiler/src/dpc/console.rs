//! Prints diagnostics and remarks to standard error. With JSON, every line there is one record. All output of `dpc` to
//! standard error passes through here.

use super::remark::Remark;
use dp_driver::diagnostics::render::{DiagnosticFormat, render};
use dp_driver::{DiagnosticRecord, Source};
use std::io::Write as _;

/// Standard error and its format.
#[derive(Clone, Copy, Debug)]
pub struct Console<'s> {
    format: DiagnosticFormat,
    source: Option<&'s Source>,
}

impl<'s> Console<'s> {
    /// A console. Diagnostics show source lines if the program was read.
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

/// Writes lines to standard error. The reader may close it early.
fn write(lines: &str) {
    let _ = writeln!(std::io::stderr(), "{lines}");
}
