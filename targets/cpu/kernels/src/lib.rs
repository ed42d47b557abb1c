//! Precompiled matmul kernels. They are the same for every program, and the longest functions in most of them, so
//! `build.rs` compiles them once for each element type and vector width.

use dp_cpu::{Kernel, VectorWidth};

/// The kernels.
pub static KERNELS: &[Kernel] = include!(concat!(env!("OUT_DIR"), "/kernels.rs"));
