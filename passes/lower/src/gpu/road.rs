//! The second road from tensors to LLVM's dialect: loops run on a device.

use super::MAP_KERNELS;
use super::host::doors::{CLOSE_DEVICE, OPEN_DEVICE};
use super::host::launches::LOWER_LAUNCHES;
use super::host::memory::LOWER_DEVICE_MEMORY;
use super::nvvm::LOWER_KERNELS;
use super::share::SHARE_KERNELS;
use crate::entries::{border, destinations, glue, guard, results, status};
use crate::pipeline::{BUFFERIZE, Stage, Step, f16, is_of, is_to_free, none};
use crate::{expansions, halves, scalars, straight, workspace};

/// Frees what functions of the host allocate, as [`FREE`](crate::pipeline::FREE) does: nothing in kernels is looked at.
const FREE: &str = "ownership-based-buffer-deallocation,func.func(canonicalize,buffer-deallocation-simplification),\
     bufferization-lower-deallocations,func.func(cse,canonicalize,cse)";

/// From fused loops on tensors; the steps before are those of every target.
pub(crate) const STEPS: &[(Stage, &str, Step)] = &[
    (Stage::Llvm, "destinations", Step::Ours(&destinations::UNSHARE_DESTINATIONS, none)),
    (Stage::Llvm, "bufferize", Step::Upstream(BUFFERIZE)),
    (Stage::Llvm, "results", Step::Ours(&results::ORDER_RESULTS, none)),
    // Before memory is planned, so that what kernels need between them is planned too.
    (Stage::Llvm, "kernels", Step::Ours(&MAP_KERNELS, |options| vec![options.fp.to_string()])),
    // As soon as they are there: all that follows takes time for each.
    (Stage::Llvm, "share", Step::Ours(&SHARE_KERNELS, none)),
    (Stage::Llvm, "clean", Step::Upstream("canonicalize,cse")),
    // The host's stack is not the device's memory.
    (Stage::Llvm, "workspace", Step::Ours(&workspace::PLAN_WORKSPACE, |_| vec!["0".into()])),
    (Stage::Llvm, "launches", Step::Ours(&LOWER_LAUNCHES, none)),
    // On calls of the runtime, as nobody says what launches do to memory.
    (Stage::Llvm, "memory", Step::Where(is_to_free, FREE)),
    (Stage::Llvm, "device memory", Step::Ours(&LOWER_DEVICE_MEMORY, none)),
    (Stage::Llvm, "nvvm", Step::Ours(&LOWER_KERNELS, |options| vec![options.fp.to_string()])),
    (Stage::Llvm, "open", Step::Ours(&OPEN_DEVICE, none)),
    // From here on, what the host does.
    (
        Stage::Llvm,
        "straight",
        Step::Ours(&straight::CUT_STRAIGHT_LINE, |_| {
            straight::CUT_STRAIGHT_LINE.options.iter().map(|option| option.default.to_string()).collect()
        }),
    ),
    (
        Stage::Llvm,
        "scalar",
        Step::Ours(&scalars::LOWER_SCALAR, |options| vec![options.fp.to_string(), "all".into(), "own".into()]),
    ),
    // Only memory of the host is left to be allocated: results, and lists of buffers that are to be freed.
    (Stage::Llvm, "guard", Step::Ours(&guard::GUARD_ALLOCATIONS, none)),
    (Stage::Llvm, "border", Step::Ours(&border::LOWER_BORDER, none)),
    (Stage::Llvm, "complex", Step::Where(|op| is_of(op, "complex."), "convert-complex-to-standard")),
    (Stage::Llvm, "expansions", Step::Ours(&expansions::LOWER_EXPANSIONS, none)),
    (Stage::Llvm, "branches", Step::Upstream("expand-strided-metadata,lower-affine,convert-scf-to-cf")),
    (Stage::Llvm, "checks", Step::Ours(&status::LOWER_CHECKS, none)),
    // Where a check that fails returns too.
    (Stage::Llvm, "close", Step::Ours(&CLOSE_DEVICE, none)),
    (Stage::Llvm, "llvm", Step::Upstream("convert-to-llvm,reconcile-unrealized-casts,llvm.func(canonicalize,cse)")),
    (Stage::Llvm, "halves", Step::Ours(&halves::LOWER_HALVES, f16)),
    (Stage::Llvm, "glue", Step::Ours(&glue::LOWER_GLUE, |_| vec!["true".into(), "true".into()])),
];
