//! The C interface of functions: which functions of a program are entries of the library, what they take and give,
//! what they check, and what they free where a check fails.

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
