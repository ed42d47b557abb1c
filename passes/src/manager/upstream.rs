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

/// Runs a textual pipeline, such as `"canonicalize,cse"`, on a module that the compiler made, or a function of it, on which
/// no pass should fail.
///
/// # Errors
/// If a pass fails; this was reported as an internal error.
pub fn run(op: Op, pipeline: &str) -> Result<(), ErrorGuaranteed> {
    execute(op, pipeline).map_err(|_| {
        let message = format!("internal error: the MLIR pipeline '{pipeline}' failed");
        Diagnostic::internal(message).help(REPORT).report(op.location())
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

/// Runs a textual pipeline on an operation: a module, or a function in one.
fn execute(op: Op, pipeline: &str) -> Result<(), ErrorGuaranteed> {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(register_all_passes);
    let name = op.name();
    let name = name.as_string_ref();
    // SAFETY: the context and the name are live; the manager is owned here.
    let manager = unsafe {
        PassManager::from_raw(mlir_sys::mlirPassManagerCreateOnOperation(context_of(op).to_raw(), name.to_raw()))
    };
    manager.enable_verifier(VERIFIES_EACH);
    let text = format!("{}({pipeline})", name.as_str().unwrap_or_default());
    if let Err(error) = parse_pass_pipeline(manager.as_operation_pass_manager(), &text) {
        let message = format!("internal error: cannot parse the pipeline '{text}': {error}");
        return Err(Diagnostic::internal(message).report(op.location()));
    }
    if pipeline.contains("canonicalize") {
        expand_complex_elements(op).map_err(|diagnostic| diagnostic.report(op.location()))?;
    }
    // SAFETY: the manager and the operation are live, and the manager is for operations of its name.
    let outcome = unsafe { mlir_sys::mlirPassManagerRunOnOp(manager.to_raw(), op.to_raw()) };
    if outcome.value == 0 { Err(ErrorGuaranteed) } else { Ok(()) }
}
