//! Arithmetic, select, conversion, and parts of complex numbers.
//!
//! Transposition is bilinear: the pairing of cotangents and tangents is
//! Re(z w), and nothing is conjugated. So `real` transposes to z = t, `imag`
//! to z = -i t (Re(-i t w) = t im w), and a complex number of two parts to
//! (re z, -im z).

use super::{Derivative, DerivativeRule, Linearity, Tangents};
use dp_ad_engine::site::LinearizationSite;
use dp_ad_engine::tangent::Tangent;
use dp_ad_engine::transpose::Transposer;
use dp_dialects::OpKind::*;
use dp_dialects::ir::{Op, Val, operands, results};
use dp_dialects::{Parameters, Result, ValueType};
use melior::ir::ValueLike;

const INTEGERS: &str = "integers and booleans carry no derivative";
const BITS: &str = "none: bits carry no derivative; to the same type, that of the operand";
const STEPS: &str = "piecewise constant; the derivative is taken as 0 at the steps too";

/// A guard stands within as without: `select(p, 0, f(select(p, 1, x)))`. The value
/// where `p` holds is the outer 0; but a derivative of it is 0 times that of `f`,
/// which must be finite there, and is since `f` computes with 1. The value `y` is
/// no factor here for the same reason: its own derivative may be infinite.
const POWER: &str = "select(and(a == 0, b == 0), 0, b * pow(select(and(a == 0, b == 0), 1, a), b - 1)) * da \
     + select(a == 0, 0, pow(select(a == 0, 1, a), b) * log(select(a == 0, 1, a))) * db";

pub(super) static ROWS: &[DerivativeRule] = &[
    DerivativeRule::inactive(ScalarConstant, "a constant"),
    DerivativeRule::binary(ScalarAdd, "da + db", "da + db").transposed(Linearity::Sum, add),
    DerivativeRule::binary(ScalarSub, "da - db", "da - db").transposed(Linearity::Sum, sub),
    DerivativeRule::binary(ScalarMul, "da * b + a * db", "da * b + a * db").transposed(Linearity::Product, mul),
    DerivativeRule::binary(ScalarDiv, "da / b - y * db / b", "da / b - y * db / b")
        .transposed(Linearity::Quotient, div),
    DerivativeRule::binary(ScalarRem, "da - ((a - y) / b) * db", "")
        .nondifferentiable("at multiples of b, the quotient is treated as constant"),
    DerivativeRule::binary(ScalarPow, POWER, POWER).nondifferentiable(
        "with respect to a, 0 at a = b = 0 and infinite at a = 0 and b < 1; with respect to b, 0 at a = 0, to every \
             order. An infinite derivative times a tangent of 0 is NaN",
    ),
    DerivativeRule::binary(
        ScalarAtan2,
        "select(and(a == 0, b == 0), 0, b / select(and(a == 0, b == 0), 1, a * a + b * b)) * da \
         - select(and(a == 0, b == 0), 0, a / select(and(a == 0, b == 0), 1, a * a + b * b)) * db",
        "",
    )
    .nondifferentiable("0 at the origin, to every order"),
    // The quotients are taken where they are defined only, so that their own derivatives are too.
    DerivativeRule::binary(
        ScalarHypot,
        "select(y == 0, 0, a / select(y == 0, 1, y)) * da + select(y == 0, 0, b / select(y == 0, 1, y)) * db",
        "",
    )
    .nondifferentiable("0 at 0"),
    DerivativeRule::binary(ScalarCopysign, "(sign(a) * copysign(1, b)) * da", "").nondifferentiable("0 where a = 0"),
    DerivativeRule::ternary(ScalarFma, "da * b + a * db + dc", "").transposed(Linearity::ProductAndSum, fma),
    // Smooth functions are written with extrema, and their derivatives are right at ties if neither operand is preferred:
    // log(exp(a) + exp(b)) = max(a, b) + log1p(exp(-|a - b|)).
    DerivativeRule::binary(ScalarMax, "select(a == b, 0.5, 1) * (select(a >= b, da, 0) + select(b >= a, db, 0))", "")
        .nondifferentiable("at a tie, the mean of both"),
    DerivativeRule::binary(ScalarMin, "select(a == b, 0.5, 1) * (select(a <= b, da, 0) + select(b <= a, db, 0))", "")
        .nondifferentiable("at a tie, the mean of both"),
    DerivativeRule::unary(ScalarNeg, "-dx", "-dx").transposed(Linearity::Sum, neg),
    DerivativeRule::unary(
        ScalarAbs,
        "sign(x) * dx",
        "select(y == 0, 0, real(x) / select(y == 0, 1, y)) * real(dx) \
         + select(y == 0, 0, imag(x) / select(y == 0, 1, y)) * imag(dx)",
    )
    .nondifferentiable("0 at 0, to every order"),
    // z / |z| turns with z and does not grow: i y im(conj(y) dz) / |z|.
    DerivativeRule::unary(
        ScalarSign,
        "0",
        "select(abs(x) == 0, 0, y / complex(select(abs(x) == 0, 1, abs(x)), 0)) * complex(0, imag(conj(y) * dx))",
    )
    .nondifferentiable("0 at 0, to every order"),
    DerivativeRule::inactive(ScalarFloor, STEPS).nondifferentiable("0 at the steps"),
    DerivativeRule::inactive(ScalarCeil, STEPS).nondifferentiable("0 at the steps"),
    DerivativeRule::inactive(ScalarRound, STEPS).nondifferentiable("0 at the steps"),
    DerivativeRule::inactive(ScalarUdiv, INTEGERS),
    DerivativeRule::inactive(ScalarUrem, INTEGERS),
    DerivativeRule::inactive(ScalarUmax, INTEGERS),
    DerivativeRule::inactive(ScalarUmin, INTEGERS),
    DerivativeRule::inactive(ScalarAnd, INTEGERS),
    DerivativeRule::inactive(ScalarOr, INTEGERS),
    DerivativeRule::inactive(ScalarXor, INTEGERS),
    DerivativeRule::inactive(ScalarNot, INTEGERS),
    DerivativeRule::inactive(ScalarShl, INTEGERS),
    DerivativeRule::inactive(ScalarShr, INTEGERS),
    DerivativeRule::inactive(ScalarUshr, INTEGERS),
    DerivativeRule::inactive(ScalarPopcnt, INTEGERS),
    DerivativeRule::inactive(ScalarCountLeadingZeros, INTEGERS),
    DerivativeRule::inactive(ScalarIsNan, INTEGERS),
    DerivativeRule::inactive(ScalarIsFinite, INTEGERS),
    DerivativeRule::inactive(ScalarCompare, INTEGERS),
    DerivativeRule::linear(ScalarSelect, select),
    DerivativeRule::linear(ScalarConvert, convert),
    DerivativeRule::new(ScalarBitcast, Derivative::Special(bitcast, BITS))
        .transposed(Linearity::SumWhere(is_same), cast_back),
    DerivativeRule::linear(ScalarReducePrecision, reduce_precision)
        .nondifferentiable("rounding is taken as the identity, whose tangents are rounded alike"),
    DerivativeRule::linear(ScalarConj, conj),
    DerivativeRule::linear(ScalarReal, real),
    DerivativeRule::linear(ScalarImag, imag),
    DerivativeRule::linear(ScalarComplex, complex),
];

fn add<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    for operand in operands(op) {
        t.accumulate(operand, ct)?;
    }
    Ok(())
}

fn sub<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let [a, b] = operands(op)[..] else { return Ok(()) };
    t.accumulate(a, ct)?;
    if t.is_linear(b) {
        let negated = negated(t, op, ct)?;
        t.accumulate(b, negated)?;
    }
    Ok(())
}

fn neg<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let negated = negated(t, op, ct)?;
    t.accumulate(operands(op)[0], negated)
}

fn negated<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<Val<'c>> {
    let builder = t.at(op);
    t.within_mask(builder, ct, |ct| builder.scalar(ScalarNeg, &[ct]))
}

/// A product is linear in one operand; the other one is a residual.
fn mul<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let [a, b, ..] = operands(op)[..] else { return Ok(()) };
    let (linear, factor) = if t.is_linear(a) { (a, b) } else { (b, a) };
    let factor = t.residual(factor)?;
    let builder = t.at(op);
    let product = t.within_mask(builder, ct, |ct| builder.scalar(ScalarMul, &[ct, factor]))?;
    t.accumulate(linear, product)
}

/// A sum of a product and a number.
fn fma<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let [a, b, c] = operands(op)[..] else { return Ok(()) };
    if t.is_linear(a) || t.is_linear(b) {
        mul(t, op, ct)?;
    }
    t.accumulate(c, ct)
}

fn div<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let [a, b] = operands(op)[..] else { return Ok(()) };
    let divisor = t.residual(b)?;
    let builder = t.at(op);
    let quotient = t.within_mask(builder, ct, |ct| builder.scalar(ScalarDiv, &[ct, divisor]))?;
    t.accumulate(a, quotient)
}

fn select<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let [predicate, a, b] = operands(op)[..] else { return Ok(()) };
    let predicate = t.residual(predicate)?;
    let builder = t.at(op);
    for (branch, holds) in [(a, true), (b, false)] {
        if t.is_linear(branch) {
            let share = t.masked(builder, predicate, holds, ct)?;
            t.accumulate(branch, share)?;
        }
    }
    Ok(())
}

fn convert<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let x = operands(op)[0];
    let builder = t.at(op);
    let (from, to) = (ValueType::of_value(x)?, ValueType::of_value(ct)?);
    let back = t.within_mask(builder, ct, |ct| {
        let ct =
            if to.dtype.is_complex() && !from.dtype.is_complex() { builder.scalar(ScalarReal, &[ct])? } else { ct };
        builder.emit_typed(ScalarConvert, &Parameters::Convert { unsigned: false }, &[ct], &from)
    })?;
    t.accumulate(x, back)
}

/// Whether a cast changes nothing, so that folding it must not change the derivative either.
fn is_same(op: Op) -> bool {
    let types = |values: Vec<Val>| values.first().map(|value| value.r#type().to_string());
    types(operands(op)) == types(results(op))
}

fn bitcast<'c>(site: &mut LinearizationSite<'c, '_>) -> Tangents<'c> {
    match site.tangents[0].value().filter(|_| is_same(site.op)) {
        Some(dx) => {
            let r#type = ValueType::of_value(dx)?;
            let dy = site.linear.emit_typed(ScalarBitcast, &Parameters::None, &[dx], &r#type)?;
            Ok(vec![Tangent::Value(dy)])
        }
        None => Ok(vec![site.inactive()]),
    }
}

fn cast_back<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    t.accumulate(operands(op)[0], ct)
}

/// Rounding, of cotangents as of tangents.
fn reduce_precision<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let parameters = Parameters::of(ScalarReducePrecision, op).unwrap_or(Parameters::None);
    let builder = t.at(op);
    let back = t.within_mask(builder, ct, |ct| builder.emit(ScalarReducePrecision, &parameters, &[ct]))?;
    t.accumulate(operands(op)[0], back)
}

fn conj<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let builder = t.at(op);
    let back = t.within_mask(builder, ct, |ct| builder.scalar(ScalarConj, &[ct]))?;
    t.accumulate(operands(op)[0], back)
}

fn real<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let builder = t.at(op);
    let zero = t.zero_like(builder, ct)?;
    let back = t.within_mask(builder, ct, |ct| builder.scalar(ScalarComplex, &[ct, zero]))?;
    t.accumulate(operands(op)[0], back)
}

fn imag<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let builder = t.at(op);
    let zero = t.zero_like(builder, ct)?;
    let back = t.within_mask(builder, ct, |ct| {
        let negated = builder.scalar(ScalarNeg, &[ct])?;
        builder.scalar(ScalarComplex, &[zero, negated])
    })?;
    t.accumulate(operands(op)[0], back)
}

fn complex<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let [re, im] = operands(op)[..] else { return Ok(()) };
    let builder = t.at(op);
    if t.is_linear(re) {
        let part = t.within_mask(builder, ct, |ct| builder.scalar(ScalarReal, &[ct]))?;
        t.accumulate(re, part)?;
    }
    if t.is_linear(im) {
        let part = t.within_mask(builder, ct, |ct| {
            let part = builder.scalar(ScalarImag, &[ct])?;
            builder.scalar(ScalarNeg, &[part])
        })?;
        t.accumulate(im, part)?;
    }
    Ok(())
}
