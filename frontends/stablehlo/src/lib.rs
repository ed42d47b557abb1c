//! StableHLO: [`dialect`] reads and prints it, `import` translates it to our dialects, and `export` writes a program as
//! StableHLO text. Both translations go by `table`, which has one row per elementwise operation. [`verify()`] checks a
//! text.
//!
//! The input of the export is a simplified program with static extents. Every value is a tensor; a scalar has rank 0. Functions that
//! StableHLO lacks are exported from the texts in `passes/scalar/src/math`, and control flow in the body of a map
//! becomes masks. XLA folds chains of constants as if floats were real numbers; where that would change more than
//! rounding, an `optimization_barrier` prevents it (`export/barriers.rs`).

pub mod dialect;
mod export;
mod import;
mod lists;
mod shardings;
mod table;
mod verify;

pub use dialect::{Fields, fields, register};
pub use export::{ENTRY, Options, to_stablehlo};
pub use import::{IMPORT_STABLEHLO, StableHlo, operations};
pub use shardings::shardings;
pub use verify::verify;
