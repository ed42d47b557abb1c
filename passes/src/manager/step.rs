//! Pipeline steps and the runner.

use super::options::{NoOptions, PassOptions};
use super::pass::{Pass, options_text};
use super::upstream::{self, VERIFIES_EACH};
use dp_dialects::ir::{Op, body_ops, walk};
use dp_dialects::{Diagnostic, ErrorGuaranteed, OpKind};
use melior::ir::operation::OperationLike;
use std::fmt;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// A named place in a pipeline; options depend on settings of type `S`.
pub struct Step<S: 'static> {
    /// The name in timings, on command lines, and in the names of saved files.
    pub name: &'static str,
    /// The action.
    pub action: &'static dyn Action<S>,
}

impl<S> Clone for Step<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Step<S> {}

impl<S> fmt::Debug for Step<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Step").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The action of a step.
pub trait Action<S>: Sync {
    /// The flag of the pass, if it is one of ours.
    fn flag(&self) -> Option<&'static str>;

    /// The action in the syntax of `dpopt --pass-pipeline`, inside `builtin.module(…)`.
    fn text(&self, settings: &S) -> String;

    /// Whether the program compiles, and computes the same, without the action.
    fn is_optional(&self) -> bool {
        false
    }

    /// Whether the action is needed for this module.
    fn applies(&self, _module: Op, _settings: &S) -> bool {
        true
    }

    /// Runs the action.
    ///
    /// # Errors
    /// If a pass fails; this was reported.
    fn run(&self, module: Op, settings: &S) -> Result<(), ErrorGuaranteed>;
}

/// Runs one of our passes without options.
pub struct Run(pub &'static Pass);

/// Runs one of our passes with options.
pub struct RunWith<S: 'static, O: 'static>(pub &'static Pass<O>, pub fn(&S) -> O);

/// Runs upstream passes, given as a textual pipeline.
pub struct Upstream(pub &'static str);

/// Runs upstream passes on the functions in which some operation needs them.
pub struct UpstreamIn(pub fn(Op) -> bool, pub &'static str);

/// Runs an action only if some operation of the module needs it.
pub struct Where<S: 'static>(pub fn(Op) -> bool, pub &'static dyn Action<S>);

/// Runs an action only under some settings.
pub struct When<S: 'static>(pub fn(&S) -> bool, pub &'static dyn Action<S>);

/// Marks an action without which the program compiles and computes the same: bisection may skip it.
pub struct Optional<S: 'static>(pub &'static dyn Action<S>);

impl<S> Action<S> for Run {
    fn flag(&self) -> Option<&'static str> {
        Some(self.0.flag)
    }

    fn text(&self, _: &S) -> String {
        self.0.flag.into()
    }

    fn run(&self, module: Op, _: &S) -> Result<(), ErrorGuaranteed> {
        self.0.run(module, &NoOptions)
    }
}

impl<S, O: PassOptions> Action<S> for RunWith<S, O> {
    fn flag(&self) -> Option<&'static str> {
        Some(self.0.flag)
    }

    fn text(&self, settings: &S) -> String {
        format!("{}{}", self.0.flag, options_text(&(self.1)(settings)))
    }

    fn run(&self, module: Op, settings: &S) -> Result<(), ErrorGuaranteed> {
        self.0.run(module, &(self.1)(settings))
    }
}

impl<S> Action<S> for Upstream {
    fn flag(&self) -> Option<&'static str> {
        None
    }

    fn text(&self, _: &S) -> String {
        self.0.into()
    }

    fn run(&self, module: Op, _: &S) -> Result<(), ErrorGuaranteed> {
        upstream::run(module, self.0)
    }
}

impl<S> Action<S> for UpstreamIn {
    fn flag(&self) -> Option<&'static str> {
        None
    }

    fn text(&self, _: &S) -> String {
        format!("func.func({})", self.1)
    }

    fn applies(&self, module: Op, _: &S) -> bool {
        any(module, self.0)
    }

    fn run(&self, module: Op, _: &S) -> Result<(), ErrorGuaranteed> {
        let is_function = |op: &Op| OpKind::of(*op) == Some(OpKind::FuncFunc);
        let needed = body_ops(module).into_iter().filter(|op| is_function(op) && any(*op, self.0));
        needed.into_iter().try_for_each(|function| upstream::run(function, self.1))
    }
}

/// Whether some operation has a property.
fn any(within: Op, has: fn(Op) -> bool) -> bool {
    let mut found = false;
    walk(within, &mut |op| found = found || has(op));
    found
}

/// Methods that delegate to the action in the given field.
macro_rules! of_inner {
    ($inner:tt: $($method:ident)+) => { $(of_inner!(@ $method $inner);)+ };
    (@ flag $inner:tt) => {
        fn flag(&self) -> Option<&'static str> {
            self.$inner.flag()
        }
    };
    (@ text $inner:tt) => {
        fn text(&self, settings: &S) -> String {
            self.$inner.text(settings)
        }
    };
    (@ is_optional $inner:tt) => {
        fn is_optional(&self) -> bool {
            self.$inner.is_optional()
        }
    };
    (@ applies $inner:tt) => {
        fn applies(&self, module: Op, settings: &S) -> bool {
            self.$inner.applies(module, settings)
        }
    };
    (@ run $inner:tt) => {
        fn run(&self, module: Op, settings: &S) -> Result<(), ErrorGuaranteed> {
            self.$inner.run(module, settings)
        }
    };
}

impl<S> Action<S> for Where<S> {
    of_inner!(1: flag text is_optional run);

    fn applies(&self, module: Op, settings: &S) -> bool {
        any(module, self.0) && self.1.applies(module, settings)
    }
}

impl<S> Action<S> for When<S> {
    of_inner!(1: flag text is_optional run);

    fn applies(&self, module: Op, settings: &S) -> bool {
        (self.0)(settings) && self.1.applies(module, settings)
    }
}

impl<S> Action<S> for Optional<S> {
    of_inner!(0: flag text applies run);

    fn is_optional(&self) -> bool {
        true
    }
}

/// A step as seen by an observer.
pub struct StepInfo<'a> {
    /// Its name.
    pub name: &'static str,
    /// The flag of its pass, if it is one of ours.
    pub flag: Option<&'static str>,
    /// Whether bisection may skip it.
    pub is_optional: bool,
    /// The step in the syntax of `dpopt --pass-pipeline`, inside `builtin.module(…)`.
    pub text: &'a dyn Fn() -> String,
}

impl StepInfo<'_> {
    /// Whether a name on the command line refers to this step.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.flag == Some(name)
    }
}

/// Observes the steps of a pipeline; `()` does nothing.
pub trait Observer {
    /// Called before a step; returns whether to run it, if it is optional.
    fn before(&mut self, _step: &StepInfo, _module: Op) -> bool {
        true
    }

    /// Called after a step, with its time; `Break` stops the pipeline.
    fn after(&mut self, _step: &StepInfo, _module: Op, _elapsed: Duration) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// Called after a step failed.
    fn failed(&mut self, _step: &StepInfo, _module: Op) {}
}

impl Observer for () {}

/// Why a pipeline did not finish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Halt {
    /// A step failed; this was reported.
    #[error(transparent)]
    Failed(#[from] ErrorGuaranteed),
    /// The observer stopped the pipeline.
    #[error("the pipeline was stopped")]
    Stopped,
}

/// Runs steps on a module. The module must verify after each step, which is checked if [`VERIFIES_EACH`] is set.
///
/// # Errors
/// If a step fails, which was reported, or the observer stops the pipeline.
pub fn run<S>(steps: &[Step<S>], module: Op, settings: &S, observer: &mut dyn Observer) -> Result<(), Halt> {
    for step in steps.iter().filter(|step| step.action.applies(module, settings)) {
        let text = || step.action.text(settings);
        let is_optional = step.action.is_optional();
        let info = StepInfo { name: step.name, flag: step.action.flag(), is_optional, text: &text };
        if !observer.before(&info, module) && is_optional {
            continue;
        }
        let _span = tracing::info_span!("step", name = step.name).entered();
        let start = Instant::now();
        if let Err(reported) = step.action.run(module, settings).and_then(|()| verified(step.name, module)) {
            observer.failed(&info, module);
            return Err(reported.into());
        }
        if observer.after(&info, module, start.elapsed()).is_break() {
            return Err(Halt::Stopped);
        }
    }
    Ok(())
}

fn verified(step: &str, module: Op) -> Result<(), ErrorGuaranteed> {
    if !VERIFIES_EACH || module.verify() {
        return Ok(());
    }
    let diagnostic = Diagnostic::internal(format!("internal error: the program does not verify after step '{step}'"));
    Err(diagnostic.help(upstream::REPORT).report(module.location()))
}
