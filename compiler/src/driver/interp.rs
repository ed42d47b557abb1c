//! `--target=interp`: calls of the program as it stands, which other targets are held against.

use super::conflicts::Conflict;
use super::crossing;
use super::job::Job;
use super::options::Emit;
use super::report::Failure;
use super::targets::TargetDriver;
use dp_dialects::{Result, ValueType, ir::signature};
use dp_interp::Target;
use dp_runtime::Array;
use melior::ir::operation::OperationLike;

/// The interpreter.
#[derive(Debug)]
pub struct Interp;

impl TargetDriver for Interp {
    fn name(&self) -> &'static str {
        dp_interp::Interp::NAME
    }

    fn summary(&self) -> &'static str {
        "The interpreter: slow, and the reference of what is right"
    }

    fn emits(&self) -> &'static [Emit] {
        &[Emit::Mlir, Emit::Simplified]
    }

    fn conflicts(&self) -> &'static [Conflict] {
        &[Conflict {
            is_given: |options| options.run.is_none() && options.emit.is_none() && options.stop_after.is_none(),
            message: |_| "--target=interp: the interpreter makes no files".into(),
            help: "call a function with --run, or look at the program with --emit=mlir or --emit=simplified",
        }]
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
            let arguments = arguments.map(|(array, tensor)| crossing::literal(array, tensor)).collect();
            let function = call.function();
            let call = dp_interp::Call { function: call.name().into(), arguments };
            let results = dp_interp::Interp.emit(job.program.module(), call).map_err(|located| located.report())?;
            let arrays: Result<_> = results.iter().map(crossing::array).collect();
            Ok(arrays.map_err(|diagnostic| diagnostic.report(function.location()))?)
        })?;
        job.show(&results)
    }
}
