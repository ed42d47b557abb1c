//! Tensors to buffers: passes before and after upstream's one-shot bufferization.
//!
//! Before: `unshare-destinations` gives each operation its own destination, `separate-updates` lets an iteration that
//! replaces almost all of a carried tensor write to another one, `order-reads` reads a tensor before it is updated,
//! and `place-chains` turns long chains of insertions into writes to one buffer, since bufferization takes cubic time
//! for them.
//!
//! After: `order-results` orders the copies to results, `forward-buffers` lets loops pass buffers on without copies,
//! `rotate-buffers` gives a loop that carries a tensor a ring of buffers, one more than the number of iterations that read
//! one, `reuse-buffers` writes the result of an elementwise
//! nest to the buffer of an operand that it reads for the last time, and `plan-workspace` places the buffers of a
//! function in one workspace.

pub mod barriers;
pub mod chains;
pub mod copies;
mod cycle;
pub mod destinations;
pub mod forward;
pub mod reads;
pub mod recompute;
pub mod results;
pub mod reuse;
pub mod rotate;
mod rounds;
pub mod separate;
pub mod views;
pub mod workspace;
