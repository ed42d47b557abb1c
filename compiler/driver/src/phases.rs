//! Runs the phases of a compilation and reports them to the client.

use super::check_each::{CheckEach, Note, Points};
use super::events::{Event, Events};
use super::failure::Failure;
use super::program::Program;
use super::request::Request;
use dp_dialects::Result;
use dp_dialects::ir::{Op, walk};
use dp_passes::manager::{self, Controls, Halt, Listener, Observer, Step, StepInfo};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// Runs phases and reports each to the client.
pub struct Phases<'e> {
    events: &'e Events<'e>,
    controls: Controls<'e>,
    check: Option<CheckEach<'e>>,
}

impl<'e> Phases<'e> {
    /// The phases of a request.
    pub fn new(request: &Request, events: &'e Events<'e>) -> Phases<'e> {
        let controls = Controls {
            print_after: request.print_after.clone(),
            stop_after: request.stop_after.clone(),
            limit: request.pass_limit,
            reproducer: request.reproducer.clone(),
            listener: Listener::new(|event| events.send(&Event::Pass(&event))),
            ..Controls::default()
        };
        let points = |count| Points { count, fixed: request.specialize.clone(), near: request.call.clone() };
        let check = request
            .check_each
            .map(|count| CheckEach::new(points(count), |note: &Note| events.send(&Event::CheckEach(note))));
        Phases { events, controls, check }
    }

    /// Runs one phase.
    pub fn time<T>(&mut self, name: &'static str, phase: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let outcome = phase();
        self.events.send(&Event::Phase { name, elapsed: start.elapsed() });
        outcome
    }

    /// Runs a phase that consists of steps.
    pub fn time_steps<T>(&mut self, name: &'static str, phase: impl FnOnce(&mut Phases<'e>) -> T) -> T {
        let start = Instant::now();
        let outcome = phase(self);
        self.events.send(&Event::Phase { name, elapsed: start.elapsed() });
        outcome
    }

    /// The events of the compilation.
    pub fn events(&self) -> &'e Events<'e> {
        self.events
    }

    /// Runs the steps of a pipeline.
    ///
    /// # Errors
    /// If a step fails, which was reported, or if the client or a control stops the compilation.
    pub fn run<S>(&mut self, steps: &[Step<S>], program: &Program, settings: &S) -> Result<(), Failure> {
        let outcome = manager::run(steps, program.module(), settings, self);
        self.outcome(outcome)
    }

    /// Converts the outcome of a pipeline.
    ///
    /// # Errors
    /// If it did not finish.
    pub fn outcome<T>(&mut self, outcome: Result<T, Halt>) -> Result<T, Failure> {
        self.events.check()?;
        if let Some(difference) = self.check.as_ref().and_then(CheckEach::difference) {
            return Err(Failure::Found(Box::new(difference.clone())));
        }
        Ok(outcome?)
    }

    /// Checks that all steps that the request names were run.
    ///
    /// # Errors
    /// If one was not.
    pub fn check(&self) -> Result<()> {
        self.controls.check()
    }

    /// Sends the number of comparisons of `--check-each`.
    pub fn end_check(&mut self) {
        if let Some(check) = &mut self.check {
            check.end();
        }
    }

    /// Whether a step of this name was run.
    pub fn has_run(&self, step: &str) -> bool {
        self.controls.has_run(step)
    }
}

impl Observer for Phases<'_> {
    fn before(&mut self, step: &StepInfo, module: Op) -> bool {
        if let Some(check) = &mut self.check {
            Observer::before(check, step, module);
        }
        self.controls.before(step, module)
    }

    fn after(&mut self, step: &StepInfo, module: Op, elapsed: Duration) -> ControlFlow<()> {
        let operations = || {
            let mut count = 0;
            walk(module, &mut |_| count += 1);
            count
        };
        self.events.send(&Event::Step { name: step.name, pass: step.flag, elapsed, operations: &operations });
        self.events.send(&Event::Snapshot { name: step.name, text: &|| Program::print(module) });
        let flow = self.controls.after(step, module, elapsed);
        if self.events.is_refused() {
            return ControlFlow::Break(());
        }
        if let Some(check) = &mut self.check
            && Observer::after(check, step, module, elapsed).is_break()
        {
            return ControlFlow::Break(());
        }
        flow
    }

    fn failed(&mut self, step: &StepInfo, module: Op) {
        self.controls.failed(step, module);
    }
}
