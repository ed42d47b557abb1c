//! The pipeline of the target: passes on a simplified program, then export to StableHLO.

use dp_dialects::ir::Op;
use dp_passes::inline::INLINE_CALLS;
use dp_passes::manager::{self, Halt, Observer, Run, Step};

/// The passes, in order; the comments say why they stand here.
const STEPS: &[Step<dp_stablehlo::Options>] = &[
    // XLA calls one function, and this has what it calls within.
    Step { name: "inline", action: &Run(&INLINE_CALLS) },
];

/// Lowers a simplified program whose extents are known.
///
/// # Errors
/// Where the program has what StableHLO lacks, which has been reported, or the observer stops.
pub fn lower(module: Op, options: &dp_stablehlo::Options, observer: &mut dyn Observer) -> Result<String, Halt> {
    manager::run(STEPS, module, options, observer)?;
    Ok(dp_stablehlo::to_stablehlo(module, options)?)
}
