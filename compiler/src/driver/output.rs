//! Output: all of it, or nothing.

use dp_dialects::Complaint;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Where output goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Standard output.
    Standard,
    /// A file.
    File(PathBuf),
}

impl Output {
    /// Writes all of the contents. A file appears, or is replaced, only when it is whole.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn write(&self, contents: &[u8]) -> Result<(), Complaint> {
        match self {
            Output::Standard => {
                let mut stdout = io::stdout().lock();
                match stdout.write_all(contents).and_then(|()| stdout.flush()) {
                    // Whoever reads may have seen enough.
                    Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                    Err(error) => Err(Complaint::new(format!("cannot write to standard output: {error}"))),
                    Ok(()) => Ok(()),
                }
            }
            Output::File(path) => replace(path, contents).map_err(|error| {
                Complaint::new(format!("cannot write {}: {}", path.display(), error.kind()))
                    .hint("does the folder exist, and may you write there?")
            }),
        }
    }
}

fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    // A device or a pipe is written as it is.
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        return fs::write(path, contents);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".dpc-").permissions(permissions()).tempfile_in(folder)?;
    file.write_all(contents)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// What a file that anybody may read and, if it is a library, map has, less the
/// process's mask.
fn permissions() -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}
