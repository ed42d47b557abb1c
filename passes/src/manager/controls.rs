//! Debugging of pipelines: printing, stopping, bisection, reproducers.

use super::step::{Observer, StepInfo};
use dp_dialects::ir::Op;
use dp_dialects::{Diagnostic, Result};
use std::fmt;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// An observer with the debugging options of command lines. A step is named by its own name or that of its pass.
#[derive(Debug, Default)]
pub struct Controls<'l> {
    /// Steps after which the module is sent to the listener.
    pub print_after: Vec<String>,
    /// The step after which the pipeline stops.
    pub stop_after: Option<String>,
    /// The number of optional steps to run; the rest are skipped, with an event for each. The smallest N that gives a
    /// wrong program identifies the step at fault: the Nth.
    pub limit: Option<usize>,
    /// The file for the module before a failing step, with the command that runs this step alone.
    pub reproducer: Option<PathBuf>,
    /// Receives events.
    pub listener: Listener<'l>,
    /// The state so far.
    pub seen: Seen,
}

/// An event that [`Controls`] reports.
#[derive(Debug)]
pub enum Event<'a> {
    /// An optional step was counted, under a limit.
    Counted {
        /// Its name.
        step: &'static str,
        /// The number of optional steps so far, including this one.
        number: usize,
        /// Whether it runs.
        runs: bool,
    },
    /// The module after a step, to be printed.
    Printed {
        /// The step's name.
        step: &'static str,
        /// The step in the syntax of `dpopt --pass-pipeline`.
        pipeline: String,
        /// The module as text.
        module: String,
    },
    /// A step failed, and writing a reproducer was attempted.
    Kept {
        /// The step's name.
        step: &'static str,
        /// The file.
        path: &'a Path,
        /// Whether it was written.
        outcome: io::Result<()>,
    },
}

/// A function that receives events; by default, it does nothing.
pub struct Listener<'l>(Box<dyn FnMut(Event) + 'l>);

impl<'l> Listener<'l> {
    /// Sends events to this function.
    pub fn new(hear: impl FnMut(Event) + 'l) -> Listener<'l> {
        Listener(Box::new(hear))
    }
}

impl Default for Listener<'_> {
    fn default() -> Self {
        Listener::new(|_| {})
    }
}

impl fmt::Debug for Listener<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

/// The progress of a pipeline.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The number of optional steps so far.
    optional: usize,
    /// The names of steps run, and of their passes.
    ran: Vec<(&'static str, Option<&'static str>)>,
    /// The module before the current step, if a reproducer is requested.
    before: String,
}

impl Controls<'_> {
    /// Checks that all named steps were run.
    ///
    /// # Errors
    /// If one was not; the help lists the steps that were.
    pub fn check(&self) -> Result<()> {
        let asked = self.print_after.iter().map(|name| ("--print-after", name));
        let asked = asked.chain(self.stop_after.iter().map(|name| ("--stop-after", name)));
        for (option, name) in asked {
            if !self.has_run(name) {
                let diagnostic = Diagnostic::request(format!("{option}={name}: no such step was run"));
                let mut steps: Vec<&str> = Vec::new();
                for (step, _) in &self.seen.ran {
                    if !steps.contains(step) {
                        steps.push(step);
                    }
                }
                return Err(diagnostic.help(format!("these have: {}", steps.join(", "))));
            }
        }
        Ok(())
    }

    /// Whether a step was run with this name, or the name of its pass.
    pub fn has_run(&self, name: &str) -> bool {
        self.seen.ran.iter().any(|(step, pass)| *step == name || *pass == Some(name))
    }

    fn names(&self, step: &StepInfo) -> bool {
        self.print_after.iter().any(|name| step.is_called(name))
    }
}

impl Observer for Controls<'_> {
    fn before(&mut self, step: &StepInfo, module: Op) -> bool {
        if step.is_optional {
            self.seen.optional += 1;
        }
        let runs = !step.is_optional || self.limit.is_none_or(|limit| self.seen.optional <= limit);
        if let (Some(_), true) = (self.limit, step.is_optional) {
            (self.listener.0)(Event::Counted { step: step.name, number: self.seen.optional, runs });
        }
        if runs && self.reproducer.is_some() {
            self.seen.before = text(module);
        }
        runs
    }

    fn after(&mut self, step: &StepInfo, module: Op, _: Duration) -> ControlFlow<()> {
        self.seen.ran.push((step.name, step.flag));
        if self.names(step) {
            let (pipeline, module) = ((step.text)(), text(module));
            (self.listener.0)(Event::Printed { step: step.name, pipeline, module });
        }
        match self.stop_after.as_deref().is_some_and(|name| step.is_called(name)) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }

    fn failed(&mut self, step: &StepInfo, _: Op) {
        let Some(path) = &self.reproducer else { return };
        let command = format!("// RUN: dpopt --pass-pipeline=\"builtin.module({})\" %s\n", (step.text)());
        let outcome = std::fs::write(path, command + &self.seen.before);
        (self.listener.0)(Event::Kept { step: step.name, path, outcome });
    }
}

/// The module as text with a final newline.
fn text(module: Op) -> String {
    let mut text = module.to_string();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}
