//! What can go wrong.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use dp_abi::{DiagnosticCode, Help};
use thiserror::Error;

use super::ArrayType;

/// Why a plugin did not do what was asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is not a shared library, or something that it needs is missing.
    #[error("cannot load {}: {source}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: libloading::Error,
    },
    /// It is a library, but not a plugin.
    #[error("{} has no function `GetPjrtApi`, or it returns nothing", path.display())]
    NoPlugin {
        /// The file.
        path: PathBuf,
    },
    /// The plugin's version of the API is not one that is known to work.
    #[error(
        "{} has version {major}.{minor} of the PJRT API; versions {known_major}.{} to {known_major}.{} work",
        path.display(), known.start(), known.end()
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// The first number of its version.
        major: i32,
        /// The second.
        minor: i32,
        /// The first number that works.
        known_major: i32,
        /// The second numbers that work.
        known: RangeInclusive<i32>,
    },
    /// The plugin leaves out a function that is needed.
    #[error("the plugin has no function `{function}`")]
    Function {
        /// The function's name in C.
        function: &'static str,
    },
    /// The plugin itself says what is wrong.
    #[error("{action}: {message}")]
    Plugin {
        /// What was asked, as "cannot compile the program".
        action: &'static str,
        /// The kind of error.
        code: Code,
        /// The plugin's words.
        message: String,
    },
    /// The plugin answered with something that the API does not allow.
    #[error("{action}: the plugin gives {answer}")]
    Answer {
        /// What was asked.
        action: &'static str,
        /// What it answered.
        answer: String,
    },
    /// There is nothing to run on.
    #[error("the plugin's client has no device in this process")]
    NoDevice,
    /// The program gives something other than its signature says.
    #[error("the program's results are ({}), its signature says ({})", list(given), list(expected))]
    Signature {
        /// What the signature says.
        expected: Vec<ArrayType>,
        /// What the program gives.
        given: Vec<String>,
    },
    /// Too few or too many arguments.
    #[error("the program takes {expected} arguments, and is given {given}")]
    Count {
        /// How many it takes.
        expected: usize,
        /// How many there are.
        given: usize,
    },
    /// An argument of the wrong type or shape.
    #[error("argument {index} of the program has type {expected}, and is given {given}")]
    Argument {
        /// Which argument, from 0.
        index: usize,
        /// Its type.
        expected: ArrayType,
        /// The type that it is given.
        given: ArrayType,
    },
    /// An argument on the device of another client.
    #[error("argument {index} lies in a buffer of another client")]
    OtherClient {
        /// Which argument, from 0.
        index: usize,
    },
    /// An array is larger than memory.
    #[error("an array of type {array} does not fit into memory")]
    TooLarge {
        /// The type of the array.
        array: ArrayType,
    },
}

impl Help for Error {
    fn code(&self) -> DiagnosticCode {
        match self {
            Error::Plugin { code: Code::ResourceExhausted, .. } | Error::TooLarge { .. } => DiagnosticCode::Limit,
            Error::Plugin { code: Code::Unimplemented, .. } => DiagnosticCode::Unsupported,
            Error::Count { .. } | Error::Argument { .. } | Error::OtherClient { .. } => DiagnosticCode::Request,
            Error::Open { .. }
            | Error::NoPlugin { .. }
            | Error::Version { .. }
            | Error::Function { .. }
            | Error::Plugin { .. }
            | Error::Answer { .. }
            | Error::NoDevice
            | Error::Signature { .. } => DiagnosticCode::Io,
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            Error::NoPlugin { .. } => "give the path of a PJRT plugin",
            Error::Function { .. } => "use another version of it",
            Error::OtherClient { .. } => "upload it with the program's own client",
            Error::Open { .. }
            | Error::Version { .. }
            | Error::Plugin { .. }
            | Error::Answer { .. }
            | Error::NoDevice
            | Error::Signature { .. }
            | Error::Count { .. }
            | Error::Argument { .. }
            | Error::TooLarge { .. } => return None,
        };
        Some(help.into())
    }
}

/// The kind of a plugin's error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Code {
    /// No kind in particular: XLA says so of programs that do not parse.
    Unknown,
    /// The caller's mistake.
    InvalidArgument,
    /// What was asked for is not there.
    NotFound,
    /// Too little memory, most often.
    ResourceExhausted,
    /// Something has to be done first.
    FailedPrecondition,
    /// The plugin cannot do it.
    Unimplemented,
    /// The plugin's own mistake.
    Internal,
    /// Another kind, by the number that the API gives it; 0 where the plugin gives none.
    Other(i32),
}

impl Code {
    pub(super) fn new(number: i32) -> Code {
        match number {
            2 => Code::Unknown,
            3 => Code::InvalidArgument,
            5 => Code::NotFound,
            8 => Code::ResourceExhausted,
            9 => Code::FailedPrecondition,
            12 => Code::Unimplemented,
            13 => Code::Internal,
            other => Code::Other(other),
        }
    }
}

fn list<T: ToString>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}
