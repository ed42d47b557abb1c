//! Checks of a library's file before it is loaded.
//!
//! Loading a shared library runs its code, and calls trust its description. So the file is first read as data: it must
//! be a complete ELF shared library for this machine that exports the description of a dpc library and all functions in
//! it.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use dp_abi::DescriptionError;
use object::{Architecture, Endianness, Object, ObjectKind, ObjectSegment, ObjectSymbol, SymbolKind};
use thiserror::Error;

/// A file is not a library that can be opened.
#[derive(Debug, Error)]
pub enum FileError {
    /// The file cannot be read.
    #[error("{0}")]
    Read(#[from] std::io::Error),
    /// A directory, a pipe or a device.
    #[error("it is not a regular file")]
    NotAFile,
    /// The file has no ELF header.
    #[error("it is not an ELF file")]
    NotElf,
    /// The ELF file is damaged.
    #[error("it is a damaged ELF file: {0}")]
    Damaged(String),
    /// An object, a program or a core dump.
    #[error("it is an ELF file, but not a shared library")]
    NotShared,
    /// The library is for another architecture.
    #[error("it is for another architecture ({0})")]
    Machine(String),
    /// The library has no description, so dpc did not write it.
    #[error("it exports no symbol `NAME__abi`, so it was not made by dpc")]
    NoDescription,
    /// The library has several descriptions, and none has the name of the file.
    #[error(
        "it exports several descriptions ({}), and the file name, libNAME.so, matches none",
        .0.join(", ")
    )]
    Ambiguous(Vec<String>),
    /// The description is of another version.
    #[error(transparent)]
    Description(#[from] DescriptionError),
    /// The name in the description is not that of its symbol.
    #[error("its symbol `{0}` describes another library, `{1}`")]
    OtherName(String, String),
    /// A function of the description is missing.
    #[error("it does not export the function `{0}` of its description")]
    NoFunction(String),
}

/// The suffix of the description's symbol.
const SUFFIX: &str = "__abi";

/// The architecture of this machine, if it must be checked against that of the library.
fn machine() -> Option<Architecture> {
    match std::env::consts::ARCH {
        "x86_64" => Some(Architecture::X86_64),
        "aarch64" => Some(Architecture::Aarch64),
        "riscv64" => Some(Architecture::Riscv64),
        _ => None,
    }
}

/// Reads the description of a library.
///
/// # Errors
/// If the file is not a dpc library for this machine.
pub(crate) fn describe(path: &Path) -> Result<dp_abi::Library, FileError> {
    if !fs::metadata(path)?.is_file() {
        return Err(FileError::NotAFile);
    }
    describe_bytes(&fs::read(path)?, path)
}

fn describe_bytes(bytes: &[u8], path: &Path) -> Result<dp_abi::Library, FileError> {
    if !bytes.starts_with(b"\x7fELF") {
        return Err(FileError::NotElf);
    }
    let damaged = |error: object::Error| FileError::Damaged(error.to_string());
    let file = object::File::parse(bytes).map_err(damaged)?;
    let little = file.endianness() == Endianness::Little;
    let fits = file.is_64() == cfg!(target_pointer_width = "64") && little == cfg!(target_endian = "little");
    if !fits || machine().is_some_and(|machine| machine != file.architecture()) {
        let bits = if file.is_64() { 64 } else { 32 };
        return Err(FileError::Machine(format!("{:?}, {bits} bits", file.architecture())));
    }
    if file.kind() != ObjectKind::Dynamic {
        return Err(FileError::NotShared);
    }
    // The system maps segments without checking the file size; accessing memory past the end would be fatal.
    for segment in file.segments() {
        segment.data().map_err(damaged)?;
    }

    let name = name(&file, path)?;
    let symbol = name.clone() + SUFFIX;
    let text = text(&file, &symbol).ok_or_else(|| FileError::Damaged(format!("`{symbol}` is not a string")))?;
    let library = dp_abi::Library::from_description(text)?;
    if library.name() != name {
        return Err(FileError::OtherName(symbol, library.name().into()));
    }
    let functions = exported(&file).filter(|symbol| symbol.kind() == SymbolKind::Text);
    let functions: HashSet<&str> = functions.filter_map(|symbol| symbol.name().ok()).collect();
    match library.loader_symbols().into_iter().find(|function| !functions.contains(&**function)) {
        None => Ok(library),
        Some(function) => Err(FileError::NoFunction(function)),
    }
}

/// The name of the described library: the only one, or that of the file `libNAME.so`.
fn name(file: &object::File, path: &Path) -> Result<String, FileError> {
    let mut names: Vec<String> =
        exported(file).filter_map(|symbol| Some(symbol.name().ok()?.strip_suffix(SUFFIX)?.to_string())).collect();
    match names.len() {
        0 => Err(FileError::NoDescription),
        1 => Ok(names.remove(0)),
        _ => {
            let stem = path.file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default();
            let named = stem.strip_prefix("lib").unwrap_or(&stem);
            let found = names.iter().find(|name| *name == named).cloned();
            found.ok_or_else(|| FileError::Ambiguous(names.iter().map(|name| format!("{name}{SUFFIX}")).collect()))
        }
    }
}

/// The constant string at a symbol, which must end within the symbol.
fn text<'f>(file: &object::File<'f>, symbol: &str) -> Option<&'f str> {
    let is_named = |found: &object::Symbol| found.name() == Ok(symbol) && found.kind() == SymbolKind::Data;
    let symbol = exported(file).find(is_named)?;
    let bytes =
        file.segments().find_map(|segment| segment.data_range(symbol.address(), symbol.size()).ok().flatten())?;
    let end = bytes.iter().position(|byte| *byte == 0)?;
    std::str::from_utf8(&bytes[..end]).ok()
}

fn exported<'f, 'a>(file: &'a object::File<'f>) -> impl Iterator<Item = object::Symbol<'f, 'a>> {
    file.dynamic_symbols().filter(ObjectSymbol::is_definition)
}
