//! The C interface of functions: entry points of the library, their parameters and results, their checks, and clean-up
//! when a check fails.

pub mod attributes;
pub mod descriptors;
mod formula;
pub mod guard;
pub mod hoist;
pub mod interface;
pub mod memory;
mod model;
pub mod status;
pub mod symbols;
