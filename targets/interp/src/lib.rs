//! The interpreter: executes `scalar`, `array`, `scf`, `func` and arithmetic on
//! indices directly, an operation at a time, over the kernels of `dp_semantics`.
//! The reference of the other targets: slow, and simple enough to be checked by reading.
//!
//! Every value is a [`Literal`]. What goes wrong at run time is a diagnostic
//! located at the operation where it went wrong.

mod machine;

pub use dp_targets::Target;
pub use machine::MAX_DEPTH;

use dp_dialects::ir::{Op, functions};
use dp_dialects::{Diagnostic, Literal, SpannedDiagnostic};
use machine::Machine;
use melior::ir::operation::OperationLike;

/// Executes a function of a module on arguments of its types.
///
/// # Errors
/// A located diagnostic where the function does not exist or the arguments do not
/// fit (at the module or the function), and where execution fails: extents that
/// do not fit, an operation that the interpreter lacks, recursion without end.
pub fn run<'c>(module: Op<'c>, function: &str, arguments: Vec<Literal>) -> Result<Vec<Literal>, SpannedDiagnostic<'c>> {
    let machine = Machine::new(functions(module));
    let Some(callee) = machine.function(function) else {
        let diagnostic = Diagnostic::new(format!("there is no function '{function}'"));
        return Err(SpannedDiagnostic::new(module.location(), diagnostic.help("name a 'func.func' of the module")));
    };
    machine.call(callee, arguments)
}

/// A call of a function, and the values of its arguments.
#[derive(Clone, Debug)]
pub struct Call {
    /// The function.
    pub function: String,
    /// What it is called with.
    pub arguments: Vec<Literal>,
}

/// The target `interp`. What it makes of a program are the results of a call.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interp;

impl Target for Interp {
    /// None: it executes the program as it stands.
    type Lowering = ();
    type Lowered<'a> = Op<'a>;
    type Kind = Call;
    type Artifact = Vec<Literal>;
    type Error<'a> = SpannedDiagnostic<'a>;

    const NAME: &'static str = "interp";

    fn pipeline(&self) {}

    fn emit<'a>(&self, program: Self::Lowered<'a>, call: Call) -> Result<Vec<Literal>, Self::Error<'a>> {
        run(program, &call.function, call.arguments)
    }
}
