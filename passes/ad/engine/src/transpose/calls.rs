//! Calls in linear regions: a function that is linear in an argument has a transpose.

use super::Transposer;
use crate::construct::types;
use dp_dialects::ir::{Op, Val, operands, results, symbol_attribute};
use dp_dialects::{Builder, OpKind, Parameters, Result, ValueType};
use melior::ir::attribute::{Attribute, FlatSymbolRefAttribute};
use melior::ir::operation::OperationLike;
use melior::ir::{Location, Type};

/// Where an extent of a result of a call comes from.
pub enum Told<'c> {
    /// It is this operand.
    By(Val<'c>),
    /// It is an extent of this operand.
    Of(Val<'c>, usize),
}

/// The transposes of functions.
pub trait FunctionTransposes<'c> {
    /// The arguments in which a function is linear, if that is known from what it was made for.
    fn linear_arguments(&self, name: &str) -> Option<Vec<bool>>;

    /// What tells an extent of a result of a call with these operands, if that is known.
    fn extent(&self, name: &str, given: &[Val<'c>], result: usize, dim: usize) -> Option<Told<'c>>;

    /// The name of the function that takes the arguments in which `name` is not linear, then cotangents of its results,
    /// and returns cotangents of the other arguments.
    ///
    /// # Errors
    /// If the function has no body.
    fn of_function(&self, name: &str, linear: &[bool], location: Location<'c>) -> Result<String>;
}

/// A call of a function with results of the given types.
pub fn call<'c>(b: Builder<'c>, name: &str, given: &[Val<'c>], outputs: &[Type<'c>]) -> Result<Vec<Val<'c>>> {
    let callee: Attribute = FlatSymbolRefAttribute::new(b.context(), name).into();
    b.op(OpKind::FuncCall, given, outputs, &[("callee", callee)], vec![]).map(results)
}

/// Transposes the call of a function that is linear in the operands that are.
///
/// # Errors
/// If an operation cannot be created.
pub fn transpose<'c>(t: &mut Transposer<'c>, op: Op<'c>, cotangents: &[Option<Val<'c>>]) -> Result<()> {
    let builder = t.at(op);
    let name = symbol_attribute(op, "callee").unwrap_or_default();
    let (mut given, mut along) = (Vec::new(), Vec::new());
    let is_linear = || operands(op).into_iter().map(|operand| t.is_linear(operand)).collect();
    // A tangent that is zero everywhere may not be linear, but the function is linear in it.
    let linear: Vec<bool> = t.transposes().linear_arguments(name).unwrap_or_else(is_linear);
    for (operand, is_linear) in operands(op).into_iter().zip(&linear) {
        match is_linear {
            true => along.push(operand),
            false => given.push(t.residual(operand)?),
        }
    }
    for (result, cotangent) in results(op).into_iter().zip(cotangents) {
        given.push(match cotangent {
            Some(cotangent) => *cotangent,
            None => t.zero_of(builder, result)?,
        });
    }
    let transpose = t.transposes().of_function(name, &linear, op.location())?;
    for (operand, share) in along.iter().zip(call(builder, &transpose, &given, &types(&along))?) {
        if t.is_linear(*operand) {
            let share = shaped(t, builder, share, *operand)?;
            t.accumulate(*operand, share)?;
        }
    }
    Ok(())
}

/// The cotangent of a linear value, with the value's extents. The types of a function's results do not show them.
fn shaped<'c>(t: &mut Transposer<'c>, b: Builder<'c>, cotangent: Val<'c>, of: Val<'c>) -> Result<Val<'c>> {
    let extents = t.extents_of(b, of)?;
    with_extents(b, cotangent, &extents)
}

/// A tensor, as one with these dynamic extents.
pub fn with_extents<'c>(b: Builder<'c>, x: Val<'c>, extents: &[Val<'c>]) -> Result<Val<'c>> {
    if extents.is_empty() {
        return Ok(x);
    }
    let arguments: Vec<Val> = std::iter::once(x).chain(extents.iter().copied()).collect();
    b.emit_typed(OpKind::ArrayReshape, &Parameters::None, &arguments, &ValueType::of_value(x)?)
}
