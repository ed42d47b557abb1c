//! The target `cpu`: native code.

use super::{TargetDriver, library};
use crate::failure::{Failure, of_option};
use crate::job::Job;
use crate::request::Emit;
use dp_cpu::{Kind, Target};

/// The CPU target.
#[derive(Clone, Debug, Default)]
pub struct Cpu {
    /// The LLVM name of the CPU (`--mcpu`); by default the CPU of this machine.
    pub mcpu: Option<String>,
    /// Whether to emit line tables (`-g`).
    pub line_tables: bool,
}

impl TargetDriver for Cpu {
    fn name(&self) -> &'static str {
        dp_cpu::Cpu::NAME
    }

    fn emits(&self) -> &'static [Emit] {
        &[
            Emit::So,
            Emit::Mlir,
            Emit::Simplified,
            Emit::Linalg,
            Emit::Llvm,
            Emit::Asm,
            Emit::Obj,
            Emit::Archive,
            Emit::Header,
        ]
    }

    /// For the CPU of this machine: a library for another one may not run here.
    fn evaluator(&self) -> Option<Box<dyn TargetDriver>> {
        Some(Box::new(Cpu::default()))
    }

    fn make(&self, job: &mut Job) -> Result<(), Failure> {
        // Only a shared library is linked with the precompiled kernels; other outputs contain them.
        let kernels = match job.request.emit {
            None | Some(Emit::So | Emit::Header) => dp_kernels::KERNELS,
            Some(_) => &[],
        };
        let host = library::host(job.request, job.program, self.mcpu.as_deref())?;
        let cpu = dp_cpu::Cpu::new(dp_cpu::Options { kernels, lines: self.line_tables, ..host })
            .map_err(|error| of_option("--mcpu", &error))?;
        library::make(job, &cpu, kind)
    }
}

fn kind(emit: Emit) -> Option<Kind> {
    match emit {
        Emit::Mlir | Emit::Simplified | Emit::Linalg | Emit::Stablehlo | Emit::Exe | Emit::Ptx => None,
        Emit::Llvm => Some(Kind::Llvm),
        Emit::Asm => Some(Kind::Assembly),
        Emit::Obj => Some(Kind::Object),
        Emit::Archive => Some(Kind::Archive),
        Emit::So => Some(Kind::SharedLibrary),
        Emit::Header => Some(Kind::Header),
    }
}
