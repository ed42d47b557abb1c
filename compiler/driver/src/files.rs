//! Output files, written all or none, and the names of libraries and headers.

use dp_dialects::{Diagnostic, Result};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The library name for a file: `NAME` for `libNAME.so`.
pub fn library_name(path: &Path) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    stem.strip_prefix("lib").map(str::to_owned).unwrap_or(stem)
}

/// The header next to a library; `None` next to a device such as `/dev/null`.
pub fn header_beside(path: &Path, name: &str) -> Option<PathBuf> {
    let is_device = path.metadata().is_ok_and(|found| !found.is_file() && !found.is_dir());
    (!is_device).then(|| path.with_file_name(format!("{name}.h")))
}

/// A complete file under a temporary name; or one that was written directly.
#[derive(Debug)]
pub struct Prepared {
    temporary: Option<NamedTempFile>,
    path: PathBuf,
}

impl Prepared {
    /// Gives the file its name.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(self) -> Result<()> {
        let Some(temporary) = self.temporary else { return Ok(()) };
        temporary.persist(&self.path).map_err(|error| refused(&self.path, &error.error))?;
        Ok(())
    }
}

/// Writes a file under a temporary name; devices and pipes directly.
///
/// # Errors
/// If it cannot be written.
pub fn prepare(path: &Path, contents: &[u8]) -> Result<Prepared> {
    write(path, contents).map_err(|error| refused(path, &error))
}

/// Writes files, all or none.
///
/// # Errors
/// If one cannot be written.
pub fn write_all(files: &[(PathBuf, Vec<u8>)]) -> Result<()> {
    let prepared: Vec<Prepared> =
        files.iter().map(|(path, contents)| prepare(path, contents)).collect::<Result<_>>()?;
    prepared.into_iter().try_for_each(Prepared::finish)
}

fn write(path: &Path, contents: &[u8]) -> io::Result<Prepared> {
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
