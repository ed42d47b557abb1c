//! What a GPU runs: structured operations on buffers become kernels, and the host launches them.
//!
//! `map` makes one kernel of each operation: `elementwise` a thread to a point, `reductions/` many to a result, `matmul/` tiles,
//! `loops` one kernel for a loop whose iterations depend on one another. `host/` is what the host does.

mod constants;
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
