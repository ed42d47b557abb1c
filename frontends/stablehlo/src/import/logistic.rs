//! The logistic function, which JAX writes as `1 / (1 + exp(-x))`: derivatives of one operation keep its result alone.

use super::Translated;
use super::site::Site;
use dp_dialects::ir::{Val, defining_op, operands};
use dp_dialects::{OpKind, Parameters};

/// Whether a value is the number 1, or has only ones.
fn is_one(value: Val) -> bool {
    let Some(op) = defining_op(value) else { return false };
    match OpKind::of(op) {
        Some(OpKind::ArrayBroadcast) => operands(op).first().is_some_and(|x| is_one(*x)),
        Some(kind @ (OpKind::ScalarConstant | OpKind::ArrayConstant)) => match Parameters::of(kind, op) {
            Some(Parameters::Constant(literal)) => literal.splat_value().is_some_and(|value| value.is(1.0)),
            _ => false,
        },
        Some(_) | None => false,
    }
}

/// The operands of an operation of some kind.
fn parts<'c>(value: Val<'c>, kind: OpKind) -> Option<Vec<Val<'c>>> {
    defining_op(value).filter(|op| OpKind::of(*op) == Some(kind)).map(operands)
}

/// The logistic function for a quotient that is one, of floats.
pub(super) fn quotient<'c>(site: &Site<'_, 'c>, above: Val<'c>, below: Val<'c>) -> Translated<'c, Option<Val<'c>>> {
    if !site.type_of(above)?.dtype.is_float() || !is_one(above) {
        return Ok(None);
    }
    let Some([a, b]) = parts(below, OpKind::ScalarAdd).and_then(|sum| <[Val; 2]>::try_from(sum).ok()) else {
        return Ok(None);
    };
    let exponential = match (is_one(a), is_one(b)) {
        (true, _) => b,
        (_, true) => a,
        (false, false) => return Ok(None),
    };
    let negated = parts(exponential, OpKind::ScalarExp).and_then(|exp| parts(exp[0], OpKind::ScalarNeg));
    negated.map(|x| site.scalar(OpKind::ScalarLogistic, &x)).transpose()
}
