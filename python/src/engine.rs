//! What executes a function: a library in memory; or, for targets that make none, an executable of XLA or the
//! interpreter. The last two copy arguments and results.

use crate::errors;
use crate::options::Driver;
use dp_abi::Argument;
use dp_driver::failure::of_option;
use dp_driver::targets::Interp;
use dp_driver::targets::xla::extents;
use dp_driver::{Arguments, CallRequest, Diagnostic, DiagnosticRecord, Emit, Request, Session, Source};
use dp_passes::specialize::Fixed;
use dp_runtime::pjrt::Executable;
use dp_runtime::{Array, CallError, DiagnosticCode, Help, Library, pjrt};
use pyo3::exceptions::{PyMemoryError, PyTypeError};
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// What executes a function.
pub enum Engine {
    /// A function of a library.
    Library {
        /// The library.
        library: Arc<Library>,
        /// The position of the function.
        index: usize,
    },
    /// A program for XLA.
    Xla(Compiler),
    /// A program for the interpreter.
    Interp(Interpreter),
}

/// A program that is compiled for each combination of extents.
pub struct Compiler {
    /// The program.
    pub source: Source,
    /// The request, without extents.
    pub request: Request,
    /// The function.
    pub function: String,
    /// The arguments.
    pub arguments: Vec<Argument>,
    /// The target.
    pub driver: Driver,
    /// The plugin of PJRT.
    pub plugin: PathBuf,
    /// The executables, by the extents that were open.
    pub executables: Mutex<Vec<(Vec<Fixed>, Executable)>>,
}

/// A program that is interpreted from its source in each call.
pub struct Interpreter {
    /// The program.
    pub source: Source,
    /// The request, with the derivatives.
    pub request: Request,
    /// The function.
    pub function: String,
}

/// Why a call failed.
pub enum Failed {
    /// The program returned a status.
    Status(DiagnosticCode, String),
    /// The program could not be compiled for the extents of a call, or interpreted.
    Diagnostics(Vec<DiagnosticRecord>),
    /// There is not enough memory.
    Memory(String),
    /// A call that the callers of an engine do not make.
    Call(String),
}

impl Failed {
    /// The exception.
    pub fn raise(self, py: Python, source: Option<&Source>) -> PyErr {
        match self {
            Failed::Status(code, message) => errors::run_error(py, code, message),
            Failed::Diagnostics(records) => errors::run_errors(py, &records, source),
            Failed::Memory(message) => PyMemoryError::new_err(message),
            Failed::Call(message) => PyTypeError::new_err(message),
        }
    }
}

impl From<CallError> for Failed {
    fn from(error: CallError) -> Failed {
        match error {
            CallError::Status { ref message, .. } => Failed::Status(error.code(), message.clone()),
            CallError::Memory { .. } | CallError::Workspace { .. } => Failed::Memory(error.to_string()),
            CallError::Unknown(_)
            | CallError::NoPullback { .. }
            | CallError::Count { .. }
            | CallError::Argument { .. } => Failed::Call(error.to_string()),
        }
    }
}

impl From<Diagnostic> for Failed {
    fn from(diagnostic: Diagnostic) -> Failed {
        Failed::Diagnostics(vec![diagnostic.into()])
    }
}

impl Compiler {
    /// Runs the function, which is compiled if there is no executable for these extents.
    pub fn run(&self, arguments: &[Array]) -> Result<Vec<Array>, Failed> {
        let executable = self.executable(extents(&self.arguments, arguments))?;
        executable.run(arguments).map_err(|error| match &error {
            pjrt::Error::Status { message, .. } => Failed::Status(error.code(), message.clone()),
            _ => of_option(&self.function, &error).into(),
        })
    }

    fn executable(&self, extents: Vec<Fixed>) -> Result<Executable, Failed> {
        let lock = || self.executables.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, executable)) = lock().iter().find(|(of, _)| *of == extents) {
            return Ok(executable.clone());
        }
        let executable = self.compile(&extents)?;
        lock().push((extents, executable.clone()));
        Ok(executable)
    }

    /// Compiles the function for extents that its types leave open.
    pub fn compile(&self, extents: &[Fixed]) -> Result<Executable, Failed> {
        let specialize = self.request.specialize.iter().chain(extents).cloned().collect();
        let request = Request { specialize, emit: Some(Emit::Stablehlo), ..self.request.clone() };
        let made = Session::new().compile(&self.source, &*self.driver, &request).map_err(Failed::Diagnostics)?;
        let Some(emitted) = made.emitted else { return Err(Diagnostic::internal("there is no StableHLO").into()) };
        let signature = emitted.signature.ok_or_else(|| {
            let message = format!("'{}' has a result whose extents depend on values", self.function);
            Diagnostic::unsupported(message).help("XLA needs static extents; use the target cpu")
        })?;
        let failed = |error: pjrt::Error| Failed::from(of_option(&self.function, &error));
        let client = dp_xla::plugin(&self.plugin).and_then(|plugin| plugin.client()).map_err(failed)?;
        client.compile(&String::from_utf8_lossy(&emitted.contents), signature).map_err(failed)
    }
}

impl Interpreter {
    /// Interprets the function.
    pub fn run(&self, arguments: &[Array]) -> Result<Vec<Array>, Failed> {
        let call = CallRequest { function: self.function.clone(), arguments: Arguments::Arrays(arguments.to_vec()) };
        let request = Request { call: Some(call), ..self.request.clone() };
        let made = Session::new().compile(&self.source, &Interp, &request).map_err(Failed::Diagnostics)?;
        Ok(made.results.map(|results| results.arrays).unwrap_or_default())
    }
}
