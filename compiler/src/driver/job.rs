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
    /// What is written when all has succeeded.
    pub outputs: Vec<(Output, Vec<u8>)>,
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

    /// Writes an artifact, when all has succeeded.
    pub fn write(&mut self, emit: Emit, contents: impl Into<Vec<u8>>) {
        self.outputs.push((self.destination(emit), contents.into()));
    }

    /// Writes the program as it stands, if it is what is made.
    pub fn write_program(&mut self, emit: Emit) {
        if self.emit == Some(emit) {
            self.write(emit, self.program.text());
        }
    }

    /// Writes the program as it stands, and nothing else.
    pub fn write_stopped(&mut self) {
        self.outputs.clear();
        self.write(Emit::Mlir, self.program.text());
    }

    /// Prints the results of the call, or writes them to the file that `-o` names.
    ///
    /// # Errors
    /// Where the file's name does not say how.
    pub fn show(&mut self, results: &[Array]) -> Result<(), Failure> {
        let Some(call) = &self.call else { return Ok(()) };
        let output = match (&self.options.output, self.options.emit) {
            (Some(path), None) if path != Path::new("-") => Output::File(path.clone()),
            // What is emitted goes to the file.
            (Some(_), _) | (None, _) => Output::Standard,
        };
        let contents = match &output {
            Output::File(path) => execute::file(call, results, destination::results(path)?)?,
            Output::Standard => execute::print(call, results, self.options.format.unwrap_or_default()).into_bytes(),
        };
        self.outputs.push((output, contents));
        Ok(())
    }
}
