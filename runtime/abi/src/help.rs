//! Errors with a help text.

use std::error::Error;

/// An error whose `Display` is the message, with a separate help text.
pub trait Help: Error {
    /// The help text, if any.
    fn help(&self) -> Option<String>;
}

/// Separates message and help in the text of a status, since C has one text for both: `message\nhelp: text`.
pub const HELP: &str = "\nhelp: ";
