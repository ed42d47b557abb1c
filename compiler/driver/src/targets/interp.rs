//! The target `interp`: calls the program in the interpreter, the reference for all other targets.

use super::TargetDriver;
use crate::conversion;
use crate::failure::Failure;
use crate::job::Job;
use crate::request::{Emit, Request};
use dp_dialects::ir::{Op, signature, symbol_name};
use dp_dialects::{Diagnostic, Result, SpannedDiagnostic, ValueType};
use dp_interp::Target;
use dp_runtime::Array;
use melior::ir::operation::OperationLike;

/// The interpreter.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interp;

impl TargetDriver for Interp {
    fn name(&self) -> &'static str {
        dp_interp::Interp::NAME
    }

    fn emits(&self) -> &'static [Emit] {
        &[Emit::Mlir, Emit::Simplified]
    }

    fn check(&self, request: &Request) -> Result<()> {
        if request.call.is_some() || request.emit.is_some() || request.stop_after.is_some() {
            return Ok(());
        }
        let help = "call a function with --run, or print the program with --emit=mlir or --emit=simplified";
        Err(Diagnostic::request("--target=interp: the interpreter writes no output files").help(help))
    }

    fn takes(&self) -> Emit {
        Emit::Mlir
    }

    fn make(&self, job: &mut Job) -> Result<(), Failure> {
        let Some(call) = &job.call else { return Ok(()) };
        let results = job.phases.time("run", || -> Result<Vec<Array>, Failure> {
            let results = interpret(job.program.module(), call.function(), call.arguments());
            Ok(results.map_err(|located| located.report())?)
        })?;
        job.set_results(results);
        Ok(())
    }
}

/// Calls a function of a module in the interpreter, with arguments that fit.
///
/// # Errors
/// If execution fails, or a result does not fit into memory.
pub fn interpret<'c>(
    module: Op<'c>,
    function: Op<'c>,
    arguments: &[Array],
) -> Result<Vec<Array>, SpannedDiagnostic<'c>> {
    interpret_within(None, module, function, arguments)
}

/// Calls a function of a module in the interpreter, with arguments that fit, and at most this number of operations.
///
/// # Errors
/// If execution fails or takes more operations, or a result does not fit into memory.
pub fn interpret_within<'c>(
    limit: Option<u64>,
    module: Op<'c>,
    function: Op<'c>,
    arguments: &[Array],
) -> Result<Vec<Array>, SpannedDiagnostic<'c>> {
    let inputs = signature(function).map(|(inputs, _)| inputs).unwrap_or_default();
    let tensors = inputs.iter().map(|input| ValueType::of(*input).is_some_and(|r#type| r#type.is_tensor()));
    let arguments = arguments.iter().zip(tensors).map(|(array, tensor)| conversion::literal(array, tensor)).collect();
    let call = dp_interp::Call { function: symbol_name(function).unwrap_or_default().into(), arguments, limit };
    let results = dp_interp::Interp.emit(module, call)?;
    let arrays: Result<_> = results.iter().map(conversion::array).collect();
    arrays.map_err(|diagnostic| SpannedDiagnostic::new(function.location(), diagnostic))
}
