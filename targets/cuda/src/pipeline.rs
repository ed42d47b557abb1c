//! The CUDA pipeline: kernels, and host code that launches them.

use dp_abi::Library;
use dp_abi_passes::attributes;
use dp_abi_passes::guard::GuardOptions;
use dp_abi_passes::symbols::SymbolOptions;
use dp_abi_passes::{guard, symbols};
use dp_bufferize::workspace::{self, WorkspaceOptions};
use dp_cpu::STRAIGHT;
use dp_dialects::ir::Op;
use dp_gpu_passes::host::entry_points::{CLOSE_DEVICE, OPEN_DEVICE};
use dp_gpu_passes::host::launches::LOWER_LAUNCHES;
use dp_gpu_passes::host::memory::LOWER_DEVICE_MEMORY;
use dp_gpu_passes::map::{MAP_KERNELS, MapOptions};
use dp_gpu_passes::nvvm::{KernelsOptions, LOWER_KERNELS};
use dp_gpu_passes::promote::{PROMOTE_SCALARS, restore};
use dp_gpu_passes::share::SHARE_KERNELS;
use dp_lower::steps::{
    BOUNDS, BRANCHES, BUFFERS, CHECKS, DESTINATIONS, FUNCTIONS, HALVES, INTERFACE, LOOPS, is_to_free,
};
use dp_lower::{LowerOptions, LowerStep, Pipeline};
use dp_passes::ErrorGuaranteed;
use dp_passes::elimination::{EXPAND_ELIMINATION, eliminates};
use dp_passes::manager::{Optional, Run, RunWith, Step, Upstream, Where};
use dp_scalar::{LOWER_SCALAR, ScalarOptions};
use melior::ir::operation::OperationLike;

/// The steps, in order. Comments explain the position of a step.
pub static PIPELINE: Pipeline = Pipeline {
    to_linalg: &[FUNCTIONS, SCALARS, LOOPS],
    library,
    windows: true,
    on_host: false,
    to_llvm: &[
        &[BOUNDS, DESTINATIONS],
        BUFFERS,
        KERNELS,
        &[STRAIGHT],
        HOST,
        INTERFACE,
        BRANCHES,
        &[CHECKS],
        LLVM,
        &[HALVES],
        FINISH,
    ],
};

/// On the program's tensors, before fusion.
const SCALARS: &[LowerStep] = &[
    // The host would read each element of a column.
    Step { name: "elimination", action: &Where(eliminates, &Run(&EXPAND_ELIMINATION)) },
    Step { name: "promote", action: &Run(&PROMOTE_SCALARS) },
];

/// The library description, in which promoted scalars are scalars.
fn library(module: Op) -> Result<Library, ErrorGuaranteed> {
    restore(module, &attributes::library(module)?).map_err(|diagnostic| diagnostic.report(module.location()))
}

const KERNELS: &[LowerStep] = &[
    // Before memory is planned, so that buffers between kernels are planned too.
    Step { name: "kernels", action: &RunWith(&MAP_KERNELS, |options: &LowerOptions| MapOptions { fp: options.fp }) },
    // Immediately, since the time of all later steps depends on the number of kernels.
    Step { name: "share", action: &Optional(&Run(&SHARE_KERNELS)) },
    Step { name: "clean", action: &Upstream("canonicalize,cse") },
    // Nothing on the host's stack: it is not device memory.
    Step { name: "workspace", action: &RunWith(&workspace::PLAN_WORKSPACE, |_| WorkspaceOptions { stack: 0 }) },
    Step { name: "launches", action: &Run(&LOWER_LAUNCHES) },
    // On runtime calls, since launches do not declare their memory effects. Kernels are not analyzed.
    Step {
        name: "memory",
        action: &Where(
            is_to_free,
            &Upstream(
                "ownership-based-buffer-deallocation,func.func(canonicalize,buffer-deallocation-simplification),\
                 bufferization-lower-deallocations,func.func(cse,canonicalize,cse)",
            ),
        ),
    },
    Step { name: "device memory", action: &Run(&LOWER_DEVICE_MEMORY) },
    Step { name: "nvvm", action: &RunWith(&LOWER_KERNELS, |options: &LowerOptions| KernelsOptions { fp: options.fp }) },
    // Host code from here on.
    Step { name: "open", action: &Run(&OPEN_DEVICE) },
];

const HOST: &[LowerStep] = &[
    Step {
        name: "scalar",
        action: &RunWith(&LOWER_SCALAR, |options: &LowerOptions| ScalarOptions {
            fp: options.fp,
            ..ScalarOptions::default()
        }),
    },
    // Only host memory is still allocated: results, and lists of buffers to free.
    Step { name: "guard", action: &RunWith(&guard::GUARD_ALLOCATIONS, |_| GuardOptions::default()) },
];

const LLVM: &[LowerStep] = &[
    // After checks, since a failing check returns too.
    Step { name: "close", action: &Run(&CLOSE_DEVICE) },
    Step { name: "llvm", action: &Upstream("convert-to-llvm,reconcile-unrealized-casts,llvm.func(canonicalize,cse)") },
];

const FINISH: &[LowerStep] = &[Step {
    name: "symbols",
    action: &RunWith(&symbols::ADD_LIBRARY_SYMBOLS, |_| SymbolOptions { packed: true, device: true }),
}];
