//! What a session tells its client while it compiles.

use super::diagnostics::DiagnosticRecord;
use dp_dialects::{Diagnostic, Result};
use dp_passes::manager;
use dp_runtime::pjrt::Figure;
use std::cell::RefCell;
use std::path::Path;
use std::time::Duration;

/// Something that happens during a compilation.
pub enum Event<'a> {
    /// A warning, a note or a remark. Errors are what [`Session::compile`](super::Session::compile) returns.
    Diagnostic(&'a DiagnosticRecord),
    /// A phase has ended, such as `parse`, `lower` or `run`.
    Phase {
        /// Its name.
        name: &'static str,
        /// How long it took.
        elapsed: Duration,
    },
    /// A step of a pipeline has ended.
    Step {
        /// Its name.
        name: &'static str,
        /// The flag of its pass, where it is one pass.
        pass: Option<&'static str>,
        /// How long it took.
        elapsed: Duration,
        /// Counts the operations of the program as it is now.
        operations: &'a dyn Fn() -> usize,
    },
    /// The program has a new form, after a step or a phase.
    Snapshot {
        /// The name of the step or the phase.
        name: &'static str,
        /// Prints the program.
        text: &'a dyn Fn() -> String,
    },
    /// What the request's controls of pipelines found: an optional step was counted, a program is to be printed, a
    /// reproducer was written.
    Pass(&'a manager::Event<'a>),
    /// The function that is about to be called has been found, and its arguments fit.
    Call {
        /// Its name.
        function: &'a str,
        /// The names of its results.
        results: &'a [String],
    },
    /// The linker that makes a library.
    Linker {
        /// Its path.
        path: &'a Path,
    },
    /// How much memory a function of a library computes in.
    Workspace {
        /// The function.
        function: &'a str,
        /// The bytes: a number, or a formula in the extents of its arguments.
        bytes: &'a str,
    },
    /// How much memory an executable that was compiled ahead of time takes.
    Memory {
        /// For what.
        of: &'static str,
        /// The bytes.
        bytes: i64,
    },
    /// What its compiler estimates that it costs to run.
    Cost {
        /// What is estimated, as the compiler calls it.
        of: &'a str,
        /// The estimate.
        figure: &'a Figure,
    },
}

/// A function that hears events. An error ends the compilation at the next step, and is among its diagnostics.
pub type Handler<'h> = dyn Fn(&Event) -> Result<()> + Send + Sync + 'h;

/// Hands events to the client, and keeps the first error that it answers with.
pub struct Events<'h> {
    handler: &'h Handler<'h>,
    refusal: RefCell<Option<Diagnostic>>,
}

impl<'h> Events<'h> {
    /// Events go to this function.
    pub fn new(handler: &'h Handler<'h>) -> Events<'h> {
        Events { handler, refusal: RefCell::default() }
    }

    /// Hands an event on.
    pub fn send(&self, event: &Event) {
        if let Err(diagnostic) = (self.handler)(event) {
            self.refusal.borrow_mut().get_or_insert(diagnostic);
        }
    }

    /// Whether the client has answered with an error.
    pub fn is_refused(&self) -> bool {
        self.refusal.borrow().is_some()
    }

    /// Ends the compilation if the client has answered with an error.
    ///
    /// # Errors
    /// That error, once.
    pub fn check(&self) -> Result<()> {
        self.refusal.take().map_or(Ok(()), Err)
    }
}
