//! Linking of shared libraries, with the system's linker or LLVM's.

use crate::Error;
use ar_archive_writer::{ArchiveKind, DEFAULT_OBJECT_READER, NewArchiveMember, write_archive_to_stream};
use std::env;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names of linkers, in search order. For a small object, GNU ld is faster than LLD.
const NAMES: [&str; 3] = ["ld.bfd", "ld.lld", "ld.lld-22"];

/// The directories of the C library.
const FOLDERS: [&str; 6] =
    ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib"];

/// The path of the linker: the value of DP_LD, or the first of the names that is found in `PATH` or in the directory of
/// the LLVM installation that this compiler was built with.
///
/// # Errors
/// If no linker is found.
pub fn linker() -> Result<PathBuf, Error> {
    if let Some(named) = env::var_os("DP_LD") {
        return Ok(named.into());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path).chain([Path::new(dp_dialects::LLVM).join("bin")]).collect();
    NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|candidate| candidate.is_file())
        .ok_or(Error::NoLinker)
}

/// The contents of `libNAME.a`, from one object: an archive with a symbol index, without times and users, so that it is
/// deterministic.
pub(crate) fn archive(object: &[u8], name: &str) -> Result<Vec<u8>, Error> {
    let member = NewArchiveMember::new(object, &DEFAULT_OBJECT_READER, format!("{name}.o"));
    let mut bytes = Cursor::new(Vec::new());
    write_archive_to_stream(&mut bytes, &[member], ArchiveKind::Gnu, false, None)?;
    Ok(bytes.into_inner())
}

/// The contents of `libNAME.so`, from its objects. It depends on libc, on libm and the dynamic loader if it calls them,
/// and on libgcc_s if additional inputs need it.
pub(crate) fn shared_library(objects: &[&[u8]], name: &str) -> Result<Vec<u8>, Error> {
    let linker = linker()?;
    let folder = tempfile::tempdir()?;
    let output = folder.path().join("library.so");
    let mut command = Command::new(&linker);
    command.args(["-shared", "--no-undefined", "--as-needed", "-z", "now", "-z", "noexecstack", "--gc-sections"]);
    command.args(["--exclude-libs", "ALL"]);
    command.args(["--build-id=none", "--hash-style=gnu", "-Bsymbolic", "-soname"]).arg(format!("lib{name}.so"));
    command.arg("-o").arg(&output);
    for (index, object) in objects.iter().enumerate() {
        // Archives are recognized by their magic number.
        let kind = if object.starts_with(b"!<arch>") { "a" } else { "o" };
        let input = folder.path().join(format!("{index}.{kind}"));
        fs::write(&input, object)?;
        command.arg(input);
    }
    for library in ["libm.so.6", "libc.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2"] {
        let found = FOLDERS.iter().map(|folder| Path::new(folder).join(library)).find(|path| path.is_file());
        command.args(found);
    }
    let outcome =
        command.output().map_err(|error| Error::Link(format!("cannot run '{}': {error}", linker.display())))?;
    if !outcome.status.success() {
        return Err(Error::Link(String::from_utf8_lossy(&outcome.stderr).trim().to_string()));
    }
    Ok(fs::read(&output)?)
}
