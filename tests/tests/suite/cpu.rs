//! The target `cpu` against the interpreter: every operation on every type, on
//! numbers where definitions have corners, static and dynamic extents.

mod arrays;
mod fusion;
pub mod library;
mod loops;
mod memory;
mod products;
mod random;
mod scalars;
mod straight;
mod vectors;
