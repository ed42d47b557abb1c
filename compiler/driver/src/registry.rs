//! The registry of passes, one line each.

use dp_passes::manager::{AnyPass, register};
use melior::Context;
use melior::dialect::DialectRegistry;

/// All passes of this project.
pub static PASSES: &[&dyn AnyPass] = &[
    &dp_stablehlo::IMPORT_STABLEHLO,
    &dp_passes::control::LIFT_CONTROL_FLOW,
    &dp_passes::raise::buffers::RAISE_BUFFERS,
    &dp_passes::raise::RAISE_TO_SCALAR,
    &dp_passes::bound::BOUND_LOOPS,
    &dp_ad::AD_LINEARIZE,
    &dp_ad::AD_TRANSPOSE,
    &dp_ad::AD,
    &dp_ad::shifts::STOP_SHIFTS,
    &dp_ad_report::PRINT_ACTIVITY,
    &dp_passes::specialize::SPECIALIZE_EXTENTS,
    &dp_simplify::SIMPLIFY,
    &dp_passes::inline::INLINE_CALLS,
    &dp_passes::functions::LOWER_FUNCTION_VALUES,
    &dp_passes::pullback::SPLIT_PULLBACKS,
    &dp_passes::recursion::SPLIT_RECURSION,
    &dp_passes::records::EXPAND_RECORDS,
    &dp_passes::elimination::EXPAND_ELIMINATION,
    &dp_passes::orthogonal::EXPAND_ORTHOGONAL,
    &dp_abi_passes::recursion::CHECK_RECURSION,
    &dp_extents::kept::MARK_KEPT_EXTENTS,
    &dp_extents::kept::USE_KEPT_EXTENTS,
    &dp_loopnest::normalize::NORMALIZE_LOOPS,
    &dp_loopnest::switches::LOWER_SWITCHES,
    &dp_gpu_passes::promote::PROMOTE_SCALARS,
    &dp_loopnest::tensors::LOWER_ARRAY,
    &dp_passes::hoist::HOIST_INVARIANTS,
    &dp_passes::shardings::DROP_SHARDINGS,
    &dp_loopnest::bounds::SIMPLIFY_BOUNDS,
    &dp_loopnest::bounds::proved::DROP_PROVED_CHECKS,
    &dp_loopnest::unreachable::PRUNE_UNREACHABLE,
    &dp_abi_passes::records::STORE_RECORDS,
    &dp_abi_passes::memory::LOWER_ENTRIES,
    &dp_abi_passes::hoist::HOIST_CHECKS,
    &dp_fusion::FUSE_LOOPS,
    &dp_bufferize::barriers::DROP_BARRIERS,
    &dp_bufferize::destinations::UNSHARE_DESTINATIONS,
    &dp_bufferize::chains::PLACE_CHAINS,
    &dp_bufferize::forward::FORWARD_BUFFERS,
    &dp_bufferize::rotate::ROTATE_BUFFERS,
    &dp_bufferize::reuse::REUSE_BUFFERS,
    &dp_bufferize::recompute::RECOMPUTE_OPERANDS,
    &dp_bufferize::separate::SEPARATE_UPDATES,
    &dp_bufferize::reads::ORDER_READS,
    &dp_loopnest::branches::SIMPLIFY_BRANCHES,
    &dp_loopnest::carried::SIMPLIFY_CARRIED,
    &dp_loopnest::elements::stored::SHARE_STORED,
    &dp_loopnest::elements::promoted::PROMOTE_ELEMENTS,
    &dp_loopnest::elements::last::SINK_UPDATES,
    &dp_loopnest::single::INLINE_SINGLE_ROUNDS,
    &dp_loopnest::sink::SINK_SPLATS,
    &dp_loopnest::rows::BUILD_ROWS_IN_PLACE,
    &dp_loopnest::counted::MERGE_COUNTED_LOOPS,
    &dp_bufferize::results::ORDER_RESULTS,
    &dp_gpu_passes::map::MAP_KERNELS,
    &dp_gpu_passes::share::SHARE_KERNELS,
    &dp_bufferize::workspace::PLAN_WORKSPACE,
    &dp_gpu_passes::host::launches::LOWER_LAUNCHES,
    &dp_gpu_passes::host::memory::LOWER_DEVICE_MEMORY,
    &dp_gpu_passes::nvvm::LOWER_KERNELS,
    &dp_gpu_passes::host::entry_points::OPEN_DEVICE,
    &dp_gpu_passes::host::entry_points::CLOSE_DEVICE,
    &dp_cpu_passes::products::LOWER_DOT,
    &dp_bufferize::copies::LOWER_COPIES,
    &dp_cpu_passes::transfers::LOWER_TRANSFERS,
    &dp_cpu_passes::vectors::LOWER_LOOPS,
    &dp_cpu_passes::outline::OUTLINE_STRAIGHT_LINE,
    &dp_scalar::LOWER_SCALAR,
    &dp_abi_passes::guard::GUARD_ALLOCATIONS,
    &dp_abi_passes::interface::LOWER_INTERFACE,
    &dp_scalar::expansions::LOWER_EXPANSIONS,
    &dp_scalar::halves::LOWER_HALVES,
    &dp_abi_passes::status::LOWER_CHECKS,
    &dp_cpu_passes::loops::ANNOTATE_LOOPS,
    &dp_abi_passes::symbols::ADD_LIBRARY_SYMBOLS,
];

/// The dialects of the tools: upstream's, ours and those of the front ends.
pub fn dialects() -> DialectRegistry {
    let registry = dp_dialects::context::registry();
    dp_stablehlo::register(&registry);
    registry
}

/// A context for the tools, with all dialects and folders.
pub fn context() -> Context {
    dp_semantics::fold::install();
    dp_dialects::context::context(&dialects())
}

/// Registers all passes, upstream's included, with MLIR. Once per process.
pub fn register_passes() {
    dp_semantics::fold::install();
    melior::utility::register_all_passes();
    for pass in PASSES {
        register(*pass);
    }
}
