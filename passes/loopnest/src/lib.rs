//! Structured loops: what a loop nest reads and writes, and the lowering of tensor operations to loop nests.
//!
//! [`structured`] creates and reads `linalg` operations on tensors and buffers, [`nest`] reads an operation on buffers
//! as a loop nest, [`checks`] emits assertions on extents. The passes are `normalize-loops`, `sink-splats`,
//! `build-rows-in-place`, `share-stored`, `promote-elements`, `sink-updates`, `simplify-carried`, `simplify-branches`, `lower-array`,
//! `prune-unreachable`, `simplify-bounds`, `drop-proved-checks`, `merge-counted-loops` and `inline-single-rounds`.

pub mod bounds;
pub mod branches;
pub mod carried;
pub mod checks;
pub mod counted;
pub mod elements;
pub mod names;
pub mod nest;
pub mod normalize;
pub mod rows;
pub mod single;
pub mod sink;
pub mod structured;
pub mod switches;
pub mod tensors;
pub mod transpose;
pub mod unreachable;
pub mod wider;
