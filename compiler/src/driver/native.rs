//! `--target=cpu`: the lowered program, what is made of it, and calls of it.

use super::execute::Call;
use super::options::{Emit, Options};
use super::phases::Phases;
use super::program::Program;
use super::report::Failure;
use crate::pipelines;
use dp_abi::Library;
use dp_cpu::{Artifact, Kind, Level};
use dp_dialects::Complaint;
use dp_dialects::ir::Op;
use dp_lower::{FloatModel, Lowered, Stage};
use dp_runtime::{Array, CallError};
use std::path::Path;

/// Machine code for one program.
pub struct Native {
    options: dp_cpu::Options,
}

impl Native {
    /// What the command line asks for.
    ///
    /// # Errors
    /// Where LLVM does not know the processor, or the library cannot have its name.
    pub fn new(options: &Options, program: &Program) -> Result<Native, Complaint> {
        dp_cpu::check_cpu(&options.mcpu).map_err(|error| complaint("--mcpu", &error))?;
        let host = host_options(options, program)?;
        // All but a library is complete as it stands.
        let kernels = match options.emit {
            None | Some(Emit::So | Emit::Header) => dp_kernels::KERNELS,
            Some(_) => &[],
        };
        Ok(Native { options: dp_cpu::Options { kernels, ..host } })
    }

    /// Lowers the program, differentiated and simplified, to a stage.
    ///
    /// # Errors
    /// Where the program has what the target lacks, which has been reported at its place.
    pub fn lower(&self, phases: &mut Phases, program: &Program, stage: Stage) -> Result<Lowered, Failure> {
        let options = dp_cpu::pipeline(&self.options).map_err(|error| complaint("--mcpu", &error))?;
        let lowered = phases.time("lower", || pipelines::lower(program.module(), &options, stage))?;
        phases.keep("lower", "mlir", || program.text())?;
        Ok(lowered)
    }

    /// Makes an artifact of the lowered program.
    ///
    /// # Errors
    /// Where LLVM or the linker fails.
    pub fn emit(&self, phases: &mut Phases, module: Op, library: &Library, kind: Kind) -> Result<Artifact, Complaint> {
        let name = match kind {
            Kind::Llvm => "llvm",
            Kind::Assembly | Kind::Object => "code",
            Kind::SharedLibrary => "code+link",
            Kind::Header => "header",
        };
        if let (Kind::SharedLibrary, Ok(linker)) = (kind, dp_cpu::linker()) {
            phases.tell("linker", &linker.display().to_string());
        }
        let emitted = phases.time(name, || dp_cpu::emit(module, library, &self.options, kind));
        emitted.map_err(|error| complaint("--target=cpu", &error))
    }

    /// Calls a function of the lowered program.
    ///
    /// # Errors
    /// Where there is no such public function, and what the function itself complains of.
    pub fn call(&self, phases: &mut Phases, module: Op, lowered: &Lowered, call: &Call) -> Result<Vec<Array>, Failure> {
        callable(&lowered.library, call)?;
        let artifact = self.emit(phases, module, &lowered.library, Kind::SharedLibrary)?;
        call_library(phases, artifact.bytes(), &lowered.library, call)
    }
}

/// Whether a library has the function of a call.
///
/// # Errors
/// Where it has not.
pub(super) fn callable(library: &Library, call: &Call) -> Result<(), Complaint> {
    if library.function(call.name()).is_some() {
        return Ok(());
    }
    let complaint = Complaint::new(format!("--run {}: the function is private", call.name()));
    Err(complaint.hint("make it public, or take --target=interp"))
}

/// Calls a function of a library that this compiler has made, given its bytes.
///
/// # Errors
/// Where the library cannot be loaded, and what the function itself complains of.
pub(super) fn call_library(
    phases: &mut Phases,
    bytes: &[u8],
    library: &Library,
    call: &Call,
) -> Result<Vec<Array>, Failure> {
    let trouble = |what: String| Complaint::new(format!("--run {}: {what}", call.name()));
    let folder = tempfile::tempdir().map_err(|error| trouble(format!("cannot make a temporary folder: {error}")))?;
    let path = folder.path().join(format!("lib{}.so", library.name()));
    std::fs::write(&path, bytes).map_err(|error| trouble(format!("cannot write a library: {error}")))?;
    phases.time("run", || {
        // SAFETY: this compiler has just written the library, and `library` is its own description.
        let loaded = unsafe { dp_runtime::Library::open_as(&path, library.clone()) };
        let loaded = loaded.map_err(|error| trouble(error.to_string()))?;
        let function = loaded.function(call.name()).map_err(|error| trouble(error.to_string()))?;
        function.call(call.arguments()).map_err(|error| match error {
            // It says itself where.
            CallError::Status { message, .. } => Failure::AtRunTime(message),
            error => trouble(error.to_string()).into(),
        })
    })
}

/// What the command line asks for of the processor.
///
/// # Errors
/// Where the library cannot have its name.
pub(super) fn host_options(options: &Options, program: &Program) -> Result<dp_cpu::Options, Complaint> {
    let fp: FloatModel = options.fp.name().parse()?;
    let level = [Level::O0, Level::O1, Level::O2, Level::O3][usize::from(options.level.min(3))];
    let library_name = library_name(options, program)?;
    Ok(dp_cpu::Options { cpu: options.mcpu.clone(), level, fp, library_name, packed: false, kernels: &[] })
}

/// Which artifact a user asks for; `None` for what is a stage of the module.
pub fn kind(emit: Emit) -> Option<Kind> {
    match emit {
        Emit::Mlir | Emit::Simplified | Emit::Linalg | Emit::Stablehlo | Emit::Exe | Emit::Ptx => None,
        Emit::Llvm => Some(Kind::Llvm),
        Emit::Asm => Some(Kind::Assembly),
        Emit::Obj => Some(Kind::Object),
        Emit::So => Some(Kind::SharedLibrary),
        Emit::Header => Some(Kind::Header),
    }
}

/// A complaint of the target; what it advises stands behind a semicolon.
fn complaint(option: &str, error: &dp_cpu::Error) -> Complaint {
    let text = error.to_string();
    match text.split_once("; ") {
        Some((what, hint)) => Complaint::new(format!("{option}: {what}")).hint(hint),
        None => Complaint::new(format!("{option}: {text}")),
    }
}

/// The name of the library: that of the output, `libNAME.so`. Where nothing is
/// written by that name, a name made of the input's, which C accepts.
fn library_name(options: &Options, program: &Program) -> Result<String, Complaint> {
    let stem = |path: &Path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let is_library = options.emit.unwrap_or(Emit::So) == Emit::So;
    let named = options.output.as_deref().filter(|path| *path != Path::new("-"));
    if let (Some(path), true) = (named, is_library) {
        let stem = stem(path);
        let name = stem.strip_prefix("lib").unwrap_or(&stem);
        dp_abi::check_name(name).map_err(|error| {
            let text = error.to_string();
            let (what, hint) = text.split_once("; ").unwrap_or((&text, "name the output libNAME.so"));
            Complaint::new(format!("-o {}: {what}", path.display())).hint(hint)
        })?;
        return Ok(name.to_owned());
    }
    let stem = named.map_or_else(|| program.stem(), stem);
    Ok(super::program::c_name(&stem))
}
