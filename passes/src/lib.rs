//! What passes share: their interface, upstream pipelines run from within a
//! pass, makers and readers of structured loops, and the removal of dead code; and
//! the passes that take a user's program to ours: branches between blocks are
//! lifted to `scf`, `arith` and `math` raised to `scalar`.

pub mod control;
pub mod dce;
pub mod pipeline;
pub mod raise;
pub mod specialize;
pub mod structured;

pub use dp_dialects::registry::{Pass, PassOption, Reported};
