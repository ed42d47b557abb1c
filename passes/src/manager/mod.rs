//! The pass manager: passes with typed options, pipelines of steps, and the runner.
//!
//! A [`Pass`] transforms a module, given an options struct. A [`Step`] is a named place in a pipeline: a pass with its
//! options, or upstream passes. [`run`] runs steps in order. An [`Observer`] sees each step; it can skip optional steps
//! and stop the pipeline. `dpopt` runs the same passes by their flags, in MLIR's pass manager.

mod controls;
mod folds;
mod options;
mod pass;
mod step;
pub mod upstream;

pub use controls::{Controls, Event, Listener, Seen};
pub use options::{ByteLimit, NoOptions, OptionField, OptionValue, PassOptions, VectorWidth, alternatives};
pub use pass::{AnyPass, OptionDescription, Pass, register};
pub use step::{
    Action, Halt, Observer, Optional, Run, RunWith, Step, StepInfo, Upstream, UpstreamIn, When, Where, run,
};
