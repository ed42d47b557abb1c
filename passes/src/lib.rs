//! What passes share: their interface, upstream pipelines run from within a
//! pass, makers and readers of structured loops, and the removal of dead code; and
//! the pass that raises a user's `arith` and `math` to `scalar`.

pub mod dce;
pub mod pipeline;
pub mod raise;
pub mod specialize;
pub mod structured;

pub use dp_dialects::registry::{Pass, PassOption, Reported};
