//! Output: all of it, or nothing.

use dp_dialects::{Diagnostic, Result};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Where output goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Standard output.
    Standard,
    /// A file.
    File(PathBuf),
}

/// Writes outputs, all of them or none: each file is written under another name, and they take their own names when all
/// are whole.
///
/// # Errors
/// Where the system refuses.
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
        // Whoever reads may have seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Diagnostic::io(format!("cannot write to standard output: {error}"))),
        Ok(()) => Ok(()),
    }
}

/// A file that is whole, under another name yet; or one that needs no other.
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
        // A device or a pipe is written as it is.
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

/// Why a file is not written.
pub fn refused(path: &Path, error: &io::Error) -> Diagnostic {
    let message = match error.kind() {
        io::ErrorKind::NotFound => "no such directory".into(),
        kind => kind.to_string(),
    };
    Diagnostic::io(format!("cannot write {}: {message}", path.display())).help("choose a file in a writable directory")
}

/// What a file that anybody may read and, if it is a library, map has, less the
/// process's mask.
fn permissions() -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}
