//! Finds out by trial whether a target supports a program.

use super::samples;
use dp_dialects::ScalarType;
use dp_dialects::ir::Op;
use dp_driver::pipelines;
use dp_driver::registry::context;
use dp_lower::{LowerOptions, Pipeline, Stage};
use dp_xla::Target;
use melior::Context;
use melior::ir::Module;
use melior::ir::operation::OperationRef;
use std::cell::RefCell;
use std::rc::Rc;

/// The outcome of a trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Support {
    /// The program is supported.
    Works,
    /// It is rejected, for this reason.
    Refused(String),
}

/// Tries programs. Their diagnostics are not printed.
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

    /// Parses the program, if the verifier accepts it.
    pub(super) fn parse(&self, program: &str) -> Result<Module<'_>, String> {
        self.errors.borrow_mut().clear();
        Module::parse(&self.context, program).ok_or_else(|| self.reason())
    }

    /// Whether the interpreter runs the program's function `f`.
    pub(super) fn interpreted(&self, module: &Module, dtype: ScalarType) -> Support {
        match dp_interp::run(operation(module), "f", samples::arguments(dtype)) {
            Ok(_) => Support::Works,
            Err(located) => Support::Refused(located.diagnostic.message),
        }
    }

    /// Whether the program lowers to the LLVM dialect through a target's pipeline. Changes the module.
    pub(super) fn lowered(&self, module: &mut Module, pipeline: &'static Pipeline) -> Support {
        self.errors.borrow_mut().clear();
        match pipelines::lower(operation(module), &LowerOptions::new(pipeline), Stage::Llvm, &mut ()) {
            Ok(_) => Support::Works,
            Err(_) => Support::Refused(self.reason()),
        }
    }

    /// Whether the program can be exported to StableHLO. Changes the module.
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
