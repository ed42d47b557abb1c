//! Tables of roots of 1, which are computed when the program is compiled.

use crate::structured::arith;
use crate::tensors::sort::read;
use dp_dialects::ir::{Val, result};
use dp_dialects::{Builder, Literal, Number, OpKind, Result, ScalarType};
use dp_semantics::fourier::root;
use num_complex::Complex;

/// The most roots in a table that has all of them.
const MOST: u64 = 1 << 12;

/// A tensor that is known.
pub(super) fn constant<'c>(b: &Builder<'c>, dtype: ScalarType, shape: Vec<u64>, of: Vec<f64>) -> Result<Val<'c>> {
    let elements = of.into_iter().map(|element| Number::Real(element).round(dtype)).collect();
    let literal = Literal::tensor(dtype, shape, elements);
    let (r#type, value) = (literal.value_type().to_type(b.context()), literal.to_attribute(b.context()));
    b.named("arith.constant", &[], &[r#type], &[("value", value)], vec![]).map(result)
}

/// A tensor of the parts of complex numbers: the real and the imaginary part of each.
pub(super) fn parts<'c>(
    b: &Builder<'c>,
    dtype: ScalarType,
    numbers: impl Iterator<Item = Complex<f64>>,
) -> Result<Val<'c>> {
    let parts: Vec<f64> = numbers.flat_map(|number| [number.re, number.im]).collect();
    constant(b, dtype, vec![parts.len() as u64], parts)
}

/// The parts of a number in such a tensor.
pub(super) fn number<'c>(b: &Builder<'c>, parts: Val<'c>, at: Val<'c>) -> Result<[Val<'c>; 2]> {
    let first = arith(b, "arith.addi", at, at)?;
    let second = arith(b, "arith.addi", first, b.index(1)?)?;
    Ok([read(b, &[parts], &[first])?[0], read(b, &[parts], &[second])?[0]])
}

/// The roots `exp(-2πi k / n)`. If there are many, they are products: of the roots for `k` without its last digits, and for
/// those.
pub(super) struct Roots<'c> {
    all: Val<'c>,
    /// The roots for the last digits, and how many digits these are.
    last: Option<(Val<'c>, u32)>,
}

impl<'c> Roots<'c> {
    /// The roots for all `k < end`.
    pub(super) fn new(b: &Builder<'c>, dtype: ScalarType, n: u64, end: u64) -> Result<Roots<'c>> {
        if end <= MOST {
            return Ok(Roots { all: parts(b, dtype, (0..end).map(|k| root(k, n)))?, last: None });
        }
        let digits = end.ilog2() / 2;
        let all = parts(b, dtype, (0..=(end - 1) >> digits).map(|k| root(k << digits, n)))?;
        let last = parts(b, dtype, (0..1 << digits).map(|k| root(k, n)))?;
        Ok(Roots { all, last: Some((last, digits)) })
    }

    /// The parts of the root for `k`.
    pub(super) fn at(&self, b: &Builder<'c>, k: Val<'c>) -> Result<[Val<'c>; 2]> {
        let Some((last, digits)) = self.last else { return number(b, self.all, k) };
        let first = arith(b, "arith.shrui", k, b.index(i64::from(digits))?)?;
        let rest = arith(b, "arith.andi", k, b.index((1 << digits) - 1)?)?;
        product(b, number(b, self.all, first)?, number(b, last, rest)?)
    }
}

/// A product of complex numbers.
pub(super) fn product<'c>(b: &Builder<'c>, x: [Val<'c>; 2], y: [Val<'c>; 2]) -> Result<[Val<'c>; 2]> {
    let product = |x, y| b.scalar(OpKind::ScalarMul, &[x, y]);
    let re = b.scalar(OpKind::ScalarSub, &[product(x[0], y[0])?, product(x[1], y[1])?])?;
    let im = b.scalar(OpKind::ScalarAdd, &[product(x[0], y[1])?, product(x[1], y[0])?])?;
    Ok([re, im])
}
