//! Pipelines up to the simplified program. A comment on each step says why it stands there.

use dp_ad::AdOptions;
use dp_ad::shifts::{STOP_SHIFTS, is_extremum};
use dp_dialects::ir::Op;
use dp_dialects::{Diagnostic, FloatModel, OpKind};
use dp_fusion::{FUSE_LOOPS, FusionOptions};
use dp_loopnest::bounds::proved::DROP_PROVED_CHECKS;
use dp_loopnest::branches::{SIMPLIFY_BRANCHES, is_branch};
use dp_loopnest::carried::is_construct;
use dp_loopnest::checks::is_assertion;
use dp_loopnest::counted::{MERGE_COUNTED_LOOPS, MergeOptions, is_counting};
use dp_loopnest::elements::promoted::{PROMOTE_ELEMENTS, PromoteOptions};
use dp_lower::{LowerOptions, LowerStep, Lowered, Stage};
use dp_passes::ErrorGuaranteed;
use dp_passes::bound::{BOUND_LOOPS, BoundOptions, LoopBound};
use dp_passes::calls::InlineLimit;
use dp_passes::functions::has_function_values;
use dp_passes::inline::{INLINE_CALLS, InlineOptions};
use dp_passes::manager::{self, ByteLimit, Halt, Observer, Optional, Run, RunWith, Step, When, Where};
use dp_passes::shardings::{DROP_SHARDINGS, is_sharding};
use dp_passes::specialize::{Fixed, SpecializeOptions};
use dp_simplify::SimplifyOptions;
use melior::ir::operation::OperationLike;

/// User settings for passes.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The floating-point model.
    pub fp: FloatModel,
    /// The optimization level, 0 to 3.
    pub level: u8,
    /// The bytes that a derivative may keep.
    pub max_tape: ByteLimit,
    /// The operations that inlining one function may add.
    pub inline: InlineLimit,
    /// The greatest numbers of rounds of loops.
    pub bounds: Vec<LoopBound>,
    /// Whether to report what derivatives keep.
    pub ad_report: bool,
    /// Fixed extents of arguments.
    pub extents: Vec<Fixed>,
    /// Whether the target requires static shapes. Then extents that follow from constants are written into types too.
    pub fixed: bool,
}

/// From source to a program without derivative requests.
pub static DIFFERENTIATE: &[Step<Settings>] = &[
    // First: every later step expects values of numbers and tensors, and direct calls.
    Step { name: "functions", action: &Where(has_function_values, &Run(&dp_passes::functions::LOWER_FUNCTION_VALUES)) },
    // Every later step expects one block per region. Before raising, because lifting creates `arith` operations.
    Step { name: "lift", action: &Run(&dp_passes::control::LIFT_CONTROL_FLOW) },
    // After lifting: branches and loops carry what they store. Before raising, which knows the operations that it
    // makes.
    Step {
        name: "raise-buffers",
        action: &Where(dp_passes::raise::buffers::is_access, &Run(&dp_passes::raise::buffers::RAISE_BUFFERS)),
    },
    // Later steps handle one spelling of each operation.
    Step { name: "raise", action: &Run(&dp_passes::raise::RAISE_TO_SCALAR) },
    // After raising, which adds checks. Before derivatives, so that loops have none in their way.
    Step { name: "proved", action: &Where(is_assertion, &Optional(&Run(&DROP_PROVED_CHECKS))) },
    // Before derivatives: what a loop carries unchanged, as programs of JAX do, would be kept for every iteration.
    Step {
        name: "ad-carried",
        action: &Where(is_derivative, &Where(is_construct, &Optional(&Run(&dp_loopnest::carried::SIMPLIFY_CARRIED)))),
    },
    // Before derivatives, so that an invariant is not kept for every iteration.
    Step { name: "ad-hoist", action: &Where(is_derivative, &Optional(&Run(&dp_passes::hoist::HOIST_INVARIANTS))) },
    // Before derivatives: what a broadcast outside of a loop gathers as a tensor, one inside of it gathers as a scalar.
    Step { name: "ad-sink", action: &Where(is_derivative, &Optional(&Run(&dp_loopnest::sink::SINK_SPLATS))) },
    // Before derivatives, which then leave out what is zero.
    Step { name: "ad-shifts", action: &Where(is_derivative, &Where(is_extremum, &Optional(&Run(&STOP_SHIFTS)))) },
    // Before derivatives, whose tapes have rows for the bounds. After raising, which shows what loops compare. In
    // lifted programs too, loops have their places.
    Step {
        name: "bounds",
        action: &When(
            |settings: &Settings| settings.fixed || !settings.bounds.is_empty(),
            &RunWith(&BOUND_LOOPS, |settings: &Settings| BoundOptions {
                bounds: settings.bounds.clone(),
                infer: settings.fixed,
            }),
        ),
    },
    // On the unsimplified program, in which every operation has a derivative rule. Simplification afterwards sees the
    // primal and the adjoint together.
    Step {
        name: "ad",
        action: &RunWith(&dp_ad::AD, |settings: &Settings| AdOptions {
            max_tape: settings.max_tape,
            inline: settings.inline,
            report: settings.ad_report,
        }),
    },
];

/// The step that fixes extents.
pub const SPECIALIZE: &str = "specialize";

/// Simplification of a program without derivative requests.
pub static SIMPLIFY: &[Step<Settings>] = &[
    // First: what is spread over devices is not simplified together. Only XLA, whose extents are fixed, has several.
    Step {
        name: "shardings",
        action: &When(|settings: &Settings| !settings.fixed, &Where(is_sharding, &Run(&DROP_SHARDINGS))),
    },
    // So that a callee is simplified together with its use.
    Step { name: "inline", action: &When(inlined, &RunWith(&INLINE_CALLS, inlining)) },
    // After inlining, when no call passes extents on; before simplification, which uses static extents.
    Step {
        name: SPECIALIZE,
        action: &When(
            specialized,
            &RunWith(&dp_passes::specialize::SPECIALIZE_EXTENTS, |settings: &Settings| SpecializeOptions {
                extents: settings.extents.clone(),
            }),
        ),
    },
    // Before what is carried, since merged branches pass on less.
    Step { name: "branches", action: &When(optimized, &Where(is_branch, &Optional(&Run(&SIMPLIFY_BRANCHES)))) },
    // Before simplification, which sees more where fewer values are carried.
    Step {
        name: "carried",
        action: &When(optimized, &Where(is_construct, &Optional(&Run(&dp_loopnest::carried::SIMPLIFY_CARRIED)))),
    },
    // After tapes that nothing reads are gone, and before simplification, which may write equal bodies in two ways.
    Step {
        name: "counted",
        action: &When(
            optimized,
            &Where(is_counting, &Optional(&RunWith(&MERGE_COUNTED_LOOPS, |_| MergeOptions::default()))),
        ),
    },
    // On whole tensors, where rules are short; loops would hide the structure.
    Step { name: "simplify", action: &When(optimized, &Optional(&RunWith(&dp_simplify::SIMPLIFY, simplification))) },
    // Again, since simplification shows what is equal.
    Step { name: "branches-again", action: &When(optimized, &Where(is_branch, &Optional(&Run(&SIMPLIFY_BRANCHES)))) },
    // After simplification, which places new operations where they are used.
    Step { name: "invariants", action: &When(optimized, &Optional(&Run(&dp_passes::hoist::HOIST_INVARIANTS))) },
    // After simplification, which shares equal extents and values.
    Step {
        name: "stored",
        action: &When(optimized, &Where(is_construct, &Optional(&Run(&dp_loopnest::elements::stored::SHARE_STORED)))),
    },
    // After the tapes that are not needed are gone.
    Step {
        name: "promote",
        action: &When(
            optimized,
            &Where(
                is_construct,
                &Optional(&RunWith(&PROMOTE_ELEMENTS, |settings: &Settings| PromoteOptions { fp: settings.fp })),
            ),
        ),
    },
    // Again, for what is not read any more.
    Step {
        name: "carried-again",
        action: &When(optimized, &Where(is_construct, &Optional(&Run(&dp_loopnest::carried::SIMPLIFY_CARRIED)))),
    },
    // After simplification, which shares equal extents and fills.
    Step {
        name: "rows",
        action: &When(optimized, &Where(is_construct, &Optional(&Run(&dp_loopnest::rows::BUILD_ROWS_IN_PLACE)))),
    },
    // Last, since simplification places operations.
    Step {
        name: "updates",
        action: &When(optimized, &Where(is_construct, &Optional(&Run(&dp_loopnest::elements::last::SINK_UPDATES)))),
    },
];

/// Fusion, between the two stages of lowering: loops know what they read and write, and tensors are not yet buffers.
static FUSE: &[LowerStep] = &[Step {
    name: "fuse",
    action: &Optional(&RunWith(&FUSE_LOOPS, |options: &LowerOptions| FusionOptions {
        fp: options.fp,
        vectors: options.vectors,
    })),
}];

/// Whether an operation asks for a derivative, or is a linear map to transpose.
fn is_derivative(op: Op) -> bool {
    OpKind::of(op).is_some_and(|kind| kind.dialect() == "ad")
}

fn optimized(settings: &Settings) -> bool {
    settings.level > 0
}

fn specialized(settings: &Settings) -> bool {
    settings.fixed || !settings.extents.is_empty()
}

fn inlined(settings: &Settings) -> bool {
    optimized(settings) || specialized(settings)
}

fn inlining(settings: &Settings) -> InlineOptions {
    InlineOptions { limit: settings.inline, ..InlineOptions::default() }
}

/// Level 1 uses only normal forms.
fn simplification(settings: &Settings) -> SimplifyOptions {
    let options = SimplifyOptions { fp: settings.fp, ..SimplifyOptions::default() };
    if settings.level == 1 { SimplifyOptions { max_nodes: 0, ..options } } else { options }
}

/// Verifies a module that leaves the compiler or is lowered by means other than passes.
///
/// # Errors
/// If it does not verify; this was reported, as an internal error.
pub fn verified(module: Op) -> Result<(), ErrorGuaranteed> {
    if module.verify() {
        return Ok(());
    }
    let diagnostic = Diagnostic::internal("internal error: the program does not verify after a pass");
    Err(diagnostic.report(module.location()))
}

/// Lowers a simplified program to loops on tensors, fuses them, and lowers to the LLVM dialect.
///
/// # Errors
/// If the program has something that the target does not support, which was reported, or the observer stops.
pub fn lower(module: Op, options: &LowerOptions, stage: Stage, observer: &mut dyn Observer) -> Result<Lowered, Halt> {
    let mut lowered = dp_lower::to_linalg(module, options, observer)?;
    manager::run(FUSE, module, options, observer)?;
    verified(module)?;
    if stage == Stage::Llvm {
        dp_lower::to_llvm(module, options, observer)?;
        lowered.note_workspaces(module)?;
    }
    Ok(lowered)
}
