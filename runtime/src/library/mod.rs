//! Loading of compiled libraries.

mod call;
mod pullback;
mod raw;

pub use call::{CallError, Function};
pub use pullback::Pullback;
pub use raw::{RawArgument, RawHandle, RawResult};

use std::borrow::Borrow;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::array::Array;
use crate::elf::{self, FileError};
use call::Symbols;
use dp_abi::{Parameter, Passing, Role};

/// Frees the handle of a pullback.
type Drop = unsafe extern "C" fn(*mut c_void);

/// A loaded library.
#[derive(Debug)]
pub struct Library {
    abi: dp_abi::Library,
    path: PathBuf,
    /// What it has for each function, in order.
    symbols: Vec<Symbols>,
    message: unsafe extern "C" fn(c_int) -> *const c_char,
    free: Option<unsafe extern "C" fn(*mut c_void)>,
    /// Keeps the library loaded while anything points into it.
    _handle: libloading::Library,
}

/// An error of loading a library.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The file is not a dpc library for this machine.
    #[error("cannot open {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The error.
        source: FileError,
    },
    /// The dynamic loader failed, for example because a dependency is missing.
    #[error("cannot load {}: {source}", path.display())]
    Load {
        /// The file.
        path: PathBuf,
        /// The error of the loader.
        source: libloading::Error,
    },
}

/// The library has no function with the requested name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{} has no function `{name}`; its functions are {}", path.display(), available.join(", "))]
pub struct UnknownFunction {
    /// The file.
    pub path: PathBuf,
    /// The name.
    pub name: String,
    /// The names of its functions.
    pub available: Vec<String>,
}

impl Library {
    /// Loads a library that dpc wrote.
    ///
    /// The file is checked before it is loaded: it must be a complete ELF shared library for this machine that exports
    /// a description, `NAME__abi`, and all functions in it. Otherwise an error is returned, and none of its code runs.
    ///
    /// The rest is trusted: that a file with a description was written by dpc, so that its functions match it; that it
    /// was compiled for this CPU (`--mcpu`); and that the file is not modified while it is loaded. (`dpc` replaces a
    /// library by a new file, so loaded copies stay valid.) Loading a library is like running a program: only load
    /// files that you trust.
    ///
    /// # Errors
    /// If the file is not such a library, or cannot be loaded.
    pub fn open(path: impl AsRef<Path>) -> Result<Library, LoadError> {
        let path = path.as_ref();
        let abi = elf::describe(path).map_err(|source| LoadError::File { path: path.into(), source })?;
        Library::load(path, abi).map_err(|source| LoadError::Load { path: path.into(), source })
    }

    /// Loads a library whose description was read from its file.
    fn load(path: &Path, abi: dp_abi::Library) -> Result<Library, libloading::Error> {
        // The loader would search the system directories for a bare file name.
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.into());
        // SAFETY: the file is a complete library with a description by dpc, so its initializers are dpc's.
        let handle = unsafe { libloading::Library::new(absolute) }?;
        // SAFETY: by the calling convention of the description, these symbols are functions of these types; the handle,
        // stored next to them, keeps them loaded.
        unsafe {
            let message = *handle.get(abi.message_symbol().as_bytes())?;
            let free = match abi.allocates() {
                true => Some(*handle.get(abi.free_symbol().as_bytes())?),
                false => None,
            };
            let mut symbols = Vec::new();
            for function in abi.functions() {
                let entry = *handle.get(function.packed_symbol().as_bytes())?;
                let in_workspace = match function.offers_workspace() {
                    true => Some(*handle.get(function.packed_workspace_symbol().as_bytes())?),
                    false => None,
                };
                let drop = match function.drop_symbol() {
                    Some(symbol) => Some(*handle.get(symbol.as_bytes())?),
                    None => None,
                };
                symbols.push(Symbols { entry, in_workspace, drop, parameters: parameters(function) });
            }
            Ok(Library { abi, path: path.into(), symbols, message, free, _handle: handle })
        }
    }

    /// Its description.
    pub fn abi(&self) -> &dp_abi::Library {
        &self.abi
    }

    /// The functions, in the order of the description.
    pub fn functions(&self) -> impl Iterator<Item = Function<'_>> {
        self.abi.functions().iter().zip(&self.symbols).map(|(abi, symbols)| Function::new(self, abi, symbols))
    }

    /// Looks up a function.
    ///
    /// # Errors
    /// If it does not exist.
    pub fn function(&self, name: &str) -> Result<Function<'_>, UnknownFunction> {
        match self.functions().find(|function| function.abi().name == name) {
            Some(function) => Ok(function),
            None => Err(UnknownFunction {
                path: self.path.clone(),
                name: name.into(),
                available: self.abi.functions().iter().map(|function| function.name.clone()).collect(),
            }),
        }
    }

    /// Calls a function by name.
    ///
    /// # Errors
    /// If it does not exist, or [`Function::call`] fails.
    pub fn call(&self, name: &str, arguments: &[Array]) -> Result<Vec<Array>, CallError> {
        self.function(name)?.call(arguments)
    }

    /// Calls a function that `dpc --vjp` has added a pullback for: returns its results, and the pullback at these
    /// arguments.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use dp_runtime::{Array, Library};
    ///
    /// // dpc model.mlir --vjp loss
    /// let library = Library::open("libmodel.so")?;
    /// let x = Array::from(vec![1.0, 2.0, 3.0]);
    /// let (loss, pullback) = library.vjp("loss", &[x])?;
    /// let gradient = pullback.pull(&[Array::from(1.0)])?;
    /// let twice = pullback.pull(&[Array::from(2.0)])?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the library has no such pullback, or the call fails as [`Function::call`] does.
    pub fn vjp<A: Borrow<Array>>(
        &self,
        function: &str,
        arguments: &[A],
    ) -> Result<(Vec<Array>, Pullback<'_>), CallError> {
        Pullback::new(self, function, arguments)
    }

    /// The function that frees the handles of a function.
    fn drop_of(&self, function: &dp_abi::Function) -> Option<Drop> {
        let index = self.abi.functions().iter().position(|found| found.name == function.name)?;
        self.symbols.get(index)?.drop
    }

    /// The message of a status.
    pub fn message(&self, status: i32) -> String {
        // SAFETY: `NAME_message` returns a string of the library or a null pointer for every status.
        unsafe {
            let text = (self.message)(status);
            match text.is_null() {
                true => format!("status {status}"),
                false => CStr::from_ptr(text).to_string_lossy().into_owned(),
            }
        }
    }

    /// Frees a result that a function allocated.
    ///
    /// # Safety
    /// A function of this library returned the address, and it is no longer used.
    pub unsafe fn free(&self, memory: *mut c_void) {
        if let Some(free) = self.free {
            // SAFETY: guaranteed by the caller.
            unsafe { free(memory) }
        }
    }
}

/// How the parameters of a function are passed. Arguments are counted from those that a handle holds.
fn parameters(function: &dp_abi::Function) -> Vec<(Role, Passing)> {
    let held = function.held_arguments();
    let parameter = |Parameter { role, passing, .. }: Parameter| {
        let role = match role {
            Role::Argument(index) => Role::Argument(index - held),
            Role::ArgumentExtent { argument, dimension } => {
                Role::ArgumentExtent { argument: argument - held, dimension }
            }
            Role::Result(_) | Role::ResultExtent { .. } | Role::Pullback => role,
        };
        (role, passing)
    };
    function.parameters().into_iter().map(parameter).collect()
}
