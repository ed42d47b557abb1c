//! Errors that say of what class they are, and what to do about them.

use crate::diagnostic_code::DiagnosticCode;
use std::error::Error;

/// An error that says what is wrong, by its `Display`, and apart from that of what class it is and what to do.
pub trait Help: Error {
    /// Of what class it is.
    fn code(&self) -> DiagnosticCode;

    /// What to do, where there is something to say.
    fn help(&self) -> Option<String>;
}

/// What comes between the two in the text of a status, where C has one text for both: `what is wrong\nhelp: what to do`.
pub const HELP: &str = "\nhelp: ";

/// What a library says where there is not enough memory: its text ends in this, after the place in the program.
pub const OUT_OF_MEMORY: &str = "out of memory";
