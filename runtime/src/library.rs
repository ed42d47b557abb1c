//! Opening a compiled library.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::{Path, PathBuf};

use dp_abi::DescriptionError;
use thiserror::Error;

use crate::call::{Entry, Function, WorkspaceEntry};

/// A compiled library in this process.
#[derive(Debug)]
pub struct Library {
    abi: dp_abi::Library,
    path: PathBuf,
    message: unsafe extern "C" fn(c_int) -> *const c_char,
    free: Option<unsafe extern "C" fn(*mut c_void)>,
    /// Last, so that it outlives what points into it.
    handle: libloading::Library,
}

/// Why a library, or a function of it, cannot be had.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The file is not a shared library, or something that it needs is missing.
    #[error("cannot load {}: {source}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: libloading::Error,
    },
    /// It is a library, but not one that dpc wrote.
    #[error("{} has no symbol `{symbol}`: dpc did not write it, or it was renamed", path.display())]
    Symbol {
        /// The file.
        path: PathBuf,
        /// The missing symbol.
        symbol: String,
    },
    /// Its description of itself is not one of this version.
    #[error("{}: {source}", path.display())]
    Description {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: DescriptionError,
    },
    /// It has no function of that name.
    #[error("{} has no function `{name}`; it has {}", path.display(), available.join(", "))]
    Function {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
        /// The names that it has.
        available: Vec<String>,
    },
}

impl Library {
    /// Opens `libNAME.so`, which says itself what is in it.
    ///
    /// # Safety
    /// The file is a library that dpc wrote: opening a library runs its
    /// initializers, and calls trust its description.
    pub unsafe fn open(path: impl AsRef<Path>) -> Result<Library, LoadError> {
        let path = path.as_ref();
        let stem = path.file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default();
        let name = stem.strip_prefix("lib").unwrap_or(&stem);
        // SAFETY: the caller's promise.
        let handle = unsafe { open(path) }?;
        // SAFETY: the symbol, if it is there, is a string that ends in 0.
        let text = unsafe {
            let start = address(&handle, path, &format!("{name}__abi"))?;
            CStr::from_ptr(start.cast::<c_char>())
        };
        let abi = dp_abi::Library::from_description(&text.to_string_lossy())
            .map_err(|source| LoadError::Description { path: path.into(), source })?;
        // SAFETY: the caller's promise.
        unsafe { Library::with(path, abi, handle) }
    }

    /// Opens a library whose functions the caller knows.
    ///
    /// # Safety
    /// The file is a library that dpc wrote, and `abi` describes it.
    pub unsafe fn open_as(path: impl AsRef<Path>, abi: dp_abi::Library) -> Result<Library, LoadError> {
        let path = path.as_ref();
        // SAFETY: the caller's promise.
        unsafe { Library::with(path, abi, open(path)?) }
    }

    /// # Safety
    /// As [`Library::open_as`].
    unsafe fn with(path: &Path, abi: dp_abi::Library, handle: libloading::Library) -> Result<Library, LoadError> {
        let message = address(&handle, path, &abi.message_symbol())?;
        let free = match abi.allocates() {
            true => Some(address(&handle, path, &abi.free_symbol())?),
            false => None,
        };
        // SAFETY: by the calling convention these symbols are functions of these
        // types; the handle, which moves in beside them, keeps them loaded.
        unsafe {
            Ok(Library {
                message: std::mem::transmute::<*mut c_void, unsafe extern "C" fn(c_int) -> *const c_char>(message),
                free: free.map(|free| std::mem::transmute::<*mut c_void, unsafe extern "C" fn(*mut c_void)>(free)),
                abi,
                path: path.into(),
                handle,
            })
        }
    }

    /// What is in it.
    pub fn abi(&self) -> &dp_abi::Library {
        &self.abi
    }

    /// The function of that name.
    pub fn function(&self, name: &str) -> Result<Function<'_>, LoadError> {
        let abi = self.abi.function(name).ok_or_else(|| LoadError::Function {
            path: self.path.clone(),
            name: name.into(),
            available: self.abi.functions().iter().map(|function| function.name.clone()).collect(),
        })?;
        let entry = address(&self.handle, &self.path, &abi.packed_symbol())?;
        // SAFETY: by the calling convention the packed symbol is a function of this
        // type; it stays loaded as long as the library that the result borrows.
        let entry = unsafe { std::mem::transmute::<*mut c_void, Entry>(entry) };
        let in_workspace = match abi.workspace {
            true => Some(address(&self.handle, &self.path, &abi.packed_workspace_symbol())?),
            false => None,
        };
        // SAFETY: as above.
        let in_workspace =
            in_workspace.map(|entry| unsafe { std::mem::transmute::<*mut c_void, WorkspaceEntry>(entry) });
        Ok(Function::new(self, abi, entry, in_workspace))
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

/// # Safety
/// The library's initializers may run in this process.
unsafe fn open(path: &Path) -> Result<libloading::Library, LoadError> {
    // A bare file name would be searched for in the system's folders.
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.into());
    // SAFETY: the caller's promise.
    unsafe { libloading::Library::new(absolute) }.map_err(|source| LoadError::Open { path: path.into(), source })
}

fn address(handle: &libloading::Library, path: &Path, symbol: &str) -> Result<*mut c_void, LoadError> {
    // SAFETY: only the symbol's address is taken, which any symbol has.
    let address = unsafe {
        let symbol = handle.get::<*mut c_void>(symbol.as_bytes());
        symbol.ok().and_then(|symbol| symbol.try_as_raw_ptr())
    };
    address
        .filter(|address| !address.is_null())
        .ok_or_else(|| LoadError::Symbol { path: path.into(), symbol: symbol.into() })
}
