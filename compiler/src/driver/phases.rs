//! Phases of a compilation: timed, and their outcomes kept on request.

use super::console::Console;
use super::destination::spare;
use super::events;
use super::options::Options;
use super::output::{self, Output};
use super::program::Program;
use super::report::Failure;
use crate::diagnostics::remark::Remark;
use dp_dialects::ir::{Op, walk};
use dp_dialects::{Diagnostic, Result};
use dp_passes::manager::{self, Controls, Halt, Listener, Observer, Step, StepInfo};
use serde_json::{Value, json};
use std::env::VarError;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The environment's variable that limits optional steps.
const LIMIT: &str = "DP_PASS_LIMIT";

/// What is done with each phase beside running it. Steps of pipelines are phases.
pub struct Phases {
    verbose: bool,
    console: Console,
    /// The file of the program, which nothing is written over.
    input: PathBuf,
    /// Where the program after each step goes: a path whose ending is replaced.
    temporaries: Option<PathBuf>,
    count: usize,
    controls: Controls,
    /// Why a step's outcome was not kept.
    trouble: Option<Diagnostic>,
}

impl Phases {
    /// Phases as a command line and the environment ask for them.
    ///
    /// # Errors
    /// Where the environment's limit is no number.
    pub fn new(options: &Options, console: &Console) -> Result<Phases> {
        let named = options.output.as_deref().filter(|path| *path != Path::new("-"));
        let beside = |path: &Path| if path == Path::new("-") { PathBuf::from("program") } else { path.into() };
        let limit = match std::env::var(LIMIT) {
            Ok(text) => Some(text.parse().map_err(|_| {
                Diagnostic::request(format!("{LIMIT}={text}: not a number"))
                    .help("give the number of optional steps that are to run")
            })?),
            Err(VarError::NotPresent) => None,
            Err(error @ VarError::NotUnicode(_)) => return Err(Diagnostic::request(format!("{LIMIT}: {error}"))),
        };
        let controls = Controls {
            print_after: options.print_after.clone(),
            stop_after: options.stop_after.clone(),
            limit,
            reproducer: options.reproducer.clone(),
            listener: Listener::new({
                let console = console.clone();
                move |event| events::print(&console, &event)
            }),
            ..Controls::default()
        };
        let temporaries = options.save_temps.then(|| beside(named.unwrap_or(&options.input)));
        Ok(Phases {
            verbose: options.verbose,
            console: console.clone(),
            input: options.input.clone(),
            temporaries,
            count: 0,
            controls,
            trouble: None,
        })
    }

    /// Runs one phase, and prints how long it took.
    pub fn time<T>(&mut self, name: &str, phase: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let outcome = phase();
        self.took(name, start.elapsed());
        outcome
    }

    /// Runs a phase that consists of steps, and prints how long they took together.
    pub fn time_steps<T>(&mut self, name: &str, phase: impl FnOnce(&mut Phases) -> T) -> T {
        let start = Instant::now();
        let outcome = phase(self);
        self.took(name, start.elapsed());
        outcome
    }

    fn took(&self, name: &str, elapsed: Duration) {
        let milliseconds = elapsed.as_secs_f64() * 1e3;
        let data = json!({ "about": "phase", "phase": name, "milliseconds": milliseconds });
        self.tell(name, &format!("{milliseconds:9.3} ms"), data);
    }

    /// Prints what a phase works with, or has come to, where the user wants to know; `data` says the same.
    pub fn tell(&self, name: &str, value: &str, data: Value) {
        if self.verbose {
            self.console.remark(&Remark::new(format!("{name:<10} {value}"), data));
        }
    }

    /// Where things are printed.
    pub fn console(&self) -> &Console {
        &self.console
    }

    /// Runs the steps of a pipeline.
    ///
    /// # Errors
    /// Where a step fails, which has been reported, an outcome cannot be written, or the user stops.
    pub fn run<S>(&mut self, steps: &[Step<S>], program: &Program, settings: &S) -> Result<(), Failure> {
        let outcome = manager::run(steps, program.module(), settings, self);
        self.outcome(outcome)
    }

    /// What a pipeline came to.
    ///
    /// # Errors
    /// Where it did not come to its end.
    pub fn outcome<T>(&mut self, outcome: Result<T, Halt>) -> Result<T, Failure> {
        match self.trouble.take() {
            Some(diagnostic) => Err(diagnostic.into()),
            None => Ok(outcome?),
        }
    }

    /// Whether all steps that the command line names have run.
    ///
    /// # Errors
    /// Where one has not.
    pub fn check(&self) -> Result<()> {
        self.controls.check()
    }

    /// Whether a step of this name has run.
    pub fn has_run(&self, step: &str) -> bool {
        self.controls.has_run(step)
    }

    /// Keeps the outcome of a phase, if outcomes are to be kept.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn keep(&mut self, name: &str, ending: &str, contents: impl FnOnce() -> String) -> Result<()> {
        let Some(beside) = &self.temporaries else { return Ok(()) };
        self.count += 1;
        let path = beside.with_extension(format!("{:02}-{}.{ending}", self.count, name.replace(' ', "-")));
        spare(&self.input, &path, "--save-temps")?;
        output::write_all(&[(Output::File(path), contents().into_bytes())])
    }
}

impl Observer for Phases {
    fn before(&mut self, step: &StepInfo, module: Op) -> bool {
        self.controls.before(step, module)
    }

    fn after(&mut self, step: &StepInfo, module: Op, elapsed: Duration) -> ControlFlow<()> {
        if self.verbose {
            let mut count = 0;
            walk(module, &mut |_| count += 1);
            let milliseconds = elapsed.as_secs_f64() * 1e3;
            let data = json!({
                "about": "step", "step": step.name, "pass": step.flag, "milliseconds": milliseconds, "operations": count,
            });
            self.tell(step.name, &format!("{milliseconds:9.3} ms, {count} operations"), data);
        }
        self.trouble = self.keep(step.name, "mlir", || Program::print(module)).err();
        match self.trouble {
            Some(_) => ControlFlow::Break(()),
            None => self.controls.after(step, module, elapsed),
        }
    }

    fn failed(&mut self, step: &StepInfo, module: Op) {
        self.controls.failed(step, module);
    }
}
