//! The targets on the command line, one row each.

use super::conflicts::Conflict;
use super::options::Options;
use dp_cpu::Target as _;
use dp_driver::Emit;
use dp_driver::targets::{Cpu, Cuda, Interp, TargetDriver, Xla};
use std::fmt;
use std::num::NonZeroUsize;

/// A target and its command-line options.
pub struct TargetOptions {
    /// Its name, for `--target`.
    pub name: &'static str,
    /// One line of help.
    pub summary: &'static str,
    /// The kind of the output if the options select none.
    pub default_emit: fn(&Options) -> Option<Emit>,
    /// The kind of the output for the suffix `.mlir`.
    pub mlir: Emit,
    /// The given options that are specific to this target.
    pub own_options: fn(&Options) -> Vec<&'static str>,
    /// Options of this target that have no effect together with others.
    pub conflicts: &'static [Conflict],
    /// Makes the target with these options.
    pub driver: fn(&Options) -> Box<dyn TargetDriver>,
}

/// All targets, in the order of `--help`.
pub static TARGETS: &[TargetOptions] = &[
    TargetOptions {
        name: dp_interp::Interp::NAME,
        summary: "Interpreter; slow, defines the correct results",
        default_emit: |_| Interp.default_emit(),
        mlir: Emit::Simplified,
        own_options: |_| Vec::new(),
        conflicts: &[],
        driver: |_| Box::new(Interp),
    },
    TargetOptions {
        name: dp_cpu::Cpu::NAME,
        summary: "x86-64 CPUs: native code",
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
        summary: "NVIDIA GPUs: PTX kernels, and a library that launches them",
        default_emit: |options| cuda(options).default_emit(),
        mlir: Emit::Simplified,
        own_options: |options| given(&[("--chip", options.chip.is_some()), ("--mcpu", options.mcpu.is_some())]),
        conflicts: &[Conflict {
            is_given: |options| options.chip.is_some() && options.ends_by(Emit::Simplified),
            message: |options| format!("--chip: {} before code depends on the GPU", options.end()),
            help: "use a later output such as --emit=ptx, or omit --chip",
        }],
        driver: |options| Box::new(cuda(options)),
    },
    TargetOptions {
        name: dp_xla::Xla::NAME,
        summary: "XLA through StableHLO; runs on PJRT plugins",
        default_emit: |options| xla(options).default_emit(),
        mlir: Emit::Stablehlo,
        own_options: |options| {
            given(&[
                ("--tpu", options.tpu.is_some()),
                ("--entry", options.entry.is_some()),
                ("--pjrt-plugin", options.pjrt_plugin.is_some()),
                ("--devices", options.devices.is_some()),
            ])
        },
        conflicts: &[
            Conflict {
                is_given: |options| options.entry.is_some() && options.ends_by(Emit::Simplified),
                message: |options| format!("--entry: {} before the entry is selected", options.end()),
                help: "use --emit=stablehlo, or omit --entry",
            },
            Conflict {
                is_given: |options| {
                    let runs = options.run.is_some() || options.check_gradients.is_some();
                    options.pjrt_plugin.is_some() && !runs && options.artifact() != Some(Emit::Exe)
                },
                message: |_| "--pjrt-plugin: no plugin is needed, since nothing is run or compiled".into(),
                help: "add --run or --tpu, or omit --pjrt-plugin",
            },
            Conflict {
                is_given: |options| options.devices.is_some() && options.run.is_none(),
                message: |_| "--devices: nothing is run".into(),
                help: "add --run; the output of --emit=stablehlo has the shardings of the program for any number of devices",
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
    let devices = options.devices.unwrap_or(NonZeroUsize::MIN);
    Xla { entry: options.entry.clone(), plugin, tpu: options.tpu.clone(), devices }
}

/// The names of the options that are given.
fn given(options: &[(&'static str, bool)]) -> Vec<&'static str> {
    options.iter().filter(|(_, given)| *given).map(|(name, _)| *name).collect()
}

impl fmt::Debug for TargetOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
