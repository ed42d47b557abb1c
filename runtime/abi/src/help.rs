//! Errors that say what to do about them.

use std::error::Error;

/// An error that says what is wrong, by its `Display`, and apart from that what to do.
pub trait Help: Error {
    /// What to do, where there is something to say.
    fn help(&self) -> Option<String>;
}

/// What comes between the two in the text of a status, where C has one text for both: `what is wrong\nhelp: what to do`.
pub const HELP: &str = "\nhelp: ";
