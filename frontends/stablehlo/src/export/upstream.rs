//! Upstream operations on scalars and indices, and on single elements of tensors.

use super::elementwise::{bits, compare, compare_as, complex, convert, select, unsigned};
use super::emitter::{Emitter, ExportSite, unsupported};
use super::shapes::{broadcast_to, reshape};
use super::status;
use super::text::{Tensor, Term, list};
use crate::table::{UPSTREAM, Upstream, float_direction};
use dp_dialects::MlirType;
use dp_dialects::attributes::Predicate;
use dp_dialects::ir::{Op, Val, defining_op, i64_attribute, operands, results};
use dp_dialects::{Diagnostic, Literal, Number, OpKind, ScalarType, SpannedDiagnostic};
use melior::ir::attribute::ArrayAttribute;
use melior::ir::operation::OperationLike;
use melior::ir::{Attribute, ValueLike};
use num_complex::Complex64;

/// An operation of `arith` or `math`.
pub(super) fn operation<'c>(e: &mut Emitter<'c>, op: Op<'c>) -> Result<Term, SpannedDiagnostic<'c>> {
    let name = op.name();
    let name = name.as_string_ref().as_str().unwrap_or("?");
    let Some(result) = results(op).first().copied() else { return Err(unsupported(op)) };
    if name == OpKind::ArithConstant.name() || name == "complex.constant" {
        let literal = op.attribute("value").ok().and_then(|value| number(value, result));
        let literal = literal.ok_or_else(|| unsupported(op))?;
        return Ok(e.literal(&literal));
    }
    let Some((_, row)) = UPSTREAM.iter().find(|(known, _)| *known == name) else { return Err(unsupported(op)) };
    let mut terms = Vec::new();
    for operand in operands(op) {
        terms.push(e.term(op, operand)?);
    }
    let result = e.tensor(op, result)?;
    let terms: Vec<&Term> = terms.iter().collect();
    let predicate = || i64_attribute(op, "predicate").unwrap_or(-1);
    Ok(match (row, &terms[..]) {
        (Upstream::Same(name), _) => e.w.same(name, &terms),
        (Upstream::Quotient(name), [x, y]) => {
            quotient(e, op, [x, y])?;
            e.w.same(name, &terms)
        }
        (Upstream::Unsigned(name), _) => unsigned(e, name, &terms),
        (Upstream::Convert, [x]) if x.r#type.element.to_string() == result.element.to_string() => (*x).clone(),
        (Upstream::Convert, [x]) => e.w.op("convert", &[x], "", result),
        (Upstream::ConvertUnsigned, [x]) => convert(e, x, result.dtype(), true),
        (Upstream::Bits, [x]) => bits(e, x, result),
        (Upstream::MultiplyAdd, [a, b, c]) => {
            let product = e.w.same("multiply", &[a, b]);
            let sum = e.w.same("add", &[&product, c]);
            if rounds(op) { e.w.same("optimization_barrier", &[&sum]) } else { sum }
        }
        (Upstream::Other(name), _) => e.w.op(name, &terms, "", result),
        (Upstream::Complex, [re, im]) => complex(e, re, im),
        (Upstream::CopySign, [x, sign]) => copy_sign(e, x, sign),
        (Upstream::CompareFloats, [a, b]) => match (predicate(), float_direction(predicate())) {
            (_, Some(direction)) => compare_as(e, direction, a, b),
            // Unequal, and neither is NaN.
            (6, None) => {
                let (less, greater) = (compare_as(e, "LT", a, b), compare_as(e, "GT", a, b));
                e.w.same("or", &[&less, &greater])
            }
            // Either is NaN.
            (14, None) => {
                let (a, b) = (compare_as(e, "NE", a, a), compare_as(e, "NE", b, b));
                e.w.same("or", &[&a, &b])
            }
            _ => return Err(unsupported(op)),
        },
        // Predicates are encoded as in `scalar.compare`.
        (Upstream::CompareIntegers, [a, b]) => {
            let predicate = usize::try_from(predicate()).ok().and_then(|case| Predicate::ALL.get(case));
            compare(e, *predicate.ok_or_else(|| unsupported(op))?, a, b)
        }
        (Upstream::Select, [p, a, b]) if p.r#type.shape == a.r#type.shape => select(e, p, a, b),
        (Upstream::Select, [p, a, b]) => {
            let everywhere = broadcast_to(e, p, &[], &a.r#type.shape);
            select(e, &everywhere, a, b)
        }
        _ => return Err(unsupported(op)),
    })
}

/// Checks a division of indices: StableHLO has a quotient where there is none.
fn quotient<'c>(e: &mut Emitter<'c>, op: Op<'c>, [x, y]: [&Term; 2]) -> Result<(), SpannedDiagnostic<'c>> {
    let name = op.name();
    let name = name.as_string_ref().as_str().unwrap_or("?");
    let (dtype, shape) = (y.r#type.dtype(), y.r#type.shape.clone());
    let is_other = |e: &mut Emitter<'c>, term: &Term, number: i64| {
        let number = e.splat(dtype, Number::Integer(number), &shape);
        compare_as(e, "NE", term, &number)
    };
    if status::may_be(op, 1, 0) {
        let is_none = is_other(e, y, 0);
        status::require(e, op, &is_none, &format!("'{name}' divides by 0"))?;
    }
    if status::may_be(op, 1, -1) {
        let (above, apart) = (is_other(e, x, i64::MIN), is_other(e, y, -1));
        let fits = e.w.same("or", &[&above, &apart]);
        status::require(e, op, &fits, &format!("the quotient of '{name}' overflows"))?;
    }
    Ok(())
}

/// A constant; upstream writes a complex one as two parts.
fn number(value: Attribute, to: Val) -> Option<Literal> {
    let Ok(parts) = ArrayAttribute::try_from(value) else { return Literal::of(value) };
    let part = |index| Literal::of(parts.element(index).ok()?).map(|part| part.element(0).re());
    let dtype = ScalarType::of(to.r#type())?;
    Some(Literal::number(dtype, Number::Complex(Complex64::new(part(0)?, part(1)?))))
}

/// Whether an addition is used for rounding: the constant is so large that the result is an integer. XLA would combine
/// it with the following subtraction.
fn rounds(op: Op) -> bool {
    let constant = operands(op).get(2).copied().and_then(defining_op).and_then(|op| op.attribute("value").ok());
    constant.and_then(Literal::of).is_some_and(|literal| {
        let digits = if literal.dtype == ScalarType::F64 { 52 } else { 23 };
        literal.dtype.is_differentiable() && literal.element(0).re().abs() >= (1_u64 << digits) as f64
    })
}

/// `|x|` with the sign bit of `sign`, including zeros and NaN.
pub(super) fn copy_sign(e: &mut Emitter, x: &Term, sign: &Term) -> Term {
    let dtype = x.r#type.dtype();
    let integer = match dtype.bits() {
        64 => ScalarType::I64,
        32 => ScalarType::I32,
        _ => ScalarType::I16,
    };
    let top = Number::Integer(i64::MIN >> (64 - dtype.bits()));
    let whole = x.r#type.of(integer);
    let (x_bits, sign_bits) = (bits(e, x, whole.clone()), bits(e, sign, whole));
    let top = e.splat(integer, top, &x.r#type.shape);
    let rest = e.w.same("not", &[&top]);
    let (magnitude, sign) = (e.w.same("and", &[&x_bits, &rest]), e.w.same("and", &[&sign_bits, &top]));
    let both = e.w.same("or", &[&magnitude, &sign]);
    bits(e, &both, x.r#type.clone())
}

/// Extents and elements of tensors.
pub(super) fn tensor<'c>(e: &mut Emitter<'c>, site: &ExportSite<'c>) -> Result<Term, SpannedDiagnostic<'c>> {
    match (site.kind, &site.operands[..]) {
        (OpKind::TensorDim, [x, _]) => {
            let extent = known(site, 1).and_then(|dim| x.r#type.shape.get(usize::try_from(dim).ok()?).copied());
            match extent {
                Some(extent) => Ok(e.literal(&Literal::number(ScalarType::Index, Number::Integer(extent as i64)))),
                None => site.refuse(
                    Diagnostic::unsupported("'tensor.dim' requires a constant dimension")
                        .help("use a constant dimension"),
                ),
            }
        }
        (OpKind::TensorExtract, [x, indices @ ..]) => extract(e, site, x, indices.len()),
        (OpKind::TensorFromElements, elements) => {
            let mut rows = Vec::new();
            for element in elements {
                rows.push(reshape(e, element, &[1]));
            }
            let long = Tensor { shape: vec![elements.len() as u64], ..site.result.clone() };
            let row = match &rows[..] {
                [] => return site.malformed(),
                [only] => only.clone(),
                several => e.w.op("concatenate", &several.iter().collect::<Vec<_>>(), ", dim = 0", long),
            };
            Ok(reshape(e, &row, &site.result.shape))
        }
        (OpKind::TensorCast, [x]) if x.r#type.shape == site.result.shape => Ok(x.clone()),
        (OpKind::TensorCast, [x]) => {
            let message = format!("cannot cast {} to {}", x.r#type, site.result);
            site.refuse(Diagnostic::invalid(message).help("check the shapes of the arguments"))
        }
        _ => Err(unsupported(site.op)),
    }
}

/// An element. Indices that are not known to be in bounds are checked.
fn extract<'c>(
    e: &mut Emitter<'c>,
    site: &ExportSite<'c>,
    x: &Term,
    indices: usize,
) -> Result<Term, SpannedDiagnostic<'c>> {
    if indices == 0 {
        return Ok(x.clone());
    }
    let one = Tensor { element: x.r#type.element, shape: vec![1; indices] };
    let all: Option<Vec<i64>> = (1..=indices).map(|operand| known(site, operand)).collect();
    if let Some(all) = all {
        // Out of bounds: an error only where it is executed.
        let outside = x.r#type.shape.iter().zip(&all).position(|(extent, index)| !(0..*extent as i64).contains(index));
        if let Some(dim) = outside {
            let lanes = e.lanes.clone();
            let never = e.splat(ScalarType::I1, Number::Integer(0), &lanes);
            status::require(e, site.op, &never, &outside_of(dim))?;
            return Ok(e.splat(x.r#type.dtype(), Number::of_f64(0.0, x.r#type.dtype()), &lanes));
        }
        let bounds = all.iter().map(|index| format!("{index}:{}", index + 1)).collect::<Vec<_>>();
        let element = e.w.op("slice", &[x], &format!(" [{}]", list(bounds)), one);
        return Ok(reshape(e, &element, &[]));
    }
    if !e.lanes.is_empty() {
        let message =
            "'tensor.extract' has a dynamic index in the body of a map, which the target xla does not support";
        return site.refuse(Diagnostic::unsupported(message).help("write the map as a loop, or use 'array.gather'"));
    }
    for (dim, extent) in status::unproved(site.op) {
        let extent = e.splat(ScalarType::Index, Number::Integer(extent as i64), &[]);
        // As unsigned numbers, negative indices are out of bounds.
        let within = compare(e, Predicate::Ult, &site.operands[dim + 1], &extent);
        status::require(e, site.op, &within, &outside_of(dim))?;
    }
    if x.r#type.is_empty() {
        return Ok(e.splat(x.r#type.dtype(), Number::of_f64(0.0, x.r#type.dtype()), &[]));
    }
    let operands: Vec<&Term> = site.operands.iter().collect();
    let element = e.w.op("dynamic_slice", &operands, &format!(", sizes = [{}]", list(&one.shape)), one);
    Ok(reshape(e, &element, &[]))
}

/// The message of a check.
fn outside_of(dim: usize) -> String {
    format!("'tensor.extract' is out of bounds in dimension {dim}")
}

/// The value of an operand, if it is a constant.
fn known(site: &ExportSite, operand: usize) -> Option<i64> {
    let value = operands(site.op).get(operand).copied()?;
    let constant = defining_op(value).filter(|op| OpKind::of(*op) == Some(OpKind::ArithConstant))?;
    let literal = constant.attribute("value").ok().and_then(Literal::of)?;
    (!literal.dtype.is_differentiable()).then(|| literal.element(0).integer())
}
