//! Libraries that were compiled before, called by their own description.

use crate::function::Function;
use dp_runtime::LoadError;
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;

/// Loads a library: its name and its functions, those aside that only pullbacks call.
///
/// # Errors
/// If the file is not such a library.
#[pyfunction]
pub fn load(py: Python, path: PathBuf) -> PyResult<(String, Vec<Function>)> {
    let opened = py.detach(|| dp_runtime::Library::open(&path));
    let library = Arc::new(opened.map_err(|error: LoadError| match error {
        LoadError::File { ref source, .. } => match source {
            dp_runtime::FileError::Read(read) => PyErr::from(std::io::Error::new(read.kind(), error.to_string())),
            _ => PyOSError::new_err(error.to_string()),
        },
        LoadError::Load { .. } => PyOSError::new_err(error.to_string()),
    })?);
    let functions = library.abi().functions().iter().enumerate();
    let called = functions.filter(|(_, function)| function.held_arguments() == 0 || function.pullback.is_none());
    let functions = called.map(|(index, _)| Function::of_library(py, &library, index)).collect::<PyResult<_>>()?;
    Ok((library.abi().name().to_owned(), functions))
}
