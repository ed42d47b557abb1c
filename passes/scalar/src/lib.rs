//! Numbers: what operations of `scalar` become on one number, and the functions on numbers that the compiler writes itself.
//!
//! `table` has a row an operation and class of types, `library` the texts of functions: `math/` the elementary and
//! special ones, `texts/` complex numbers, integers and roundings. The passes are `lower-scalar`, `lower-halves` and
//! `lower-expansions`.

pub mod expansions;
pub mod halves;
mod library;
mod lower;
mod table;

pub use library::text_of;
pub use lower::{LOWER_SCALAR, Mathematics, ScalarOptions, Scope};
pub use table::{clc_name, suffix};
