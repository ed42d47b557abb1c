//! Lowering pipelines: their options and stages, and the steps that targets share. Each target defines its own
//! pipeline.

mod pipeline;
pub mod steps;

pub use pipeline::{LowerOptions, LowerStep, Lowered, Pipeline, Stage, run, to_linalg, to_llvm};
