//! What a GPU runs: structured operations on buffers become kernels, and the host launches them.
//!
//! `map` makes one kernel of each operation: `each` a thread to a point, `sums/` many to a result, `products/` tiles,
//! `loops` one kernel for a loop whose iterations depend on one another. `host/` is what the host does.

mod constants;
mod each;
mod fills;
pub mod host;
mod kernel;
mod loops;
pub mod map;
pub mod numbers;
pub mod nvvm;
mod points;
mod products;
pub mod share;
mod sums;
mod values;
