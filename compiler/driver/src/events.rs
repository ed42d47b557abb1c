//! Events that a session sends to its client during a compilation.

use super::check_each::Note;
use super::diagnostics::DiagnosticRecord;
use dp_dialects::{Diagnostic, Result};
use dp_interp::Cost;
use dp_passes::manager;
use dp_runtime::pjrt::{Collective, Figure};
use std::cell::RefCell;
use std::path::Path;
use std::time::Duration;

/// An event of a compilation.
pub enum Event<'a> {
    /// A warning, note or remark. Errors are returned by [`Session::compile`](super::Session::compile).
    Diagnostic(&'a DiagnosticRecord),
    /// A phase has ended, for example `parse`, `lower` or `run`.
    Phase {
        /// Its name.
        name: &'static str,
        /// The time it took.
        elapsed: Duration,
    },
    /// A step of a pipeline has ended.
    Step {
        /// Its name.
        name: &'static str,
        /// The flag of its pass, if it is a single pass.
        pass: Option<&'static str>,
        /// The time it took.
        elapsed: Duration,
        /// Counts the operations of the current program.
        operations: &'a dyn Fn() -> usize,
    },
    /// The program has changed, after a step or a phase.
    Snapshot {
        /// The name of the step or phase.
        name: &'static str,
        /// Prints the program.
        text: &'a dyn Fn() -> String,
    },
    /// An event of the pipeline controls: an optional step was counted, a program is to be printed, a reproducer was
    /// written.
    Pass(&'a manager::Event<'a>),
    /// The function to call was found, and its arguments fit.
    Call {
        /// Its name.
        function: &'a str,
        /// The names of its results.
        results: &'a [String],
    },
    /// All derivatives were checked, and none differs.
    GradientCheck {
        /// The number of derivatives.
        derivatives: usize,
        /// The number of points at which each was checked.
        points: u32,
        /// The number of comparisons: one for each argument of a derivative at each point.
        comparisons: usize,
        /// The number of inconclusive comparisons: the point is nondifferentiable, or differences do not converge.
        inconclusive: usize,
        /// The target that evaluated the derivatives.
        evaluator: &'static str,
    },
    /// What the call costs after simplification.
    Counted {
        /// The function that is called.
        function: &'a str,
        /// Its cost.
        cost: Cost,
        /// If it is a derivative: the function that it is the derivative of, and the cost of that one.
        primal: Option<(&'a str, Cost)>,
    },
    /// A note of `--check-each`.
    CheckEach(&'a Note<'a>),
    /// The linker that makes a library.
    Linker {
        /// Its path.
        path: &'a Path,
    },
    /// The workspace size of a library function.
    Workspace {
        /// The function.
        function: &'a str,
        /// The bytes: a number, or a formula in the extents of the arguments.
        bytes: &'a str,
    },
    /// The memory use of an executable compiled ahead of time.
    Memory {
        /// The kind of memory.
        of: &'static str,
        /// The bytes.
        bytes: i64,
    },
    /// The collective operations in the program that was compiled for several devices. One in a loop is listed once.
    Collectives(&'a [Collective]),
    /// A cost estimate of the executable's compiler.
    Cost {
        /// The name of the quantity, from that compiler.
        of: &'a str,
        /// The estimate.
        figure: &'a Figure,
    },
}

/// A function that receives events. An error stops the compilation at the next step and is among its diagnostics.
pub type Handler<'h> = dyn Fn(&Event) -> Result<()> + Send + Sync + 'h;

/// Sends events to the client, and keeps the first error that it returns.
pub struct Events<'h> {
    handler: &'h Handler<'h>,
    refusal: RefCell<Option<Diagnostic>>,
}

impl<'h> Events<'h> {
    /// Sends events to this function.
    pub fn new(handler: &'h Handler<'h>) -> Events<'h> {
        Events { handler, refusal: RefCell::default() }
    }

    /// Sends an event.
    pub fn send(&self, event: &Event) {
        if let Err(diagnostic) = (self.handler)(event) {
            self.refusal.borrow_mut().get_or_insert(diagnostic);
        }
    }

    /// Whether the client has returned an error.
    pub fn is_refused(&self) -> bool {
        self.refusal.borrow().is_some()
    }

    /// Stops the compilation if the client has returned an error.
    ///
    /// # Errors
    /// That error, the first time.
    pub fn check(&self) -> Result<()> {
        self.refusal.take().map_or(Ok(()), Err)
    }
}
