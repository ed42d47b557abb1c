//! The interpreter: executes `scalar`, `array`, `scf`, `func` and index arithmetic, one operation at a time, with the
//! evaluation kernels of `dp_semantics`. It is the reference for the other targets.
//!
//! Every value is a [`Literal`]. A run-time error is a diagnostic located at the failing operation.

mod cost;
mod machine;

pub use cost::Cost;
pub use dp_targets::Target;
pub use machine::{MAX_DEPTH, Visitor};

use dp_dialects::ir::{Op, functions};
use dp_dialects::{Diagnostic, Literal, SpannedDiagnostic};
use machine::Machine;
use melior::ir::operation::OperationLike;
use std::cell::Cell;
use std::rc::Rc;

/// Calls a function of a module.
///
/// # Errors
/// If the function does not exist, the arguments do not match, or execution fails: extents do not match, an operation
/// is not supported, or recursion is too deep.
pub fn run<'c>(module: Op<'c>, function: &str, arguments: Vec<Literal>) -> Result<Vec<Literal>, SpannedDiagnostic<'c>> {
    call(module, Call { function: function.into(), arguments, limit: None })
}

/// Calls a function of a module, and counts what its operations cost.
///
/// # Errors
/// As for [`run`].
pub fn count<'c>(module: Op<'c>, function: &str, arguments: Vec<Literal>) -> Result<Cost, SpannedDiagnostic<'c>> {
    let total = Rc::new(Cell::new(Cost::default()));
    let sum = total.clone();
    let mut visitor = move |op: Op<'c>, operands: &[Literal], results: &mut [Literal]| {
        let mut cost = sum.get();
        cost += cost::of(op, operands, results);
        sum.set(cost);
    };
    visit(module, function, arguments, &mut visitor)?;
    Ok(total.get())
}

/// Calls a function of a module with a visitor.
///
/// # Errors
/// As for [`run`].
pub fn visit<'c>(
    module: Op<'c>,
    function: &str,
    arguments: Vec<Literal>,
    visitor: &mut Visitor<'c>,
) -> Result<Vec<Literal>, SpannedDiagnostic<'c>> {
    execute(module, &Machine::new(functions(module), None).visited(visitor), function, arguments)
}

fn call<'c>(module: Op<'c>, call: Call) -> Result<Vec<Literal>, SpannedDiagnostic<'c>> {
    let Call { function, arguments, limit } = call;
    execute(module, &Machine::new(functions(module), limit), &function, arguments)
}

fn execute<'c>(
    module: Op<'c>,
    machine: &Machine<'c, '_>,
    function: &str,
    arguments: Vec<Literal>,
) -> Result<Vec<Literal>, SpannedDiagnostic<'c>> {
    let Some(callee) = machine.function(function) else {
        let diagnostic = Diagnostic::request(format!("no function '{function}'"));
        return Err(SpannedDiagnostic::new(module.location(), diagnostic.help("name a 'func.func' of the module")));
    };
    machine.call(callee, arguments)
}

/// A call of a function.
#[derive(Clone, Debug)]
pub struct Call {
    /// The function.
    pub function: String,
    /// The arguments.
    pub arguments: Vec<Literal>,
    /// The number of operations after which execution ends with an error, if there is one.
    pub limit: Option<u64>,
}

/// The target `interp`. Its artifacts are the results of a call.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interp;

impl Target for Interp {
    /// None: it executes the program without lowering.
    type Lowering = ();
    type Lowered<'a> = Op<'a>;
    type Kind = Call;
    type Artifact = Vec<Literal>;
    type Error<'a> = SpannedDiagnostic<'a>;

    const NAME: &'static str = "interp";

    fn pipeline(&self) {}

    fn emit<'a>(&self, program: Self::Lowered<'a>, call: Call) -> Result<Vec<Literal>, Self::Error<'a>> {
        self::call(program, call)
    }
}
