//! Targets, as the command line knows them: a line each.

use super::conflicts::Conflict;
use super::cuda::Cuda;
use super::execute::Call;
use super::interp::Interp;
use super::job::Job;
use super::native::Native;
use super::options::{Emit, Options};
use super::report::Failure;
use super::xla::Xla;
use clap::ValueEnum;
use clap::builder::PossibleValue;
use dp_passes::specialize::Fixed;
use std::fmt::Debug;

/// Every target, in the order in which help lists them.
pub static TARGETS: &[&dyn TargetDriver] = &[&Interp, &Native, &Cuda, &Xla];

/// A target, and what `dpc` needs to know to drive it.
pub trait TargetDriver: Debug + Sync {
    /// What it is called.
    fn name(&self) -> &'static str;

    /// What it is, in a line of help.
    fn summary(&self) -> &'static str;

    /// What can be emitted, as a list of choices names it.
    fn emits(&self) -> &'static [Emit];

    /// What is made where nothing else is asked for: the first of these.
    fn default_emit(&self, _: &Options) -> Option<Emit> {
        self.emits().first().copied()
    }

    /// What a file of MLIR holds where nothing else is asked for.
    fn mlir(&self) -> Emit {
        Emit::Simplified
    }

    /// Of the options that are given, those that it takes and some other target does not.
    fn own_options(&self, _: &Options) -> Vec<&'static str> {
        Vec::new()
    }

    /// Options that do not go together, for this target.
    fn conflicts(&self) -> &'static [Conflict] {
        &[]
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

/// Of options, the names of those that are given.
pub fn given(options: &[(&'static str, bool)]) -> Vec<&'static str> {
    options.iter().filter(|(_, given)| *given).map(|(name, _)| *name).collect()
}

impl ValueEnum for &'static dyn TargetDriver {
    fn value_variants<'a>() -> &'a [Self] {
        TARGETS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(self.summary()))
    }
}
