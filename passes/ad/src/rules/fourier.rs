//! Discrete Fourier transforms, which are linear: `fft` and `ifft` are symmetric, and `rfft` and `irfft` transpose to one
//! another with weights. Over the real numbers, `rfft` gives half of a spectrum: what stands for two elements counts twice.

use super::DerivativeRule;
use dp_ad_engine::transpose::Transposer;
use dp_dialects::OpKind::*;
use dp_dialects::attributes::{FftKind, Predicate};
use dp_dialects::ir::{Op, Val, operands};
use dp_dialects::parameters::FftForm;
use dp_dialects::{Builder, Diagnostic, Literal, Number, Parameters, Result, ScalarType, ValueType};

pub(super) static ROWS: &[DerivativeRule] = &[DerivativeRule::linear(ArrayFft, transpose)];

fn transpose<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let Some(Parameters::Fft(form)) = Parameters::of(ArrayFft, op) else {
        return Err(Diagnostic::invalid("has a missing or malformed attribute"));
    };
    let (x, b) = (operands(op)[0], t.at(op));
    let n = form.length as f64;
    let transform = |kind, x| b.emit(ArrayFft, &Parameters::Fft(FftForm { kind, ..form }), &[x]);
    let conjugate = |x| b.scalar(ScalarConj, &[x]);
    let back = match form.kind {
        FftKind::Fft | FftKind::Ifft => transform(form.kind, ct)?,
        // `x_j = Re Σ_k y_k w^jk` over half of a spectrum, of which `irfft` takes the conjugate, and counts twice.
        FftKind::Rfft => transform(FftKind::Irfft, weighted(b, form, conjugate(ct)?, [n, n / 2.0])?)?,
        FftKind::Irfft => weighted(b, form, conjugate(transform(FftKind::Rfft, ct)?)?, [1.0 / n, 2.0 / n])?,
    };
    t.accumulate(x, back)
}

/// Half of a spectrum with weights: the first one for the elements that stand for themselves alone, `0` and, for an even
/// number of elements, the last one.
fn weighted<'c>(b: Builder<'c>, form: FftForm, x: Val<'c>, weights: [f64; 2]) -> Result<Val<'c>> {
    let r#type = ValueType::of_value(x)?;
    let count = form.length / 2 + 1;
    let list = |dtype| ValueType::tensor(dtype, vec![Some(count)]);
    let place = b.emit_typed(ArrayIota, &Parameters::Dim(0), &[], &list(ScalarType::I64))?;
    let splat = |dtype, value| b.literal(Literal::splat(dtype, vec![count], value));
    let is = |number: u64| -> Result<Val<'c>> {
        let number = splat(ScalarType::I64, Number::Integer(number as i64))?;
        b.emit(ScalarCompare, &Parameters::Compare(Predicate::Eq), &[place, number])
    };
    let is_alone = if form.length.is_multiple_of(2) { b.scalar(ScalarOr, &[is(0)?, is(count - 1)?])? } else { is(0)? };
    let [alone, pair] = weights.map(|weight| splat(r#type.dtype, Number::of_f64(weight, r#type.dtype)));
    let weights = b.scalar(ScalarSelect, &[is_alone, alone?, pair?])?;
    let weights = b.broadcast(weights, &[form.dim], &r#type, &b.extents(x)?)?;
    b.scalar(ScalarMul, &[x, weights])
}
