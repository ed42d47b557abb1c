//! The target `xla`: the program as StableHLO, compiled and run by a PJRT plugin.

use super::TargetDriver;
use crate::call::{self, Call};
use crate::diagnostics::{DiagnosticRecord, Severity};
use crate::events::{Event, Events};
use crate::failure::{Failure, of_option};
use crate::job::Job;
use crate::phases::Phases;
use crate::program::{Program, arguments};
use crate::request::{Emit, Request};
use dp_abi::{Argument, Extent, ScalarType};
use dp_dialects::ir::{Op, signature, symbol_name};
use dp_dialects::{Diagnostic, Result, ValueType};
use dp_passes::specialize::Fixed;
use dp_passes::symbols::public_functions;
use dp_runtime::pjrt::{self, AheadOfTime, ArrayType, Signature};
use dp_runtime::{Array, Help};
use dp_xla::{Ahead, Artifact, Kind, Target};
use melior::ir::Type;
use melior::ir::operation::OperationLike;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// The XLA target.
#[derive(Clone, Debug)]
pub struct Xla {
    /// The entry function (`--entry`); by default the function that is called, or the only public one.
    pub entry: Option<String>,
    /// The PJRT plugin that runs and compiles programs (`--pjrt-plugin`, `DP_PJRT_PLUGIN`).
    pub plugin: Option<PathBuf>,
    /// The topology of TPUs to compile for (`--tpu`).
    pub tpu: Option<String>,
    /// The number of devices that programs with shardings are divided over (`--devices`). On one, XLA ignores them.
    pub devices: NonZeroUsize,
}

impl Default for Xla {
    fn default() -> Xla {
        Xla { entry: None, plugin: None, tpu: None, devices: NonZeroUsize::MIN }
    }
}

impl TargetDriver for Xla {
    fn name(&self) -> &'static str {
        dp_xla::Xla::NAME
    }

    fn emits(&self) -> &'static [Emit] {
        &[Emit::Stablehlo, Emit::Mlir, Emit::Simplified, Emit::Exe]
    }

    fn default_emit(&self) -> Option<Emit> {
        Some(if self.tpu.is_some() { Emit::Exe } else { Emit::Stablehlo })
    }

    fn check(&self, request: &Request) -> Result<()> {
        let refused = |message: String, help: &str| Err(Diagnostic::request(message).help(help));
        match (&request.call, &self.entry) {
            _ if !request.vjp.is_empty() => refused(
                "--vjp: an XLA program cannot keep what a pullback needs between calls".into(),
                "use --grad, or write 'ad.vjp' and 'ad.pull' in the program",
            ),
            (Some(call), Some(entry)) if call.function != *entry => refused(
                format!("--run {}: the entry is '{entry}', the only function that XLA can call", call.function),
                "omit --entry; the function that --run calls becomes the entry",
            ),
            (Some(_), _) if self.tpu.is_some() => refused(
                "--tpu: a program compiled ahead of time cannot be run here".into(),
                "use --run and --tpu in separate commands",
            ),
            (_, _) if self.tpu.is_some() && request.emit.is_some_and(|emit| emit != Emit::Exe) => {
                refused("--tpu: only --emit=exe is supported".into(), "use --emit=exe, or omit --tpu")
            }
            (_, _) => Ok(()),
        }
    }

    fn has_calls(&self) -> bool {
        false
    }

    fn takes_fixed_extents(&self) -> bool {
        true
    }

    fn extents(&self, call: &Call) -> Vec<Fixed> {
        let arguments = arguments(call.function()).unwrap_or_default();
        extents(&arguments, call.arguments())
    }

    fn evaluator(&self) -> Option<Box<dyn TargetDriver>> {
        let plugin = self.plugin.clone()?;
        Some(Box::new(Xla { plugin: Some(plugin), ..Xla::default() }))
    }

    fn make(&self, job: &mut Job) -> Result<(), Failure> {
        let ahead = match (&self.tpu, &self.plugin) {
            (Some(topology), Some(plugin)) => Some(Ahead { plugin: plugin.clone(), topology: topology.clone() }),
            (Some(_), None) => return Err(no_plugin("--tpu").into()),
            (None, _) => None,
        };
        // XLA can only call the entry.
        let called = job.request.call.as_ref().map(|call| call.function.clone());
        let (name, entry) = (job.program.name(), self.entry.clone().or(called));
        if let (None, Some(Emit::Stablehlo | Emit::Exe)) = (&entry, job.emit) {
            single_entry(job.program)?;
        }
        let fp = job.request.fp;
        let xla = dp_xla::Xla { options: dp_xla::Options { name, fp, entry, ahead } };
        let (module, options) = (job.program.module(), xla.pipeline());
        let text = job.phases.time_steps("lower", |phases| {
            let outcome = dp_xla::lower(module, &options, phases);
            phases.outcome(outcome)
        })?;
        job.phases.check()?;
        job.phases.events().send(&Event::Snapshot { name: "lower", text: &|| text.clone() });
        if let Some(kind) = job.emit.and_then(kind) {
            emit(job, &xla, &text, kind)?;
        }
        let Some(call) = &job.call else { return Ok(()) };
        let results = self.run(&mut job.phases, job.program, &text, call)?;
        job.set_results(results);
        Ok(())
    }
}

/// The signature of the entry, if its extents are static: by default, the only public function.
fn signature_of_entry(program: &Program, entry: Option<&str>) -> Option<Signature> {
    let is_entry = |function: &Op| entry.is_none_or(|entry| symbol_name(*function) == Some(entry));
    let function = public_functions(program.module()).into_iter().find(is_entry)?;
    static_signature(function).ok()
}

/// Rejects a program with several candidates for the entry.
fn single_entry(program: &Program) -> Result<(), Failure> {
    let public = public_functions(program.module());
    match public[..] {
        [_, second, ..] => {
            let names: Vec<&str> = public.iter().filter_map(|function| symbol_name(*function)).collect();
            let message = format!(
                "XLA needs one entry function, but the program has several public functions: {}",
                names.join(", ")
            );
            let help = format!("choose one, for example --entry {}", names[names.len() - 1]);
            Err(Diagnostic::request(message).help(help).report(second.location()).into())
        }
        [] | [_] => Ok(()),
    }
}

/// What XLA calls an output, if it makes it.
fn kind(emit: Emit) -> Option<Kind> {
    match emit {
        Emit::Mlir | Emit::Simplified | Emit::Linalg | Emit::Ptx | Emit::Header => None,
        Emit::Llvm | Emit::Asm | Emit::Obj | Emit::Archive | Emit::So => None,
        Emit::Stablehlo => Some(Kind::StableHlo),
        Emit::Exe => Some(Kind::Executable),
    }
}

/// Emits an output of the lowered program.
fn emit(job: &mut Job, xla: &dp_xla::Xla, text: &str, kind: Kind) -> Result<()> {
    if kind == Kind::Executable && xla.options.ahead.is_some() && text.contains("f64") {
        job.phases.events().send(&Event::Diagnostic(&DiagnosticRecord {
            severity: Severity::Warning,
            ..Diagnostic::unsupported("TPUs do not support f64; it is emulated with pairs of f32").into()
        }));
    }
    let artifact = match kind {
        Kind::StableHlo => xla.emit(text, kind),
        Kind::Executable => job.phases.time("compile", || xla.emit(text, kind)),
    };
    match artifact.map_err(|error| of_option("--tpu", &error))? {
        Artifact::StableHlo(text) => {
            let signature = signature_of_entry(job.program, xla.options.entry.as_deref());
            job.emit_stablehlo(text, signature);
        }
        Artifact::Executable(compiled) => {
            let bytes = report(&compiled, job.phases.events()).and_then(|()| compiled.serialize());
            job.emit(Emit::Exe, bytes.map_err(|error| of_option("--tpu", &error))?);
        }
    }
    Ok(())
}

impl Xla {
    /// Calls the entry of the lowered program.
    fn run(&self, phases: &mut Phases, program: &Program, text: &str, call: &Call) -> Result<Vec<Array>, Failure> {
        let option = format!("--run {}", call.name());
        let failed = |error: pjrt::Error| of_option(&option, &error);
        let Some(path) = &self.plugin else { return Err(no_plugin(&option).into()) };
        let function = program.function(&option, call.name())?;
        let signature =
            static_signature(function).map_err(|diagnostic| diagnostic.prefixed(format_args!("{option}: ")))?;
        let devices = self.devices.get();
        let shardings = (devices > 1).then(|| dp_stablehlo::shardings(program.module(), function, devices));
        let shardings = shardings.transpose().map_err(|located| located.report())?;
        let client = dp_xla::plugin(path).and_then(|plugin| plugin.client_of(devices)).map_err(failed)?;
        let compiled = phases.time("compile", || match shardings {
            None => client.compile(text, signature),
            Some(shardings) => client.compile_divided(text, signature, shardings),
        });
        let compiled = compiled.map_err(failed)?;
        if devices > 1 {
            phases.events().send(&Event::Collectives(&compiled.collectives().map_err(failed)?));
        }
        phases.time("run", || compiled.run(call.arguments())).map_err(|error| match error {
            pjrt::Error::Status { ref message, .. } => {
                Failure::AtRunTime { code: error.code(), message: message.clone() }
            }
            error => failed(error).into(),
        })
    }
}

/// The extents of a call's arguments that the types leave dynamic, and the values of index arguments, which may be
/// extents. XLA compiles for them.
pub fn extents(arguments: &[Argument], arrays: &[Array]) -> Vec<Fixed> {
    let fixed = |(argument, array): (&Argument, &Array)| -> Option<Fixed> {
        let is_extent = argument.shape.is_none() && argument.number == ScalarType::Index;
        if !is_extent && !argument.shape.iter().flatten().any(|extent| *extent == Extent::Dynamic) {
            return None;
        }
        Some(Fixed { name: argument.name.clone(), extents: call::extents(array)? })
    };
    arguments.iter().zip(arrays).filter_map(fixed).collect()
}

/// The signature of a function, whose types must be static.
///
/// # Errors
/// If XLA does not support a type.
pub fn static_signature(function: Op) -> Result<Signature> {
    let (inputs, outputs) = signature(function).unwrap_or_default();
    let array = |r#type: &Type| -> Result<ArrayType> {
        let refusal = || Diagnostic::unsupported(format!("XLA entry functions do not support {type}"));
        let value = ValueType::of(*r#type).ok_or_else(refusal)?;
        let shape: Option<Vec<usize>> =
            value.extents().iter().map(|extent| extent.map(|extent| extent as usize)).collect();
        Ok(ArrayType { number: value.dtype, shape: shape.ok_or_else(refusal)? })
    };
    let all = |types: &[Type]| types.iter().map(array).collect::<Result<Vec<_>, _>>();
    Ok(Signature { arguments: all(&inputs)?, results: all(&outputs)? })
}

/// Reports memory use and cost estimates of an executable compiled ahead of time.
fn report(compiled: &AheadOfTime, events: &Events) -> Result<(), pjrt::Error> {
    let memory = compiled.memory()?;
    for (of, bytes) in [
        ("code", memory.code),
        ("arguments", memory.arguments),
        ("results", memory.results),
        ("temporary", memory.temporary),
    ] {
        events.send(&Event::Memory { of, bytes });
    }
    // Sorted, because the plugin's order may vary.
    let mut cost = compiled.cost()?;
    cost.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (of, figure) in &cost {
        events.send(&Event::Cost { of, figure });
    }
    Ok(())
}

fn no_plugin(option: &str) -> Diagnostic {
    Diagnostic::io(format!("{option}: no PJRT plugin"))
        .help(format!("set --pjrt-plugin or {}; `./x plugins` downloads one for CPUs", dp_xla::PLUGIN))
}
