//! The model of a function's C interface, read from the function.

use dp_abi::{Argument, Extent, Function, Pullback, ResultExtent, Returned};
use dp_dialects::diagnostics::place;
use dp_dialects::ir::{Op, argument_name, result_name, signature, symbol_name};
use dp_dialects::marks::{KEPT, PULLS, TAPE};
use dp_dialects::{Diagnostic, Result, ScalarType, ValueType};
use melior::ir::Type;
use melior::ir::operation::OperationLike;

/// The arguments and results of a function; extents of results are computed unless their types are static.
pub(crate) fn describe(function: Op) -> Result<Function> {
    let malformed = || Diagnostic::internal("internal error: a function without a type");
    let (inputs, outputs) = signature(function).ok_or_else(malformed)?;
    let symbol = symbol_name(function).ok_or_else(malformed)?;
    let value_type = |r#type: &Type| {
        ValueType::of(*r#type).ok_or_else(|| {
            let message =
                format!("@{symbol} has an argument or result of type {type}, which the C interface does not support");
            Diagnostic::unsupported(message).help("make the function private, or use scalars and tensors")
        })
    };
    let mut arguments = Vec::new();
    for (index, r#type) in inputs.iter().enumerate() {
        let of = value_type(r#type)?;
        let shape =
            of.shape.map(|shape| shape.iter().map(|extent| extent.map_or(Extent::Dynamic, Extent::Static)).collect());
        let name = argument_name(function, index);
        arguments.push(Argument { name, number: of.dtype, shape });
    }
    let mut returned = Vec::new();
    for (index, r#type) in outputs.iter().enumerate() {
        let of = value_type(r#type)?;
        let extent = |extent: &Option<u64>| extent.map_or(ResultExtent::Computed, ResultExtent::Static);
        let shape = of.shape.map(|shape| shape.iter().map(extent).collect());
        let name = result_name(function, index);
        returned.push(Returned { name, number: of.dtype, shape });
    }
    let pullback = pullback(function).map_err(|()| malformed())?;
    Ok(Function {
        name: symbol.to_string(),
        location: place(function.location()).unwrap_or_default(),
        arguments,
        results: returned,
        workspace: false,
        pullback,
    })
}

/// Adds the tape of a function to its results, if it gives it to a handle: `guard-allocations` returns it.
pub(crate) fn add_tape(function: Op, model: &mut Function) {
    if let (Some(name), Some(Pullback::Vjp { .. })) = (TAPE.of(function), model.pullback) {
        model.results.push(Returned { name, number: ScalarType::I64, shape: None });
    }
}

/// The place of a function in a pullback, by the marks that `split-pullbacks` left.
fn pullback(function: Op) -> Result<Option<Pullback>, ()> {
    let count = |count: &i64| usize::try_from(*count).map_err(|_| ());
    match (KEPT.of(function).as_deref(), PULLS.of(function).as_deref()) {
        (None, None) => Ok(None),
        (Some([residuals]), None) => Ok(Some(Pullback::Vjp { residuals: count(residuals)? })),
        (None, Some([shapes, residuals, ..])) => {
            Ok(Some(Pullback::Pull { shapes: count(shapes)?, residuals: count(residuals)? }))
        }
        _ => Err(()),
    }
}
