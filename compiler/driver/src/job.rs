//! The state of one compilation.

use super::artifact::{Artifact, Emitted, Header, Results};
use super::call::Call;
use super::phases::Phases;
use super::program::Program;
use super::request::{Emit, Request};
use dp_runtime::Array;
use dp_runtime::pjrt::Signature;

/// One compilation.
pub struct Job<'a, 'c> {
    /// The request.
    pub request: &'a Request,
    /// The program.
    pub program: &'a Program<'c>,
    /// Runs phases.
    pub phases: Phases<'a>,
    /// The kind of the output.
    pub emit: Option<Emit>,
    /// The call.
    pub call: Option<Call<'c>>,
    /// The result so far.
    pub artifact: Artifact,
}

impl Job<'_, '_> {
    /// Sets the output.
    pub fn emit(&mut self, kind: Emit, contents: impl Into<Vec<u8>>) {
        self.artifact.emitted = Some(Emitted { kind, contents: contents.into(), header: None, signature: None });
    }

    /// Sets a library and its header as the output.
    pub fn emit_library(&mut self, kind: Emit, contents: impl Into<Vec<u8>>, header: Header) {
        let (contents, header) = (contents.into(), Some(header));
        self.artifact.emitted = Some(Emitted { kind, contents, header, signature: None });
    }

    /// Sets StableHLO as the output, with the signature of its entry.
    pub fn emit_stablehlo(&mut self, contents: impl Into<Vec<u8>>, signature: Option<Signature>) {
        let (kind, contents) = (Emit::Stablehlo, contents.into());
        self.artifact.emitted = Some(Emitted { kind, contents, header: None, signature });
    }

    /// Sets the current program as the output, if the request asks for this form.
    pub fn emit_program(&mut self, form: Emit) {
        if self.emit == Some(form) {
            self.emit(form, self.program.text());
        }
    }

    /// Sets the current program as the output, after the pipeline was stopped.
    pub fn emit_stopped(&mut self) {
        self.artifact = Artifact::default();
        self.emit(Emit::Mlir, self.program.text());
    }

    /// Sets the results of the call.
    pub fn set_results(&mut self, arrays: Vec<Array>) {
        let names = self.call.as_ref().map(|call| call.results().to_vec()).unwrap_or_default();
        self.artifact.results = Some(Results { names, arrays });
    }
}
