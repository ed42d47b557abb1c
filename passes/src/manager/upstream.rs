//! Upstream passes, as textual pipelines.

use super::folds::expand_complex_elements;
use dp_dialects::diagnostics::upstream_errors;
use dp_dialects::ir::{Op, context_of};
use dp_dialects::{Diagnostic, DiagnosticCode, ErrorGuaranteed};
use melior::ir::operation::OperationLike;
use melior::pass::PassManager;
use melior::utility::{parse_pass_pipeline, register_all_passes};
use std::sync::Once;

/// Whether modules are verified after every pass: in debug builds, including `dpopt`. Release builds verify their input
/// and what is passed to LLVM.
pub const VERIFIES_EACH: bool = cfg!(debug_assertions);

/// Help if a step fails through no fault of the program.
pub(crate) const REPORT: &str =
    "please report this bug with the program that caused it and the output of --reproducer=FILE";

/// Runs a textual pipeline, such as `"canonicalize,cse"`, on a module that the compiler made, on which no pass should
/// fail.
///
/// # Errors
/// If a pass fails; this was reported as an internal error.
pub fn run(module: Op, pipeline: &str) -> Result<(), ErrorGuaranteed> {
    execute(module, pipeline).map_err(|_| {
        let message = format!("internal error: the MLIR pipeline '{pipeline}' failed");
        Diagnostic::internal(message).help(REPORT).report(module.location())
    })
}

/// Runs a textual pipeline on the user's program, which a pass may not fully support. A diagnostic of a pass is then
/// not an internal error.
///
/// # Errors
/// If a pass fails; its diagnostics were reported. A pipeline that does not parse is reported as an internal error.
pub fn run_on_program(module: Op, pipeline: &str) -> Result<(), ErrorGuaranteed> {
    upstream_errors(DiagnosticCode::Unsupported, || execute(module, pipeline))
}

fn execute(module: Op, pipeline: &str) -> Result<(), ErrorGuaranteed> {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(register_all_passes);
    let manager = PassManager::new(context_of(module));
    manager.enable_verifier(VERIFIES_EACH);
    let text = format!("builtin.module({pipeline})");
    if let Err(error) = parse_pass_pipeline(manager.as_operation_pass_manager(), &text) {
        let message = format!("internal error: cannot parse the pipeline '{text}': {error}");
        return Err(Diagnostic::internal(message).report(module.location()));
    }
    if pipeline.contains("canonicalize") {
        expand_complex_elements(module).map_err(|diagnostic| diagnostic.report(module.location()))?;
    }
    // SAFETY: the manager and the module are live; the module is a `builtin.module`.
    let outcome = unsafe { mlir_sys::mlirPassManagerRunOnOp(manager.to_raw(), module.to_raw()) };
    if outcome.value == 0 { Err(ErrorGuaranteed) } else { Ok(()) }
}
