//! The steps that targets share.

use crate::pipeline::{LowerOptions, LowerStep};
use dp_abi_passes::{hoist, interface, memory, status};
use dp_bufferize::{destinations, results, workspace};
use dp_dialects::ir::Op;
use dp_loopnest::structured::is_named;
use dp_loopnest::{normalize, sink, tensors, unreachable};
use dp_passes::manager::{Optional, Run, RunWith, Step, Upstream, Where};
use dp_passes::{inline, recursion};
use dp_scalar::{expansions, halves};
use melior::ir::operation::OperationLike;

/// Whether an operation is one of a dialect, named with its dot.
pub fn is_of(op: Op, dialect: &str) -> bool {
    op.name().as_string_ref().as_str().is_ok_and(|name| name.starts_with(dialect))
}

/// Whether an operation allocates what nothing frees yet.
pub fn is_to_free(op: Op) -> bool {
    is_named(op, "memref.alloc") && !workspace::is_by_hand(op)
}

/// On programs: calls, and loops as the lowering knows them.
pub const FUNCTIONS: &[LowerStep] = &[
    // First, as fusion and buffers are a matter of one function.
    Step { name: "inline", action: &Run(&inline::INLINE_CALLS) },
    // What recursion is left calls private functions, as public ones become C functions.
    Step { name: "recursion", action: &Run(&recursion::SPLIT_RECURSION) },
    // Before loops are looked into: from here on all of them count with a sign, and to their end.
    Step { name: "normalize", action: &Run(&normalize::NORMALIZE_LOOPS) },
];

/// From operations on tensors to structured loops, in functions as C has them.
pub const LOOPS: &[LowerStep] = &[
    // While broadcasts are operations, before their checks and loops.
    Step { name: "sink", action: &Optional(&Run(&sink::SINK_SPLATS)) },
    Step {
        name: "array",
        action: &RunWith(&tensors::LOWER_ARRAY, |options: &LowerOptions| tensors::ArrayOptions { fp: options.fp }),
    },
    // Before anything folds: extents that contradict each other would come into types.
    Step { name: "unreachable", action: &Run(&unreachable::PRUNE_UNREACHABLE) },
    // On tensors, where simplification shows which extents are those of arguments.
    Step {
        name: "entries",
        action: &RunWith(&memory::LOWER_ENTRIES, |options: &LowerOptions| memory::EntriesOptions {
            library: options.library_name.clone(),
        }),
    },
    // Before memory is allocated.
    Step { name: "hoist", action: &Run(&hoist::HOIST_CHECKS) },
];

/// After the last elimination of common subexpressions, which shares destinations again.
pub const DESTINATIONS: LowerStep = Step { name: "destinations", action: &Run(&destinations::UNSHARE_DESTINATIONS) };

/// From tensors to buffers.
pub const BUFFERS: &[LowerStep] = &[
    // Empty tensors go first, so that results are computed in the caller's memory.
    Step {
        name: "bufferize",
        action: &Upstream(
            "eliminate-empty-tensors,one-shot-bufferize{allow-return-allocs-from-loops=true},canonicalize,cse",
        ),
    },
    // While the copies that bufferization left for results stand together at the end.
    Step { name: "results", action: &Run(&results::ORDER_RESULTS) },
];

/// From structured control flow to branches. Each of these takes time for every operation of the module, of which long
/// programs on numbers have none that it is about.
pub const BRANCHES: &[LowerStep] = &[
    Step { name: "views", action: &Where(is_view, &Upstream("expand-strided-metadata")) },
    // What the former computes offsets with.
    Step { name: "affine", action: &Where(|op| is_of(op, "affine."), &Upstream("lower-affine")) },
    Step { name: "branches", action: &Where(|op| is_of(op, "scf."), &Upstream("convert-scf-to-cf")) },
];

/// Whether an operation on buffers is more than making, freeing, reading or writing one.
fn is_view(op: Op) -> bool {
    let plain = ["memref.alloc", "memref.alloca", "memref.dealloc", "memref.load", "memref.store"];
    is_of(op, "memref.") && !plain.iter().any(|name| is_named(op, name))
}

/// When nothing allocates any more: functions as C calls them, which return a status.
pub const INTERFACE: &[LowerStep] = &[
    Step { name: "interface", action: &Run(&interface::LOWER_INTERFACE) },
    Step { name: "complex", action: &Where(|op| is_of(op, "complex."), &Upstream("convert-complex-to-standard")) },
    // Before upstream expands what is left of them.
    Step { name: "expansions", action: &Run(&expansions::LOWER_EXPANSIONS) },
];

/// On branches: assertions return, which structured control flow cannot.
pub const CHECKS: LowerStep = Step { name: "checks", action: &Run(&status::LOWER_CHECKS) };

/// Where every value has one of LLVM's types, and nothing makes more of them.
pub const HALVES: LowerStep = Step {
    name: "halves",
    action: &RunWith(&halves::LOWER_HALVES, |options: &LowerOptions| halves::HalvesOptions {
        f16: if options.native_f16 { halves::Float16::Native } else { halves::Float16::Bits },
    }),
};
