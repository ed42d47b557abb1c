//! StableHLO: `export` writes a program as its text, by `table`, which has a row an operation; [`verify()`] checks a text.

mod export;
mod table;
mod verify;

pub use export::{ENTRY, Options, to_stablehlo};
pub use verify::verify;
