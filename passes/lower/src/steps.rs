//! Pipeline steps that targets share.

use crate::pipeline::{LowerOptions, LowerStep};
use dp_abi_passes::records as stored;
use dp_abi_passes::{hoist, interface, memory, status};
use dp_bufferize::{barriers, destinations, forward, results, workspace};
use dp_dialects::OpKind;
use dp_dialects::ir::{Op, results};
use dp_extents::kept;
use dp_loopnest::counted::{self, MERGE_COUNTED_LOOPS, MergeOptions};
use dp_loopnest::structured::{is_buffer, is_named};
use dp_loopnest::{bounds, normalize, sink, switches, tensors, unreachable};
use dp_passes::manager::{Optional, Run, RunWith, Step, Upstream, When, Where};
use dp_passes::{inline, orthogonal, pullback, records, recursion};
use dp_scalar::{expansions, halves};
use melior::ir::operation::OperationLike;

/// Whether an operation belongs to a dialect, given by its prefix, such as `affine.`.
pub fn is_of(op: Op, dialect: &str) -> bool {
    op.name().as_string_ref().as_str().is_ok_and(|name| name.starts_with(dialect))
}

/// Whether an operation allocates memory that still needs a deallocation, or calls a function that returns such memory.
pub fn is_to_free(op: Op) -> bool {
    let is_call = OpKind::of(op) == Some(OpKind::FuncCall);
    is_named(op, "memref.alloc") && !workspace::is_by_hand(op) || is_call && results(op).into_iter().any(is_buffer)
}

/// On programs: calls and loops.
pub const FUNCTIONS: &[LowerStep] = &[
    // First, since fusion and buffer planning work on single functions.
    Step {
        name: "inline",
        action: &RunWith(&inline::INLINE_CALLS, |options: &LowerOptions| inline::InlineOptions {
            tensors: options.pipeline.on_host,
            limit: options.inline,
        }),
    },
    // After simplification, which does not see into records. Before pullbacks are divided: a record is kept by its position.
    Step {
        name: "counted-tapes",
        action: &Where(
            counted::is_counting,
            &Optional(&RunWith(&MERGE_COUNTED_LOOPS, |options: &LowerOptions| MergeOptions {
                records: options.pipeline.on_host,
            })),
        ),
    },
    // After inlining and all simplification, which see both halves; before functions get C parameters.
    Step {
        name: "pullbacks",
        action: &Where(
            pullback::is_pullback,
            &RunWith(&pullback::SPLIT_PULLBACKS, |options: &LowerOptions| pullback::PullbackOptions {
                records: options.pipeline.on_host,
            }),
        ),
    },
    // After inlining: remaining calls use private functions, since public functions will get C parameters.
    Step { name: "recursion", action: &Run(&recursion::SPLIT_RECURSION) },
    // Where tensors are in another memory than the tape. Before tensors are lowered: records of tensors become loops.
    Step {
        name: "records",
        action: &When(
            |options: &LowerOptions| !options.pipeline.on_host,
            &Where(records::keeps_tensors, &Run(&records::EXPAND_RECORDS)),
        ),
    },
    // Before memory is planned.
    Step { name: "switches", action: &Where(switches::chooses_tensors, &Run(&switches::LOWER_SWITCHES)) },
    // Before tensors are lowered, and before loops are normalized.
    Step { name: "orthogonal", action: &Where(orthogonal::is_expanded, &Run(&orthogonal::EXPAND_ORTHOGONAL)) },
    // Before passes that analyze loops: afterwards all loops are signed and do not overflow.
    Step { name: "normalize", action: &Run(&normalize::NORMALIZE_LOOPS) },
];

/// From tensor operations to structured loops, in functions with C parameters.
pub const LOOPS: &[LowerStep] = &[
    // While broadcasts are operations, before their checks and loops.
    Step { name: "sink", action: &Optional(&Run(&sink::SINK_SPLATS)) },
    // While all operations are known. At all levels, since the C interface depends on it.
    Step { name: "keep", action: &Where(kept::carries_open_tensors, &Run(&kept::MARK_KEPT_EXTENTS)) },
    Step {
        name: "array",
        action: &RunWith(&tensors::LOWER_ARRAY, |options: &LowerOptions| tensors::ArrayOptions {
            fp: options.fp,
            windows: options.pipeline.windows,
            unstored: options.pipeline.on_host,
            vectors: options.vectors,
        }),
    },
    // Before anything is folded: contradictory extents would become part of types.
    Step { name: "unreachable", action: &Run(&unreachable::PRUNE_UNREACHABLE) },
    // After `array`, which proves extents by the program's operations; before extents of what loops carry are read before
    // the loops.
    Step { name: "stored-records", action: &Where(records::keeps_tensors, &Run(&stored::STORE_RECORDS)) },
    // On tensors, where simplification shows which extents are arguments' extents.
    Step {
        name: "entries",
        action: &RunWith(&memory::LOWER_ENTRIES, |options: &LowerOptions| memory::EntriesOptions {
            library: options.library_name.clone(),
        }),
    },
    // Before memory is allocated.
    Step { name: "hoist", action: &Run(&hoist::HOIST_CHECKS) },
];

/// When clamps, checks and initial fills are operations of their own, and before buffers are planned for fills.
pub const BOUNDS: LowerStep = Step { name: "bounds", action: &Optional(&Run(&bounds::SIMPLIFY_BOUNDS)) };

/// After the last common-subexpression elimination, which merges destinations.
pub const DESTINATIONS: LowerStep = Step { name: "destinations", action: &Run(&destinations::UNSHARE_DESTINATIONS) };

/// From tensors to buffers.
pub const BUFFERS: &[LowerStep] = &[
    // Eliminate empty tensors first, so that results are computed in the caller's memory.
    Step {
        name: "bufferize",
        action: &Upstream(
            "eliminate-empty-tensors,one-shot-bufferize{allow-return-allocs-from-loops=true},canonicalize,cse",
        ),
    },
    // After the common-subexpression elimination of the step before.
    Step { name: "barriers", action: &Where(barriers::is_barrier, &Run(&barriers::DROP_BARRIERS)) },
    // Right after bufferization, whose copies in these loops it replaces.
    Step { name: "forward", action: &Where(forward::is_loop, &Run(&forward::FORWARD_BUFFERS)) },
    // While the copies to results that bufferization made are still together at the end.
    Step { name: "results", action: &Run(&results::ORDER_RESULTS) },
];

/// From structured control flow to branches. Each pass visits every operation, so it runs only if the module has
/// something to lower; long straight-line programs have nothing.
pub const BRANCHES: &[LowerStep] = &[
    Step { name: "views", action: &Where(is_view, &Upstream("expand-strided-metadata")) },
    // The previous step computes offsets with these.
    Step { name: "affine", action: &Where(|op| is_of(op, "affine."), &Upstream("lower-affine")) },
    Step { name: "branches", action: &Where(|op| is_of(op, "scf."), &Upstream("convert-scf-to-cf")) },
];

/// Whether an operation on buffers does more than allocate, free, read or write.
fn is_view(op: Op) -> bool {
    let plain = ["memref.alloc", "memref.alloca", "memref.dealloc", "memref.load", "memref.store"];
    is_of(op, "memref.") && !plain.iter().any(|name| is_named(op, name))
}

/// After allocations are lowered: functions with C parameters that return a status.
pub const INTERFACE: &[LowerStep] = &[
    Step { name: "interface", action: &Run(&interface::LOWER_INTERFACE) },
    Step { name: "complex", action: &Where(|op| is_of(op, "complex."), &Upstream("convert-complex-to-standard")) },
    // Before upstream lowers the remaining operations.
    Step { name: "expansions", action: &Run(&expansions::LOWER_EXPANSIONS) },
];

/// On branches: assertions return early, which structured control flow cannot express.
pub const CHECKS: LowerStep = Step { name: "checks", action: &Run(&status::LOWER_CHECKS) };

/// After all values have LLVM types, and no later pass introduces other types.
pub const HALVES: LowerStep = Step {
    name: "halves",
    action: &RunWith(&halves::LOWER_HALVES, |options: &LowerOptions| halves::HalvesOptions {
        f16: if options.native_f16 { halves::Float16::Native } else { halves::Float16::Bits },
    }),
};
