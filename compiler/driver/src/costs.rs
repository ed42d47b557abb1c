//! `--print-costs` counts what the call of `--run` costs after simplification. If it calls a derivative, it also counts
//! the function of that derivative.

use super::call::Call;
use super::conversion;
use super::derivatives::Added;
use super::events::{Event, Events};
use super::failure::Failure;
use super::pipelines::{DIFFERENTIATE, SIMPLIFY, Settings};
use super::program::Program;
use dp_dialects::Literal;
use dp_dialects::ValueType;
use dp_dialects::ir::{functions, signature};
use dp_interp::Cost;
use dp_passes::manager;
use dp_runtime::Array;

/// Counts the costs of a call and sends them.
///
/// # Errors
/// If a step of a pipeline or the interpretation fails.
pub fn count(
    program: &Program,
    added: &[Added],
    call: &Call,
    settings: &Settings,
    events: &Events,
) -> Result<(), Failure> {
    let copy = program.copy();
    manager::run(DIFFERENTIATE, copy.module(), settings, &mut ())?;
    manager::run(SIMPLIFY, copy.module(), settings, &mut ())?;
    let cost = of_function(&copy, call.name(), call.arguments())?;
    let primal = added.iter().find(|added| added.name == call.name()).map(|added| &*added.of);
    let primal = match primal {
        // A derivative takes the arguments of its function first.
        Some(of) => Some((of, of_function(&copy, of, call.arguments())?)),
        None => None,
    };
    events.send(&Event::Counted { function: call.name(), cost, primal });
    Ok(())
}

fn of_function(program: &Program, function: &str, arguments: &[Array]) -> Result<Cost, Failure> {
    let op = functions(program.module()).get(function).copied();
    let inputs = op.and_then(signature).map(|(inputs, _)| inputs).unwrap_or_default();
    let literal = |(array, input): (&Array, _)| {
        conversion::literal(array, ValueType::of(input).is_some_and(|r#type| r#type.is_tensor()))
    };
    let arguments: Vec<Literal> = arguments.iter().zip(inputs).map(literal).collect();
    Ok(dp_interp::count(program.module(), function, arguments).map_err(|located| located.report())?)
}
