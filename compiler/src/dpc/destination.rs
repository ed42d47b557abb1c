//! The meaning of the output's file name: the kind of the output, or the format of a call's results.

use super::options::Options;
use dp_dialects::{Diagnostic, Result};
use dp_driver::Emit;
use dp_driver::failure::of_option;
use dp_driver::files::{header_beside, library_name};
use dp_driver::program::c_name;
use std::path::Path;

/// Suffixes that select the output.
const ARTIFACTS: &[(&str, Emit)] = &[
    ("so", Emit::So),
    ("a", Emit::Archive),
    ("o", Emit::Obj),
    ("s", Emit::Asm),
    ("ll", Emit::Llvm),
    ("ptx", Emit::Ptx),
    ("h", Emit::Header),
];

/// The format of a file with the results of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Results {
    /// JSON, as `--format=json` prints it.
    Json,
    /// One array, as a NumPy file.
    Npy,
    /// All results by name, as a NumPy archive.
    Npz,
}

/// Suffixes of result files.
const RESULTS: &[(&str, Results)] = &[("json", Results::Json), ("npy", Results::Npy), ("npz", Results::Npz)];

fn suffix(path: &Path) -> Option<&str> {
    path.extension().and_then(|suffix| suffix.to_str())
}

/// The file of `-o`.
pub fn named(options: &Options) -> Option<&Path> {
    options.output.as_deref().filter(|path| *path != Path::new("-"))
}

/// The default file name of an output.
pub fn default_name(emit: Emit, stem: &str) -> String {
    match ARTIFACTS.iter().find(|(_, of)| *of == emit) {
        Some((suffix, Emit::So | Emit::Archive)) => format!("lib{stem}.{suffix}"),
        Some((suffix, _)) => format!("{stem}.{suffix}"),
        None => format!("{stem}.{}", emit.name()),
    }
}

/// Derives `--emit` from the file name, if it is not given.
///
/// # Errors
/// If the suffix is unknown, or the output would overwrite the program.
pub fn resolve(options: &mut Options) -> Result<()> {
    options.emit = emit(options)?;
    distinct(options)
}

/// The output that the file name selects, if `--emit` is not given.
///
/// # Errors
/// If the suffix is unknown, or not one for results although a function is called.
fn emit(options: &Options) -> Result<Option<Emit>> {
    let (Some(path), None) = (named(options), options.emit) else { return Ok(options.emit) };
    if options.run.is_some() {
        return results(path).map(|_| None);
    }
    let target = options.target;
    // An executable for a TPU may have any name.
    if let Some(emit @ Emit::Exe) = (target.default_emit)(options) {
        return Ok(Some(emit));
    }
    let found = match suffix(path) {
        // After a step, the program has no form that another output has.
        Some("mlir") if options.stop_after.is_some() => Some(Emit::Simplified),
        Some("mlir") => Some(target.mlir),
        Some(suffix) => ARTIFACTS.iter().find(|(of, _)| *of == suffix).map(|(_, emit)| *emit),
        None => None,
    };
    if found.is_none() {
        let message = format!("-o {}: the suffix selects no output", path.display());
        let suffixes: Vec<&str> = ARTIFACTS.iter().map(|(suffix, _)| *suffix).chain(["mlir"]).collect();
        return Err(Diagnostic::request(message).help(format!("use one of .{}, or add --emit", suffixes.join(" ."))));
    }
    Ok(found)
}

/// The format of a result file.
///
/// # Errors
/// If the suffix is unknown.
pub fn results(path: &Path) -> Result<Results> {
    let found = RESULTS.iter().find(|(of, _)| suffix(path) == Some(of));
    found.map(|(_, results)| *results).ok_or_else(|| {
        let message = format!(
            "-o {}: with --run, -o names the file for the results, and this suffix is not supported",
            path.display()
        );
        let suffixes: Vec<&str> = RESULTS.iter().map(|(suffix, _)| *suffix).collect();
        Diagnostic::request(message)
            .help(format!("use one of .{}; add --emit to write the program too", suffixes.join(" .")))
    })
}

/// Checks that the results of a call fit the given file.
///
/// # Errors
/// If the file holds one array and the function does not have exactly one result.
pub fn check_results(options: &Options, function: &str, count: usize) -> Result<()> {
    let (Some(path), None) = (named(options), options.emit) else { return Ok(()) };
    if results(path)? == Results::Npy && count != 1 {
        let message =
            format!("-o {}: a .npy file holds one array, but '{function}' has {count} results", path.display());
        return Err(Diagnostic::request(message).help("use .npz, which holds any number of arrays"));
    }
    Ok(())
}

/// The library name from the output, `libNAME.so` or `libNAME.a`. If the output is not a library, a valid C name made
/// from the file name; `None` without an output file.
///
/// # Errors
/// If the library name is invalid.
pub fn library_of(options: &Options) -> Result<Option<String>> {
    let Some(path) = named(options) else { return Ok(None) };
    let is_library = matches!(options.emit.unwrap_or(Emit::So), Emit::So | Emit::Archive);
    if !is_library || options.stop_after.is_some() {
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        return Ok(stem.map(|stem| c_name(&stem)));
    }
    let name = library_name(path);
    dp_abi::check_name(&name).map_err(|error| of_option(&format!("-o {}", path.display()), &error))?;
    Ok(Some(name))
}

/// Checks that the output does not overwrite the program, and a header not its library.
///
/// # Errors
/// If two of them are the same file.
fn distinct(options: &Options) -> Result<()> {
    if let Some(reproducer) = &options.reproducer {
        spare(&options.input, reproducer, "--reproducer")?;
    }
    let made = options.artifact();
    let stem = || options.input.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let path = match (&options.output, made) {
        (Some(path), _) if path == Path::new("-") => return Ok(()),
        (Some(path), _) => path.clone(),
        (None, Some(emit)) if !emit.is_text() => default_name(emit, &stem()).into(),
        (None, _) => return Ok(()),
    };
    let is_library = matches!(made, Some(Emit::So | Emit::Archive));
    let header = is_library.then(|| header_beside(&path, &library_name(&path))).flatten();
    let option = options.output.as_ref().map_or_else(|| "--emit".into(), |path| format!("-o {}", path.display()));
    for output in [&path].into_iter().chain(&header) {
        spare(&options.input, output, &option)?;
    }
    match header {
        Some(header) if header == path => {
            let message = format!("{option}: {} would overwrite the library", header.display());
            Err(Diagnostic::request(message).help("choose another output file"))
        }
        Some(_) | None => Ok(()),
    }
}

/// Checks that a file does not overwrite the program.
///
/// # Errors
/// If it would; `option` is the option that asks for the file.
pub fn spare(program: &Path, file: &Path, option: &str) -> Result<()> {
    if !is_same(program, file) {
        return Ok(());
    }
    let message = format!("{option}: {} would overwrite the program", file.display());
    Err(Diagnostic::request(message).help("choose another output file"))
}

/// Whether two paths refer to the same file.
fn is_same(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        (Err(_), _) | (_, Err(_)) => false,
    }
}
