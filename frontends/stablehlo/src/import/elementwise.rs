//! Elementwise operations. Most have one counterpart in `scalar`, by the same table as the export.

use super::site::Site;
use super::{Translated, attributes, bits, logistic, name_of};
use crate::table::{Counterpart, row};
use dp_dialects::attributes::Predicate;
use dp_dialects::ir::{Val, defining_op, operands};
use dp_dialects::{Diagnostic, Literal, Number, OpKind, Parameters, ScalarType};
use melior::ir::operation::OperationLike;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The counterparts of an operation: on floats, complex numbers and signed integers, and on unsigned integers.
#[derive(Clone, Copy, Default)]
struct Kinds {
    signed: Option<OpKind>,
    unsigned: Option<OpKind>,
}

/// The operations with one counterpart, by full name: the rows of the table, read from right to left.
static PLAIN: LazyLock<HashMap<String, Kinds>> = LazyLock::new(|| {
    let mut kinds: HashMap<String, Kinds> = HashMap::new();
    for kind in OpKind::ALL {
        for dtype in [ScalarType::F64, ScalarType::I32] {
            let Some(row) = row(*kind, dtype) else { continue };
            match row {
                Counterpart::Same(name) | Counterpart::Other(name) => {
                    kinds.entry(format!("stablehlo.{name}")).or_default().signed.get_or_insert(*kind);
                }
                Counterpart::Unsigned(name) => {
                    kinds.entry(format!("stablehlo.{name}")).or_default().unsigned.get_or_insert(*kind);
                }
                Counterpart::Written(stem) => {
                    let dialect = if matches!(stem, "atan2" | "cbrt") { "stablehlo" } else { "chlo" };
                    kinds.entry(format!("{dialect}.{stem}")).or_default().signed.get_or_insert(*kind);
                }
                Counterpart::Conjugate => {
                    kinds.entry("chlo.conj".into()).or_default().signed.get_or_insert(*kind);
                }
                Counterpart::CopySign
                | Counterpart::Fused
                | Counterpart::IsNan
                | Counterpart::Bits
                | Counterpart::Precision => {}
            }
        }
    }
    // Those with handlers of their own, and functions that `chlo` lacks.
    for other in ["stablehlo.real", "stablehlo.imag"] {
        kinds.remove(other);
    }
    kinds.entry("chlo.tan".into()).or_default().signed = Some(OpKind::ScalarTan);
    for lacking in ["polygamma", "pow", "exp2", "log2", "log10", "hypot"] {
        kinds.remove(&format!("chlo.{lacking}"));
    }
    kinds
});

/// Whether an operation has one counterpart.
pub(super) fn is_plain(name: &str) -> bool {
    PLAIN.contains_key(name)
}

/// Their names.
pub(super) fn plain_names() -> impl Iterator<Item = String> {
    PLAIN.keys().cloned()
}

/// The counterpart of a function of one real argument, such as `erf`, by its name in `chlo` or StableHLO.
pub(super) fn function_of(name: &str) -> Option<OpKind> {
    let kinds = ["chlo", "stablehlo"].iter().find_map(|dialect| PLAIN.get(&format!("{dialect}.{name}")));
    kinds.and_then(|kinds| kinds.signed)
}

/// An operation with one counterpart.
pub(super) fn plain<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    applied(site, &name_of(site.op), &site.operands()?)
}

/// The operation of a name, applied to operands of one shape.
pub(super) fn applied<'c>(site: &Site<'_, 'c>, name: &str, operands: &[Val<'c>]) -> Translated<'c, Vec<Val<'c>>> {
    let kinds = PLAIN.get(name).copied().unwrap_or_default();
    let dtype = site.type_of(site.operand(0)?)?.dtype;
    let is_unsigned = site.is_unsigned(0)?;
    let kind = match name {
        // On booleans, arithmetic is logic.
        "stablehlo.add" | "stablehlo.maximum" if dtype == ScalarType::I1 => Some(OpKind::ScalarOr),
        "stablehlo.multiply" | "stablehlo.minimum" if dtype == ScalarType::I1 => Some(OpKind::ScalarAnd),
        "stablehlo.power" if is_unsigned => None,
        // The shifts say whether they keep the sign.
        _ if is_unsigned => kinds.unsigned.or(kinds.signed),
        _ => kinds.signed,
    };
    let kind = kind.ok_or_else(|| Diagnostic::unsupported(format!("'{name}' takes no operands of this type")))?;
    if let (OpKind::ScalarDiv, [above, below]) = (kind, operands)
        && let Some(y) = logistic::quotient(site, *above, *below)?
    {
        return Ok(vec![y]);
    }
    Ok(vec![site.scalar(kind, operands)?])
}

/// `compare`. Booleans are compared as unsigned integers.
pub(super) fn compare<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    compared(site, site.operands()?)
}

/// The comparison of operands of one shape.
pub(super) fn compared<'c>(site: &Site<'_, 'c>, operands: Vec<Val<'c>>) -> Translated<'c, Vec<Val<'c>>> {
    let direction = attributes::keyword(site.op, "comparison_direction");
    let direction = direction.ok_or_else(|| Diagnostic::invalid("has no comparison direction"))?;
    let is_float = site.type_of(operands[0])?.dtype.is_float();
    let is_total = is_float && attributes::keyword(site.op, "compare_type") == Some("TOTALORDER");
    let operands = match is_total {
        true => operands.into_iter().map(|x| bits::rank(site, x)).collect::<Translated<'c, Vec<_>>>()?,
        false => operands,
    };
    // Booleans in the order false, true.
    let is_boolean = site.type_of(operands[0])?.dtype == ScalarType::I1 && !matches!(direction, "EQ" | "NE");
    let operands = match is_boolean {
        true => {
            operands.into_iter().map(|x| site.convert(x, ScalarType::I32, true)).collect::<Translated<'c, Vec<_>>>()?
        }
        false => operands,
    };
    let predicate = predicate(direction, site.is_unsigned(0)?);
    let predicate = predicate.ok_or_else(|| Diagnostic::invalid(format!("'{direction}' is no direction")))?;
    Ok(vec![site.emit(OpKind::ScalarCompare, &Parameters::Compare(predicate), &operands)?])
}

fn predicate(direction: &str, is_unsigned: bool) -> Option<Predicate> {
    Some(match (direction, is_unsigned) {
        ("EQ", _) => Predicate::Eq,
        ("NE", _) => Predicate::Ne,
        ("LT", false) => Predicate::Lt,
        ("LE", false) => Predicate::Le,
        ("GT", false) => Predicate::Gt,
        ("GE", false) => Predicate::Ge,
        ("LT", true) => Predicate::Ult,
        ("LE", true) => Predicate::Ule,
        ("GT", true) => Predicate::Ugt,
        ("GE", true) => Predicate::Uge,
        _ => return None,
    })
}

/// `select`, whose condition may be one boolean for all elements.
pub(super) fn select<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (condition, a, b) = (site.operand(0)?, site.operand(1)?, site.operand(2)?);
    let condition = site.spread(condition, a)?;
    Ok(vec![site.scalar(OpKind::ScalarSelect, &[condition, a, b])?])
}

/// `clamp`: the minimum of `high` and the maximum of `low` and `x`.
pub(super) fn clamp<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let x = site.operand(1)?;
    let (low, high) = (site.spread(site.operand(0)?, x)?, site.spread(site.operand(2)?, x)?);
    let (max, min) = match site.is_unsigned(1)? {
        true => (OpKind::ScalarUmax, OpKind::ScalarUmin),
        false => (OpKind::ScalarMax, OpKind::ScalarMin),
    };
    let above = site.scalar(max, &[low, x])?;
    Ok(vec![site.scalar(min, &[above, high])?])
}

/// `convert`. A complex number loses its imaginary part in a real type.
pub(super) fn convert<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (x, to) = (site.operand(0)?, site.result(0)?.dtype);
    // An extent is converted from an `index` at once, so that it is one again where it is used as one.
    if let Some(extent) = site.converted_extent()? {
        return site.extent_as_integer(extent);
    }
    let from = site.type_of(x)?.dtype;
    let real = from.is_complex() && !to.is_complex();
    let x = if real { site.scalar(OpKind::ScalarReal, &[x])? } else { x };
    let from = site.type_of(x)?.dtype;
    let is_integer = |dtype: ScalarType| !dtype.is_float() && !dtype.is_complex();
    let unsigned = match is_integer(from) {
        true => site.is_unsigned(0)? && from != ScalarType::I1,
        false => is_integer(to) && super::types::is_unsigned(site.op_result_type(0)?) && to != ScalarType::I1,
    };
    Ok(vec![site.convert(x, to, unsigned)?])
}

/// `round_nearest_afz`: ⌊|x|⌋, and one more if the rest is at least a half, with the sign of `x`.
pub(super) fn round_away<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let x = site.operand(0)?;
    let dtype = site.type_of(x)?.dtype;
    let splat = |value: f64| site.spread(site.number(value, dtype)?, x);
    let magnitude = site.scalar(OpKind::ScalarAbs, &[x])?;
    let whole = site.scalar(OpKind::ScalarFloor, &[magnitude])?;
    let rest = site.scalar(OpKind::ScalarSub, &[magnitude, whole])?;
    let is_up = site.emit(OpKind::ScalarCompare, &Parameters::Compare(Predicate::Ge), &[rest, splat(0.5)?])?;
    let above = site.scalar(OpKind::ScalarAdd, &[whole, splat(1.0)?])?;
    let rounded = site.scalar(OpKind::ScalarSelect, &[is_up, above, whole])?;
    Ok(vec![site.scalar(OpKind::ScalarCopysign, &[rounded, x])?])
}

/// `real` and `imag`, which take real numbers too.
pub(super) fn part<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let x = site.operand(0)?;
    let dtype = site.type_of(x)?.dtype;
    let is_real = name_of(site.op) == "stablehlo.real";
    Ok(vec![match (dtype.is_complex(), is_real) {
        (true, true) => site.scalar(OpKind::ScalarReal, &[x])?,
        (true, false) => site.scalar(OpKind::ScalarImag, &[x])?,
        (false, true) => x,
        (false, false) => site.spread(site.number(0.0, dtype)?, x)?,
    }])
}

/// `complex`.
pub(super) fn complex<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    Ok(vec![site.scalar(OpKind::ScalarComplex, &site.operands()?)?])
}

/// `chlo.square`.
pub(super) fn square<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let x = site.operand(0)?;
    Ok(vec![site.scalar(OpKind::ScalarMul, &[x, x])?])
}

/// `chlo.polygamma`, whose order is a constant, the same for all elements.
pub(super) fn polygamma<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let order = uniform(site.source(0)?).map(|order| order.re());
    let order = order.filter(|order| order.fract() == 0.0 && (0.0..1e6).contains(order)).ok_or_else(|| {
        let diagnostic = Diagnostic::unsupported("an order that is not a constant natural number is not supported");
        diagnostic.help("take one order for all elements")
    })?;
    Ok(vec![site.emit(OpKind::ScalarPolygamma, &Parameters::Order(order as i64), &[site.operand(1)?])?])
}

/// The value of all elements of a value of the source, if they are one constant.
fn uniform(value: Val) -> Option<Number> {
    let op = defining_op(value)?;
    match name_of(op).as_str() {
        "stablehlo.constant" | "chlo.constant" => Literal::of(op.attribute("value").ok()?)?.splat_value(),
        "stablehlo.broadcast_in_dim" | "stablehlo.dynamic_broadcast_in_dim" | "stablehlo.reshape" => {
            uniform(operands(op).first().copied()?)
        }
        _ => None,
    }
}
