//! The main functions of MLIR's tools with our dialects.

use crate::diagnostics::ErrorGuaranteed;
use crate::ir::{Op, bytes_of, text_of};
use crate::pass::guarded;
use crate::shim;
use crate::source;
use melior::StringRef;
use melior::dialect::DialectRegistry;
use melior::ir::operation::OperationRef;
use mlir_sys::{MlirOperation, MlirStringRef};
use std::borrow::Cow;
use std::ffi::{CString, c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

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

/// A check of a module before the first pass of `dpopt` and after each pass.
pub trait ModuleCheck {
    /// Sees the module before the first pass.
    fn begin(&mut self, module: Op);

    /// Sees the module after a pass, given by its name, and with its options in pipeline syntax; whether it is right.
    fn after(&mut self, name: &str, text: &str, module: Op) -> bool;

    /// The last pass has ended.
    fn end(&mut self);
}

/// Makes the check of a module, given the text of the option `--check-each`; `None` if that is invalid, which was
/// reported.
pub type NewCheck = fn(&str) -> Option<Box<dyn ModuleCheck>>;

/// The check of `--check-each`.
static CHECK: OnceLock<NewCheck> = OnceLock::new();

/// Makes a check for one module; null if the option is invalid.
#[unsafe(no_mangle)]
extern "C" fn dpNewCheck(option: MlirStringRef) -> *mut c_void {
    // SAFETY: the caller's string lives for the call.
    let option = unsafe { text_of(option) }.unwrap_or_default();
    let check = catch_unwind(|| CHECK.get().and_then(|new| new(option))).unwrap_or_default();
    check.map_or(std::ptr::null_mut(), |check| Box::into_raw(Box::new(check)).cast())
}

/// Shows a check the module: after a pass, or before the first if the name is empty.
#[unsafe(no_mangle)]
extern "C" fn dpCheckModule(
    check: *mut c_void,
    name: MlirStringRef,
    text: MlirStringRef,
    module: MlirOperation,
) -> bool {
    // SAFETY: `check` is from `dpNewCheck` and used by one thread; the strings and the module are live.
    let (check, name, text, module): (&mut Box<dyn ModuleCheck>, &str, &str, Op) = unsafe {
        let [name, text] = [name, text].map(|raw| text_of(raw).unwrap_or_default());
        (&mut *check.cast(), name, text, OperationRef::from_raw(module))
    };
    let outcome = guarded("check-each", module, || {
        if name.is_empty() {
            check.begin(module);
            return Ok(());
        }
        if check.after(name, text, module) { Ok(()) } else { Err(ErrorGuaranteed) }
    });
    outcome.is_ok()
}

/// Ends and destroys a check.
#[unsafe(no_mangle)]
extern "C" fn dpEndCheck(check: *mut c_void) {
    // SAFETY: `check` is from `dpNewCheck`, and not used again.
    let mut check: Box<Box<dyn ModuleCheck>> = unsafe { Box::from_raw(check.cast()) };
    // A panic was printed.
    let _ = catch_unwind(AssertUnwindSafe(move || check.end()));
}

/// mlir-opt's main program with the dialects of a registry and the registered passes. With `--check-each`, a check sees each module.
pub fn opt_main(arguments: &[String], registry: &DialectRegistry, check: NewCheck) -> i32 {
    CHECK.get_or_init(|| check);
    let (owned, mut pointers) = c_arguments(arguments);
    // SAFETY: the arguments and the registry outlive the call.
    unsafe { shim::dpOptMain(owned.len() as c_int, pointers.as_mut_ptr(), registry.to_raw()) }
}

/// MLIR's language server with the dialects of a registry.
pub fn lsp_main(arguments: &[String], registry: &DialectRegistry) -> i32 {
    let (owned, mut pointers) = c_arguments(arguments);
    // SAFETY: the arguments and the registry outlive the call.
    unsafe { shim::dpLspMain(owned.len() as c_int, pointers.as_mut_ptr(), registry.to_raw()) }
}
