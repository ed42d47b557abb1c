//! From a simplified program to StableHLO: a table of passes, and the text that is written of what they leave.

use dp_dialects::ir::Op;
use dp_passes::inline::INLINE_CALLS;
use dp_passes::{Pass, Reported};

/// The passes, in order; the comments say why they stand here.
const STEPS: &[&Pass] = &[
    // XLA calls one function, and this has what it calls within.
    &INLINE_CALLS,
];

/// Lowers a simplified program whose extents are known.
///
/// # Errors
/// Where the program has what StableHLO lacks; diagnostics have said what and where.
pub fn lower(module: Op, options: &dp_stablehlo::Options) -> Result<String, Reported> {
    STEPS.iter().try_for_each(|pass| (pass.body)(module, &[]))?;
    dp_stablehlo::to_stablehlo(module, options)
}
