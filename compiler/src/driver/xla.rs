//! `--target=xla`: the program as StableHLO, compiled and executed by a plugin.

use super::conflicts::Conflict;
use super::console::Console;
use super::execute::Call;
use super::job::Job;
use super::options::{Emit, Options};
use super::phases::Phases;
use super::program::Program;
use super::report::{Failure, of_option};
use super::targets::{TargetDriver, given};
use crate::diagnostics::remark::Remark;
use crate::diagnostics::{DiagnosticRecord, Severity};
use dp_dialects::ir::{Op, argument_name, signature, symbol_name};
use dp_dialects::{Diagnostic, Result, ValueType};
use dp_passes::specialize::Fixed;
use dp_passes::symbols::public_functions;
use dp_runtime::pjrt::{self, AheadOfTime, ArrayType, Figure, Signature};
use dp_runtime::{Array, Elements};
use dp_xla::{Ahead, Artifact, Kind, Target};
use melior::ir::Type;
use melior::ir::operation::OperationLike;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Where a plugin is looked for that is not named.
const PLUGIN: &str = "DP_PJRT_PLUGIN";

/// The plugin that the environment names.
pub fn plugin_of_environment() -> Option<PathBuf> {
    std::env::var_os(PLUGIN).filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// Options that do not go together.
static CONFLICTS: &[Conflict] = &[
    Conflict {
        is_given: |options| match (&options.run, &options.entry) {
            (Some(call), Some(entry)) => call != entry,
            (None, _) | (_, None) => false,
        },
        message: |options| {
            let [call, entry] = [&options.run, &options.entry].map(|name| name.as_deref().unwrap_or_default());
            format!("--run {call}: the entry is '{entry}', and XLA calls nothing else")
        },
        help: "leave out --entry: what is called is the entry",
    },
    Conflict {
        is_given: |options| options.tpu.is_some() && options.run.is_some(),
        message: |_| "--tpu: what is compiled for TPUs is not called here".into(),
        help: "leave out --run or --tpu, and do the other afterwards",
    },
    Conflict {
        is_given: |options| options.tpu.is_some() && options.emit.is_some_and(|emit| emit != Emit::Exe),
        message: |_| "--tpu: nothing but an executable is compiled for TPUs".into(),
        help: "take --emit=exe, or leave out --tpu",
    },
    Conflict {
        is_given: |options| options.entry.is_some() && options.ends_by(Emit::Simplified),
        message: |options| format!("--entry: {} before it has an entry", options.end()),
        help: "take --emit=stablehlo, or leave it out",
    },
    Conflict {
        is_given: |options| {
            options.pjrt_plugin.is_some() && options.run.is_none() && options.artifact() != Some(Emit::Exe)
        },
        message: |_| "--pjrt-plugin: nothing is called or compiled, so that none is needed".into(),
        help: "add --run or --tpu, or leave it out",
    },
];

/// XLA.
#[derive(Debug)]
pub struct Xla;

impl TargetDriver for Xla {
    fn name(&self) -> &'static str {
        dp_xla::Xla::NAME
    }

    fn summary(&self) -> &'static str {
        "XLA, by way of StableHLO"
    }

    fn emits(&self) -> &'static [Emit] {
        &[Emit::Stablehlo, Emit::Mlir, Emit::Simplified, Emit::Exe]
    }

    fn default_emit(&self, options: &Options) -> Option<Emit> {
        Some(if options.tpu.is_some() { Emit::Exe } else { Emit::Stablehlo })
    }

    fn mlir(&self) -> Emit {
        Emit::Stablehlo
    }

    fn own_options(&self, options: &Options) -> Vec<&'static str> {
        given(&[
            ("--tpu", options.tpu.is_some()),
            ("--entry", options.entry.is_some()),
            ("--pjrt-plugin", options.pjrt_plugin.is_some()),
        ])
    }

    fn conflicts(&self) -> &'static [Conflict] {
        CONFLICTS
    }

    fn takes_fixed_extents(&self) -> bool {
        true
    }

    fn extents(&self, call: &Call) -> Vec<Fixed> {
        extents(call.function(), call.arguments())
    }

    fn make(&self, job: &mut Job) -> Result<(), Failure> {
        let plugin = job.options.pjrt_plugin.clone().or_else(plugin_of_environment);
        let ahead = match (&job.options.tpu, &plugin) {
            (Some(topology), Some(plugin)) => Some(Ahead { plugin: plugin.clone(), topology: topology.clone() }),
            (Some(_), None) => return Err(no_plugin("--tpu").into()),
            (None, _) => None,
        };
        // XLA calls the entry, and nothing else.
        let (name, entry) = (job.program.name(), job.options.entry.clone().or_else(|| job.options.run.clone()));
        if let (None, Some(Emit::Stablehlo | Emit::Exe)) = (&entry, job.emit) {
            single_entry(job.program)?;
        }
        let fp = job.options.fp;
        let xla = dp_xla::Xla { options: dp_xla::Options { name, fp, entry, ahead } };
        let (module, options) = (job.program.module(), xla.pipeline());
        let text = job.phases.time_steps("lower", |phases| {
            let outcome = dp_xla::lower(module, &options, phases);
            phases.outcome(outcome)
        })?;
        job.phases.check()?;
        job.phases.keep("lower", "mlir", || text.clone())?;
        match job.emit {
            Some(Emit::Stablehlo) => emit(job, &xla, &text, Kind::StableHlo)?,
            Some(Emit::Exe) => emit(job, &xla, &text, Kind::Executable)?,
            _ => {}
        }
        let Some(call) = &job.call else { return Ok(()) };
        let results = run(&mut job.phases, job.program, plugin.as_deref(), &text, call)?;
        job.show(&results)
    }
}

/// Refuses a program of which it is not clear which function XLA calls.
fn single_entry(program: &Program) -> Result<(), Failure> {
    let public = public_functions(program.module());
    match public[..] {
        [_, second, ..] => {
            let names: Vec<&str> = public.iter().filter_map(|function| symbol_name(*function)).collect();
            let message = format!("XLA calls one function, and the program has {}", names.join(", "));
            let help = format!("choose one with --entry, as --entry {}", names[names.len() - 1]);
            Err(Diagnostic::request(message).help(help).report(second.location()).into())
        }
        [] | [_] => Ok(()),
    }
}

/// Writes an artifact of the lowered program. What a compiler for other devices says of memory and cost is printed on
/// standard error, which `-o -` leaves free.
fn emit(job: &mut Job, xla: &dp_xla::Xla, text: &str, kind: Kind) -> Result<()> {
    if kind == Kind::Executable && xla.options.ahead.is_some() && text.contains("f64") {
        job.phases.console().print(&DiagnosticRecord {
            severity: Severity::Warning,
            ..Diagnostic::unsupported("the program computes in f64, which TPUs have not: pairs of f32 take its place")
                .into()
        });
    }
    let artifact = match kind {
        Kind::StableHlo => xla.emit(text, kind),
        Kind::Executable => job.phases.time("compile", || xla.emit(text, kind)),
    };
    match artifact.map_err(|error| of_option("--tpu", &error))? {
        Artifact::StableHlo(text) => job.write(Emit::Stablehlo, text),
        Artifact::Executable(compiled) => {
            let bytes = report(&compiled, job.phases.console()).and_then(|()| compiled.serialize());
            job.write(Emit::Exe, bytes.map_err(|error| of_option("--tpu", &error))?);
        }
    }
    Ok(())
}

/// Calls the entry of the lowered program, which is the function that is called.
fn run(
    phases: &mut Phases,
    program: &Program,
    plugin: Option<&Path>,
    text: &str,
    call: &Call,
) -> Result<Vec<Array>, Failure> {
    let option = format!("--run {}", call.name());
    let trouble = |error: pjrt::Error| of_option(&option, &error);
    let Some(path) = plugin else { return Err(no_plugin(&option).into()) };
    let function = program.function(&option, call.name())?;
    let signature = border(function).map_err(|diagnostic| diagnostic.prefixed(format_args!("{option}: ")))?;
    let client = dp_xla::plugin(path).and_then(|plugin| plugin.client()).map_err(trouble)?;
    let compiled = phases.time("compile", || client.compile(text, signature)).map_err(trouble)?;
    Ok(phases.time("run", || compiled.run(call.arguments())).map_err(trouble)?)
}

/// Where a function's types leave extents of arguments open, those that a call has; and the indices among the arguments,
/// which may be extents of others. XLA compiles for them.
pub fn extents(function: Op, arguments: &[Array]) -> Vec<Fixed> {
    let inputs = signature(function).map(|(inputs, _)| inputs).unwrap_or_default();
    let fixed = |(index, (input, array)): (usize, (&Type, &Array))| -> Option<Fixed> {
        let r#type = ValueType::of(*input)?;
        let extents = match array.elements() {
            Elements::Index(values) if !r#type.is_tensor() => vec![u64::try_from(*values.first()?).ok()?],
            _ if r#type.is_static() => return None,
            _ => array.shape().iter().map(|extent| *extent as u64).collect(),
        };
        Some(Fixed { name: argument_name(function, index), extents })
    };
    inputs.iter().zip(arguments).enumerate().filter_map(fixed).collect()
}

/// What a function takes and gives, all of it known.
///
/// # Errors
/// Where a type is not one that XLA takes.
pub fn border(function: Op) -> Result<Signature> {
    let (inputs, outputs) = signature(function).unwrap_or_default();
    let array = |r#type: &Type| -> Result<ArrayType> {
        let refusal = || Diagnostic::unsupported(format!("{type} is not what XLA takes or gives"));
        let value = ValueType::of(*r#type).ok_or_else(refusal)?;
        let shape: Option<Vec<usize>> =
            value.extents().iter().map(|extent| extent.map(|extent| extent as usize)).collect();
        Ok(ArrayType { number: value.dtype, shape: shape.ok_or_else(refusal)? })
    };
    let all = |types: &[Type]| types.iter().map(array).collect::<Result<Vec<_>, _>>();
    Ok(Signature { arguments: all(&inputs)?, results: all(&outputs)? })
}

/// A figure as JSON.
fn value(figure: &Figure) -> Value {
    match figure {
        Figure::Text(text) => json!(text),
        Figure::Integer(integer) => json!(integer),
        Figure::Integers(integers) => json!(integers),
        Figure::Float(number) => json!(number),
        Figure::Boolean(is) => json!(is),
    }
}

/// Prints what a compiler for other devices says of memory and cost.
fn report(compiled: &AheadOfTime, console: &Console) -> Result<(), dp_runtime::pjrt::Error> {
    let memory = compiled.memory()?;
    for (message, bytes) in [
        ("code", memory.code),
        ("arguments", memory.arguments),
        ("results", memory.results),
        ("temporary", memory.temporary),
    ] {
        let data = json!({ "about": "memory", "of": message, "bytes": bytes });
        console.remark(&Remark::new(format!("memory     {message:<24} {bytes:>12} bytes"), data));
    }
    // In no order of the plugin's own, which may be another each time.
    let mut cost = compiled.cost()?;
    cost.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (name, figure) in cost {
        let data = json!({ "about": "cost", "of": name, "figure": value(&figure) });
        console.remark(&Remark::new(format!("cost       {name:<24} {figure:>12}"), data));
    }
    Ok(())
}

fn no_plugin(option: &str) -> Diagnostic {
    Diagnostic::io(format!("{option}: there is no PJRT plugin"))
        .help(format!("name one with --pjrt-plugin or in {PLUGIN}; `./x plugins` fetches one for CPUs"))
}
