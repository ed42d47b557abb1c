//! Elementwise operations.

use super::emitter::{Emitter, ExportSite};
use super::text::{Element, Tensor, Term};
use super::upstream::copy_sign;
use super::{barriers, calls};
use crate::table::{Counterpart, direction, row};
use dp_dialects::attributes::Predicate;
use dp_dialects::{Number, OpKind, Parameters, ScalarType, SpannedDiagnostic};

/// A constant.
pub(super) fn constant<'c>(e: &mut Emitter<'c>, site: &ExportSite<'c>) -> Result<Term, SpannedDiagnostic<'c>> {
    match &site.parameters {
        Parameters::Constant(literal) => Ok(e.literal(literal)),
        _ => site.malformed(),
    }
}

/// `y[i…] = op(x[i…], …)`.
pub(super) fn elementwise<'c>(e: &mut Emitter<'c>, site: &ExportSite<'c>) -> Result<Term, SpannedDiagnostic<'c>> {
    let terms: Vec<&Term> = site.operands.iter().collect();
    match (&site.parameters, &terms[..]) {
        (Parameters::Compare(predicate), [a, b]) => return Ok(compare(e, *predicate, a, b)),
        (Parameters::Convert { unsigned }, [x]) => return Ok(convert(e, x, site.result.dtype(), *unsigned)),
        (_, [p, a, b]) if site.kind == OpKind::ScalarSelect => return Ok(select(e, p, a, b)),
        (_, []) => return site.malformed(),
        _ => {}
    }
    let from = terms[0].r#type.dtype();
    match (row(site.kind, from), &terms[..]) {
        (Some(Counterpart::Same(name)), _) => {
            let guarded = barriers::guarded(e, name, &terms);
            Ok(e.w.same(name, &guarded.iter().collect::<Vec<_>>()))
        }
        (Some(Counterpart::Other(name)), _) => Ok(e.w.op(name, &terms, "", site.result.clone())),
        (Some(Counterpart::Unsigned(name)), _) => Ok(unsigned(e, name, &terms)),
        (Some(Counterpart::Conjugate), [z]) => {
            let part = z.r#type.of(from.real());
            let re = e.w.op("real", &[z], "", part.clone());
            let im = e.w.op("imag", &[z], "", part);
            let im = e.w.same("negate", &[&im]);
            Ok(complex(e, &re, &im))
        }
        (Some(Counterpart::CopySign), [x, sign]) => Ok(copy_sign(e, x, sign)),
        (Some(Counterpart::IsNan), [x]) => Ok(compare_as(e, "NE", x, x)),
        (Some(Counterpart::Bits), [x]) => Ok(bits(e, x, site.result.clone())),
        (Some(Counterpart::Precision), [x]) => match site.parameters {
            Parameters::Precision { exponent, mantissa } => Ok(reduce_precision(e, x, exponent, mantissa)),
            _ => site.malformed(),
        },
        (Some(Counterpart::Fused), _) => fused(e, site, &terms),
        (Some(Counterpart::Written(stem)), _) => {
            let order = match site.parameters {
                Parameters::Order(order) => Some(order),
                _ => None,
            };
            written(e, site, stem, order, &terms)
        }
        (None, [re, im]) if site.result.dtype().is_complex() => Ok(complex(e, re, im)),
        _ => site.malformed(),
    }
}

/// `a b + c`, rounded once: f16 and bf16 are computed in f64 and rounded to odd before narrowing.
fn fused<'c>(e: &mut Emitter<'c>, site: &ExportSite<'c>, xs: &[&Term]) -> Result<Term, SpannedDiagnostic<'c>> {
    let from = xs[0].r#type.dtype();
    if !matches!(from, ScalarType::F16 | ScalarType::BF16) {
        return written(e, site, "fma", None, xs);
    }
    let shape = xs[0].r#type.shape.clone();
    let wide: Vec<Term> = xs.iter().map(|x| convert(e, x, ScalarType::F64, false)).collect();
    let sum = calls::written(e, site.op, "dp_fma_to_odd_f64", &wide, &shape)?;
    let single = calls::written(e, site.op, "dp_round_to_odd", &sum, &shape)?;
    match &single[..] {
        [single] => Ok(convert(e, single, from, false)),
        _ => site.malformed(),
    }
}

/// A call of a library function; f16 and bf16 are computed in f32.
fn written<'c>(
    e: &mut Emitter<'c>,
    site: &ExportSite<'c>,
    stem: &str,
    order: Option<i64>,
    xs: &[&Term],
) -> Result<Term, SpannedDiagnostic<'c>> {
    let from = xs[0].r#type.dtype();
    let work = if matches!(from, ScalarType::F16 | ScalarType::BF16) { ScalarType::F32 } else { from };
    let shape = xs[0].r#type.shape.clone();
    let mut arguments: Vec<Term> =
        order.iter().map(|n| e.splat(ScalarType::I64, Number::Integer(*n), &shape)).collect();
    for x in xs {
        arguments.push(convert(e, x, work, false));
    }
    let value = calls::written(e, site.op, &format!("dp_{stem}_{}", dp_scalar::suffix(work)), &arguments, &shape)?;
    match &value[..] {
        [value] => Ok(convert(e, value, from, false)),
        _ => site.malformed(),
    }
}

pub(super) fn complex(e: &mut Emitter, re: &Term, im: &Term) -> Term {
    let dtype = if re.r#type.dtype() == ScalarType::F32 { ScalarType::Complex64 } else { ScalarType::Complex128 };
    let result = e.w.fresh(re.r#type.of(dtype));
    e.w.line(format_args!("{result} = stablehlo.complex {re}, {im} : {}", result.r#type));
    result
}

/// A comparison; unsigned predicates reinterpret the bits.
pub(super) fn compare(e: &mut Emitter, predicate: Predicate, a: &Term, b: &Term) -> Term {
    let (direction, is_unsigned) = direction(predicate);
    if is_unsigned {
        let (a, b) = (as_unsigned(e, a), as_unsigned(e, b));
        return compare_as(e, direction, &a, &b);
    }
    compare_as(e, direction, a, b)
}

/// A comparison in a direction, by element type.
pub(super) fn compare_as(e: &mut Emitter, direction: &str, a: &Term, b: &Term) -> Term {
    let how = match a.r#type.element {
        Element::Unsigned(_) | Element::Of(ScalarType::I1) => "UNSIGNED",
        Element::Of(dtype) if dtype.is_float() || dtype.is_complex() => "FLOAT",
        Element::Of(_) => "SIGNED",
    };
    let result = e.w.fresh(a.r#type.of(ScalarType::I1));
    let (from, to) = (&a.r#type, &result.r#type);
    e.w.line(format_args!("{result} = stablehlo.compare {direction}, {a}, {b}, {how} : ({from}, {from}) -> {to}"));
    result
}

/// `p ? a : b`, all of one shape.
pub(super) fn select(e: &mut Emitter, p: &Term, a: &Term, b: &Term) -> Term {
    let result = e.w.fresh(a.r#type.clone());
    e.w.line(format_args!("{result} = stablehlo.select {p}, {a}, {b} : {}, {}", p.r#type, a.r#type));
    result
}

/// Reinterprets integers as unsigned.
pub(super) fn as_unsigned(e: &mut Emitter, x: &Term) -> Term {
    let element = match x.r#type.element {
        Element::Of(dtype) if dtype != ScalarType::I1 => Element::Unsigned(dtype.bits()),
        element => element,
    };
    bits(e, x, Tensor { element, shape: x.r#type.shape.clone() })
}

/// Reinterprets the bits as a type of the same width.
pub(super) fn bits(e: &mut Emitter, x: &Term, to: Tensor) -> Term {
    if x.r#type == to { x.clone() } else { e.w.op("bitcast_convert", &[x], "", to) }
}

/// Rounding to the bits of a format.
fn reduce_precision(e: &mut Emitter, x: &Term, exponent: u32, mantissa: u32) -> Term {
    let result = e.w.fresh(x.r#type.clone());
    e.w.line(format_args!("{result} = stablehlo.reduce_precision {x}, format = e{exponent}m{mantissa} : {}", x.r#type));
    result
}

/// An operation on unsigned integers.
pub(super) fn unsigned(e: &mut Emitter, name: &'static str, operands: &[&Term]) -> Term {
    let read: Vec<Term> = operands.iter().map(|x| as_unsigned(e, x)).collect();
    let result = e.w.same(name, &read.iter().collect::<Vec<_>>());
    bits(e, &result, operands[0].r#type.clone())
}

/// A conversion. XLA's conversion of floats to integers saturates and maps NaN to 0; its conversion to booleans
/// compares with 0.
pub(super) fn convert(e: &mut Emitter, x: &Term, to: ScalarType, is_unsigned: bool) -> Term {
    let from = x.r#type.dtype();
    if from == to {
        return x.clone();
    }
    if to == ScalarType::I1 {
        let zero = e.splat(from, Number::of_f64(0.0, from), &x.r#type.shape);
        return compare_as(e, "NE", x, &zero);
    }
    let result = x.r#type.of(to);
    let is_integer = |dtype: ScalarType| dtype.is_integer() || dtype == ScalarType::Index;
    if is_unsigned && is_integer(from) {
        let x = as_unsigned(e, x);
        if !is_integer(to) {
            return e.w.op("convert", &[&x], "", result);
        }
        let wide = e.w.op("convert", &[&x], "", Tensor { element: Element::Unsigned(to.bits()), ..result.clone() });
        return bits(e, &wide, result);
    }
    if is_unsigned && is_integer(to) {
        let whole = e.w.op("convert", &[x], "", Tensor { element: Element::Unsigned(to.bits()), ..result.clone() });
        return bits(e, &whole, result);
    }
    e.w.op("convert", &[x], "", result)
}
