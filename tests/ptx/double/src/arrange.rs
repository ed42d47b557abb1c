//! For tests: where the library lies, and under which name a program finds it.

use std::io;
use std::path::{Path, PathBuf};

const NAME: &str = "libdp_cuda_double.so";

/// The library, beside the executable that asks, as Cargo lays things out: the folder of the executable, the one above
/// it, and `deps` in both.
pub fn library() -> io::Result<PathBuf> {
    let executable = std::env::current_exe()?;
    let folders = executable.ancestors().skip(1).take(2).flat_map(|folder| [folder.to_path_buf(), folder.join("deps")]);
    folders.map(|folder| folder.join(NAME)).find(|file| file.is_file()).ok_or_else(|| {
        let hint = "build the package dp-cuda-double, or depend on it";
        io::Error::new(io::ErrorKind::NotFound, format!("{NAME} is not near {}; {hint}", executable.display()))
    })
}

/// Makes a folder in which the library is called `libcuda.so.1`, and `libcuda.so`, which some programs try first. It is
/// for `LD_LIBRARY_PATH`. Links that are there are made anew.
pub fn arrange(folder: &Path) -> io::Result<()> {
    let library = library()?;
    std::fs::create_dir_all(folder)?;
    for name in ["libcuda.so.1", "libcuda.so"] {
        let link = folder.join(name);
        match std::fs::remove_file(&link) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => std::os::unix::fs::symlink(&library, &link)?,
        }
    }
    Ok(())
}
