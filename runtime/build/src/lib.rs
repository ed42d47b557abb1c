//! For build scripts: compiles a model with `dpc`, links it into the crate, and generates safe Rust bindings.
//!
//! Add `dp-build` to `[build-dependencies]`, and in `build.rs` write:
//!
//! ```no_run
//! dp_build::Model::new("wave.mlir").grad("wave").compile();
//! ```
//!
//! The program includes the module `wave`, which has a function for each function of the model:
//!
//! ```ignore
//! include!(concat!(env!("OUT_DIR"), "/wave.rs"));
//!
//! let gradient = wave::wave_grad(2.0, &[0.5, 1.0, 1.5])?;
//! println!("{} {:?}", gradient.sum, gradient.d_x);
//! ```
//!
//! The code is linked in, so the program needs no file and no other crate at run time. `dpc` is taken from the
//! environment variable `DPC`, or else from `PATH`.
//!
//! In the module, scalars are Rust numbers, tensor arguments are slices in row-major order, and tensor results are
//! vectors. f16 and bf16 are passed as their bits, a `u16`, and a complex number is `[real, imaginary]`. If one extent
//! of an argument is dynamic, it is computed from the length of the slice; if several are, they follow the slice, named
//! as in the C header. A function with several results returns a struct with their names. A result with computed
//! extents comes with its shape. The submodule `ffi` has the C functions.

mod bindings;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use thiserror::Error;

pub use bindings::bindings;

/// A model and the options to compile it with.
#[derive(Clone, Debug)]
pub struct Model {
    source: PathBuf,
    name: String,
    arguments: Vec<OsString>,
}

/// An error of compiling a model.
#[derive(Debug, Error)]
pub enum Error {
    /// `dpc` was not found.
    #[error(
        "no `dpc` found to compile {}: {searched}; install it with `cargo install --path compiler` in the compiler's \
         source tree, add its directory to PATH, or set the environment variable DPC to its path",
        model.display()
    )]
    NoCompiler {
        /// The model.
        model: PathBuf,
        /// The places searched.
        searched: String,
    },
    /// The compiler could not be started.
    #[error("cannot run {}: {source}", compiler.display())]
    Start {
        /// The compiler.
        compiler: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The compiler rejected the model.
    #[error("{} failed to compile {}:\n{said}", compiler.display(), model.display())]
    Refused {
        /// The compiler.
        compiler: PathBuf,
        /// The model.
        model: PathBuf,
        /// Its diagnostics.
        said: String,
    },
    /// The crate is built for an unsupported architecture.
    #[error("dpc generates code for x86-64, but this crate is built for {0}")]
    Architecture(String),
    /// The library has no description.
    #[error("{} has no description; it was not made by this version of dpc", path.display())]
    NoDescription {
        /// The library.
        path: PathBuf,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The process was not started by cargo as a build script.
    #[error("{0} is not set: dp-build only works in a build script")]
    NotCargo(&'static str),
}

impl Model {
    /// A model in an MLIR file. A relative path is relative to the crate's `Cargo.toml`.
    pub fn new(source: impl Into<PathBuf>) -> Model {
        let source = source.into();
        let name = source.file_stem().map(|stem| stem.to_string_lossy().replace('-', "_")).unwrap_or_default();
        Model { source, name, arguments: Vec::new() }
    }

    /// Sets the name of the Rust module and its file `NAME.rs`. The default is the name of the source.
    pub fn name(self, name: impl Into<String>) -> Model {
        Model { name: name.into(), ..self }
    }

    /// Adds the gradient of a function: `loss`, or `loss:wrt=0,1` (`dpc --grad`).
    pub fn grad(self, function: &str) -> Model {
        self.argument("--grad").argument(function)
    }

    /// Adds the directional derivative of a function: `loss`, or `loss:wrt=0,1` (`dpc --jvp`).
    pub fn jvp(self, function: &str) -> Model {
        self.argument("--jvp").argument(function)
    }

    /// Sets the CPU to compile for, by LLVM's name, such as `x86-64-v3` (`dpc --mcpu`). The default is the CPU of the
    /// build machine.
    pub fn cpu(self, name: &str) -> Model {
        self.argument(format!("--mcpu={name}"))
    }

    /// Adds any other argument of `dpc`. The functions of a pullback (`--vjp`) get no bindings; use the header, or
    /// `dp_runtime::Library::vjp`.
    pub fn argument(mut self, argument: impl Into<OsString>) -> Model {
        self.arguments.push(argument.into());
        self
    }

    /// Compiles the model, tells cargo to link it into the crate, and writes `$OUT_DIR/NAME.rs`. On failure, prints a
    /// message and exits the build script.
    pub fn compile(&self) {
        if let Err(error) = self.try_compile() {
            eprintln!("dp-build: {error}");
            std::process::exit(1);
        }
    }

    /// As [`compile`](Model::compile), but returns errors.
    ///
    /// # Errors
    /// If the compiler is not found or rejects the model, or a file cannot be written.
    pub fn try_compile(&self) -> Result<(), Error> {
        println!("cargo::rerun-if-env-changed=DPC");
        println!("cargo::rerun-if-changed={}", self.source.display());
        let architecture = variable("CARGO_CFG_TARGET_ARCH")?;
        if architecture != "x86_64" {
            return Err(Error::Architecture(architecture.to_string_lossy().into_owned()));
        }
        let out = PathBuf::from(variable("OUT_DIR")?);
        let compiler = self.compiler(env::var_os("DPC"), env::var_os("PATH"))?;
        // Recompile if the compiler changes.
        println!("cargo::rerun-if-changed={}", compiler.display());

        let library = out.join(format!("lib{}.a", self.name));
        self.run(&compiler, &library)?;
        let bytes = fs::read(&library).map_err(|source| Error::File { path: library.clone(), source })?;
        let abi = description(&bytes, &self.name).ok_or(Error::NoDescription { path: library })?;
        let path = out.join(format!("{}.rs", self.name));
        fs::write(&path, bindings(&abi)).map_err(|source| Error::File { path, source })?;
        println!("cargo::rustc-link-search=native={}", out.display());
        println!("cargo::rustc-link-lib=static={}", self.name);
        println!("cargo::rustc-link-lib=m");
        Ok(())
    }

    /// The compiler: `DPC`, or the first `dpc` in `PATH`.
    fn compiler(&self, named: Option<OsString>, path: Option<OsString>) -> Result<PathBuf, Error> {
        let missing = |searched: String| Error::NoCompiler { model: self.source.clone(), searched };
        if let Some(named) = named.filter(|named| !named.is_empty()) {
            let named = PathBuf::from(named);
            // cargo runs build scripts in the crate's directory, so a relative path would be ambiguous.
            let named = fs::canonicalize(&named).ok().filter(|file| file.is_file()).ok_or(named);
            return named.map_err(|named| missing(format!("DPC is set to {}, which is not a file", named.display())));
        }
        let path = path.unwrap_or_default();
        let mut candidates = env::split_paths(&path).map(|folder| folder.join("dpc"));
        candidates
            .find(|file| file.is_file())
            .ok_or_else(|| missing("DPC is not set, and there is none in PATH".into()))
    }

    fn run(&self, compiler: &Path, library: &Path) -> Result<(), Error> {
        let mut command = Command::new(compiler);
        command.arg(&self.source).args(&self.arguments).arg("-o").arg(library);
        let outcome = command.output().map_err(|source| Error::Start { compiler: compiler.into(), source })?;
        let said = String::from_utf8_lossy(&outcome.stderr).into_owned();
        if !outcome.status.success() {
            return Err(Error::Refused { compiler: compiler.into(), model: self.source.clone(), said });
        }
        for line in said.lines() {
            println!("cargo::warning={line}");
        }
        Ok(())
    }
}

fn variable(name: &'static str) -> Result<OsString, Error> {
    env::var_os(name).filter(|value| value != OsStr::new("")).ok_or(Error::NotCargo(name))
}

/// The description of a library: the text of its symbol `NAME__abi`, found by its prefix, which occurs once.
fn description(library: &[u8], name: &str) -> Option<dp_abi::Library> {
    let head = dp_abi::Library::new(name, Vec::new()).ok()?.description();
    let start = library.windows(head.len()).position(|bytes| bytes == head.as_bytes())?;
    let end = start + library[start..].iter().position(|byte| *byte == 0)?;
    dp_abi::Library::from_description(std::str::from_utf8(&library[start..end]).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(named: Option<&str>, path: Option<&str>) -> Result<PathBuf, String> {
        let model = Model::new("models/wave.mlir");
        model.compiler(named.map(Into::into), path.map(Into::into)).map_err(|error| error.to_string())
    }

    #[test]
    fn the_compiler_comes_from_the_variable_or_from_path() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("dpc");
        fs::write(&file, "").expect("a file");
        let path = format!("/no/such/folder:{}", folder.path().display());
        assert_eq!(search(None, Some(&path)), Ok(file.clone()));
        let named = fs::canonicalize(&file).expect("a path");
        assert_eq!(search(file.to_str(), Some("/no/such/folder")), Ok(named));
        let error = search(None, Some("/no/such/folder")).expect_err("none");
        assert!(
            error.starts_with(
                "no `dpc` found to compile models/wave.mlir: DPC is not set, and there is none in PATH; install it \
                 with `cargo install --path compiler`"
            ),
            "{error}"
        );
        let error = search(Some("/no/such/dpc"), Some(&path)).expect_err("none");
        assert!(error.contains("DPC is set to /no/such/dpc, which is not a file"), "{error}");
    }

    #[test]
    fn compiling_outside_a_build_script_is_an_error() {
        let error = Model::new("wave.mlir").try_compile().expect_err("cargo does not set the variable for tests");
        assert_eq!(error.to_string(), "CARGO_CFG_TARGET_ARCH is not set: dp-build only works in a build script");
    }
}
