//! The codes of errors of libraries, calls and value files.

use crate::library::{CallError, LoadError, UnknownFunction};
use crate::npy::{NpyError, Problem};
use crate::values::ReadError;
use dp_abi::{DiagnosticCode, Help, OUT_OF_MEMORY};

/// The first status of the host runtime of CUDA libraries; see `runtime/cuda/src/driver/status.rs`. Lower statuses are
/// checks of a library, numbered from 1.
const CUDA: i32 = 1 << 20;

impl Help for CallError {
    fn code(&self) -> DiagnosticCode {
        match self {
            CallError::Unknown(error) => error.code(),
            CallError::Count { .. } | CallError::Argument { .. } | CallError::NoPullback { .. } => {
                DiagnosticCode::Request
            }
            CallError::Memory { .. } | CallError::Workspace { .. } => DiagnosticCode::Limit,
            CallError::Status { status, message, .. } => match status.saturating_sub(CUDA) {
                ..0 if message.ends_with(OUT_OF_MEMORY) => DiagnosticCode::Limit,
                ..0 => DiagnosticCode::RunTime,
                // Device memory, and grid limits.
                3 | 5 => DiagnosticCode::Limit,
                6 | 7 => DiagnosticCode::Internal,
                _ => DiagnosticCode::Io,
            },
        }
    }

    /// None: the message of a status contains its help, after [`HELP`](dp_abi::HELP).
    fn help(&self) -> Option<String> {
        None
    }
}

impl Help for UnknownFunction {
    fn code(&self) -> DiagnosticCode {
        DiagnosticCode::Request
    }

    /// None: the message lists the functions.
    fn help(&self) -> Option<String> {
        None
    }
}

impl Help for LoadError {
    fn code(&self) -> DiagnosticCode {
        match self {
            LoadError::File { .. } | LoadError::Load { .. } => DiagnosticCode::Io,
        }
    }

    fn help(&self) -> Option<String> {
        None
    }
}

impl Help for NpyError {
    fn code(&self) -> DiagnosticCode {
        match self.problem {
            Problem::Io(_) | Problem::Magic | Problem::Header | Problem::Truncated { .. } => DiagnosticCode::Io,
            Problem::Type(_) => DiagnosticCode::Unsupported,
            Problem::Memory(_) => DiagnosticCode::Limit,
        }
    }

    fn help(&self) -> Option<String> {
        None
    }
}

impl Help for ReadError {
    fn code(&self) -> DiagnosticCode {
        match self {
            ReadError::File { error, .. } => error.code(),
            ReadError::Depth => DiagnosticCode::Limit,
            ReadError::Brackets(_)
            | ReadError::Count { .. }
            | ReadError::ScalarType { .. }
            | ReadError::Type { .. }
            | ReadError::Ragged { .. } => DiagnosticCode::Request,
        }
    }

    fn help(&self) -> Option<String> {
        None
    }
}
