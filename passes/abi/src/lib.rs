//! The C interface of functions: entry points, parameters and results, checks, and clean-up after failed checks.

pub mod attributes;
pub mod descriptors;
mod formula;
pub mod guard;
pub mod hoist;
pub mod interface;
pub mod memory;
mod model;
mod pullback;
pub mod records;
pub mod recursion;
pub mod status;
pub mod symbols;
mod types;
