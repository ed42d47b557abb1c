//! The pipeline of the target: loops run on a device, and the host tells it what to do.

use dp_abi::Library;
use dp_bufferize::workspace;
use dp_cpu::STRAIGHT;
use dp_dialects::ir::Op;
use dp_entries::attributes;
use dp_entries::{glue, guard};
use dp_gpu_passes::host::doors::{CLOSE_DEVICE, OPEN_DEVICE};
use dp_gpu_passes::host::launches::LOWER_LAUNCHES;
use dp_gpu_passes::host::memory::LOWER_DEVICE_MEMORY;
use dp_gpu_passes::map::MAP_KERNELS;
use dp_gpu_passes::numbers::{LIFT_NUMBERS, restore};
use dp_gpu_passes::nvvm::LOWER_KERNELS;
use dp_gpu_passes::share::SHARE_KERNELS;
use dp_lower::steps::{BRANCHES, BUFFERS, CHECKS, DESTINATIONS, FUNCTIONS, HALVES, INTERFACE, LOOPS, is_to_free};
use dp_lower::{Pipeline, Step};
use dp_passes::Reported;
use dp_scalar::LOWER_SCALAR;
use melior::ir::operation::OperationLike;

/// The steps, in order; the comments say why they stand here.
pub static PIPELINE: Pipeline = Pipeline {
    to_linalg: &[FUNCTIONS, NUMBERS, LOOPS],
    library,
    to_llvm: &[
        &[DESTINATIONS],
        BUFFERS,
        KERNELS,
        &[STRAIGHT],
        HOST,
        INTERFACE,
        BRANCHES,
        &[CHECKS],
        LLVM,
        &[HALVES],
        GLUE,
    ],
};

/// On tensors of the program, of which fusion then makes few loops.
const NUMBERS: &[Step] = &[Step::ours("numbers", &LIFT_NUMBERS)];

/// The library as the program has it, where lifted numbers are numbers.
fn library(module: Op) -> Result<Library, Reported> {
    restore(module, &attributes::library(module)?).map_err(|complaint| complaint.report(module.location()))
}

const KERNELS: &[Step] = &[
    // Before memory is planned, so that what kernels need between them is planned too.
    Step::with("kernels", &MAP_KERNELS, |options| vec![options.fp.to_string()]),
    // As soon as they are there: all that follows takes time for each.
    Step::ours("share", &SHARE_KERNELS),
    Step::upstream("clean", "canonicalize,cse"),
    // The host's stack is not the device's memory.
    Step::with("workspace", &workspace::PLAN_WORKSPACE, |_| vec!["0".into()]),
    Step::ours("launches", &LOWER_LAUNCHES),
    // On calls of the runtime, as nobody says what launches do to memory. Nothing in kernels is looked at.
    Step::needed(
        "memory",
        is_to_free,
        "ownership-based-buffer-deallocation,func.func(canonicalize,buffer-deallocation-simplification),\
         bufferization-lower-deallocations,func.func(cse,canonicalize,cse)",
    ),
    Step::ours("device memory", &LOWER_DEVICE_MEMORY),
    Step::with("nvvm", &LOWER_KERNELS, |options| vec![options.fp.to_string()]),
    // From here on, what the host does.
    Step::ours("open", &OPEN_DEVICE),
];

const HOST: &[Step] = &[
    Step::with("scalar", &LOWER_SCALAR, |options| vec![options.fp.to_string(), "all".into(), "own".into()]),
    // Only memory of the host is left to be allocated: results, and lists of buffers that are to be freed.
    Step::ours("guard", &guard::GUARD_ALLOCATIONS),
];

const LLVM: &[Step] = &[
    // Where a check that fails returns too.
    Step::ours("close", &CLOSE_DEVICE),
    Step::upstream("llvm", "convert-to-llvm,reconcile-unrealized-casts,llvm.func(canonicalize,cse)"),
];

const GLUE: &[Step] = &[Step::with("glue", &glue::LOWER_GLUE, |_| vec!["true".into(), "true".into()])];
