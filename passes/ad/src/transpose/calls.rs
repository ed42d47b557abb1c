//! Calls in linear regions: a function that is linear in an argument has a transpose.

use super::Transposer;
use crate::regions::types;
use dp_dialects::ir::{Op, Val, operands, results, symbol_attribute};
use dp_dialects::{Builder, OpKind, Result};
use melior::ir::attribute::{Attribute, FlatSymbolRefAttribute};
use melior::ir::operation::OperationLike;
use melior::ir::{Location, Type};

/// The transposes of functions.
pub trait FunctionTransposes<'c> {
    /// The name of the function that takes the arguments in which `name` is not linear, then cotangents of its results,
    /// and returns cotangents of the other arguments.
    ///
    /// # Errors
    /// If the function has no body.
    fn of_function(&self, name: &str, linear: &[bool], location: Location<'c>) -> Result<String>;
}

/// A call of a function with results of the given types.
pub(crate) fn call<'c>(b: Builder<'c>, name: &str, given: &[Val<'c>], outputs: &[Type<'c>]) -> Result<Vec<Val<'c>>> {
    let callee: Attribute = FlatSymbolRefAttribute::new(b.context(), name).into();
    b.op(OpKind::FuncCall, given, outputs, &[("callee", callee)], vec![]).map(results)
}

/// Transposes the call of a function that is linear in the operands that are.
///
/// # Errors
/// If an operation cannot be created.
pub(crate) fn transpose<'c>(t: &mut Transposer<'c>, op: Op<'c>, cotangents: &[Option<Val<'c>>]) -> Result<()> {
    let builder = t.at(op);
    let name = symbol_attribute(op, "callee").unwrap_or_default();
    let (mut given, mut along, mut linear) = (Vec::new(), Vec::new(), Vec::new());
    for operand in operands(op) {
        linear.push(t.is_linear(operand));
        match t.is_linear(operand) {
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
        t.accumulate(*operand, share)?;
    }
    Ok(())
}
