//! The steps that several targets take.

use crate::pipeline::Step;
use dp_bufferize::{destinations, results, workspace};
use dp_dialects::ir::Op;
use dp_entries::{border, hoist, memory, status};
use dp_loopnest::structured::is_named;
use dp_loopnest::{counts, sink, tensors, unreachable};
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
pub const FUNCTIONS: &[Step] = &[
    // First, as fusion and buffers are a matter of one function.
    Step::ours("inline", &inline::INLINE_CALLS),
    // What recursion is left calls private functions, as public ones become C functions.
    Step::ours("recursion", &recursion::SPLIT_RECURSION),
    // Before loops are looked into: from here on all of them count with a sign, and to their end.
    Step::ours("counts", &counts::COUNT_LOOPS),
];

/// From operations on tensors to structured loops, in functions as C has them.
pub const LOOPS: &[Step] = &[
    // While broadcasts are operations, before their checks and loops.
    Step::ours("sink", &sink::SINK_SPLATS),
    Step::ours("array", &tensors::LOWER_ARRAY),
    // Before anything folds: extents that contradict each other would come into types.
    Step::ours("unreachable", &unreachable::PRUNE_UNREACHABLE),
    // On tensors, where simplification shows which extents are those of arguments.
    Step::with("entries", &memory::LOWER_ENTRIES, |options| vec![options.library_name.clone()]),
    // Before memory is allocated.
    Step::ours("hoist", &hoist::HOIST_CHECKS),
];

/// After the last elimination of common subexpressions, which shares destinations again.
pub const DESTINATIONS: Step = Step::ours("destinations", &destinations::UNSHARE_DESTINATIONS);

/// From tensors to buffers.
pub const BUFFERS: &[Step] = &[
    // Empty tensors go first, so that results are computed in the caller's memory.
    Step::upstream(
        "bufferize",
        "eliminate-empty-tensors,one-shot-bufferize{allow-return-allocs-from-loops=true},canonicalize,cse",
    ),
    // While the copies that bufferization left for results stand together at the end.
    Step::ours("results", &results::ORDER_RESULTS),
];

/// From structured control flow to branches.
pub const BRANCHES: Step = Step::upstream("branches", "expand-strided-metadata,lower-affine,convert-scf-to-cf");

/// When nothing allocates any more: functions as C calls them, which return a status.
pub const INTERFACE: &[Step] = &[
    Step::ours("border", &border::LOWER_BORDER),
    Step::needed("complex", |op| is_of(op, "complex."), "convert-complex-to-standard"),
    // Before upstream expands what is left of them.
    Step::ours("expansions", &expansions::LOWER_EXPANSIONS),
    BRANCHES,
    // Assertions return, which structured control flow cannot.
    Step::ours("checks", &status::LOWER_CHECKS),
];

/// Where every value has one of LLVM's types, and nothing makes more of them.
pub const HALVES: Step = Step::with("halves", &halves::LOWER_HALVES, |options| {
    vec![if options.native_f16 { "native" } else { "bits" }.into()]
});
