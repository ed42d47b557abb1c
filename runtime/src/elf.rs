//! What can be known of a library before it is loaded, read from its file.
//!
//! Loading a shared library runs code of it, and calling a function trusts what the library says of itself. So the
//! file is read first, as data: it must be a whole ELF library for this machine that exports a description of a dpc
//! library, and every function that the description speaks of.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use dp_abi::DescriptionError;
use object::{Architecture, Endianness, Object, ObjectKind, ObjectSegment, ObjectSymbol, SymbolKind};
use thiserror::Error;

/// Why a file is no library that can be opened.
#[derive(Debug, Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("{0}")]
    Read(#[from] std::io::Error),
    /// A folder, a pipe or a device.
    #[error("it is not a regular file")]
    NotAFile,
    /// It does not begin as ELF files do.
    #[error("it is not an ELF file")]
    NotElf,
    /// It begins as one, and is damaged.
    #[error("it is a damaged ELF file: {0}")]
    Damaged(String),
    /// An object, a program or a core dump.
    #[error("it is an ELF file, but not a shared library")]
    NotShared,
    /// It is for machines of another kind.
    #[error("it is for another kind of machine ({0})")]
    Machine(String),
    /// It does not describe itself: dpc did not write it.
    #[error("it does not export a symbol `NAME__abi`: dpc did not write it")]
    NoDescription,
    /// It describes itself more than once, and none of the names is the file's.
    #[error(
        "it exports more than one description ({}), and the name of the file, libNAME.so, chooses none",
        .0.join(", ")
    )]
    Ambiguous(Vec<String>),
    /// Its description is not one of this version.
    #[error(transparent)]
    Description(#[from] DescriptionError),
    /// It is described under another name than that of the symbol.
    #[error("its symbol `{0}` describes another library, `{1}`")]
    OtherName(String, String),
    /// It lacks a function that it should have.
    #[error("it does not export the function `{0}`, of which its description speaks")]
    NoFunction(String),
}

/// The end of the description's symbol.
const SUFFIX: &str = "__abi";

/// The machine that this program runs on, where a library for another one would be taken for one of this.
fn machine() -> Option<Architecture> {
    match std::env::consts::ARCH {
        "x86_64" => Some(Architecture::X86_64),
        "aarch64" => Some(Architecture::Aarch64),
        "riscv64" => Some(Architecture::Riscv64),
        _ => None,
    }
}

/// Reads what a library says of itself.
///
/// # Errors
/// Where it is no library of dpc's for this machine, as far as its file says.
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
    // The system maps segments without a look at the file's size: to touch what lies behind its end is fatal.
    for segment in file.segments() {
        segment.data().map_err(damaged)?;
    }

    let name = name(&file, path)?;
    let symbol = name.clone() + SUFFIX;
    let text = text(&file, &symbol).ok_or_else(|| FileError::Damaged(format!("`{symbol}` is not a text")))?;
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

/// The name of the library that describes itself: the only one, or that of the file `libNAME.so`.
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

/// The constant string at a symbol: it ends within the symbol, which lies in the file.
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
