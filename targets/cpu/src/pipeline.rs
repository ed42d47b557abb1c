//! The pipeline of the target: from tensors to vectorized loops and the LLVM dialect.

use dp_abi_passes::attributes;
use dp_abi_passes::guard::GuardOptions;
use dp_abi_passes::symbols::SymbolOptions;
use dp_abi_passes::{guard, symbols};
use dp_bufferize::workspace::WorkspaceOptions;
use dp_bufferize::{chains, copies, reuse, rotate, separate, workspace};
use dp_cpu_passes::loops::AnnotateOptions;
use dp_cpu_passes::products::DotOptions;
use dp_cpu_passes::vectors::LoopsOptions;
use dp_cpu_passes::{loops, outline, products, vectors};
use dp_dialects::ir::Op;
use dp_lower::steps::{
    BRANCHES, BUFFERS, CHECKS, DESTINATIONS, FUNCTIONS, HALVES, INTERFACE, LOOPS, is_of, is_to_free,
};
use dp_lower::{LowerOptions, LowerStep, Pipeline, run};
use dp_passes::ErrorGuaranteed;
use dp_passes::manager::{Halt, Optional, Run, RunWith, Step, Upstream, Where};
use dp_scalar::{LOWER_SCALAR, ScalarOptions, Scope};
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
const UPDATES: &[LowerStep] = &[
    // When extents that loops carry are those from outside, and before bufferization copies what it finds in use.
    Step { name: "separate", action: &Optional(&Run(&separate::SEPARATE_UPDATES)) },
    // After destinations are apart, and before upstream asks of each two insertions whether they conflict.
    Step { name: "chains", action: &Optional(&RunWith(&chains::PLACE_CHAINS, |_| chains::ChainOptions::default())) },
];

/// Where buffers lie.
const PLACES: &[LowerStep] = &[
    // When no copy of what is yielded is left that one could do without, and before buffers get places.
    Step { name: "rotate", action: &Optional(&Run(&rotate::ROTATE_BUFFERS)) },
    // When loops carry what they will, and before buffers get places.
    Step { name: "reuse", action: &Optional(&Run(&reuse::REUSE_BUFFERS)) },
    // Where it shows which buffers are in use at the same time.
    Step { name: "workspace", action: &RunWith(&workspace::PLAN_WORKSPACE, |_| WorkspaceOptions::default()) },
    // For what has no place in a workspace: upstream's pipeline, without what it does first of all. That forgets of an
    // allocation, where it finds its size to be known, that the workspace is freed by hand.
    Step {
        name: "memory",
        action: &Where(
            is_to_free,
            &Upstream(
                "ownership-based-buffer-deallocation,canonicalize,buffer-deallocation-simplification,\
                 bufferization-lower-deallocations,cse,canonicalize,cse",
            ),
        ),
    },
];

/// From structured loops on buffers to loops.
const CODE: &[LowerStep] = &[
    Step {
        name: "dot",
        action: &Optional(&RunWith(&products::LOWER_DOT, |options: &LowerOptions| DotOptions {
            fp: options.fp,
            vectors: options.vectors,
            linked: options.linked.iter().map(|symbol| symbol.to_string()).collect(),
        })),
    },
    Step { name: "copies", action: &Run(&copies::LOWER_COPIES) },
    // The numbers of bodies, which have a form on vectors only then.
    Step {
        name: "bodies",
        action: &RunWith(&LOWER_SCALAR, |options: &LowerOptions| ScalarOptions {
            fp: options.fp,
            scope: Scope::Bodies,
            ..ScalarOptions::default()
        }),
    },
    Step {
        name: "vectors",
        action: &Optional(&RunWith(&vectors::LOWER_LOOPS, |options: &LowerOptions| LoopsOptions {
            vectors: options.vectors,
        })),
    },
    // What has no form on vectors.
    Step { name: "loops", action: &Where(|op| is_of(op, "linalg."), &Upstream("func.func(convert-linalg-to-loops)")) },
];

/// Where bodies are numbers and memory, and an operation on numbers is still one: what LLVM takes more than linear
/// time for must be short.
pub const STRAIGHT: LowerStep = Step {
    name: "outline",
    action: &Optional(&RunWith(&outline::OUTLINE_STRAIGHT_LINE, |_| outline::OutlineOptions::default())),
};

const NUMBERS: &[LowerStep] = &[
    // Late, as until here operations on numbers are pure and few.
    Step {
        name: "scalar",
        action: &RunWith(&LOWER_SCALAR, |options: &LowerOptions| ScalarOptions {
            fp: options.fp,
            ..ScalarOptions::default()
        }),
    },
    // When nothing allocates any more, and functions still return what they allocate for their caller.
    Step { name: "guard", action: &RunWith(&guard::GUARD_ALLOCATIONS, |_| GuardOptions { caller: true }) },
];

const LLVM: LowerStep =
    Step { name: "llvm", action: &Upstream("convert-to-llvm,reconcile-unrealized-casts,canonicalize,cse") };

/// On branches, which is all that is left of loops.
const ANNOTATE: LowerStep = Step {
    name: "annotate",
    action: &Optional(&RunWith(&loops::ANNOTATE_LOOPS, |options: &LowerOptions| AnnotateOptions {
        vectors: options.vectors,
    })),
};

const GLUE: LowerStep =
    Step { name: "symbols", action: &RunWith(&symbols::ADD_LIBRARY_SYMBOLS, |_| SymbolOptions::default()) };

/// Lowers functions that the compiler itself writes, on buffers and in upstream's dialects, to LLVM's dialect. Of the
/// options, those count that tell of the CPU.
///
/// # Errors
/// Where they are not what a CPU runs; diagnostics have said so.
pub fn lower_written(module: Op, options: &LowerOptions) -> Result<(), Halt> {
    run(module, &[BRANCHES, &[LLVM, HALVES, ANNOTATE]], options, &mut ())?;
    if module.verify() { Ok(()) } else { Err(ErrorGuaranteed.into()) }
}
