//! The pipeline of the target: from tensors to loops of vectors, and to LLVM's dialect.

use dp_bufferize::{chains, copies, reuse, rotate, separate, workspace};
use dp_cpu_passes::{loops, products, straight, vectors};
use dp_dialects::ir::Op;
use dp_entries::attributes;
use dp_entries::{glue, guard};
use dp_lower::steps::{
    BRANCHES, BUFFERS, CHECKS, DESTINATIONS, FUNCTIONS, HALVES, INTERFACE, LOOPS, is_of, is_to_free,
};
use dp_lower::{LowerOptions, Pipeline, Step, run};
use dp_passes::Reported;
use dp_scalar::LOWER_SCALAR;
use melior::ir::operation::OperationLike;

/// The steps, in order; the comments say why they stand here.
pub static PIPELINE: Pipeline = Pipeline {
    to_linalg: &[FUNCTIONS, LOOPS],
    library: attributes::library,
    to_llvm: &[
        &[DESTINATIONS],
        UPDATES,
        BUFFERS,
        PLACES,
        CODE,
        &[STRAIGHT],
        NUMBERS,
        INTERFACE,
        BRANCHES,
        &[CHECKS, LLVM, HALVES, ANNOTATE, GLUE],
    ],
};

/// Before bufferization.
const UPDATES: &[Step] = &[
    // When extents that loops carry are those from outside, and before bufferization copies what it finds in use.
    Step::ours("separate", &separate::SEPARATE_UPDATES),
    // After destinations are apart, and before upstream asks of each two insertions whether they conflict.
    Step::ours("chains", &chains::PLACE_CHAINS),
];

/// Where buffers lie.
const PLACES: &[Step] = &[
    // When no copy of what is yielded is left that one could do without, and before buffers get places.
    Step::ours("rotate", &rotate::ROTATE_BUFFERS),
    // When loops carry what they will, and before buffers get places.
    Step::ours("reuse", &reuse::REUSE_BUFFERS),
    // Where it shows which buffers are in use at the same time.
    Step::ours("workspace", &workspace::PLAN_WORKSPACE),
    // For what has no place in a workspace: upstream's pipeline, without what it does first of all. That forgets of an
    // allocation, where it finds its size to be known, that the workspace is freed by hand.
    Step::needed(
        "memory",
        is_to_free,
        "ownership-based-buffer-deallocation,canonicalize,buffer-deallocation-simplification,\
         bufferization-lower-deallocations,cse,canonicalize,cse",
    ),
];

/// From structured loops on buffers to loops.
const CODE: &[Step] = &[
    Step::with("dot", &products::LOWER_DOT, |options| {
        vec![options.fp.to_string(), options.vector_bytes.to_string(), options.linked.join(",")]
    }),
    Step::ours("copies", &copies::LOWER_COPIES),
    // The numbers of bodies, which have a form on vectors only then.
    Step::with("bodies", &LOWER_SCALAR, |options| vec![options.fp.to_string(), "bodies".into()]),
    Step::with("vectors", &vectors::LOWER_LOOPS, |options| vec![options.vector_bytes.to_string()]),
    // What has no form on vectors.
    Step::needed("loops", |op| is_of(op, "linalg."), "func.func(convert-linalg-to-loops)"),
];

/// Where bodies are numbers and memory, and an operation on numbers is still one: what LLVM takes more than linear
/// time for must be short.
pub const STRAIGHT: Step = Step::with("straight", &straight::CUT_STRAIGHT_LINE, |_| {
    straight::CUT_STRAIGHT_LINE.options.iter().map(|option| option.default.to_string()).collect()
});

const NUMBERS: &[Step] = &[
    // Late, as until here operations on numbers are pure and few.
    Step::with("scalar", &LOWER_SCALAR, |options| vec![options.fp.to_string()]),
    // When nothing allocates any more, and functions still return what they allocate for their caller.
    Step::with("guard", &guard::GUARD_ALLOCATIONS, |_| vec!["true".into()]),
];

const LLVM: Step = Step::upstream("llvm", "convert-to-llvm,reconcile-unrealized-casts,canonicalize,cse");

/// On branches, which is all that is left of loops.
const ANNOTATE: Step = Step::with("annotate", &loops::ANNOTATE_LOOPS, |options| vec![options.vector_bytes.to_string()]);

const GLUE: Step = Step::ours("glue", &glue::LOWER_GLUE);

/// Lowers functions that the compiler itself writes, on buffers and in upstream's dialects, to LLVM's dialect. Of the
/// options, those count that tell of the processor.
///
/// # Errors
/// Where they are not what a processor runs; diagnostics have said so.
pub fn lower_written(module: Op, options: &LowerOptions) -> Result<(), Reported> {
    run(module, &[BRANCHES, &[LLVM, HALVES, ANNOTATE]], options)?;
    if module.verify() { Ok(()) } else { Err(Reported) }
}
