//! Functions: names, types, and names of parameters.

use super::attributes::{string_attribute, text, text_of};
use super::{Op, body_ops, region_block};
use crate::marks::{MarkValue, NAME, RANGE, Range, SHARDING};
use melior::ir::attribute::{ArrayAttribute, FlatSymbolRefAttribute, TypeAttribute};
use melior::ir::operation::OperationLike;
use melior::ir::r#type::FunctionType;
use melior::ir::{Attribute, AttributeLike, Type, TypeLike};
use std::collections::HashMap;

/// The symbol that an attribute refers to.
pub fn symbol_attribute<'c>(op: Op<'c>, name: &str) -> Option<&'c str> {
    let symbol = FlatSymbolRefAttribute::try_from(op.attribute(name).ok()?).ok()?;
    // SAFETY: the attribute is live and of this kind; its text lives as long as the context.
    unsafe { text_of(mlir_sys::mlirFlatSymbolRefAttrGetValue(symbol.to_raw())) }
}

/// The name of a symbol, such as a function.
pub fn symbol_name<'c>(op: Op<'c>) -> Option<&'c str> {
    string_attribute(op, "sym_name")
}

/// Whether a function has no body.
pub fn is_declaration(function: Op) -> bool {
    region_block(function, 0).is_none()
}

/// The types of a function's arguments and results.
pub fn signature<'c>(function: Op<'c>) -> Option<(Vec<Type<'c>>, Vec<Type<'c>>)> {
    let attribute = TypeAttribute::try_from(function.attribute("function_type").ok()?).ok()?;
    Some(signature_of(FunctionType::try_from(attribute.value()).ok()?))
}

/// The inputs and results of a function type.
pub fn signature_of<'c>(function: FunctionType<'c>) -> (Vec<Type<'c>>, Vec<Type<'c>>) {
    (
        (0..function.input_count()).filter_map(|index| function.input(index).ok()).collect(),
        (0..function.result_count()).filter_map(|index| function.result(index).ok()).collect(),
    )
}

/// The signature of a pullback type, `!ad.pullback<…>`; `None` for another type.
pub fn pullback_signature<'c>(r#type: Type<'c>) -> Option<(Vec<Type<'c>>, Vec<Type<'c>>)> {
    // SAFETY: the type is live; the returned type is live unless null.
    let signature = unsafe {
        let raw = crate::shim::dpPullbackSignature(r#type.to_raw());
        if raw.ptr.is_null() {
            return None;
        }
        Type::from_raw(raw)
    };
    FunctionType::try_from(signature).ok().map(signature_of)
}

/// The functions of a module, by name.
pub fn functions<'c>(module: Op<'c>) -> HashMap<&'c str, Op<'c>> {
    body_ops(module).into_iter().filter_map(|op| Some((symbol_name(op)?, op))).collect()
}

/// The attribute dictionary of a function's argument or result: `which` is `arg_attrs` or `res_attrs`.
pub fn parameter_attributes<'c>(function: Op<'c>, which: &str, index: usize) -> Option<Attribute<'c>> {
    ArrayAttribute::try_from(function.attribute(which).ok()?).ok()?.element(index).ok()
}

/// An attribute of a function's argument (`arg_attrs`) or result (`res_attrs`).
pub fn parameter_attribute<'c>(function: Op<'c>, which: &str, index: usize, name: &str) -> Option<Attribute<'c>> {
    let (dictionary, name) = (parameter_attributes(function, which, index)?, melior::StringRef::new(name));
    // SAFETY: the dictionary is live; a missing attribute is null.
    unsafe {
        Attribute::from_option_raw(mlir_sys::mlirDictionaryAttrGetElementByName(dictionary.to_raw(), name.to_raw()))
    }
}

/// The attribute `dp.name` of a function's argument (`arg_attrs`) or result (`res_attrs`).
fn given_name<'c>(function: Op<'c>, which: &str, index: usize) -> Option<&'c str> {
    text(parameter_attribute(function, which, index, NAME.name)?)
}

/// The range that the attribute `dp.range` gives to a function's argument.
pub fn argument_range(function: Op, index: usize) -> Option<Range> {
    Range::read(parameter_attribute(function, "arg_attrs", index, RANGE.name)?)
}

/// How a function's argument (`arg_attrs`) or result (`res_attrs`) is spread over devices: its attribute `dp.sharding`.
pub fn sharding<'c>(function: Op<'c>, which: &str, index: usize) -> Option<&'c str> {
    text(parameter_attribute(function, which, index, SHARDING.name)?)
}

/// The name of a function's argument: `dp.name`, or the default name in the C interface.
pub fn argument_name(function: Op, index: usize) -> String {
    given_name(function, "arg_attrs", index).map_or_else(|| format!("a{index}"), str::to_owned)
}

/// The name of a function's result: `dp.name`, or the default name in the C interface.
pub fn result_name(function: Op, index: usize) -> String {
    given_name(function, "res_attrs", index).map_or_else(|| format!("r{index}"), str::to_owned)
}
