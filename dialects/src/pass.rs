//! Registration of passes with Rust bodies in MLIR's pass registry.

use crate::diagnostics::{Diagnostic, ErrorGuaranteed};
use crate::ir::{Op, text_of};
use crate::shim::{self, DpPass};
use melior::StringRef;
use melior::ir::operation::{OperationLike, OperationRef};
use mlir_sys::{MlirOperation, MlirStringRef};
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The body of a pass: a function of a module and the values of the options.
pub type Body = dyn for<'c> Fn(Op<'c>, &[&str]) -> Result<(), ErrorGuaranteed> + Sync;

/// A module pass for MLIR's registry. Options are strings.
pub struct RegisteredPass {
    /// The flag, without dashes.
    pub flag: &'static str,
    /// A one-line summary.
    pub summary: &'static str,
    /// The options: name, summary, default.
    pub options: Vec<[String; 3]>,
    /// Runs the pass on a module, with the values of the options in order. `Err` means that an error was reported.
    pub run: Box<Body>,
}

impl RegisteredPass {
    /// Registers the pass with MLIR under its flag. Call once per process.
    pub fn register(self) {
        // Pass objects refer to it for the rest of the process.
        let pass: &'static RegisteredPass = Box::leak(Box::new(self));
        let strings: Vec<MlirStringRef> =
            pass.options.iter().flatten().map(|text| StringRef::new(text).to_raw()).collect();
        let described = DpPass {
            flag: StringRef::new(pass.flag).to_raw(),
            summary: StringRef::new(pass.summary).to_raw(),
            data: std::ptr::from_ref(pass).cast(),
            option_count: pass.options.len() as isize,
            options: strings.leak().as_ptr(),
        };
        // SAFETY: the description lives as long as the process.
        unsafe { shim::dpRegisterPass(described) }
    }
}

/// Runs the body of a pass, and reports a panic as an internal error.
///
/// # Errors
/// If the pass fails or panics; this was reported.
pub fn guarded(
    flag: &str,
    module: Op,
    body: impl FnOnce() -> Result<(), ErrorGuaranteed>,
) -> Result<(), ErrorGuaranteed> {
    let _span = tracing::info_span!("pass", flag).entered();
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| {
        Err(Diagnostic::internal(format!("internal error in pass '{flag}'")).report(module.location()))
    })
}

#[unsafe(no_mangle)]
extern "C" fn dpRunPass(
    data: *const c_void,
    module: MlirOperation,
    count: isize,
    values: *const MlirStringRef,
) -> bool {
    // SAFETY: `data` is the pass that `register` stored; the module is live, and there is one value for each option.
    let (pass, module, values): (&'static RegisteredPass, Op, Vec<&str>) = unsafe {
        let raw = if count == 0 { &[] } else { std::slice::from_raw_parts(values, count as usize) };
        let values = raw.iter().map(|raw| text_of(*raw).unwrap_or_default()).collect();
        (&*data.cast(), OperationRef::from_raw(module), values)
    };
    guarded(pass.flag, module, || (pass.run)(module, &values)).is_ok()
}
