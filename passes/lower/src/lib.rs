//! Lowering of the high-level dialects to loops and to LLVM's dialect.

mod checks;
pub mod copies;
pub mod dot;
pub mod entries;
mod options;
mod pipeline;
pub mod loops;
pub mod products;
pub mod scalars;
mod structured;
pub mod tensors;
mod text;

use dp_passes::Pass;
pub use options::{FloatModel, LowerOptions};
pub use pipeline::{Lowered, Stage, lower, lower_to};

/// The passes of this crate.
pub static PASSES: &[&Pass] = &[
    &entries::inline::INLINE_CALLS,
    &entries::recursion::SPLIT_RECURSION,
    &tensors::LOWER_ARRAY,
    &entries::memory::LOWER_ENTRIES,
    &entries::results::ORDER_RESULTS,
    &entries::hoist::HOIST_CHECKS,
    &products::LOWER_DOT,
    &copies::LOWER_COPIES,
    &scalars::LOWER_SCALAR,
    &entries::border::LOWER_BORDER,
    &entries::status::LOWER_CHECKS,
    &entries::glue::LOWER_GLUE,
];
