//! The driver's interface to targets.

mod cpu;
mod cuda;
pub mod interp;
pub mod library;
pub mod xla;

use super::call::Call;
use super::failure::Failure;
use super::job::Job;
use super::request::{Emit, Request};
pub use cpu::Cpu;
pub use cuda::Cuda;
use dp_dialects::Result;
use dp_passes::specialize::Fixed;
pub use interp::Interp;
use std::fmt::Debug;
pub use xla::Xla;

/// A target with its own options.
pub trait TargetDriver: Debug + Sync {
    /// Its name.
    fn name(&self) -> &'static str;

    /// The supported outputs.
    fn emits(&self) -> &'static [Emit];

    /// The default output.
    fn default_emit(&self) -> Option<Emit> {
        self.emits().first().copied()
    }

    /// Rejects requests that this target does not support or that contradict its own options.
    ///
    /// # Errors
    /// If the request is one of these.
    fn check(&self, _: &Request) -> Result<()> {
        Ok(())
    }

    /// The form of the program that the target takes: [`Emit::Mlir`] or [`Emit::Simplified`].
    fn takes(&self) -> Emit {
        Emit::Simplified
    }

    /// Whether compiled functions call one another with tensors. Otherwise all calls that are not recursive are inlined.
    fn has_calls(&self) -> bool {
        true
    }

    /// Whether the target requires static shapes.
    fn takes_fixed_extents(&self) -> bool {
        false
    }

    /// Extents of arguments that the target needs for a call, in addition to those given.
    fn extents(&self, _: &Call) -> Vec<Fixed> {
        Vec::new()
    }

    /// The target that evaluates derivatives for `--check-gradients`, on this machine; `None` for the interpreter.
    fn evaluator(&self) -> Option<Box<dyn TargetDriver>> {
        None
    }

    /// Makes what the request asks for from a program in the form that the target takes: outputs other than forms of
    /// the program, and results of a call.
    ///
    /// # Errors
    /// If the program has something that the target does not support, or a tool or the call fails.
    fn make(&self, job: &mut Job) -> Result<(), Failure>;
}
