//! Exceptions. Their classes are in `diffprog/_errors.py`.

use dp_driver::diagnostics::render::{DiagnosticFormat, render};
use dp_driver::failure::{Failure, record};
use dp_driver::{DiagnosticCode, DiagnosticRecord, Source};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList, PyType};

static COMPILE_ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static RUN_ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();

/// The exception for a compilation that failed. It prints as `dpc` does, with the lines of the source.
pub fn compile_error(py: Python, records: &[DiagnosticRecord], source: Option<&Source>) -> PyErr {
    exception(py, &COMPILE_ERROR, "CompileError", records, source)
}

/// The exception for a compiled function that failed, given the message of its status.
pub fn run_error(py: Python, code: DiagnosticCode, message: String) -> PyErr {
    let records: Vec<DiagnosticRecord> = record(&Failure::AtRunTime { code, message }).into_iter().collect();
    run_errors(py, &records, None)
}

/// The exception for a call that failed.
pub fn run_errors(py: Python, records: &[DiagnosticRecord], source: Option<&Source>) -> PyErr {
    exception(py, &RUN_ERROR, "RunError", records, source)
}

fn exception(
    py: Python,
    class: &PyOnceLock<Py<PyType>>,
    name: &str,
    records: &[DiagnosticRecord],
    source: Option<&Source>,
) -> PyErr {
    let lines: Vec<String> = records.iter().map(|record| render(record, DiagnosticFormat::Text, source)).collect();
    let text = lines.join("\n");
    let made = || -> PyResult<PyErr> {
        let diagnostics =
            PyList::new(py, records.iter().map(|record| fields(py, record)).collect::<PyResult<Vec<_>>>()?)?;
        let class = class.import(py, "diffprog._errors", name)?;
        Ok(PyErr::from_value(class.call1((&text, diagnostics))?))
    };
    made().unwrap_or_else(|_| PyRuntimeError::new_err(text.clone()))
}

/// The fields of a diagnostic, with the names that `dpc --diagnostics=json` uses.
fn fields<'py>(py: Python<'py>, record: &DiagnosticRecord) -> PyResult<Bound<'py, PyDict>> {
    let position = record.position.as_ref();
    let number = |number: u32| (number > 0).then_some(number);
    let fields = PyDict::new(py);
    fields.set_item("severity", record.severity.name())?;
    fields.set_item("code", record.code.map(DiagnosticCode::name))?;
    fields.set_item("message", &record.message)?;
    fields.set_item("help", &record.help)?;
    fields.set_item("file", position.map(|position| &position.file))?;
    fields.set_item("line", position.and_then(|position| number(position.line)))?;
    fields.set_item("column", position.and_then(|position| number(position.column)))?;
    let notes = record.notes.iter().map(|note| self::fields(py, note)).collect::<PyResult<Vec<_>>>()?;
    fields.set_item("notes", notes)?;
    Ok(fields)
}
