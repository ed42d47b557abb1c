//! What the target `cpu` alone has: its border and its memory, vectors, kernels, long code.

mod bisection;
mod chains;
mod complex;
mod elements;
mod fusion;
pub mod library;
mod loops;
mod memory;
mod pages;
mod processors;
mod products;
mod random;
mod reuse;
mod straight;
mod strict;
mod sums;
mod vectors;
mod whiles;
