//! The registry of passes: a line each.

use dp_dialects::registry::Pass;

/// Every pass of ours.
pub static PASSES: &[&Pass] = &[&dp_ad::AD_LINEARIZE, &dp_ad::AD_TRANSPOSE, &dp_ad::AD];

/// Makes the passes known to MLIR's tools, upstream's too. Once a process.
pub fn register_passes() {
    melior::utility::register_all_passes();
    for pass in PASSES {
        pass.register();
    }
}
