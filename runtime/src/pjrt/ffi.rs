//! The C boundary: all `unsafe` code of this module is here. Its exports are safe: a [`Handle`] refers to a live object
//! of the kind that its type says, and keeps its parents alive.

mod buffer;
mod client;
mod compile_options;
mod handle;
mod named_value;
mod program;
mod table;

use std::collections::BTreeSet;
use std::ffi::c_void;
use std::path::Path;
use std::ptr::NonNull;
use std::sync::{Mutex, PoisonError};

pub(super) use client::{CPU, Device};
pub(super) use handle::{Handle, kind};
pub(super) use program::Loaded;
use table::{FIRST_FUNCTION, FUNCTIONS, Function, MAJOR, MINORS, VERSION_WORD, Words};

use super::{Code, Error};

/// The function table of a plugin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Api {
    table: NonNull<*mut c_void>,
}

// SAFETY: the table is constant, and functions of the API may be called from any thread.
unsafe impl Send for Api {}
// SAFETY: as above.
unsafe impl Sync for Api {}

/// A function of the table, except the two below.
type Entry = unsafe extern "C" fn(*mut c_void) -> *mut c_void;
/// `PJRT_Error_Destroy` and `PJRT_Error_Message`, which cannot fail.
type ErrorEntry = unsafe extern "C" fn(*mut c_void);

/// The tables of plugins that were initialized. This happens once per process.
static INITIALIZED: Mutex<BTreeSet<usize>> = Mutex::new(BTreeSet::new());

impl Api {
    /// Loads a plugin for the lifetime of the process.
    ///
    /// # Safety
    /// If the file has a function `GetPjrtApi`, it is a PJRT plugin.
    pub unsafe fn open(path: &Path) -> Result<Api, Error> {
        // The loader would search the system directories for a bare file name.
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.into());
        // SAFETY: guaranteed by the caller.
        let library = unsafe { libloading::Library::new(absolute) }
            .map_err(|source| Error::Open { path: path.into(), source })?;
        // SAFETY: in a plugin, the symbol is a function of this type.
        let table = unsafe {
            let get = library.get::<unsafe extern "C" fn() -> *mut *mut c_void>(b"GetPjrtApi\0");
            get.ok().and_then(|get| NonNull::new(get()))
        };
        let api = Api { table: table.ok_or_else(|| Error::NoPlugin { path: path.into() })? };
        let (major, minor) = api.version();
        if major != MAJOR || !MINORS.contains(&minor) {
            return Err(Error::Version { path: path.into(), major, minor, known_major: MAJOR, known: MINORS });
        }
        if api.word(0).addr() < (FIRST_FUNCTION + FUNCTIONS) * size_of::<usize>() {
            return Err(Error::NoPlugin { path: path.into() });
        }
        let mut initialized = INITIALIZED.lock().unwrap_or_else(PoisonError::into_inner);
        if !initialized.contains(&api.table.addr().get()) {
            // SAFETY: the function takes no arguments.
            unsafe { api.call("cannot initialize the plugin", Function::PluginInitialize, &mut Words::new()) }?;
            initialized.insert(api.table.addr().get());
        }
        // Never unloaded: threads and finalizers of a plugin may still run.
        std::mem::forget(library);
        Ok(api)
    }

    /// The plugin's API version.
    pub fn version(self) -> (i32, i32) {
        let word = self.word(VERSION_WORD).addr();
        (word as i32, (word >> 32) as i32)
    }

    fn word(self, index: usize) -> *mut c_void {
        // SAFETY: the layout of the table is stable up to the version; the rest is read only after its size was
        // checked.
        unsafe { self.table.add(index).read() }
    }

    fn address(self, function: Function) -> Option<*mut c_void> {
        Some(self.word(FIRST_FUNCTION + function as usize)).filter(|address| !address.is_null())
    }

    /// Calls a function.
    ///
    /// # Safety
    /// The words are the struct that the function takes, and its pointers are valid.
    unsafe fn call(self, action: &'static str, function: Function, words: &mut Words) -> Result<(), Error> {
        let address = self.address(function).ok_or(Error::Function { function: function.name() })?;
        // SAFETY: the table's entry is a function of this type; guaranteed by the caller.
        let error = unsafe {
            let entry = std::mem::transmute::<*mut c_void, Entry>(address);
            NonNull::new(entry(words.as_mut_ptr()))
        };
        // SAFETY: the caller owns an error that a function returns.
        error.map_or(Ok(()), |error| Err(unsafe { self.take_error(action, error) }))
    }

    /// Converts a plugin's error and destroys it.
    ///
    /// # Safety
    /// The error belongs to this plugin, and nobody else uses it.
    unsafe fn take_error(self, action: &'static str, error: NonNull<c_void>) -> Error {
        // SAFETY: guaranteed by the caller; the message lives as long as the error.
        let message = unsafe {
            let mut words = Words::new().address(2, error.as_ptr());
            self.call_infallible(Function::ErrorMessage, &mut words);
            text(&words, 3)
        };
        let mut words = Words::new().address(2, error.as_ptr());
        let code = self.address(Function::ErrorGetCode).map_or(0, |address| {
            // SAFETY: the table's entry is a function of this type; guaranteed by the caller.
            unsafe {
                let entry = std::mem::transmute::<*mut c_void, Entry>(address);
                if let Some(second) = NonNull::new(entry(words.as_mut_ptr())) {
                    self.destroy_error(second);
                }
            }
            words.int(3)
        });
        // SAFETY: guaranteed by the caller.
        unsafe { self.destroy_error(error) };
        Error::Plugin { action, code: Code::new(code), message }
    }

    /// Destroys an error.
    ///
    /// # Safety
    /// As [`Api::take_error`].
    unsafe fn destroy_error(self, error: NonNull<c_void>) {
        // SAFETY: guaranteed by the caller.
        unsafe { self.call_infallible(Function::ErrorDestroy, &mut Words::new().address(2, error.as_ptr())) }
    }

    /// Calls a function that cannot fail.
    ///
    /// # Safety
    /// As [`Api::call`], with a function that returns nothing.
    unsafe fn call_infallible(self, function: Function, words: &mut Words) {
        if let Some(address) = self.address(function) {
            // SAFETY: the table's entry is a function of this type; guaranteed by the caller.
            unsafe { std::mem::transmute::<*mut c_void, ErrorEntry>(address)(words.as_mut_ptr()) }
        }
    }

    /// Waits for an event, if there is one, and destroys it.
    ///
    /// # Safety
    /// The event is null or belongs to this plugin, and nobody else uses it.
    unsafe fn wait(self, action: &'static str, event: *mut c_void) -> Result<(), Error> {
        if event.is_null() {
            return Ok(());
        }
        // SAFETY: guaranteed by the caller. The event is destroyed whether it reports an error or not.
        unsafe {
            let outcome = self.call(action, Function::EventAwait, &mut Words::new().address(2, event));
            let destroyed = self.call(action, Function::EventDestroy, &mut Words::new().address(2, event));
            outcome.and(destroyed)
        }
    }
}

/// The text whose address is in a word and whose length is in the next.
///
/// # Safety
/// The two words are valid, or the address is null.
unsafe fn text(words: &Words, word: usize) -> String {
    // SAFETY: guaranteed by the caller.
    String::from_utf8_lossy(unsafe { items::<u8>(words, word) }).into_owned()
}

/// The items whose address is in a word and whose number is in the next.
///
/// # Safety
/// The two words are valid, or the address is null; the items live as long as the caller uses them.
unsafe fn items<'a, T>(words: &Words, word: usize) -> &'a [T] {
    let (first, count) = (words.pointer::<T>(word), words.size(word + 1));
    if first.is_null() || count == 0 {
        return &[];
    }
    // SAFETY: guaranteed by the caller.
    unsafe { std::slice::from_raw_parts(first, count) }
}

/// Converts extents from a plugin.
fn extents(action: &'static str, given: &[i64]) -> Result<Vec<usize>, Error> {
    let extents: Result<Vec<usize>, _> = given.iter().map(|extent| usize::try_from(*extent)).collect();
    extents.map_err(|_| Error::Answer { action, answer: format!("the extents {given:?}") })
}
