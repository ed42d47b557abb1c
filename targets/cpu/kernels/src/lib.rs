//! The matrix products of all elements as machine code. They are the same for every program, and the
//! longest functions of most, so they are compiled once, when the compiler is built: `build.rs`
//! writes a row for each element and each width of vectors.

use dp_cpu::{Kernel, VectorWidth};

/// The products.
pub static KERNELS: &[Kernel] = include!(concat!(env!("OUT_DIR"), "/kernels.rs"));
