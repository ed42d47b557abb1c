//! What pipelines of lowering are made of: steps, their runner, and those steps that pipelines share. The pipelines
//! themselves are their targets'.

mod pipeline;
pub mod steps;

pub use pipeline::{LowerOptions, LowerStep, Lowered, Pipeline, Stage, run, to_linalg, to_llvm};
