//! Errors of the PJRT client.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use dp_abi::{DiagnosticCode, Help, Indivisible};
use thiserror::Error;

use super::ArrayType;

/// An error of a plugin or of its use.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is not a shared library, or a dependency is missing.
    #[error("cannot load {}: {source}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The error of the loader.
        source: libloading::Error,
    },
    /// The library is not a plugin.
    #[error("{} has no function `GetPjrtApi`, or it returns nothing", path.display())]
    NoPlugin {
        /// The file.
        path: PathBuf,
    },
    /// The plugin's API version is not supported.
    #[error(
        "{} has version {major}.{minor} of the PJRT API; supported are {known_major}.{} to {known_major}.{}",
        path.display(), known.start(), known.end()
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// The major version.
        major: i32,
        /// The minor version.
        minor: i32,
        /// The supported major version.
        known_major: i32,
        /// The supported minor versions.
        known: RangeInclusive<i32>,
    },
    /// The plugin lacks a required function.
    #[error("the plugin has no function `{function}`")]
    Function {
        /// The function's name in C.
        function: &'static str,
    },
    /// The plugin returned an error.
    #[error("{action}: {message}")]
    Plugin {
        /// The failed action, as in "cannot compile the program".
        action: &'static str,
        /// The kind of error.
        code: Code,
        /// The plugin's message.
        message: String,
    },
    /// The plugin violated the API.
    #[error("{action}: unexpected answer of the plugin: {answer}")]
    Answer {
        /// The action.
        action: &'static str,
        /// The violation.
        answer: String,
    },
    /// There are no devices.
    #[error("the plugin's client has no device in this process")]
    NoDevice,
    /// There are fewer devices than a program needs.
    #[error("the program needs {expected} devices, but the plugin has {given} in this process")]
    Devices {
        /// The number of devices of the program.
        expected: usize,
        /// The number of devices of the plugin.
        given: usize,
    },
    /// A program that is divided over devices was given buffers on one.
    #[error("the program is divided over {devices} devices, and the buffers are on one")]
    Divided {
        /// The number of devices.
        devices: usize,
    },
    /// An array cannot be divided into equal parts.
    #[error("array {index} of the signature cannot be divided: {source}")]
    Indivisible {
        /// The index among the arguments or among the results.
        index: usize,
        /// The reason.
        source: Indivisible,
    },
    /// The results do not match the signature.
    #[error("the program's results are ({}), but its signature has ({})", list(given), list(expected))]
    Signature {
        /// The results in the signature.
        expected: Vec<ArrayType>,
        /// The results of the program.
        given: Vec<String>,
    },
    /// The number of arguments is wrong.
    #[error("the program takes {expected} arguments, but got {given}")]
    Count {
        /// The expected number.
        expected: usize,
        /// The given number.
        given: usize,
    },
    /// An argument has the wrong type or shape.
    #[error("argument {index} of the program has type {expected}, but the value has type {given}")]
    Argument {
        /// The index of the argument.
        index: usize,
        /// The expected type.
        expected: ArrayType,
        /// The given type.
        given: ArrayType,
    },
    /// An argument belongs to another client.
    #[error("the buffer of argument {index} belongs to another client")]
    OtherClient {
        /// The index of the argument.
        index: usize,
    },
    /// A run-time check of the program failed.
    #[error("{message}")]
    Status {
        /// The status, from 1.
        status: i32,
        /// Its message, with its location first.
        message: String,
    },
    /// An array is too large.
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
            Error::Count { .. }
            | Error::Argument { .. }
            | Error::OtherClient { .. }
            | Error::Devices { .. }
            | Error::Divided { .. }
            | Error::Indivisible { .. } => DiagnosticCode::Request,
            Error::Status { .. } => DiagnosticCode::RunTime,
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
            Error::Devices { .. } => "use fewer devices, or another plugin",
            Error::Divided { .. } => "use `run`, which takes arrays and divides them",
            Error::Indivisible { .. } => "pad the array, or divide another dimension",
            Error::OtherClient { .. } => "upload it with the client that compiled the program",
            Error::Open { .. }
            | Error::Version { .. }
            | Error::Plugin { .. }
            | Error::Answer { .. }
            | Error::NoDevice
            | Error::Signature { .. }
            | Error::Count { .. }
            | Error::Argument { .. }
            | Error::Status { .. }
            | Error::TooLarge { .. } => return None,
        };
        Some(help.into())
    }
}

/// The error code of a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Code {
    /// Unknown; XLA's code for programs that do not parse.
    Unknown,
    /// An invalid argument.
    InvalidArgument,
    /// Not found.
    NotFound,
    /// Resource exhausted, usually out of memory.
    ResourceExhausted,
    /// A precondition failed.
    FailedPrecondition,
    /// Not implemented.
    Unimplemented,
    /// An internal error of the plugin.
    Internal,
    /// Another code, by its number; 0 if there is none.
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
