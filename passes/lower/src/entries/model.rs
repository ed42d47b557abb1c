//! The model of a function's C interface, read from the function.

use crate::checks::place;
use crate::structured::Made;
use dp_abi::{Argument, Extent, Function, Number, ResultExtent, Returned};
use dp_dialects::ir::{Op, parameter_attributes, signature, symbol_name};
use dp_dialects::{Complaint, DType, ValueType};
use melior::ir::attribute::StringAttribute;
use melior::ir::operation::OperationLike;
use melior::ir::{Attribute, AttributeLike, Type};

/// The type at the border.
pub(crate) fn number(dtype: DType) -> Number {
    match dtype {
        DType::F16 => Number::F16,
        DType::BF16 => Number::BF16,
        DType::F32 => Number::F32,
        DType::F64 => Number::F64,
        DType::C64 => Number::C32,
        DType::C128 => Number::C64,
        DType::I1 => Number::I1,
        DType::I8 => Number::I8,
        DType::I16 => Number::I16,
        DType::I32 => Number::I32,
        DType::I64 => Number::I64,
        DType::Index => Number::Index,
    }
}

/// The name that `dp.name` gives to an argument or result.
fn name(function: Op, which: &str, index: usize) -> Option<String> {
    let dictionary = parameter_attributes(function, which, index)?;
    // SAFETY: the dictionary is live; a missing attribute is null.
    let value = unsafe {
        let name = melior::StringRef::new("dp.name");
        Attribute::from_option_raw(mlir_sys::mlirDictionaryAttrGetElementByName(dictionary.to_raw(), name.to_raw()))
    }?;
    StringAttribute::try_from(value).ok().map(|name| name.value().to_string())
}

/// What a function takes and gives; extents of results are computed ones where
/// types do not say them.
pub(crate) fn describe(function: Op) -> Made<Function> {
    let malformed = || Complaint::new("internal error: a function without a type");
    let (inputs, outputs) = signature(function).ok_or_else(malformed)?;
    let symbol = symbol_name(function).ok_or_else(malformed)?;
    let list = |types: &[Type]| types.iter().map(Type::to_string).collect::<Vec<_>>().join(", ");
    let results = if outputs.len() == 1 { list(&outputs) } else { format!("({})", list(&outputs)) };
    let value_type = |r#type: &Type| {
        ValueType::of(*r#type).ok_or_else(|| {
            let what = format!("@{symbol} takes or gives a value of type {type}, which has no place in a C interface");
            Complaint::new(what).hint("make the function private, or pass numbers and tensors of them")
        })
    };
    let mut arguments = Vec::new();
    for (index, r#type) in inputs.iter().enumerate() {
        let of = value_type(r#type)?;
        let shape =
            of.shape.map(|shape| shape.iter().map(|extent| extent.map_or(Extent::Dynamic, Extent::Static)).collect());
        let name = name(function, "arg_attrs", index).unwrap_or_else(|| format!("a{index}"));
        arguments.push(Argument { name, number: number(of.dtype), shape });
    }
    let mut returned = Vec::new();
    for (index, r#type) in outputs.iter().enumerate() {
        let of = value_type(r#type)?;
        let extent = |extent: &Option<u64>| extent.map_or(ResultExtent::Computed, ResultExtent::Static);
        let shape = of.shape.map(|shape| shape.iter().map(extent).collect());
        let name = name(function, "res_attrs", index).unwrap_or_else(|| format!("r{index}"));
        returned.push(Returned { name, number: number(of.dtype), shape });
    }
    let location = place(function.location());
    Ok(Function {
        name: symbol.to_string(),
        signature: format!("func.func @{symbol}({}) -> {results}", list(&inputs)),
        location: location.trim_end_matches(": ").to_string(),
        arguments,
        results: returned,
    })
}
