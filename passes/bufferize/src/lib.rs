//! From tensors to buffers: what must hold before upstream's bufferization, and what is made of the buffers that it leaves.
//!
//! Before it: destinations are apart, updates separate, long chains of insertions writes to one buffer. After it:
//! results are stored as if all at once, loops carry rings of buffers, elementwise results lie where they were read
//! from, and one workspace holds the buffers of a function.

pub mod chains;
pub mod copies;
pub mod destinations;
pub mod results;
pub mod reuse;
pub mod rotate;
pub mod separate;
pub mod views;
pub mod workspace;
