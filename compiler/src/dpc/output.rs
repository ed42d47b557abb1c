//! Writes all output, or nothing.

use dp_dialects::{Diagnostic, Result};
use dp_driver::files::{Prepared, prepare};
use std::io::{self, Write};
use std::path::PathBuf;

/// A destination of output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Standard output.
    Standard,
    /// A file.
    File(PathBuf),
}

/// Writes outputs, all or none: files are first written under temporary names and renamed when all are complete.
///
/// # Errors
/// If a file cannot be written.
pub fn write_all(outputs: &[(Output, Vec<u8>)]) -> Result<()> {
    let mut files = Vec::new();
    for (output, contents) in outputs {
        if let Output::File(path) = output {
            files.push(prepare(path, contents)?);
        }
    }
    for (output, contents) in outputs {
        if *output == Output::Standard {
            print(contents)?;
        }
    }
    files.into_iter().try_for_each(Prepared::finish)
}

/// Writes to standard output.
fn print(contents: &[u8]) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(contents).and_then(|()| stdout.flush()) {
        // The reader may close the pipe early.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Diagnostic::io(format!("cannot write to standard output: {error}"))),
        Ok(()) => Ok(()),
    }
}
