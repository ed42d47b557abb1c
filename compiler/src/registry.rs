//! The registry of passes: a line each.

use dp_dialects::registry::Pass;

/// Every pass of ours.
pub static PASSES: &[&Pass] = &[
    &dp_passes::control::LIFT_CONTROL_FLOW,
    &dp_passes::raise::RAISE_TO_SCALAR,
    &dp_ad::AD_LINEARIZE,
    &dp_ad::AD_TRANSPOSE,
    &dp_ad::AD,
    &dp_passes::specialize::SPECIALIZE_EXTENTS,
    &dp_simplify::SIMPLIFY,
    &dp_lower::entries::inline::INLINE_CALLS,
    &dp_lower::entries::recursion::SPLIT_RECURSION,
    &dp_lower::counts::COUNT_LOOPS,
    &dp_lower::gpu::LIFT_NUMBERS,
    &dp_lower::tensors::LOWER_ARRAY,
    &dp_lower::entries::memory::LOWER_ENTRIES,
    &dp_lower::entries::hoist::HOIST_CHECKS,
    &dp_fusion::FUSE_LOOPS,
    &dp_lower::entries::destinations::UNSHARE_DESTINATIONS,
    &dp_lower::chains::PLACE_CHAINS,
    &dp_lower::rotate::ROTATE_BUFFERS,
    &dp_lower::reuse::REUSE_BUFFERS,
    &dp_lower::separate::SEPARATE_UPDATES,
    &dp_lower::sink::SINK_SPLATS,
    &dp_lower::entries::results::ORDER_RESULTS,
    &dp_lower::gpu::MAP_KERNELS,
    &dp_lower::gpu::share::SHARE_KERNELS,
    &dp_lower::workspace::PLAN_WORKSPACE,
    &dp_lower::gpu::host::launches::LOWER_LAUNCHES,
    &dp_lower::gpu::host::memory::LOWER_DEVICE_MEMORY,
    &dp_lower::gpu::nvvm::LOWER_KERNELS,
    &dp_lower::gpu::host::doors::OPEN_DEVICE,
    &dp_lower::gpu::host::doors::CLOSE_DEVICE,
    &dp_lower::products::LOWER_DOT,
    &dp_lower::copies::LOWER_COPIES,
    &dp_lower::vectors::LOWER_LOOPS,
    &dp_lower::straight::CUT_STRAIGHT_LINE,
    &dp_lower::scalars::LOWER_SCALAR,
    &dp_lower::entries::guard::GUARD_ALLOCATIONS,
    &dp_lower::entries::border::LOWER_BORDER,
    &dp_lower::expansions::LOWER_EXPANSIONS,
    &dp_lower::halves::LOWER_HALVES,
    &dp_lower::entries::status::LOWER_CHECKS,
    &dp_lower::loops::ANNOTATE_LOOPS,
    &dp_lower::entries::glue::LOWER_GLUE,
];

/// A context as the tools use it: with all dialects, and operations that fold.
pub fn context() -> melior::Context {
    dp_semantics::fold::install();
    dp_dialects::context::context()
}

/// Makes the passes known to MLIR's tools, upstream's too. Once a process.
pub fn register_passes() {
    dp_semantics::fold::install();
    melior::utility::register_all_passes();
    for pass in PASSES {
        pass.register();
    }
}
