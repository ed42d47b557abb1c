//! The CPU pipeline: from tensors to vectorized loops and the LLVM dialect.

use dp_abi_passes::attributes;
use dp_abi_passes::guard::GuardOptions;
use dp_abi_passes::symbols::SymbolOptions;
use dp_abi_passes::{guard, recursion, symbols};
use dp_bufferize::workspace::WorkspaceOptions;
use dp_bufferize::{chains, copies, reads, recompute, reuse, rotate, separate, workspace};
use dp_cpu_passes::loops::AnnotateOptions;
use dp_cpu_passes::products::DotOptions;
use dp_cpu_passes::vectors::LoopsOptions;
use dp_cpu_passes::{loops, outline, products, transfers, vectors};
use dp_dialects::OpKind;
use dp_dialects::ir::Op;
use dp_loopnest::single;
use dp_lower::steps::{
    BOUNDS, BRANCHES, BUFFERS, CHECKS, DESTINATIONS, FUNCTIONS, HALVES, INTERFACE, LOOPS, is_of, is_to_free,
};
use dp_lower::{LowerOptions, LowerStep, Pipeline, run};
use dp_passes::ErrorGuaranteed;
use dp_passes::manager::{Halt, Optional, Run, RunWith, Step, Upstream, UpstreamIn, Where};
use dp_scalar::{LOWER_SCALAR, ScalarOptions, Scope};
use melior::ir::operation::OperationLike;

/// The steps, in order. Comments explain the position of a step.
pub static PIPELINE: Pipeline = Pipeline {
    to_linalg: &[FUNCTIONS, LOOPS],
    library: attributes::library,
    windows: false,
    on_host: true,
    to_llvm: &[
        &[BOUNDS, DESTINATIONS],
        UPDATES,
        BUFFERS,
        PLACES,
        CODE,
        &[STRAIGHT],
        SCALARS,
        INTERFACE,
        BRANCHES,
        &[CHECKS, LLVM, HALVES, ANNOTATE, FINISH],
    ],
};

/// Before bufferization.
const UPDATES: &[LowerStep] = &[
    // After the last common-subexpression elimination on tensors, which would undo it, and before buffers.
    Step { name: "recompute", action: &Optional(&Run(&recompute::RECOMPUTE_OPERANDS)) },
    // After loops carry tensors whose extents are known outside, and before bufferization makes copies.
    Step { name: "separate", action: &Optional(&Run(&separate::SEPARATE_UPDATES)) },
    // After what is computed again is in its place, and before bufferization makes copies.
    Step { name: "reads", action: &Optional(&Run(&reads::ORDER_READS)) },
    // After destinations are separated, and before upstream analyzes every pair of insertions for conflicts.
    Step { name: "chains", action: &Optional(&RunWith(&chains::PLACE_CHAINS, |_| chains::ChainOptions::default())) },
];

/// Placement of buffers.
const PLACES: &[LowerStep] = &[
    // After redundant copies of yielded tensors are gone, and before buffers are placed.
    Step { name: "rotate", action: &Optional(&Run(&rotate::ROTATE_BUFFERS)) },
    // After the values that loops carry are final, and before buffers are placed.
    Step { name: "reuse", action: &Optional(&Run(&reuse::REUSE_BUFFERS)) },
    // After lifetimes of buffers are final.
    Step { name: "workspace", action: &RunWith(&workspace::PLAN_WORKSPACE, |_| WorkspaceOptions::default()) },
    // For buffers outside the workspace: upstream's pipeline without its first pass, which replaces allocations of
    // constant size and would lose that the workspace is freed explicitly. Where all buffers are in the workspace, nothing is
    // to be freed, which upstream does not see if loops pass them on.
    Step {
        name: "ownership",
        action: &UpstreamIn(
            is_to_free,
            "ownership-based-buffer-deallocation,canonicalize,buffer-deallocation-simplification",
        ),
    },
    Step {
        name: "memory",
        action: &Where(is_to_free, &Upstream("bufferization-lower-deallocations,cse,canonicalize,cse")),
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
    // Once tensors are buffers.
    Step { name: "transfers", action: &Where(transfers::is_transfer, &Run(&transfers::LOWER_TRANSFERS)) },
    // The scalar operations in bodies, so that bodies can be vectorized.
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
    // Operations that have no vector form.
    Step { name: "loops", action: &Where(|op| is_of(op, "linalg."), &Upstream("func.func(convert-linalg-to-loops)")) },
    // After all nests are loops: those of one element.
    Step { name: "single", action: &Optional(&Run(&single::INLINE_SINGLE_ROUNDS)) },
];

/// Outlines long straight-line code, for which LLVM takes more than linear time. At this point, bodies are scalar
/// operations and memory accesses, and a scalar operation is still one operation.
pub const STRAIGHT: LowerStep = Step {
    name: "outline",
    action: &Optional(&RunWith(&outline::OUTLINE_STRAIGHT_LINE, |_| outline::OutlineOptions::default())),
};

const SCALARS: &[LowerStep] = &[
    // Late, since until here scalar operations are pure and few.
    Step {
        name: "scalar",
        action: &RunWith(&LOWER_SCALAR, |options: &LowerOptions| ScalarOptions {
            fp: options.fp,
            ..ScalarOptions::default()
        }),
    },
    // Before functions get other arguments, and while branches show which calls are last.
    Step { name: "stack", action: &Where(is_call, &Run(&recursion::CHECK_RECURSION)) },
    // After the last pass that allocates, and while functions still return memory that they allocate for the caller.
    Step { name: "guard", action: &RunWith(&guard::GUARD_ALLOCATIONS, |_| GuardOptions { caller: true }) },
];

/// Whether an operation calls a function; the others are inlined.
fn is_call(op: Op) -> bool {
    OpKind::of(op) == Some(OpKind::FuncCall)
}

const LLVM: LowerStep =
    Step { name: "llvm", action: &Upstream("convert-to-llvm,reconcile-unrealized-casts,canonicalize,cse") };

/// On branches, the final form of loops.
const ANNOTATE: LowerStep = Step {
    name: "annotate",
    action: &Optional(&RunWith(&loops::ANNOTATE_LOOPS, |options: &LowerOptions| AnnotateOptions {
        vectors: options.vectors,
    })),
};

const FINISH: LowerStep =
    Step { name: "symbols", action: &RunWith(&symbols::ADD_LIBRARY_SYMBOLS, |_| SymbolOptions::default()) };

/// Lowers functions that the compiler itself generates, on buffers in upstream dialects, to the LLVM dialect. Only the
/// options for the CPU matter.
///
/// # Errors
/// If lowering fails; diagnostics were reported.
pub fn lower_written(module: Op, options: &LowerOptions) -> Result<(), Halt> {
    run(module, &[BRANCHES, &[LLVM, HALVES, ANNOTATE]], options, &mut ())?;
    if module.verify() { Ok(()) } else { Err(ErrorGuaranteed.into()) }
}
