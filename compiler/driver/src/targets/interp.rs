//! The target `interp`: calls the program in the interpreter, the reference for all other targets.

use super::TargetDriver;
use crate::conversion;
use crate::failure::Failure;
use crate::job::Job;
use crate::request::{Emit, Request};
use dp_dialects::{Diagnostic, Result, ValueType, ir::signature};
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
            let inputs = signature(call.function()).map(|(inputs, _)| inputs).unwrap_or_default();
            let tensors = inputs.iter().map(|input| ValueType::of(*input).is_some_and(|r#type| r#type.is_tensor()));
            let arguments = call.arguments().iter().zip(tensors);
            let arguments = arguments.map(|(array, tensor)| conversion::literal(array, tensor)).collect();
            let function = call.function();
            let call = dp_interp::Call { function: call.name().into(), arguments };
            let results = dp_interp::Interp.emit(job.program.module(), call).map_err(|located| located.report())?;
            let arrays: Result<_> = results.iter().map(conversion::array).collect();
            Ok(arrays.map_err(|diagnostic| diagnostic.report(function.location()))?)
        })?;
        job.set_results(results);
        Ok(())
    }
}
