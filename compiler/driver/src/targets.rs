//! Targets, as the driver uses them: what each can emit, and how it makes it.

mod cpu;
mod cuda;
mod interp;
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

/// A target with its own options, and what the driver needs to know to use it.
pub trait TargetDriver: Debug + Sync {
    /// What it is called.
    fn name(&self) -> &'static str;

    /// What can be emitted.
    fn emits(&self) -> &'static [Emit];

    /// What is emitted where nothing else is asked for.
    fn default_emit(&self) -> Option<Emit> {
        self.emits().first().copied()
    }

    /// Refuses requests that this target cannot do, or that contradict its own options.
    ///
    /// # Errors
    /// Where a request is one of them.
    fn check(&self, _: &Request) -> Result<()> {
        Ok(())
    }

    /// The form in which it takes a program: [`Emit::Mlir`] or [`Emit::Simplified`].
    fn takes(&self) -> Emit {
        Emit::Simplified
    }

    /// Whether it takes programs of known extents alone.
    fn takes_fixed_extents(&self) -> bool {
        false
    }

    /// The extents of arguments that it needs to know of a call, beside those that are given.
    fn extents(&self, _: &Call) -> Vec<Fixed> {
        Vec::new()
    }

    /// Makes what is asked for of the program, which has the form that the target takes: artifacts that are no form of
    /// the program itself, and the results of a call.
    ///
    /// # Errors
    /// Where the program has what the target lacks, a tool fails, or the call does.
    fn make(&self, job: &mut Job) -> Result<(), Failure>;
}
