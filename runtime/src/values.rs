//! Arrays from and to text.
//!
//! [`read`] takes what stands on a command line, `5.0,3,[[1,2],[3,4]],@file.npy`,
//! for the arguments of a function. [`text`] prints arrays in the same notation, with
//! their names; [`json`] prints them with their types and shapes. Floating-point
//! numbers get as many digits as tell them from all others of their type.

mod read;
mod write;

pub use read::{ReadError, read};
pub use write::{json, text};
