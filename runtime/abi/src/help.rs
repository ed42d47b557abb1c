//! Errors with a code and a help.

use crate::diagnostic_code::DiagnosticCode;
use std::error::Error;

/// An error with a code and a help. Its `Display` is the message.
pub trait Help: Error {
    /// The code.
    fn code(&self) -> DiagnosticCode;

    /// How to fix it, if there is advice.
    fn help(&self) -> Option<String>;
}

/// The separator in status messages, which contain message and help in one C string: `message\nhelp: help`.
pub const HELP: &str = "\nhelp: ";

/// The message for exhausted memory: the text of a status ends in this, after the source position.
pub const OUT_OF_MEMORY: &str = "out of memory";
