//! `lower-function-values`: function values become numbers.
//!
//! The program is closed: a function value can only be one of the functions of its type whose value is taken somewhere. So
//! a value is the number of a function, and an indirect call chooses between direct calls (defunctionalization, Reynolds
//! 1972). Later passes, derivatives included, see only indices, branches and calls.

use crate::numbers::{Numbered, choose, replace};
use crate::raise::checks::{Index, compare, require};
use crate::{ErrorGuaranteed, NoOptions, Pass};
use dp_dialects::ir::{
    Op, Val, ancestors, body_ops, functions, operands, results, signature, symbol_attribute, symbol_name, walk,
};
use dp_dialects::{Builder, Diagnostic, OpKind, Result};
use melior::ir::operation::OperationLike;
use melior::ir::{Type, TypeLike, ValueLike};

/// The pass.
pub static LOWER_FUNCTION_VALUES: Pass = Pass {
    flag: "lower-function-values",
    summary: "represent function values by numbers",
    description: "Takes any module. `func.constant` becomes the number of its function, among those whose value is taken; \
        `func.call_indirect` becomes an `scf.index_switch` between calls of those that have the type. Where the program has \
        poison of a function type, a call of it is a run-time error. Values of function \
        types become indices: arguments and results of private functions, values that branches and loops yield, block \
        arguments. A public function with an argument or a result of a function type is an error.",
    body: run,
};

/// The operations that make and call function values.
pub const FUNCTION_VALUES: &[&str] = &[CONSTANT, CALL_INDIRECT];

const CONSTANT: &str = "func.constant";
const CALL_INDIRECT: &str = "func.call_indirect";
const POISON: &str = "ub.poison";

/// The number of poison, which is no function's.
const NO_FUNCTION: i64 = -1;

fn is_named(op: Op, name: &str) -> bool {
    op.name().as_string_ref().as_str() == Ok(name)
}

/// Whether an operation makes, calls or takes a function value.
pub fn has_function_values(op: Op) -> bool {
    is_named(op, CONSTANT) || is_named(op, CALL_INDIRECT) || operands(op).iter().any(is_function)
}

const VALUES: Numbered = Numbered {
    is: |r#type| r#type.is_function(),
    message: "a public function takes or returns a function, which has no form in the C interface",
    help: "make it private, or take an index and choose a function by 'scf.index_switch'",
};

fn is_function(value: &Val) -> bool {
    (VALUES.is)(value.r#type())
}

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let (mut constants, mut poison, mut calls, mut others) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    walk(module, &mut |op| match op {
        op if is_named(op, CONSTANT) => constants.push(op),
        op if is_named(op, POISON) && results(op).iter().any(is_function) => poison.push(op),
        op if is_named(op, CALL_INDIRECT) => calls.push(op),
        op => others.push(op),
    });
    for function in others.iter().filter(|op| OpKind::of(**op) == Some(OpKind::FuncFunc)) {
        VALUES.check(*function).map_err(|diagnostic| diagnostic.report(function.location()))?;
    }
    let defined = functions(module);
    let mut taken: Vec<&str> = constants.iter().filter_map(|op| symbol_attribute(*op, "value")).collect();
    let names: Vec<&str> = body_ops(module).into_iter().filter_map(symbol_name).collect();
    taken.sort_by_key(|name| names.iter().position(|other| other == name));
    taken.dedup();
    let candidates: Vec<Candidate> = taken
        .iter()
        .enumerate()
        .filter_map(|(number, name)| Some(Candidate { number: number as i64, name, function: *defined.get(name)? }))
        .collect();

    let at = |op: Op<'c>, diagnostic: Diagnostic| diagnostic.report(op.location());
    for op in constants {
        let candidate = symbol_attribute(op, "value").and_then(|name| candidates.iter().find(|x| x.name == name));
        let missing = || Diagnostic::internal("internal error: the value of a function that is not there");
        let number = candidate.ok_or_else(missing).and_then(|candidate| Builder::before(op).index(candidate.number));
        let number = number.map_err(|diagnostic| at(op, diagnostic))?;
        replace(op, &[number]);
    }
    let may_be_poison = !poison.is_empty();
    for op in poison {
        let number = Builder::before(op).index(NO_FUNCTION).map_err(|diagnostic| at(op, diagnostic))?;
        replace(op, &[number]);
    }
    for op in calls {
        let checked = if may_be_poison { require_function(op) } else { Ok(()) };
        let made = checked.and_then(|()| call_one(op, &candidates)).map_err(|diagnostic| at(op, diagnostic))?;
        replace(op, &made);
    }
    others.into_iter().for_each(|op| VALUES.retype(op));
    Ok(())
}

/// A function whose value is taken.
struct Candidate<'c> {
    number: i64,
    name: &'c str,
    function: Op<'c>,
}

/// Asserts that the callee is not poison.
fn require_function(op: Op) -> Result<()> {
    let what = "the callee of 'func.call_indirect' is poison: no function was chosen";
    let is_element = ancestors(op).any(|op| OpKind::of(op).is_some_and(|kind| kind.dialect() == "array"));
    let Some(callee) = operands(op).first().copied().filter(|_| !is_element) else {
        let message =
            "'func.call_indirect' cannot check, in the body of a tensor operation, that its callee is not poison";
        return Err(Diagnostic::unsupported(message).help("choose a function in each case, in place of 'ub.poison'"));
    };
    let b = Builder::before(op);
    let is_function = compare(b, Index::Unequal, callee, b.index(NO_FUNCTION)?)?;
    require(b, is_function, what)
}

/// The direct calls that an indirect one chooses from.
fn call_one<'c>(op: Op<'c>, candidates: &[Candidate<'c>]) -> Result<Vec<Val<'c>>> {
    let b = Builder::before(op);
    let context = b.context();
    let (all, outputs) = (operands(op), results(op));
    let (callee, arguments) = all.split_first().ok_or_else(|| Diagnostic::invalid("needs a callee"))?;
    let types = |values: &[Val<'c>]| -> Vec<Type<'c>> {
        VALUES.lowered(context, values.iter().map(|value| value.r#type()).collect())
    };
    let (takes, gives) = (types(arguments), types(&outputs));
    let fits = |candidate: &&Candidate<'c>| {
        signature(candidate.function).is_some_and(|(inputs, outputs)| {
            VALUES.lowered(context, inputs) == takes && VALUES.lowered(context, outputs) == gives
        })
    };
    let fitting: Vec<(i64, &str)> =
        candidates.iter().filter(fits).map(|candidate| (candidate.number, candidate.name)).collect();
    if fitting.is_empty() {
        let message = "no function of this type is a value in this program";
        return Err(Diagnostic::invalid(message).help("take the value of a function with 'func.constant'"));
    }
    choose(b, *callee, &fitting, arguments, &gives)
}
