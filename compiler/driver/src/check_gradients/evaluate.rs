//! Evaluation of functions: in the interpreter, in a library, or by a compilation for each call.

use crate::artifact::{Artifact, Emitted};
use crate::diagnostics::DiagnosticRecord;
use crate::failure;
use crate::program::Program;
use crate::request::{Arguments, CallRequest, Emit, Request};
use crate::targets::interp::interpret;
use crate::targets::library::{Loaded, Saved};
use crate::targets::{Interp, TargetDriver};
use dp_dialects::Diagnostic;
use dp_dialects::diagnostics::position;
use dp_runtime::Array;

/// Compiles the source with another target and request.
pub type Compile<'a> = dyn Fn(&dyn TargetDriver, &Request) -> Result<Artifact, Vec<DiagnosticRecord>> + 'a;

/// The results of a call, or why it failed.
pub type Outcome = Result<Vec<Array>, Vec<DiagnosticRecord>>;

/// Evaluates functions.
pub trait Evaluate {
    /// The name of the target that evaluates.
    fn name(&self) -> &'static str;

    /// Calls a function with arguments that fit.
    ///
    /// # Errors
    /// If the call fails.
    fn call(&self, function: &str, arguments: &[Array]) -> Outcome;
}

/// The interpreter, for a program without derivative requests.
pub struct Interpreter<'a, 'c>(pub &'a Program<'c>);

impl Evaluate for Interpreter<'_, '_> {
    fn name(&self) -> &'static str {
        Interp.name()
    }

    fn call(&self, function: &str, arguments: &[Array]) -> Outcome {
        let op = self.0.function("--check-gradients", function).map_err(|error| vec![error.into()])?;
        interpret(self.0.module(), op, arguments).map_err(|located| {
            let position = position(located.location);
            vec![DiagnosticRecord { position, ..located.diagnostic.into() }]
        })
    }
}

/// A library of the target's.
struct Library {
    loaded: Loaded,
    target: &'static str,
    // After what was loaded from it.
    _saved: Saved,
}

impl Evaluate for Library {
    fn name(&self) -> &'static str {
        self.target
    }

    fn call(&self, function: &str, arguments: &[Array]) -> Outcome {
        let called = self.loaded.call(function, arguments, &format!("--check-gradients: {function}"));
        called.map_err(|failure| failure::record(&failure).into_iter().collect())
    }
}

/// A compilation for each call.
struct Calls<'a> {
    compile: &'a Compile<'a>,
    target: Box<dyn TargetDriver>,
    request: Request,
}

impl Evaluate for Calls<'_> {
    fn name(&self) -> &'static str {
        self.target.name()
    }

    fn call(&self, function: &str, arguments: &[Array]) -> Outcome {
        let call = CallRequest { function: function.into(), arguments: Arguments::Arrays(arguments.to_vec()) };
        let artifact = (self.compile)(&*self.target, &Request { call: Some(call), ..self.request.clone() })?;
        let lacking = || vec![Diagnostic::internal("internal error: a call has no results").into()];
        artifact.results.map(|results| results.arrays).ok_or_else(lacking)
    }
}

/// Evaluates with a target, which compiles the program with the derivatives of a request.
///
/// # Errors
/// If the target cannot compile it.
pub fn with_target<'a>(
    target: Box<dyn TargetDriver>,
    request: &Request,
    compile: &'a Compile<'a>,
) -> Result<Box<dyn Evaluate + 'a>, Vec<DiagnosticRecord>> {
    let request = Request {
        emit: None,
        call: None,
        count_costs: false,
        check_gradients: None,
        check_each: None,
        library_name: None,
        print_after: Vec::new(),
        stop_after: None,
        reproducer: None,
        ..request.clone()
    };
    if !target.emits().contains(&Emit::So) {
        return Ok(Box::new(Calls { compile, target, request }));
    }
    let made = compile(&*target, &Request { emit: Some(Emit::So), ..request })?;
    let Some(Emitted { contents, header: Some(header), .. }) = made.emitted else {
        return Err(vec![Diagnostic::internal("internal error: a library was not made").into()]);
    };
    let option = "--check-gradients";
    let saved = Saved::new(&contents, &header.library, option);
    let loaded = saved.and_then(|saved| Ok((saved.load(option)?, saved)));
    let (loaded, saved) = loaded.map_err(|error| vec![error.into()])?;
    Ok(Box::new(Library { loaded, target: target.name(), _saved: saved }))
}
