//! Arrays from and to text.
//!
//! [`read`] takes what stands on a command line, `5.0,3,[[1,2],[3,4]],@file.npy`,
//! for the arguments of a function. [`text`] prints one array a line, numbers
//! alone; [`json`] prints them with their types and shapes. Floating point gets 17
//! significant digits, which tell every double apart.

mod read;
mod write;

pub use read::{ReadError, read};
pub use write::{json, text};
