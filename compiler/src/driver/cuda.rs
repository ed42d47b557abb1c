//! `--target=cuda`: kernels, and the library that launches them.

use super::execute::Call;
use super::native;
use super::options::Options;
use super::phases::Phases;
use super::program::Program;
use super::report::Failure;
use crate::pipelines;
use dp_abi::Library;
use dp_cuda::Chip;
use dp_dialects::Complaint;
use dp_dialects::ir::Op;
use dp_lower::{Lowered, Stage};
use dp_runtime::Array;

/// Code for one program on a device.
pub struct Device {
    options: dp_cuda::Options,
}

impl Device {
    /// What the command line asks for.
    ///
    /// # Errors
    /// Where no kernels are made for the device, or the library cannot have its name.
    pub fn new(options: &Options, program: &Program) -> Result<Device, Complaint> {
        let chip: Chip = options.chip.parse().map_err(|error| complaint("--chip", &error))?;
        let host = native::host_options(options, program)?;
        Ok(Device { options: dp_cuda::Options { chip, fp: host.fp, host } })
    }

    /// Lowers the program, differentiated and simplified, to a stage.
    ///
    /// # Errors
    /// Where the program has what the target lacks, which has been reported at its place.
    pub fn lower(&self, phases: &mut Phases, program: &Program, stage: Stage) -> Result<Lowered, Failure> {
        let options = dp_cuda::pipeline(&self.options);
        let lowered = phases.time("lower", || pipelines::lower(program.module(), &options, stage))?;
        phases.keep("lower", "mlir", || program.text())?;
        Ok(lowered)
    }

    /// The kernels of the lowered program.
    ///
    /// # Errors
    /// Where LLVM fails.
    pub fn ptx(&self, phases: &mut Phases, module: Op) -> Result<String, Complaint> {
        phases
            .time("ptx", || dp_cuda::ptx(module, self.options.chip))
            .map_err(|error| complaint("--target=cuda", &error))
    }

    /// The library, from the lowered program, which is used up.
    ///
    /// # Errors
    /// Where LLVM or the linker fails.
    pub fn library(&self, phases: &mut Phases, module: Op, library: &Library) -> Result<Vec<u8>, Complaint> {
        let made = phases.time("code+link", || dp_cuda::shared_library(module, library, &self.options));
        made.map_err(|error| complaint("--target=cuda", &error))
    }

    /// The library's header.
    pub fn header(&self, library: &Library) -> String {
        dp_cuda::header(library, &self.options)
    }

    /// Calls a function of the lowered program, which is used up.
    ///
    /// # Errors
    /// Where there is no such public function, and what the function itself complains of.
    pub fn call(&self, phases: &mut Phases, module: Op, lowered: &Lowered, call: &Call) -> Result<Vec<Array>, Failure> {
        native::callable(&lowered.library, call)?;
        let bytes = self.library(phases, module, &lowered.library)?;
        native::call_library(phases, &bytes, &lowered.library, call)
    }
}

/// A complaint of the target; what it advises stands behind a semicolon.
fn complaint(option: &str, error: &dp_cuda::Error) -> Complaint {
    let text = error.to_string();
    match text.split_once("; ") {
        Some((what, hint)) => Complaint::new(format!("{option}: {what}")).hint(hint),
        None => Complaint::new(format!("{option}: {text}")),
    }
}
