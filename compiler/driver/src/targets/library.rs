//! What targets that make shared libraries have in common.

use crate::artifact::Header;
use crate::call::Call;
use crate::events::Event;
use crate::failure::{self, Failure};
use crate::job::Job;
use crate::phases::Phases;
use crate::pipelines;
use crate::program::Program;
use crate::request::{Emit, Request};
use dp_abi::{Help, Library, Pullback};
use dp_cpu::Level;
use dp_dialects::ir::Op;
use dp_dialects::{Diagnostic, Result};
use dp_lower::{LowerOptions, Stage};
use dp_runtime::{Array, CallError};
use dp_targets::{Artifact, Target};
use std::path::PathBuf;

/// Options for compiling the host part of a library; `mcpu` is the host's CPU.
///
/// # Errors
/// If the library name is invalid.
pub fn host(request: &Request, program: &Program, mcpu: Option<&str>) -> Result<dp_cpu::Options> {
    let level = match request.level {
        0 => Level::O0,
        1 => Level::O1,
        2 => Level::O2,
        // Requests of higher levels are rejected.
        3.. => Level::O3,
    };
    let library_name = request.library_name.clone().unwrap_or_else(|| program.name());
    dp_abi::check_name(&library_name).map_err(|error| failure::of_option(&library_name, &error))?;
    let cpu = mcpu.unwrap_or("native").into();
    Ok(dp_cpu::Options {
        cpu,
        level,
        fp: request.fp,
        inline: request.inline,
        library_name,
        packed: false,
        lines: false,
        kernels: &[],
    })
}

/// Lowers a simplified program to loops on tensors, if that is the output; otherwise to a library, which is emitted,
/// called, or both. `kind` maps an output to the target's own kind.
///
/// # Errors
/// If the program has something that the target does not support, or its tools or the call fail.
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
        job.emit_program(Emit::Linalg);
        return Ok(());
    }
    for (function, bytes) in dp_abi_passes::attributes::workspaces(module).unwrap_or_default() {
        job.phases.events().send(&Event::Workspace { function: &function, bytes: &bytes });
    }
    let library = &lowered.library;
    let emit = |phases: &mut Phases, emit: Emit| -> Result<Artifact> {
        let lacking = || format!("internal error: --emit={}: not supported by the target {}", emit.name(), T::NAME);
        let kind = kind(emit).ok_or_else(|| Diagnostic::internal(lacking()))?;
        if let (Emit::So, Ok(linker)) = (emit, dp_cpu::linker()) {
            phases.events().send(&Event::Linker { path: &linker });
        }
        let artifact = phases.time(phase(emit), || target.emit((module, library), kind));
        artifact.map_err(|error| failure::of_option(&format!("--target={}", T::NAME), &error))
    };
    if let Some(kind) = job.emit.filter(|kind| *kind > Emit::Simplified) {
        let artifact = emit(&mut job.phases, kind)?;
        if matches!(kind, Emit::So | Emit::Archive) {
            let header = emit(&mut job.phases, Emit::Header)?;
            let text = String::from_utf8_lossy(header.bytes()).into_owned();
            job.emit_library(kind, artifact.bytes(), Header { library: library.name().into(), text });
        } else {
            job.emit(kind, artifact.bytes());
        }
    }
    let Some(call) = &job.call else { return Ok(()) };
    if library.function(call.name()).is_none() {
        let diagnostic = Diagnostic::request(format!("--run {}: the function is private", call.name()));
        return Err(diagnostic.help("make it public, or use --target=interp").into());
    }
    let artifact = emit(&mut job.phases, Emit::So)?;
    let results = run(&mut job.phases, artifact.bytes(), library, call)?;
    job.set_results(results);
    Ok(())
}

/// The name of the phase that makes an output.
fn phase(emit: Emit) -> &'static str {
    match emit {
        Emit::Asm | Emit::Obj | Emit::Archive => "code",
        Emit::So => "code+link",
        other => other.name(),
    }
}

/// Calls a function of a library, given the bytes of the library.
fn run(phases: &mut Phases, bytes: &[u8], library: &Library, call: &Call) -> Result<Vec<Array>, Failure> {
    let option = format!("--run {}", call.name());
    let saved = Saved::new(bytes, library.name(), &option)?;
    phases.time("run", || saved.load(&option)?.call(call.name(), call.arguments(), &option))
}

/// The file of a library, in a temporary directory.
pub struct Saved {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Saved {
    /// Writes a library to a file; `option` asks for it.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn new(bytes: &[u8], name: &str, option: &str) -> Result<Saved> {
        let failed = |message: String| Diagnostic::io(format!("{option}: {message}"));
        let folder =
            tempfile::tempdir().map_err(|error| failed(format!("cannot create a temporary directory: {error}")))?;
        let path = folder.path().join(format!("lib{name}.so"));
        std::fs::write(&path, bytes).map_err(|error| failed(format!("cannot write a library: {error}")))?;
        Ok(Saved { _folder: folder, path })
    }

    /// Loads the library.
    ///
    /// # Errors
    /// If that fails.
    pub fn load(&self, option: &str) -> Result<Loaded> {
        Ok(Loaded(dp_runtime::Library::open(&self.path).map_err(|error| failure::of_option(option, &error))?))
    }
}

/// A loaded library.
pub struct Loaded(dp_runtime::Library);

impl Loaded {
    /// The library.
    pub fn into_inner(self) -> dp_runtime::Library {
        self.0
    }

    /// Calls a function; `option` asks for it.
    ///
    /// # Errors
    /// If the call fails.
    pub fn call(&self, function: &str, arguments: &[Array], option: &str) -> Result<Vec<Array>, Failure> {
        let called = match self.0.abi().function(function) {
            // With the cotangents after its arguments.
            Some(vjp)
                if matches!(vjp.pullback, Some(Pullback::Vjp { .. })) && vjp.arguments.len() <= arguments.len() =>
            {
                let (arguments, cotangents) = arguments.split_at(vjp.arguments.len());
                self.0.vjp(vjp.pullback_of().unwrap_or_default(), arguments).and_then(|(mut results, pullback)| {
                    results.extend(pullback.pull(cotangents)?);
                    Ok(results)
                })
            }
            Some(_) | None => self.0.call(function, arguments),
        };
        called.map_err(|error| match (error.code(), error) {
            // The message contains its location.
            (code, CallError::Status { message, .. }) => Failure::AtRunTime { code, message },
            (_, error) => failure::of_option(option, &error).into(),
        })
    }
}
