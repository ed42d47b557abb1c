//! The main functions of MLIR's tools with our dialects.

use crate::context::registry;
use crate::ir::bytes_of;
use crate::shim;
use crate::source;
use melior::StringRef;
use mlir_sys::MlirStringRef;
use std::borrow::Cow;
use std::ffi::{CString, c_char, c_int, c_void};
use std::panic::catch_unwind;

fn c_arguments(arguments: &[String]) -> (Vec<CString>, Vec<*mut c_char>) {
    let owned: Vec<CString> = arguments.iter().filter_map(|argument| CString::new(argument.as_str()).ok()).collect();
    let mut pointers: Vec<*mut c_char> = owned.iter().map(|argument| argument.as_ptr().cast_mut()).collect();
    pointers.push(std::ptr::null_mut());
    (owned, pointers)
}

/// Checks the text that one of MLIR's tools is about to parse; errors go to standard error. If the tool must parse a
/// corrected text instead, `take` receives it.
#[unsafe(no_mangle)]
extern "C" fn dpCheckSource(
    text: MlirStringRef,
    name: MlirStringRef,
    take: extern "C" fn(MlirStringRef, *mut c_void),
    data: *mut c_void,
) -> bool {
    // SAFETY: the caller's strings live for the call.
    let (text, name) = unsafe { (bytes_of(text), String::from_utf8_lossy(bytes_of(name))) };
    if let Err(refusal) = catch_unwind(|| source::check(text)).unwrap_or(Ok(())) {
        eprintln!("{}", refusal.text(&name));
        return false;
    }
    let text = String::from_utf8_lossy(text);
    if let Ok(Cow::Owned(readable)) = catch_unwind(|| source::readable(&text)) {
        take(StringRef::new(&readable).to_raw(), data);
    }
    true
}

/// mlir-opt's main program with our dialects and the registered passes.
pub fn opt_main(arguments: &[String]) -> i32 {
    let (owned, mut pointers) = c_arguments(arguments);
    // SAFETY: the arguments and the registry outlive the call.
    unsafe { shim::dpOptMain(owned.len() as c_int, pointers.as_mut_ptr(), registry().to_raw()) }
}

/// MLIR's language server with our dialects.
pub fn lsp_main(arguments: &[String]) -> i32 {
    let (owned, mut pointers) = c_arguments(arguments);
    // SAFETY: the arguments and the registry outlive the call.
    unsafe { shim::dpLspMain(owned.len() as c_int, pointers.as_mut_ptr(), registry().to_raw()) }
}
