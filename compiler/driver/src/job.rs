//! One compilation: what is asked for, and what has been made so far.

use super::artifact::{Artifact, Emitted, Header, Results};
use super::call::Call;
use super::phases::Phases;
use super::program::Program;
use super::request::{Emit, Request};
use dp_runtime::Array;

/// One compilation.
pub struct Job<'a, 'c> {
    /// What is asked for.
    pub request: &'a Request,
    /// The program.
    pub program: &'a Program<'c>,
    /// Runs phases.
    pub phases: Phases<'a>,
    /// What is emitted.
    pub emit: Option<Emit>,
    /// What is called.
    pub call: Option<Call<'c>>,
    /// What has been made.
    pub artifact: Artifact,
}

impl Job<'_, '_> {
    /// Gives what was asked for.
    pub fn emit(&mut self, kind: Emit, contents: impl Into<Vec<u8>>) {
        self.artifact.emitted = Some(Emitted { kind, contents: contents.into(), header: None });
    }

    /// Gives a library and its header.
    pub fn emit_library(&mut self, kind: Emit, contents: impl Into<Vec<u8>>, header: Header) {
        self.artifact.emitted = Some(Emitted { kind, contents: contents.into(), header: Some(header) });
    }

    /// Gives the program as it stands, if this form of it was asked for.
    pub fn emit_program(&mut self, form: Emit) {
        if self.emit == Some(form) {
            self.emit(form, self.program.text());
        }
    }

    /// Gives the program as it stands, and nothing else.
    pub fn emit_stopped(&mut self) {
        self.artifact = Artifact::default();
        self.emit(Emit::Mlir, self.program.text());
    }

    /// Gives the results of the call.
    pub fn give_results(&mut self, arrays: Vec<Array>) {
        let names = self.call.as_ref().map(|call| call.results().to_vec()).unwrap_or_default();
        self.artifact.results = Some(Results { names, arrays });
    }
}
