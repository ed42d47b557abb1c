//! Opening a compiled library.

mod call;

pub use call::{CallError, Function};

use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::array::Array;
use crate::elf::{self, FileError};
use call::{Entry, WorkspaceEntry};

/// A compiled library in this process.
#[derive(Debug)]
pub struct Library {
    abi: dp_abi::Library,
    path: PathBuf,
    /// The entries of the functions, in their order.
    entries: Vec<(Entry, Option<WorkspaceEntry>)>,
    message: unsafe extern "C" fn(c_int) -> *const c_char,
    free: Option<unsafe extern "C" fn(*mut c_void)>,
    /// Keeps the library loaded, as long as what points into it.
    _handle: libloading::Library,
}

/// Why a library cannot be had.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The file is no library of dpc's for this machine.
    #[error("cannot open {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: FileError,
    },
    /// The system does not load it: something that it needs is missing.
    #[error("cannot load {}: {source}", path.display())]
    Load {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: libloading::Error,
    },
}

/// A library has no function of the name that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{} has no function `{name}`; it has {}", path.display(), available.join(", "))]
pub struct UnknownFunction {
    /// The file.
    pub path: PathBuf,
    /// The name.
    pub name: String,
    /// The names that it has.
    pub available: Vec<String>,
}

impl Library {
    /// Opens a library that dpc wrote, which says itself what is in it.
    ///
    /// The file is read before it is loaded: it must be a whole ELF library for this machine that exports a
    /// description, `NAME__abi`, and all functions that the description speaks of. A text, an object, a truncated
    /// file or another program's library is an error, and no code of it runs.
    ///
    /// What cannot be known is trusted: that a file which describes itself as dpc's libraries do was written by dpc, so
    /// that its functions are what it says; that it is made for a CPU with this one's instructions (`--mcpu`);
    /// and that nobody writes into the file while it is open. (`dpc` replaces a library by another file, and a copy
    /// that is open stays what it was.) Opening a library is as running a program: do it with files that you trust.
    ///
    /// # Errors
    /// Where the file is no such library, or cannot be loaded.
    pub fn open(path: impl AsRef<Path>) -> Result<Library, LoadError> {
        let path = path.as_ref();
        let abi = elf::describe(path).map_err(|source| LoadError::File { path: path.into(), source })?;
        Library::load(path, abi).map_err(|source| LoadError::Load { path: path.into(), source })
    }

    /// Loads a library whose description has been read from its file.
    fn load(path: &Path, abi: dp_abi::Library) -> Result<Library, libloading::Error> {
        // A bare file name would be searched for in the system's folders.
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.into());
        // SAFETY: the file is a whole library that describes itself as dpc's do: it has the initializers of one.
        let handle = unsafe { libloading::Library::new(absolute) }?;
        // SAFETY: by the calling convention, which the library says it speaks, these symbols are functions of these
        // types; the handle, which moves in beside them, keeps them loaded.
        unsafe {
            let message = *handle.get(abi.message_symbol().as_bytes())?;
            let free = match abi.allocates() {
                true => Some(*handle.get(abi.free_symbol().as_bytes())?),
                false => None,
            };
            let mut entries = Vec::new();
            for function in abi.functions() {
                let entry = *handle.get(function.packed_symbol().as_bytes())?;
                let in_workspace = match function.workspace {
                    true => Some(*handle.get(function.packed_workspace_symbol().as_bytes())?),
                    false => None,
                };
                entries.push((entry, in_workspace));
            }
            Ok(Library { abi, path: path.into(), entries, message, free, _handle: handle })
        }
    }

    /// What is in it.
    pub fn abi(&self) -> &dp_abi::Library {
        &self.abi
    }

    /// The function of that name.
    ///
    /// # Errors
    /// Where there is none.
    pub fn function(&self, name: &str) -> Result<Function<'_>, UnknownFunction> {
        let mut functions = self.abi.functions().iter().zip(&self.entries);
        match functions.find(|(function, _)| function.name == name) {
            Some((abi, &(entry, in_workspace))) => Ok(Function::new(self, abi, entry, in_workspace)),
            None => Err(UnknownFunction {
                path: self.path.clone(),
                name: name.into(),
                available: self.abi.functions().iter().map(|function| function.name.clone()).collect(),
            }),
        }
    }

    /// Calls the function of that name.
    ///
    /// # Errors
    /// Where there is none, or where [`Function::call`] fails.
    pub fn call(&self, name: &str, arguments: &[Array]) -> Result<Vec<Array>, CallError> {
        self.function(name)?.call(arguments)
    }

    /// The text of a status.
    pub fn message(&self, status: i32) -> String {
        // SAFETY: `NAME_message` answers every status, with a string of the library or
        // with a null pointer.
        unsafe {
            let text = (self.message)(status);
            match text.is_null() {
                true => format!("status {status}"),
                false => CStr::from_ptr(text).to_string_lossy().into_owned(),
            }
        }
    }

    /// Gives back what a function allocated.
    ///
    /// # Safety
    /// A function of this library wrote the address, and nobody uses it any more.
    pub(crate) unsafe fn free(&self, memory: *mut c_void) {
        if let Some(free) = self.free {
            // SAFETY: the caller's promise.
            unsafe { free(memory) }
        }
    }
}
