//! Passes whose bodies are Rust, in MLIR's registry of passes; and the main
//! programs of MLIR's tools over our dialects.

use crate::context::registry;
use crate::diagnostics::emit_error;
use crate::ir::{Op, bytes_of, text_of};
use crate::shim::{self, DpPass};
use crate::source;
use melior::StringRef;
use melior::ir::operation::{OperationLike, OperationRef};
use mlir_sys::{MlirOperation, MlirStringRef};
use std::borrow::Cow;
use std::ffi::{CString, c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// An option of a pass: `--flag=name=value`.
#[derive(Clone, Copy, Debug)]
pub struct PassOption {
    /// Its name.
    pub name: &'static str,
    /// What it does, for `--help` and the reference.
    pub summary: &'static str,
    /// What holds where it is not given.
    pub default: &'static str,
}

/// The body of a pass: changes a module, given the options' values in order.
/// `Err` means that the mistake has been reported as a diagnostic.
pub type PassBody = for<'c> fn(Op<'c>, &[&str]) -> Result<(), Reported>;

/// A mistake that has been reported through MLIR's diagnostics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pass failed; its diagnostics say why")]
pub struct Reported;

/// A pass over modules.
#[derive(Debug)]
pub struct Pass {
    /// The flag, without dashes.
    pub flag: &'static str,
    /// What it does, in a line.
    pub summary: &'static str,
    /// The contract: what it takes, what it leaves. For the reference.
    pub description: &'static str,
    /// Its options.
    pub options: &'static [PassOption],
    /// What it does, in Rust.
    pub body: PassBody,
}

impl Pass {
    /// The shim's view of the pass, options set to the given values or else to
    /// their defaults. Pass objects hold on to it, so it lives as long as the process.
    fn described(&'static self, values: &[(&str, &str)]) -> DpPass {
        let mut strings: Vec<MlirStringRef> = Vec::new();
        for option in self.options {
            let value = values.iter().find(|(name, _)| *name == option.name).map(|(_, value)| value.to_string());
            let value: &'static str = match value {
                Some(value) => value.leak(),
                None => option.default,
            };
            strings.extend([option.name, option.summary, value].map(|text| StringRef::new(text).to_raw()));
        }
        DpPass {
            flag: StringRef::new(self.flag).to_raw(),
            summary: StringRef::new(self.summary).to_raw(),
            data: std::ptr::from_ref(self).cast(),
            option_count: self.options.len() as isize,
            options: strings.leak().as_ptr(),
        }
    }

    /// Puts the pass into MLIR's registry, under its flag. Once a process.
    pub fn register(&'static self) {
        // SAFETY: the description lives as long as the process.
        unsafe { shim::dpRegisterPass(self.described(&[])) }
    }

    /// An instance for a pass manager, with some options set.
    pub fn instance(&'static self, values: &[(&str, &str)]) -> melior::pass::Pass {
        // SAFETY: the description lives as long as the process; the pass manager owns the pass.
        unsafe { melior::pass::Pass::from_raw(shim::dpCreatePass(self.described(values))) }
    }
}

#[unsafe(no_mangle)]
extern "C" fn dpRunPass(
    data: *const c_void,
    module: MlirOperation,
    count: isize,
    values: *const MlirStringRef,
) -> bool {
    // SAFETY: `data` is the pass that `described` put there; the module is live,
    // and there is one value for each option.
    let (pass, module, values): (&'static Pass, Op, Vec<&str>) = unsafe {
        let raw = if count == 0 { &[] } else { std::slice::from_raw_parts(values, count as usize) };
        let values = raw.iter().map(|raw| text_of(*raw).unwrap_or_default()).collect();
        (&*data.cast(), OperationRef::from_raw(module), values)
    };
    let _span = tracing::info_span!("pass", flag = pass.flag).entered();
    let outcome = catch_unwind(AssertUnwindSafe(|| (pass.body)(module, &values)));
    match outcome {
        Ok(outcome) => outcome.is_ok(),
        Err(_) => {
            let what = format!("internal error in pass '{}'", pass.flag);
            emit_error(module.location(), &what, Some("please report the program that caused it"));
            false
        }
    }
}

fn c_arguments(arguments: &[String]) -> (Vec<CString>, Vec<*mut c_char>) {
    let owned: Vec<CString> = arguments.iter().filter_map(|argument| CString::new(argument.as_str()).ok()).collect();
    let mut pointers: Vec<*mut c_char> = owned.iter().map(|argument| argument.as_ptr().cast_mut()).collect();
    pointers.push(std::ptr::null_mut());
    (owned, pointers)
}

/// Checks the text that a tool of MLIR's is about to parse; what is wrong goes to standard error. `take` gets the text
/// as it is to be read, where that is another one.
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
