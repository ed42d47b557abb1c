//! One compilation: what is asked for, and where outcomes go.

use super::destination;
use super::execute::{self, Call};
use super::options::{Emit, Options};
use super::output::Output;
use super::phases::Phases;
use super::program::Program;
use super::report::Failure;
use dp_dialects::Result;
use dp_runtime::Array;
use std::path::Path;

/// One compilation.
pub struct Job<'a, 'c> {
    /// The command line.
    pub options: &'a Options,
    /// The program.
    pub program: &'a Program<'c>,
    /// What is done with phases.
    pub phases: Phases,
    /// What is made.
    pub emit: Option<Emit>,
    /// What is called.
    pub call: Option<Call<'c>>,
}

impl Job<'_, '_> {
    /// Where an artifact goes: to the file that is named; text else to standard output, and
    /// the rest to a file in the current folder.
    pub fn destination(&self, emit: Emit) -> Output {
        match &self.options.output {
            Some(path) if path == Path::new("-") => Output::Standard,
            Some(path) => Output::File(path.clone()),
            None if emit.is_text() => Output::Standard,
            None => Output::File(destination::default_name(emit, &self.program.stem()).into()),
        }
    }

    /// Writes an artifact.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn write(&self, emit: Emit, contents: &[u8]) -> Result<()> {
        self.destination(emit).write(contents)
    }

    /// Writes the program as it stands, if it is what is made.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn write_program(&self, emit: Emit) -> Result<()> {
        if self.emit == Some(emit) { self.write(emit, self.program.text().as_bytes()) } else { Ok(()) }
    }

    /// Prints the results of the call, or writes them to the file that `-o` names.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn show(&self, call: &Call, results: &[Array]) -> Result<(), Failure> {
        let output = match (&self.options.output, self.options.emit) {
            (Some(path), None) if path != Path::new("-") => Output::File(path.clone()),
            // What is emitted goes to the file.
            (Some(_), _) | (None, _) => Output::Standard,
        };
        let contents = match &output {
            Output::File(path) => execute::file(call, results, destination::results(path)?)?,
            Output::Standard => execute::print(call, results, self.options.format).into_bytes(),
        };
        Ok(output.write(&contents)?)
    }
}
