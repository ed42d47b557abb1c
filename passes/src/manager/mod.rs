//! The pass manager: passes with typed options, pipelines of steps, and the one runner of steps.
//!
//! A [`Pass`] changes a module, given a struct of options. A [`Step`] is a place in a pipeline: a pass with the options
//! that it takes there, or passes of upstream's. [`run`] runs steps in order; an [`Observer`] sees each of them, may skip
//! what is optional, and may stop the pipeline. `dpopt` runs the same passes under MLIR's own pass manager, by their flags.

mod controls;
mod options;
mod pass;
mod step;
pub mod upstream;

pub use controls::{Controls, Event, Listener, Seen};
pub use options::{NoOptions, OptionField, OptionValue, PassOptions, VectorWidth, alternatives};
pub use pass::{AnyPass, OptionDescription, Pass, register};
pub use step::{Action, Halt, Observer, Optional, Run, RunWith, Step, StepInfo, Upstream, When, Where, run};
