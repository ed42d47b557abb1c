//! What a compilation gives.

use super::request::Emit;
use dp_runtime::Array;

/// What a compilation gives.
#[derive(Clone, Debug, Default)]
pub struct Artifact {
    /// What was emitted; none where the request only calls a function.
    pub emitted: Option<Emitted>,
    /// What the call returned; none where the request calls nothing.
    pub results: Option<Results>,
}

/// A form of the program, or what was compiled from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emitted {
    /// What it is. After [`Request::stop_after`](super::Request::stop_after) it is [`Emit::Mlir`], whatever the step.
    pub kind: Emit,
    /// The contents of its file.
    pub contents: Vec<u8>,
    /// Beside a library, its C header.
    pub header: Option<Header>,
}

/// The C header of a library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The name of the library.
    pub library: String,
    /// The header.
    pub text: String,
}

/// The results of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    /// The names of the function's results.
    pub names: Vec<String>,
    /// Their values, in the same order.
    pub arrays: Vec<Array>,
}

impl Results {
    /// The results by their names.
    pub fn named(&self) -> impl Iterator<Item = (&str, &Array)> {
        self.names.iter().map(String::as_str).zip(&self.arrays)
    }
}
