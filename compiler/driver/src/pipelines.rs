//! Pipelines: what runs, in which order, and why there.

use dp_dialects::ir::Op;
use dp_dialects::{Diagnostic, FloatModel};
use dp_fusion::{FUSE_LOOPS, FusionOptions};
use dp_lower::{LowerOptions, LowerStep, Lowered, Stage};
use dp_passes::ErrorGuaranteed;
use dp_passes::manager::{self, Halt, Observer, Optional, Run, RunWith, Step, When};
use dp_passes::specialize::{Fixed, SpecializeOptions};
use dp_simplify::SimplifyOptions;
use melior::ir::operation::OperationLike;

/// What the user chose that passes need to know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The floating-point model.
    pub fp: FloatModel,
    /// How hard to optimize, from 0 to 3.
    pub level: u8,
    /// The extents of arguments that are fixed.
    pub extents: Vec<Fixed>,
    /// Whether the target takes known extents alone: those that follow from constants are written into types too.
    pub fixed: bool,
}

/// From what a user wrote to a program without requests for derivatives.
pub static DIFFERENTIATE: &[Step<Settings>] = &[
    // First of all: every later step sees one block a region. Before raising, since lifting makes `arith`.
    Step { name: "lift", action: &Run(&dp_passes::control::LIFT_CONTROL_FLOW) },
    // Every later step knows one operation for each thing.
    Step { name: "raise", action: &Run(&dp_passes::raise::RAISE_TO_SCALAR) },
    // On the program as it was written, where each operation still has its rule;
    // what simplification finds afterwards, it finds across primal and adjoint.
    Step { name: "ad", action: &Run(&dp_ad::AD) },
];

/// The step that fixes extents.
pub const SPECIALIZE: &str = "specialize";

/// Simplification, on a program without requests for derivatives.
pub static SIMPLIFY: &[Step<Settings>] = &[
    // What a call computes is simplified together with what uses it.
    Step { name: "inline", action: &When(inlined, &Run(&dp_passes::inline::INLINE_CALLS)) },
    // When no call hands extents on, and before simplification, which makes use of what is known.
    Step {
        name: SPECIALIZE,
        action: &When(
            specialized,
            &RunWith(&dp_passes::specialize::SPECIALIZE_EXTENTS, |settings: &Settings| SpecializeOptions {
                extents: settings.extents.clone(),
            }),
        ),
    },
    // On whole tensors, where algebra is short; loops would hide it.
    Step { name: "simplify", action: &When(optimized, &Optional(&RunWith(&dp_simplify::SIMPLIFY, simplification))) },
];

/// Fusion, between the two stages of lowering: loops say there what they read and write, and nothing has a place in
/// memory yet.
static FUSE: &[LowerStep] = &[Step {
    name: "fuse",
    action: &Optional(&RunWith(&FUSE_LOOPS, |options: &LowerOptions| FusionOptions {
        fp: options.fp,
        vectors: options.vectors,
    })),
}];

fn optimized(settings: &Settings) -> bool {
    settings.level > 0
}

fn specialized(settings: &Settings) -> bool {
    settings.fixed || !settings.extents.is_empty()
}

fn inlined(settings: &Settings) -> bool {
    optimized(settings) || specialized(settings)
}

/// The least effort: normal forms alone.
fn simplification(settings: &Settings) -> SimplifyOptions {
    let options = SimplifyOptions { fp: settings.fp, ..SimplifyOptions::default() };
    if settings.level == 1 { SimplifyOptions { max_nodes: 0, ..options } } else { options }
}

/// Whether a module verifies, which is asked of all that leaves the compiler, or is lowered by other means than passes.
///
/// # Errors
/// Where it does not; what is wrong, and whose fault it is, has been reported.
pub fn verified(module: Op) -> Result<(), ErrorGuaranteed> {
    if module.verify() {
        return Ok(());
    }
    let diagnostic = Diagnostic::internal("internal error: the program does not verify after a pass");
    Err(diagnostic.report(module.location()))
}

/// From a simplified program to loops on tensors, which are fused, and from there to LLVM's dialect.
///
/// # Errors
/// Where the program has what the target does not support, which has been reported, or the observer stops.
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
