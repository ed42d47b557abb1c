//! `--target=cuda`: kernels, and the library that launches them.

use super::conflicts::Conflict;
use super::job::Job;
use super::library;
use super::options::{Emit, Options};
use super::report::Failure;
use super::targets::{TargetDriver, given};
use dp_cuda::{Kind, Target};

/// NVIDIA GPUs.
#[derive(Debug)]
pub struct Cuda;

impl TargetDriver for Cuda {
    fn name(&self) -> &'static str {
        dp_cuda::Cuda::NAME
    }

    fn summary(&self) -> &'static str {
        "NVIDIA GPUs: kernels in PTX, and a library that launches them"
    }

    fn emits(&self) -> &'static [Emit] {
        &[Emit::So, Emit::Mlir, Emit::Simplified, Emit::Linalg, Emit::Ptx, Emit::Header]
    }

    fn own_options(&self, options: &Options) -> Vec<&'static str> {
        given(&[("--chip", options.chip.is_some()), ("--mcpu", options.mcpu.is_some())])
    }

    fn conflicts(&self) -> &'static [Conflict] {
        &[
            Conflict {
                // A library uses the lowered program up.
                is_given: |options| options.run.is_some() && options.emit > Some(Emit::Linalg),
                message: |_| "--target=cuda: a program is either called or written".into(),
                help: "leave out --run or --emit, and do the other afterwards",
            },
            Conflict {
                is_given: |options| options.chip.is_some() && options.ends_by(Emit::Simplified),
                message: |options| format!("--chip: {} before the device matters", options.end()),
                help: "go further, as with --emit=ptx, or leave it out",
            },
        ]
    }

    fn make(&self, job: &mut Job) -> Result<(), Failure> {
        let chip = job.options.chip.unwrap_or_default();
        let host = library::host(job.options, job.program)?;
        let cuda = dp_cuda::Cuda { options: dp_cuda::Options { chip, host } };
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
