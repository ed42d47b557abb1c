//! `promote-scalars`: keeps scalars that come from tensors on the device.

use dp_abi::Library;
use dp_dialects::MlirType;
use dp_dialects::ir::{
    Op, Val, ancestors, block_ops, context_of, defining_op, erase, functions, operands, region_block, replace_all_uses,
    result, signature, walk,
};
use dp_dialects::marks::NUMBERS;
use dp_dialects::{Builder, OpKind, Parameters, Result, ScalarType, ValueType};
use dp_loopnest::structured::set_attribute;
use dp_passes::symbols::public_functions;
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::attribute::TypeAttribute;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::FunctionType;
use melior::ir::{Type, ValueLike};

/// `promote-scalars`.
pub static PROMOTE_SCALARS: Pass = Pass {
    flag: "promote-scalars",
    summary: "compute with scalars from tensors as tensors of rank 0",
    description: "Takes functions on tensors, before `lower-array`. Scalar operations on values extracted from tensors \
        become operations on tensors of rank 0, so that the host waits for the device only where it needs a value \
        itself. Public functions return tensors of rank 0 in place of such scalars; the function attribute \
        `dp.numbers` lists them.",
    body: run,
};

/// Added to the position of a result that was an `index`.
const INDEX: i64 = 1 << 32;

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let mut found = Vec::new();
    walk(module, &mut |op| {
        let kind = OpKind::of(op).filter(|kind| kind.dialect() == "scalar" && *kind != OpKind::ScalarConstant);
        found.extend(kind.filter(|_| !is_in_body(op)).map(|kind| (kind, op)));
    });
    let reported = |op: Op, made: Result<()>| made.map_err(|diagnostic| diagnostic.report(op.location()));
    for (kind, op) in found {
        reported(op, compute_on_tensors(kind, op))?;
    }
    for function in public_functions(module) {
        reported(function, return_tensors(function))?;
    }
    Ok(())
}

/// Whether an operation is in the body of a tensor operation.
fn is_in_body(op: Op) -> bool {
    ancestors(op).any(|op| OpKind::of(op).is_some_and(|kind| kind.dialect() == "array"))
}

/// The `tensor.extract` behind a scalar.
fn extraction(value: Val<'_>) -> Option<Op<'_>> {
    defining_op(value).filter(|op| OpKind::of(*op) == Some(OpKind::TensorExtract))
}

/// A scalar as a tensor of rank 0.
fn tensor<'c>(b: &Builder<'c>, value: Val<'c>) -> Result<Val<'c>> {
    let r#type = ValueType::of_value(value)?;
    let to = ValueType::tensor(r#type.dtype, vec![]);
    if let Some(op) = extraction(value) {
        let of = operands(op);
        if of.len() == 1 {
            return Ok(of[0]);
        }
        let rank = of.len() - 1;
        let region = dp_loopnest::structured::Region {
            offsets: of[1..].iter().map(|at| dp_loopnest::structured::Index::Value(*at)).collect(),
            sizes: vec![dp_loopnest::structured::Index::Known(1); rank],
            strides: vec![1; rank],
        };
        return region.extract(b, of[0], &to);
    }
    b.broadcast(value, &[], &to, &[])
}

/// Computes on tensors if an operand is_extracted from one.
fn compute_on_tensors<'c>(kind: OpKind, op: Op<'c>) -> Result<()> {
    let of = operands(op);
    let to = ValueType::of_value(result(op))?;
    let is_index = |value: &Val<'c>| ScalarType::of(value.r#type()) == Some(ScalarType::Index);
    let is_extracted = of.iter().any(|value| extraction(*value).is_some());
    if to.is_tensor() || !is_extracted || of.iter().any(is_index) || is_index(&result(op)) {
        return Ok(());
    }
    let Some(parameters) = Parameters::of(kind, op) else { return Ok(()) };
    let b = Builder::before(op);
    let tensors = of.iter().map(|value| tensor(&b, *value)).collect::<Result<Vec<_>>>()?;
    let made = b.emit_typed(kind, &parameters, &tensors, &ValueType::tensor(to.dtype, vec![]))?;
    let number = b.named("tensor.extract", &[made], &[to.dtype.to_type(b.context())], &[], vec![])?;
    replace_all_uses(result(op), result(number));
    erase(op);
    Ok(())
}

/// Returns tensors of rank 0 instead of scalars.
fn return_tensors<'c>(function: Op<'c>) -> Result<()> {
    let context = context_of(function);
    let Some((inputs, _)) = signature(function) else { return Ok(()) };
    let last = region_block(function, 0).and_then(|block| block_ops(block).pop());
    let Some(last) = last.filter(|op| OpKind::of(*op) == Some(OpKind::FuncReturn)) else { return Ok(()) };
    let b = Builder::before(last);
    let mut numbers = Vec::new();
    let mut values = operands(last);
    for (index, value) in values.iter_mut().enumerate() {
        if ValueType::of(value.r#type()).is_some_and(|r#type| !r#type.is_tensor()) {
            let is_index = ScalarType::of(value.r#type()) == Some(ScalarType::Index);
            if is_index {
                // An i64 has the same size in memory.
                let i64 = ScalarType::I64.to_type(context);
                *value = b.named("arith.index_cast", &[*value], &[i64], &[], vec![]).map(result)?;
            }
            *value = tensor(&b, *value)?;
            numbers.push(index as i64 + if is_index { INDEX } else { 0 });
        }
    }
    b.named("func.return", &values, &[], &[], vec![])?;
    erase(last);
    let types: Vec<Type> = values.iter().map(|value| value.r#type()).collect();
    let r#type = FunctionType::new(context, &inputs, &types);
    set_attribute(function, "function_type", TypeAttribute::new(r#type.into()).into());
    NUMBERS.set(function, &numbers);
    Ok(())
}

/// Restores scalars in the library description.
///
/// # Errors
/// If the result is not a valid description.
pub fn restore(module: Op, library: &Library) -> Result<Library> {
    let functions = functions(module);
    let mut described = library.functions().to_vec();
    for model in &mut described {
        let function = functions.get(model.name.as_str());
        for number in function.and_then(|function| NUMBERS.of(*function)).into_iter().flatten() {
            let result = &mut model.results[(number % INDEX) as usize];
            result.shape = None;
            if number >= INDEX {
                result.number = dp_abi::ScalarType::Index;
            }
        }
    }
    Library::new(library.name(), described).map_err(|error| dp_dialects::Diagnostic::of(&error))
}
