//! Tests for all targets: machine code, XLA and CUDA kernels must give the results of the interpreter, within a
//! tolerance of each test in ulps of the element type.
//!
//! XLA requires static extents, so a program is compiled for the extents of each call. CUDA kernels are executed
//! without a device: `cuda` runs these tests again in a child process with a mock driver.

mod arrays;
mod complex;
pub mod cuda;
mod differential;
mod digits;
mod empty;
mod extents;
pub mod failures;
mod fourier;
mod loops;
mod matrices;
mod names;
mod operations;
mod orthogonal;
mod products;
mod random;
mod regions;
mod scalars;
mod scans;
mod sorts;
mod sums;
pub mod xla;
