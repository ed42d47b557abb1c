//! What the target `cpu` alone has: its border and its memory, vectors, kernels, long code.

mod fusion;
pub mod library;
mod loops;
mod memory;
mod processors;
mod products;
mod random;
mod straight;
mod vectors;
