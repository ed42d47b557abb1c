//! Targets, as the command line knows them: a row each.

use super::conflicts::Conflict;
use super::options::Options;
use dp_cpu::Target as _;
use dp_driver::Emit;
use dp_driver::targets::{Cpu, Cuda, Interp, TargetDriver, Xla};
use std::fmt;

/// A target, and what the command line says about it.
pub struct TargetOptions {
    /// What it is called.
    pub name: &'static str,
    /// What it is, in a line of help.
    pub summary: &'static str,
    /// What is made where nothing else is asked for.
    pub default_emit: fn(&Options) -> Option<Emit>,
    /// What a file of MLIR holds where nothing else is asked for.
    pub mlir: Emit,
    /// Of the options that are given, those that it takes and some other target does not.
    pub own_options: fn(&Options) -> Vec<&'static str>,
    /// Options of its own that have no effect beside others.
    pub conflicts: &'static [Conflict],
    /// The target with these options.
    pub driver: fn(&Options) -> Box<dyn TargetDriver + Send>,
}

/// Every target, in the order in which help lists them.
pub static TARGETS: &[TargetOptions] = &[
    TargetOptions {
        name: dp_interp::Interp::NAME,
        summary: "The interpreter: slow, and the reference of what is right",
        default_emit: |_| Interp.default_emit(),
        mlir: Emit::Simplified,
        own_options: |_| Vec::new(),
        conflicts: &[],
        driver: |_| Box::new(Interp),
    },
    TargetOptions {
        name: dp_cpu::Cpu::NAME,
        summary: "Machine code",
        default_emit: |options| cpu(options).default_emit(),
        mlir: Emit::Simplified,
        own_options: |options| {
            given(&[
                ("--mcpu", options.mcpu.is_some()),
                ("-g", options.debug),
                ("--print-memory", options.print_memory),
            ])
        },
        conflicts: &[],
        driver: |options| Box::new(cpu(options)),
    },
    TargetOptions {
        name: dp_cuda::Cuda::NAME,
        summary: "NVIDIA GPUs: kernels in PTX, and a library that launches them",
        default_emit: |options| cuda(options).default_emit(),
        mlir: Emit::Simplified,
        own_options: |options| given(&[("--chip", options.chip.is_some()), ("--mcpu", options.mcpu.is_some())]),
        conflicts: &[Conflict {
            is_given: |options| options.chip.is_some() && options.ends_by(Emit::Simplified),
            message: |options| format!("--chip: {} before the device matters", options.end()),
            help: "go further, as with --emit=ptx, or leave it out",
        }],
        driver: |options| Box::new(cuda(options)),
    },
    TargetOptions {
        name: dp_xla::Xla::NAME,
        summary: "XLA, by way of StableHLO",
        default_emit: |options| xla(options).default_emit(),
        mlir: Emit::Stablehlo,
        own_options: |options| {
            given(&[
                ("--tpu", options.tpu.is_some()),
                ("--entry", options.entry.is_some()),
                ("--pjrt-plugin", options.pjrt_plugin.is_some()),
            ])
        },
        conflicts: &[
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
        ],
        driver: |options| Box::new(xla(options)),
    },
];

fn cpu(options: &Options) -> Cpu {
    Cpu { mcpu: options.mcpu.clone(), line_tables: options.debug }
}

fn cuda(options: &Options) -> Cuda {
    Cuda { chip: options.chip.unwrap_or_default(), mcpu: options.mcpu.clone() }
}

fn xla(options: &Options) -> Xla {
    let plugin = options.pjrt_plugin.clone().or_else(dp_xla::plugin_of_environment);
    Xla { entry: options.entry.clone(), plugin, tpu: options.tpu.clone() }
}

/// Of options, the names of those that are given.
fn given(options: &[(&'static str, bool)]) -> Vec<&'static str> {
    options.iter().filter(|(_, given)| *given).map(|(name, _)| *name).collect()
}

impl fmt::Debug for TargetOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
