//! Lowering of `scalar` operations on scalars, and the library of scalar functions that they call.
//!
//! `table` has one row per operation and class of types. `library` has the texts of functions: elementary and special
//! functions in `math/`; complex numbers, integers and roundings in `texts/`. The passes are `lower-scalar`,
//! `lower-halves` and `lower-expansions`.

pub mod expansions;
pub mod halves;
mod library;
mod lower;
mod table;

pub use library::text_of;
pub use lower::{LOWER_SCALAR, Mathematics, ScalarOptions, Scope};
pub use table::{clc_name, suffix};
