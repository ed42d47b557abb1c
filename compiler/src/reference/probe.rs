//! Whether a program works, found out by trying.

use super::samples;
use dp_dialects::ScalarType;
use dp_dialects::context::context;
use dp_dialects::ir::Op;
use dp_driver::pipelines;
use dp_lower::{LowerOptions, Pipeline, Stage};
use dp_xla::Target;
use melior::Context;
use melior::ir::Module;
use melior::ir::operation::OperationRef;
use std::cell::RefCell;
use std::rc::Rc;

/// What came of a trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Support {
    /// It works.
    Works,
    /// It is refused, and why.
    Refused(String),
}

/// Tries programs. Errors do not reach the terminal.
pub(super) struct Prober {
    context: Context,
    errors: Rc<RefCell<Vec<String>>>,
}

impl Prober {
    pub(super) fn new() -> Prober {
        let context = context();
        let errors: Rc<RefCell<Vec<String>>> = Rc::default();
        let seen = errors.clone();
        context.attach_diagnostic_handler(move |diagnostic| {
            seen.borrow_mut().push(diagnostic.to_string());
            true
        });
        Prober { context, errors }
    }

    /// The program, if its verifier admits it.
    pub(super) fn parse(&self, program: &str) -> Result<Module<'_>, String> {
        self.errors.borrow_mut().clear();
        Module::parse(&self.context, program).ok_or_else(|| self.reason())
    }

    /// Whether the interpreter executes the program's function `f`.
    pub(super) fn interpreted(&self, module: &Module, dtype: ScalarType) -> Support {
        match dp_interp::run(operation(module), "f", samples::arguments(dtype)) {
            Ok(_) => Support::Works,
            Err(located) => Support::Refused(located.diagnostic.message),
        }
    }

    /// Whether the program lowers to LLVM's dialect, by the pipeline of a target. Changes it.
    pub(super) fn lowered(&self, module: &mut Module, pipeline: &'static Pipeline) -> Support {
        self.errors.borrow_mut().clear();
        match pipelines::lower(operation(module), &LowerOptions::new(pipeline), Stage::Llvm, &mut ()) {
            Ok(_) => Support::Works,
            Err(_) => Support::Refused(self.reason()),
        }
    }

    /// Whether the program lowers to StableHLO. Changes it.
    pub(super) fn stablehlo(&self, module: &mut Module) -> Support {
        self.errors.borrow_mut().clear();
        match dp_xla::lower(operation(module), &dp_xla::Xla::default().pipeline(), &mut ()) {
            Ok(_) => Support::Works,
            Err(_) => Support::Refused(self.reason()),
        }
    }

    fn reason(&self) -> String {
        self.errors.borrow().first().cloned().unwrap_or_else(|| "no reason given".into())
    }
}

fn operation<'c>(module: &Module<'c>) -> Op<'c> {
    // SAFETY: the reference is used while the module lives.
    unsafe { OperationRef::from_raw(module.as_operation().to_raw()) }
}
