//! Lowering of the high-level dialects to loops and to LLVM's dialect.

pub mod chains;
mod checks;
pub mod copies;
pub mod counts;
pub mod dot;
pub mod entries;
pub mod expansions;
pub mod gpu;
pub mod halves;
pub mod loops;
mod options;
mod pipeline;
pub mod products;
pub mod reuse;
pub mod rotate;
pub mod scalars;
pub mod separate;
pub mod sink;
pub mod stablehlo;
pub mod straight;
pub mod tensors;
pub mod text;
pub mod vectors;
pub mod workspace;

pub use dp_dialects::FloatModel;
use dp_passes::structured;
pub use options::{LowerOptions, Road};
pub use pipeline::{Lowered, Stage, lower_written, to_linalg, to_llvm};
