//! `lower-kernels`: kernels in the dialects of LLVM and NVVM.

use super::kernel::MODULE;
use crate::scalars::LOWER_SCALAR;
use dp_dialects::ir::{Op, body_ops, symbol_name};
use dp_passes::{Pass, PassOption, Reported, pipeline};

/// `lower-kernels`.
pub static LOWER_KERNELS: Pass = Pass {
    flag: "lower-kernels",
    summary: "lower kernels to LLVM's and NVVM's dialects",
    description: "Takes what `lower-launches` leaves in the module of kernels. Leaves functions in LLVM's dialect; \
        elementary functions are declared by the names that they have in libclc.",
    options: &[PassOption {
        name: "fp",
        summary: "the floating-point model: strict, default or fast",
        default: "default",
    }],
    body: run,
};

/// The steps of upstream. Operations of `math` go before upstream would make calls of NVIDIA's library of them.
const STEPS: &str = "convert-complex-to-standard,expand-strided-metadata,lower-affine,convert-scf-to-cf,\
    convert-math-to-llvm,convert-gpu-to-nvvm,reconcile-unrealized-casts,canonicalize,cse";

fn run<'c>(module: Op<'c>, options: &[&str]) -> Result<(), Reported> {
    let fp = options.first().copied().unwrap_or("default");
    let found: Vec<Op> = body_ops(module).into_iter().filter(|op| symbol_name(*op) == Some(MODULE)).collect();
    for kernels in &found {
        (LOWER_SCALAR.body)(*kernels, &[fp, "all", "clc"])?;
    }
    if found.is_empty() { Ok(()) } else { pipeline::run(module, &format!("gpu.module({STEPS})")) }
}
