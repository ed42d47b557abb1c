//! The result of a compilation.

use super::request::Emit;
use dp_runtime::Array;
use dp_runtime::pjrt::Signature;

/// The result of a compilation.
#[derive(Clone, Debug, Default)]
pub struct Artifact {
    /// The output; `None` if the request only calls a function.
    pub emitted: Option<Emitted>,
    /// The results of the call; `None` if the request calls nothing.
    pub results: Option<Results>,
}

/// One output: a form of the program, or code compiled from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emitted {
    /// Its kind. After [`Request::stop_after`](super::Request::stop_after) it is [`Emit::Mlir`] for every step.
    pub kind: Emit,
    /// The contents of the file.
    pub contents: Vec<u8>,
    /// The C header, for a library.
    pub header: Option<Header>,
    /// For StableHLO: the signature of the entry, if all extents are static.
    pub signature: Option<Signature>,
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
    /// Pairs each result with its name.
    pub fn named(&self) -> impl Iterator<Item = (&str, &Array)> {
        self.names.iter().map(String::as_str).zip(&self.arrays)
    }
}
