//! Steps of pipelines, and the runner.

use super::options::{NoOptions, PassOptions};
use super::pass::{Pass, options_text};
use super::upstream::{self, VERIFIES_EACH};
use dp_dialects::ir::{Op, walk};
use dp_dialects::{Diagnostic, ErrorGuaranteed};
use melior::ir::operation::OperationLike;
use std::fmt;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// A named place in a pipeline; `S` is the type of the settings that choose options.
pub struct Step<S: 'static> {
    /// Its name: in timings, on command lines, and in the names of saved files.
    pub name: &'static str,
    /// What runs.
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

/// What a step does.
pub trait Action<S>: Sync {
    /// The flag of the pass, where it is one of ours.
    fn flag(&self) -> Option<&'static str>;

    /// The action as `dpopt --pass-pipeline` takes it, within `builtin.module(…)`.
    fn text(&self, settings: &S) -> String;

    /// Whether programs compile, and compute the same, without it.
    fn is_optional(&self) -> bool {
        false
    }

    /// Whether there is something to do.
    fn applies(&self, _module: Op, _settings: &S) -> bool {
        true
    }

    /// Does it.
    ///
    /// # Errors
    /// Where a pass fails; it has been reported.
    fn run(&self, module: Op, settings: &S) -> Result<(), ErrorGuaranteed>;
}

/// A pass of ours that has no options.
pub struct Run(pub &'static Pass);

/// A pass of ours, with the options that it takes here.
pub struct RunWith<S: 'static, O: 'static>(pub &'static Pass<O>, pub fn(&S) -> O);

/// Passes of upstream's, as a textual pipeline.
pub struct Upstream(pub &'static str);

/// An action that runs only where some operation of the module needs it.
pub struct Where<S: 'static>(pub fn(Op) -> bool, pub &'static dyn Action<S>);

/// An action that runs only under some settings.
pub struct When<S: 'static>(pub fn(&S) -> bool, pub &'static dyn Action<S>);

/// An action without which programs compile, and compute the same: bisection may skip it.
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

/// What an action that holds another one, in the field of this number, leaves to it.
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
        let mut found = false;
        walk(module, &mut |op| found = found || (self.0)(op));
        found && self.1.applies(module, settings)
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

/// A step as an observer sees it.
pub struct StepInfo<'a> {
    /// Its name.
    pub name: &'static str,
    /// The flag of its pass, where it is one of ours.
    pub flag: Option<&'static str>,
    /// Whether programs compile without it.
    pub is_optional: bool,
    /// The step as `dpopt --pass-pipeline` takes it, within `builtin.module(…)`.
    pub text: &'a dyn Fn() -> String,
}

impl StepInfo<'_> {
    /// Whether a user who gives this name means the step.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.flag == Some(name)
    }
}

/// What is done with steps beside running them; `()` does nothing.
pub trait Observer {
    /// Before a step; whether to run it, which is asked of optional ones.
    fn before(&mut self, _step: &StepInfo, _module: Op) -> bool {
        true
    }

    /// After a step, and how long it took; a break stops the pipeline.
    fn after(&mut self, _step: &StepInfo, _module: Op, _elapsed: Duration) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// After a step that failed.
    fn failed(&mut self, _step: &StepInfo, _module: Op) {}
}

impl Observer for () {}

/// Why a pipeline does not come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Halt {
    /// A step failed; it has been reported.
    #[error(transparent)]
    Failed(#[from] ErrorGuaranteed),
    /// The observer stopped it.
    #[error("the pipeline was stopped")]
    Stopped,
}

/// Runs steps on a module. After each the module verifies, which is checked where [`VERIFIES_EACH`] says so.
///
/// # Errors
/// Where a step fails, which has been reported, or the observer stops.
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
