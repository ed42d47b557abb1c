//! Writes all output, or nothing.

use dp_dialects::{Diagnostic, Result};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

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
            files.push(prepare(path, contents).map_err(|error| refused(path, &error))?);
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

/// A complete file under a temporary name; or one that was written directly.
struct Prepared {
    temporary: Option<NamedTempFile>,
    path: PathBuf,
}

impl Prepared {
    fn finish(self) -> Result<()> {
        let Some(temporary) = self.temporary else { return Ok(()) };
        temporary.persist(&self.path).map_err(|error| refused(&self.path, &error.error))?;
        Ok(())
    }
}

fn prepare(path: &Path, contents: &[u8]) -> io::Result<Prepared> {
    let mut prepared = Prepared { temporary: None, path: path.into() };
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        // Devices and pipes are written directly.
        Ok(metadata) if !metadata.is_file() => fs::write(path, contents)?,
        Ok(_) | Err(_) => {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let mut file = tempfile::Builder::new().prefix(".dpc-").permissions(permissions()).tempfile_in(folder)?;
            file.write_all(contents)?;
            prepared.temporary = Some(file);
        }
    }
    Ok(prepared)
}

/// A diagnostic for a file that cannot be written.
pub fn refused(path: &Path, error: &io::Error) -> Diagnostic {
    let message = match error.kind() {
        io::ErrorKind::NotFound => "no such directory".into(),
        kind => kind.to_string(),
    };
    Diagnostic::io(format!("cannot write {}: {message}", path.display())).help("choose a file in a writable directory")
}

/// The permissions of output: readable and writable for all, less the process's mask. Executable bits are not needed to
/// map a library.
fn permissions() -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}
