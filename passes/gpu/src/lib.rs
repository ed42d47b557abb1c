//! GPU code: structured operations on buffers become kernels, which the host launches.
//!
//! Buffers are in device memory from the entry on, in one workspace. The host keeps addresses, extents, checks and
//! control flow. `promote-scalars` keeps scalars that are computed from tensors on the device, so that a gradient with
//! its loss needs no synchronization. Single elements that the host does read, such as a loop condition, are copied one
//! by one.
//!
//! `map-kernels` makes one kernel per structured operation:
//!
//! - `elementwise`: one thread per element, or per 16 bytes of a row.
//! - `reductions/`: many threads per result, split over the grid when there are few results. A region's operations are
//!   marked during lowering (`dp.combines`) so that partial results can be combined.
//! - `matmul/`: tiles. The host chooses the tile size when extents are dynamic.
//! - `loops`: one kernel for a loop whose iterations depend on one another, such as `array.scatter`.
//!
//! What has no such form, such as a sum in strict order, runs one thread per result. There are no atomics: extents alone
//! determine which thread adds what, so results are deterministic. `share-kernels` merges identical kernels.
//!
//! `host/` is the host side: `lower-launches` flattens parameters and calls the runtime, `lower-device-memory` allocates
//! and frees in stream order, `open-device` makes the two entry points of each function.

mod constants;
mod contraction;
mod elementwise;
mod fills;
pub mod host;
mod indexing;
mod kernel;
mod loops;
pub mod map;
mod matmul;
pub mod nvvm;
pub mod promote;
mod reductions;
pub mod share;
mod values;
