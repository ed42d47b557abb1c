//! Tuples, tokens and vectors of `index`, which have no translation: elements are looked up where they were put in, and
//! tokens order nothing, since what they order is not read.

use super::site::Site;
use super::{Translated, name_of};
use dp_dialects::Diagnostic;
use dp_dialects::ir::{Val, defining_op, i64_attribute, operands};
use melior::ir::TypeLike;
use melior::ir::ValueLike;

/// Whether a value of the source is a tuple, a token, or a vector of `index`.
pub(super) fn is_untranslated(value: Val) -> bool {
    let raw = value.r#type().to_raw();
    // SAFETY: the type is live, and a tensor where its element type is read.
    let is_known = unsafe {
        let is_tensor = mlir_sys::mlirTypeIsARankedTensor(raw);
        mlir_sys::mlirTypeIsATuple(raw)
            || (is_tensor && mlir_sys::mlirTypeIsAIndex(mlir_sys::mlirShapedTypeGetElementType(raw)))
    };
    is_known || value.r#type().to_string() == TOKEN
}

/// The type of tokens.
const TOKEN: &str = "!stablehlo.token";

/// Operations whose results are looked up, such as `tuple`, or order nothing, such as `create_token`.
pub(super) fn nothing<'c>(_: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    Ok(Vec::new())
}

/// `get_tuple_element`.
pub(super) fn element<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let result = dp_dialects::ir::result(site.op);
    if is_untranslated(result) {
        return Ok(Vec::new());
    }
    let from = origin(result).ok_or_else(|| {
        let diagnostic = Diagnostic::unsupported("an element of a tuple that this function does not make");
        diagnostic.help("pass and return tensors, not tuples")
    })?;
    Ok(vec![site.import.value(from)?])
}

/// The value that was put into a tuple, if the value is an element of one.
fn origin(value: Val<'_>) -> Option<Val<'_>> {
    let Some(op) = defining_op(value).filter(|op| name_of(*op) == "stablehlo.get_tuple_element") else {
        return Some(value);
    };
    let tuple = defining_op(origin(operands(op).first().copied()?)?)?;
    let place = usize::try_from(i64_attribute(op, "index")?).ok()?;
    let put = (name_of(tuple) == "stablehlo.tuple").then(|| operands(tuple).get(place).copied())??;
    origin(put)
}

/// `optimization_barrier`.
pub(super) fn pass_through<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let passed = operands(site.op).into_iter().filter(|operand| !is_untranslated(*operand));
    passed.map(|operand| site.import.value(operand)).collect()
}
