//! Structured loops: what a loop nest reads and writes, and how tensors of the program become nests.
//!
//! [`structured`] makes and reads `linalg` on tensors and buffers, [`nest`] reads an operation on buffers as a nest of
//! loops, [`checks`] makes the assertions on extents. The passes are those that bring a program to loops:
//! `normalize-loops`, `sink-splats`, `lower-array` and `prune-unreachable`.

pub mod checks;
pub mod nest;
pub mod normalize;
pub mod sink;
pub mod structured;
pub mod tensors;
pub mod unreachable;
