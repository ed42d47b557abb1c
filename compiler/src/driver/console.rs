//! Where `dpc` prints diagnostics and remarks: standard error, of which every line is a record of JSON where the user
//! wants JSON. Nothing else of `dpc` writes there.

use crate::diagnostics::remark::Remark;
use crate::diagnostics::render::{DiagnosticFormat, SourceText, render};
use crate::diagnostics::{DiagnosticRecord, collect};
use melior::Context;
use std::cell::RefCell;
use std::io::Write as _;
use std::rc::Rc;

/// Standard error, and how diagnostics look there.
#[derive(Clone, Debug)]
pub struct Console {
    format: DiagnosticFormat,
    source: Rc<RefCell<SourceText>>,
}

impl Console {
    /// A console on which nothing is known of the program yet.
    pub fn new(format: DiagnosticFormat) -> Console {
        Console { format, source: Rc::default() }
    }

    /// Diagnostics show lines of this program from now on.
    pub fn show(&self, file: &str, text: &[u8]) {
        *self.source.borrow_mut() = SourceText { file: file.into(), text: String::from_utf8_lossy(text).into_owned() };
    }

    /// Prints a diagnostic.
    pub fn print(&self, diagnostic: &DiagnosticRecord) {
        write(&render(diagnostic, self.format, &self.source.borrow()));
    }

    /// Prints a remark.
    pub fn remark(&self, remark: &Remark) {
        write(&remark.render(self.format));
    }

    /// Prints MLIR's diagnostics of a context from now on.
    pub fn attach(&self, context: &Context) {
        let console = self.clone();
        collect::attach(context, move |diagnostic| console.print(&diagnostic));
    }
}

/// Writes lines to standard error. A reader who has seen enough may close it.
fn write(lines: &str) {
    let _ = writeln!(std::io::stderr(), "{lines}");
}
