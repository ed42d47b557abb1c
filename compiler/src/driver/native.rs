//! `--target=cpu`: machine code.

use super::job::Job;
use super::library;
use super::options::{Emit, Options};
use super::report::{Failure, of_option};
use super::targets::{TargetDriver, given};
use dp_cpu::{Cpu, Kind, Target};

/// The CPU.
#[derive(Debug)]
pub struct Native;

impl TargetDriver for Native {
    fn name(&self) -> &'static str {
        Cpu::NAME
    }

    fn summary(&self) -> &'static str {
        "Machine code"
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

    fn own_options(&self, options: &Options) -> Vec<&'static str> {
        given(&[("--mcpu", options.mcpu.is_some()), ("-g", options.debug), ("--print-memory", options.print_memory)])
    }

    fn make(&self, job: &mut Job) -> Result<(), Failure> {
        // All but a library is complete as it stands.
        let kernels = match job.options.emit {
            None | Some(Emit::So | Emit::Header) => dp_kernels::KERNELS,
            Some(_) => &[],
        };
        let options = dp_cpu::Options { kernels, ..library::host(job.options, job.program)? };
        let cpu = Cpu::new(options).map_err(|error| of_option("--mcpu", &error))?;
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
