//! Phases of a compilation: timed, and their outcomes kept on request.

use super::output::Output;
use super::program::Program;
use super::report::Failure;
use crate::pipelines::{Settings, Step};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What is done with each phase beside running it.
pub struct Phases {
    verbose: bool,
    /// Where the program after each step goes: a path whose ending is replaced.
    temporaries: Option<PathBuf>,
    count: usize,
}

impl Phases {
    /// Phases that are timed where `verbose` is set, and whose outcomes are kept
    /// beside `temporaries`.
    pub fn new(verbose: bool, temporaries: Option<&Path>) -> Phases {
        let beside = |path: &Path| if path == Path::new("-") { PathBuf::from("program") } else { path.into() };
        Phases { verbose, temporaries: temporaries.map(beside), count: 0 }
    }

    /// Runs one phase, and prints how long it took.
    pub fn time<T>(&mut self, name: &str, phase: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let outcome = phase();
        if self.verbose {
            eprintln!("dpc: {name:<10} {:9.3} ms", start.elapsed().as_secs_f64() * 1e3);
        }
        outcome
    }

    /// Prints what a phase works with.
    pub fn tell(&self, what: &str, value: &str) {
        if self.verbose {
            eprintln!("dpc: {what:<10} {value}");
        }
    }

    /// Runs the steps of a pipeline.
    ///
    /// # Errors
    /// Where a step fails, which has been reported, or an outcome cannot be written.
    pub fn run(&mut self, steps: &[Step], program: &Program, settings: &Settings) -> Result<(), Failure> {
        for step in steps.iter().filter(|step| (step.when)(settings)) {
            self.time(step.name, || step.run(program.module(), settings))?;
            self.keep(step.name, "mlir", || program.text())?;
        }
        Ok(())
    }

    /// Keeps the outcome of a phase, if outcomes are to be kept.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn keep(&mut self, name: &str, ending: &str, contents: impl FnOnce() -> String) -> Result<(), Failure> {
        let Some(beside) = &self.temporaries else { return Ok(()) };
        self.count += 1;
        let path = beside.with_extension(format!("{}-{name}.{ending}", self.count));
        Ok(Output::File(path).write(contents().as_bytes())?)
    }
}
