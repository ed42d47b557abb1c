//! Conversion of arrays from and to text.
//!
//! [`read`] parses arguments of a function from a command line: `5.0,3,[[1,2],[3,4]],@file.npy`. [`text`] prints arrays
//! in the same notation, with their names; [`json`] prints them with types and shapes. Floats are printed with as many
//! digits as are needed to read back the same value.

mod read;
mod write;

pub use read::{ReadError, read};
pub use write::{json, text};
