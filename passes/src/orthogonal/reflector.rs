//! Householder reflections that make one element of a vector real and those behind it 0, as LAPACK's `larfg` chooses them.

use crate::matrices::{compare, conjugate, places, promoted, rank, real, reduce, splat, spread};
use dp_dialects::OpKind::*;
use dp_dialects::attributes::{Predicate, Reduction};
use dp_dialects::ir::Val;
use dp_dialects::{Builder, Result, ValueType};

/// A reflection `1 - tau v vᴴ`, for each vector of a batch.
pub(super) struct Reflector<'c> {
    /// 0 before the place, 1 there.
    pub vector: Val<'c>,
    pub tau: Val<'c>,
    /// What the element becomes, as a number of the type of the vectors.
    pub beta: Val<'c>,
    /// Where elements stand at the place, and where behind it.
    pub at: Val<'c>,
    pub behind: Val<'c>,
}

impl<'c> Reflector<'c> {
    /// The reflections of vectors in the last dimension, for the elements at a place; none if there is no such element.
    pub(super) fn of(b: Builder<'c>, x: Val<'c>, place: Val<'c>) -> Result<Reflector<'c>> {
        let (last, dtype) = (rank(x)? - 1, ValueType::of_value(x)?.dtype);
        let batch: Vec<usize> = (0..last).collect();
        let (numbers, place) = (places(b, x, last)?, spread(b, place, &[], x)?);
        let (at, behind) = (compare(b, Predicate::Eq, numbers, place)?, compare(b, Predicate::Gt, numbers, place)?);
        let (zero, one) = (splat(b, 0.0, x)?, splat(b, 1.0, x)?);
        let select = |condition, yes, no| b.scalar(ScalarSelect, &[condition, yes, no]);
        let tail = select(behind, x, zero)?;
        let alpha = reduce(b, Reduction::Add, select(at, x, zero)?, last)?;
        let parts: Vec<Val> = match dtype.is_complex() {
            true => vec![b.scalar(ScalarReal, &[tail])?, b.scalar(ScalarImag, &[tail])?],
            false => vec![tail],
        };
        // Squares neither overflow nor vanish.
        let mut size = b.scalar(ScalarAbs, &[parts[0]])?;
        for part in &parts[1..] {
            size = b.scalar(ScalarMax, &[size, b.scalar(ScalarAbs, &[*part])?])?;
        }
        let most = reduce(b, Reduction::Max, size, last)?;
        let (none, unit) = (splat(b, 0.0, most)?, splat(b, 1.0, most)?);
        let is_zero = compare(b, Predicate::Eq, most, none)?;
        let scale = select(is_zero, unit, most)?;
        let scales = spread(b, scale, &batch, parts[0])?;
        let mut squares = splat(b, 0.0, parts[0])?;
        for part in parts {
            let scaled = b.scalar(ScalarDiv, &[part, scales])?;
            squares = b.scalar(ScalarAdd, &[squares, b.scalar(ScalarMul, &[scaled, scaled])?])?;
        }
        let root = b.scalar(ScalarSqrt, &[reduce(b, Reduction::Add, squares, last)?])?;
        let length = b.scalar(ScalarMul, &[scale, root])?;

        let re = real(b, alpha)?;
        let mut whole = b.scalar(ScalarHypot, &[re, length])?;
        let mut is_plain = is_zero;
        if dtype.is_complex() {
            let im = b.scalar(ScalarImag, &[alpha])?;
            whole = b.scalar(ScalarHypot, &[whole, im])?;
            is_plain = b.scalar(ScalarAnd, &[is_plain, compare(b, Predicate::Eq, im, none)?])?;
        }
        let is_negative = compare(b, Predicate::Lt, re, none)?;
        let beta = promoted(b, select(is_negative, whole, b.scalar(ScalarNeg, &[whole])?)?, dtype)?;
        let (zero_tau, one_tau) = (splat(b, 0.0, alpha)?, splat(b, 1.0, alpha)?);
        let difference = b.scalar(ScalarSub, &[beta, alpha])?;
        let quotient = b.scalar(ScalarDiv, &[difference, select(is_plain, one_tau, beta)?])?;
        let tau = select(is_plain, zero_tau, quotient)?;
        let divisor = select(is_plain, one_tau, b.scalar(ScalarNeg, &[difference])?)?;
        let scaled = b.scalar(ScalarDiv, &[tail, spread(b, divisor, &batch, x)?])?;
        let vector = select(at, one, scaled)?;
        Ok(Reflector { vector, tau, beta: select(is_plain, alpha, beta)?, at, behind })
    }

    /// The conjugate vectors.
    pub(super) fn conjugate(&self, b: Builder<'c>) -> Result<Val<'c>> {
        conjugate(b, self.vector)
    }
}
