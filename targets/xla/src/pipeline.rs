//! The XLA pipeline: passes on a simplified program, then export to StableHLO.

use dp_dialects::ir::Op;
use dp_loopnest::bounds::proved::DROP_PROVED_CHECKS;
use dp_loopnest::checks::is_assertion;
use dp_passes::calls::InlineLimit;
use dp_passes::elimination::{EXPAND_ELIMINATION, eliminates};
use dp_passes::inline::{INLINE_CALLS, InlineOptions};
use dp_passes::manager::{self, Halt, Observer, Optional, Run, RunWith, Step, Where};
use dp_passes::orthogonal::{EXPAND_ORTHOGONAL, is_expanded};

/// The steps, in order. Comments explain the position of a step.
const STEPS: &[Step<dp_stablehlo::Options>] = &[
    // XLA calls a single function.
    Step {
        name: "inline",
        action: &RunWith(&INLINE_CALLS, |_| InlineOptions { limit: InlineLimit(None), ..InlineOptions::default() }),
    },
    // StableHLO has no QR and LU factorizations, and no eigenvalues.
    Step { name: "orthogonal", action: &Where(is_expanded, &Run(&EXPAND_ORTHOGONAL)) },
    Step { name: "elimination", action: &Where(eliminates, &Run(&EXPAND_ELIMINATION)) },
    // Once extents are constants: each check left makes a status.
    Step { name: "proved", action: &Where(is_assertion, &Optional(&Run(&DROP_PROVED_CHECKS))) },
];

/// Lowers a simplified program with static extents.
///
/// # Errors
/// If StableHLO cannot express the program, which was reported, or the observer stops the pipeline.
pub fn lower(module: Op, options: &dp_stablehlo::Options, observer: &mut dyn Observer) -> Result<String, Halt> {
    manager::run(STEPS, module, options, observer)?;
    Ok(dp_stablehlo::to_stablehlo(module, options)?)
}
