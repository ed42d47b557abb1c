//! Shared libraries: what is the same for all targets that make them.

use super::console::Console;
use super::destination;
use super::execute::Call;
use super::job::Job;
use super::options::{Emit, Options};
use super::output::Output;
use super::phases::Phases;
use super::program::{Program, c_name};
use super::report::{self, Failure};
use crate::diagnostics::remark::Remark;
use crate::pipelines;
use dp_abi::{Help, Library};
use dp_cpu::Level;
use dp_dialects::ir::Op;
use dp_dialects::{Diagnostic, Result};
use dp_lower::{LowerOptions, Stage};
use dp_runtime::{Array, CallError};
use dp_targets::{Artifact, Target};
use serde_json::json;
use std::path::Path;

/// What the command line asks for of the host's CPU.
///
/// # Errors
/// Where the library cannot have its name.
pub fn host(options: &Options, program: &Program) -> Result<dp_cpu::Options> {
    let fp = options.fp;
    let level = [Level::O0, Level::O1, Level::O2, Level::O3][usize::from(options.level.min(3))];
    let library_name = name(options, program)?;
    let cpu = options.mcpu.clone().unwrap_or_else(|| "native".into());
    Ok(dp_cpu::Options { cpu, level, fp, library_name, packed: false, lines: options.debug, kernels: &[] })
}

/// From a simplified program to loops on tensors, if they are asked for; else to what a target that makes libraries
/// makes of it: written, called, or both. `kind` says what the target calls what a user asks for: a library and its header, and what else it makes.
///
/// # Errors
/// Where the program has what the target lacks, its tools fail, or the call does.
pub fn make<T>(job: &mut Job, target: &T, kind: fn(Emit) -> Option<T::Kind>) -> Result<(), Failure>
where
    T: for<'a> Target<Lowering = LowerOptions, Lowered<'a> = (Op<'a>, &'a Library), Artifact = Artifact>,
    for<'a> T::Error<'a>: Help,
{
    let module = job.program.module();
    let stage = if job.emit == Some(Emit::Linalg) { Stage::Linalg } else { Stage::Llvm };
    let options = target.pipeline();
    let lowered = job.phases.time_steps("lower", |phases| {
        let outcome = pipelines::lower(module, &options, stage, phases);
        phases.outcome(outcome)
    })?;
    job.phases.check()?;
    if stage == Stage::Linalg {
        job.write_program(Emit::Linalg);
        return Ok(());
    }
    if job.options.print_memory {
        print_memory(module, T::NAME, job.phases.console())?;
    }
    let library = &lowered.library;
    let emit = |phases: &mut Phases, emit: Emit| -> Result<Artifact> {
        let lacking = || format!("internal error: --emit={}: the target {} does not make it", emit.name(), T::NAME);
        let kind = kind(emit).ok_or_else(|| Diagnostic::internal(lacking()))?;
        if let (Emit::So, Ok(linker)) = (emit, dp_cpu::linker()) {
            let linker = linker.display().to_string();
            phases.tell("linker", &linker, json!({ "about": "linker", "path": linker }));
        }
        let artifact = phases.time(phase(emit), || target.emit((module, library), kind));
        artifact.map_err(|error| report::of_option(&format!("--target={}", T::NAME), &error))
    };
    if let Some(what) = job.emit.filter(|what| *what > Emit::Simplified) {
        let artifact = emit(&mut job.phases, what)?;
        match (what, job.destination(what)) {
            (Emit::So | Emit::Archive, Output::File(path)) => {
                let header = emit(&mut job.phases, Emit::Header)?;
                let beside = destination::header_beside(&path, library.name());
                job.outputs.push((Output::File(path), artifact.bytes().into()));
                if let Some(beside) = beside {
                    job.outputs.push((Output::File(beside), header.bytes().into()));
                }
            }
            (_, destination) => job.outputs.push((destination, artifact.bytes().into())),
        }
    }
    let Some(call) = &job.call else { return Ok(()) };
    if library.function(call.name()).is_none() {
        let diagnostic = Diagnostic::request(format!("--run {}: the function is private", call.name()));
        return Err(diagnostic.help("make it public, or take --target=interp").into());
    }
    let artifact = emit(&mut job.phases, Emit::So)?;
    let results = run(&mut job.phases, artifact.bytes(), library, call)?;
    job.show(&results)
}

/// Prints what the workspaces of functions take, a line for each, to standard error.
fn print_memory(module: Op, target: &str, console: &Console) -> Result<()> {
    let workspaces = dp_abi_passes::attributes::workspaces(module).ok_or_else(|| {
        Diagnostic::request(format!("--print-memory: not for --target={target}")).help("take --target=cpu")
    })?;
    for (function, bytes) in workspaces {
        let data = json!({ "about": "workspace", "function": function, "bytes": bytes });
        console.remark(&Remark::new(format!("{function}: workspace {bytes} bytes"), data).prefix(""));
    }
    Ok(())
}

/// What the making of an artifact is called in timings.
fn phase(emit: Emit) -> &'static str {
    match emit {
        Emit::Asm | Emit::Obj | Emit::Archive => "code",
        Emit::So => "code+link",
        other => other.name(),
    }
}

/// Calls a function of a library that this compiler has made, given its bytes.
fn run(phases: &mut Phases, bytes: &[u8], library: &Library, call: &Call) -> Result<Vec<Array>, Failure> {
    let option = format!("--run {}", call.name());
    let trouble = |message: String| Diagnostic::io(format!("{option}: {message}"));
    let folder = tempfile::tempdir().map_err(|error| trouble(format!("cannot make a temporary folder: {error}")))?;
    let path = folder.path().join(format!("lib{}.so", library.name()));
    std::fs::write(&path, bytes).map_err(|error| trouble(format!("cannot write a library: {error}")))?;
    phases.time("run", || {
        let loaded = dp_runtime::Library::open(&path).map_err(|error| report::of_option(&option, &error))?;
        loaded.call(call.name(), call.arguments()).map_err(|error| match (error.code(), error) {
            // It says itself where.
            (code, CallError::Status { message, .. }) => Failure::AtRunTime { code, message },
            (_, error) => report::of_option(&option, &error).into(),
        })
    })
}

/// The name of the library: that of the output, `libNAME.so` or `libNAME.a`. Where nothing is
/// written by that name, a name made of the input's, which C accepts.
fn name(options: &Options, program: &Program) -> Result<String> {
    let is_library = matches!(options.emit.unwrap_or(Emit::So), Emit::So | Emit::Archive);
    let named = options.output.as_deref().filter(|path| *path != Path::new("-"));
    if let (Some(path), true) = (named, is_library) {
        let name = destination::library_name(path);
        dp_abi::check_name(&name).map_err(|error| report::of_option(&format!("-o {}", path.display()), &error))?;
        return Ok(name);
    }
    let stem = named.and_then(Path::file_stem).map(|stem| stem.to_string_lossy().into_owned());
    Ok(c_name(&stem.unwrap_or_else(|| program.stem())))
}
