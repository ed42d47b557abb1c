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

pub use dp_dialects::{ErrorGuaranteed, Result};
pub use manager::{NoOptions, Pass, upstream};
