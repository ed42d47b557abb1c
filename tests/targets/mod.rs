//! One suite for all targets: what the interpreter computes, machine code, XLA and CUDA's kernels compute too, within a
//! tolerance that each case states in units of the last place of its type of numbers.
//!
//! XLA compiles for fixed extents: a program is compiled anew for those of each call. Kernels are executed without a
//! device: `cuda` has this suite run again, in a process whose driver is a double.

mod arrays;
mod complex;
pub mod cuda;
mod differential;
mod digits;
mod empty;
mod extents;
pub mod failures;
mod loops;
mod names;
mod operations;
mod products;
mod random;
mod regions;
mod scalars;
mod sums;
pub mod xla;
