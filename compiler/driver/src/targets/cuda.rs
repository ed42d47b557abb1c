//! The target `cuda`: kernels and the library that launches them.

use super::{TargetDriver, library};
use crate::failure::Failure;
use crate::job::Job;
use crate::request::{Emit, Request};
use dp_cuda::{Chip, Kind, Target};
use dp_dialects::{Diagnostic, Result};

/// NVIDIA GPUs.
#[derive(Clone, Debug, Default)]
pub struct Cuda {
    /// The GPU architecture (`--chip`).
    pub chip: Chip,
    /// The LLVM name of the host's CPU (`--mcpu`); by default the CPU of this machine.
    pub mcpu: Option<String>,
}

impl TargetDriver for Cuda {
    fn name(&self) -> &'static str {
        dp_cuda::Cuda::NAME
    }

    fn emits(&self) -> &'static [Emit] {
        &[Emit::So, Emit::Mlir, Emit::Simplified, Emit::Linalg, Emit::Ptx, Emit::Header]
    }

    fn check(&self, request: &Request) -> Result<()> {
        // Emitting a library consumes the lowered program.
        if request.call.is_some() && request.emit > Some(Emit::Linalg) {
            return Err(Diagnostic::request("--target=cuda: --run and --emit cannot be combined")
                .help("use --run and --emit in separate commands"));
        }
        Ok(())
    }

    fn has_calls(&self) -> bool {
        false
    }

    fn make(&self, job: &mut Job) -> Result<(), Failure> {
        let host = library::host(job.request, job.program, self.mcpu.as_deref())?;
        let cuda = dp_cuda::Cuda { options: dp_cuda::Options { chip: self.chip, host } };
        library::make(job, &cuda, kind)
    }
}

fn kind(emit: Emit) -> Option<Kind> {
    match emit {
        Emit::Mlir | Emit::Simplified | Emit::Linalg | Emit::Stablehlo | Emit::Exe => None,
        Emit::Llvm | Emit::Asm | Emit::Obj | Emit::Archive => None,
        Emit::Ptx => Some(Kind::Ptx),
        Emit::So => Some(Kind::SharedLibrary),
        Emit::Header => Some(Kind::Header),
    }
}
