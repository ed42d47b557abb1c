//! Formats the results of a call for printing and for files.

use super::destination;
use super::options::Format;
use dp_dialects::{Diagnostic, Result};
use dp_driver::Results;
use dp_runtime::{npy, values};

/// The contents of a result file.
///
/// # Errors
/// If there is not enough memory for an archive.
pub fn file(results: &Results, form: destination::Results) -> Result<Vec<u8>> {
    match form {
        destination::Results::Json => Ok(print(results, Format::Json).into_bytes()),
        destination::Results::Npy => Ok(results.arrays.iter().flat_map(npy::encode).collect()),
        destination::Results::Npz => npy::archive(results.named())
            .map_err(|error| Diagnostic::limit(format!("cannot write the results: {error}"))),
    }
}

/// The results as text, by name.
pub fn print(results: &Results, format: Format) -> String {
    match format {
        Format::Text => values::text(results.named()),
        Format::Json => values::json(results.named()),
    }
}
