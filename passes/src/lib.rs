//! What passes share: the pass manager, texts that become operations, names of functions, and the removal of dead code;
//! and the passes on whole programs that belong to no other crate: branches
//! between blocks are lifted to `scf`, `arith` and `math` raised to `scalar`, calls inlined, extents fixed.

pub mod control;
pub mod dce;
pub mod inline;
pub mod manager;
pub mod raise;
pub mod recursion;
pub mod specialize;
pub mod symbols;
pub mod text;

use dp_dialects::Complaint;
pub use dp_dialects::Reported;
pub use manager::{NoOptions, Pass, upstream};

/// What a function gives that makes operations: a value, or why they cannot be made.
pub type Made<T> = Result<T, Complaint>;
