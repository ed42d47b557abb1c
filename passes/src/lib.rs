//! What passes share: their interface, upstream pipelines run from within a
//! pass, and the removal of dead code.

pub mod dce;
pub mod pipeline;

pub use dp_dialects::registry::{Pass, PassOption, Reported};
