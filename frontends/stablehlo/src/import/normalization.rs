//! Batch normalization, by the formulas of StableHLO's specification. `n` is the number of elements of one feature.

use super::Translated;
use super::site::{Site, count, extents_of};
use dp_dialects::attributes::Reduction;
use dp_dialects::ir::Val;
use dp_dialects::{Diagnostic, OpKind, Parameters};
use melior::ir::AttributeLike;
use melior::ir::operation::OperationLike;

/// The operand of a normalization, and the dimension of its features.
struct Features<'a, 'i, 'c> {
    site: &'a Site<'i, 'c>,
    x: Val<'c>,
    feature: usize,
    epsilon: f64,
    /// The number of elements of one feature.
    elements: f64,
}

impl<'a, 'i, 'c> Features<'a, 'i, 'c> {
    fn of(site: &'a Site<'i, 'c>) -> Translated<'c, Self> {
        let x = site.operand(0)?;
        let r#type = site.type_of(x)?;
        if !r#type.dtype.is_float() {
            return Err(Diagnostic::unsupported("normalizes tensors of floats only").into());
        }
        let feature = site.dim("feature_index", r#type.rank())?;
        let mut extents = extents_of(&r#type)?;
        extents.remove(feature);
        let elements = count(&extents)? as f64;
        let epsilon = site.op.attribute("epsilon").ok().and_then(float);
        let epsilon = epsilon.ok_or_else(|| Diagnostic::invalid("has no number 'epsilon'"))?;
        Ok(Features { site, x, feature, epsilon, elements })
    }

    /// A number for each feature, repeated to the shape of the operand.
    fn spread(&self, value: Val<'c>) -> Translated<'c, Val<'c>> {
        Ok(self.site.builder.broadcast(value, &[self.feature], &self.site.type_of(self.x)?, &[])?)
    }

    /// The sum over the elements of each feature.
    fn sum(&self, value: Val<'c>) -> Translated<'c, Val<'c>> {
        let dims = (0..self.site.type_of(self.x)?.rank()).filter(|dim| *dim != self.feature).collect();
        self.site.emit(OpKind::ArrayReduce, &Parameters::Reduce { kind: Reduction::Add, dims }, &[value])
    }

    fn mean(&self, value: Val<'c>) -> Translated<'c, Val<'c>> {
        self.with(OpKind::ScalarDiv, self.sum(value)?, self.elements)
    }

    /// An operation on a tensor and a number.
    fn with(&self, kind: OpKind, value: Val<'c>, number: f64) -> Translated<'c, Val<'c>> {
        let number = self.site.number(number, self.site.type_of(value)?.dtype)?;
        self.site.scalar(kind, &[value, self.site.spread(number, value)?])
    }

    fn binary(&self, kind: OpKind, a: Val<'c>, b: Val<'c>) -> Translated<'c, Val<'c>> {
        self.site.scalar(kind, &[a, b])
    }

    /// `1 / sqrt(variance + epsilon)` for each feature.
    fn inverse_deviation(&self, variance: Val<'c>) -> Translated<'c, Val<'c>> {
        let above = self.with(OpKind::ScalarAdd, variance, self.epsilon)?;
        self.site.scalar(OpKind::ScalarRsqrt, &[above])
    }

    /// `(x - mean) / sqrt(variance + epsilon) scale + offset`.
    fn normalized(
        &self,
        centered: Val<'c>,
        variance: Val<'c>,
        [scale, offset]: [Val<'c>; 2],
    ) -> Translated<'c, Val<'c>> {
        let factor = self.binary(OpKind::ScalarMul, self.inverse_deviation(variance)?, scale)?;
        let scaled = self.binary(OpKind::ScalarMul, centered, self.spread(factor)?)?;
        self.binary(OpKind::ScalarAdd, scaled, self.spread(offset)?)
    }
}

/// The value of an attribute that is a float.
fn float(attribute: melior::ir::Attribute) -> Option<f64> {
    // SAFETY: the attribute is live and is read as a float only if it is one.
    unsafe {
        mlir_sys::mlirAttributeIsAFloat(attribute.to_raw())
            .then(|| mlir_sys::mlirFloatAttrGetValueDouble(attribute.to_raw()))
    }
}

/// `batch_norm_training`: the normalized operand, and the mean and the variance of each feature.
pub(super) fn training<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (scale, offset) = (site.operand(1)?, site.operand(2)?);
    let of = Features::of(site)?;
    let mean = of.mean(of.x)?;
    let centered = of.binary(OpKind::ScalarSub, of.x, of.spread(mean)?)?;
    let variance = of.mean(of.binary(OpKind::ScalarMul, centered, centered)?)?;
    Ok(vec![of.normalized(centered, variance, [scale, offset])?, mean, variance])
}

/// `batch_norm_inference`: with given means and variances.
pub(super) fn inference<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (scale, offset, mean, variance) = (site.operand(1)?, site.operand(2)?, site.operand(3)?, site.operand(4)?);
    let of = Features::of(site)?;
    let centered = of.binary(OpKind::ScalarSub, of.x, of.spread(mean)?)?;
    Ok(vec![of.normalized(centered, variance, [scale, offset])?])
}

/// `batch_norm_grad`: with `r = 1 / sqrt(variance + epsilon)`, `c = x - mean` and cotangents `g` of the result,
/// `xbar = scale r (g - mean(g) - c r² mean(g c))`, `scalebar = r Σ g c` and `offsetbar = Σ g`.
pub(super) fn grad<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (scale, mean, variance, g) = (site.operand(1)?, site.operand(2)?, site.operand(3)?, site.operand(4)?);
    let of = Features::of(site)?;
    let (mul, sub) = (OpKind::ScalarMul, OpKind::ScalarSub);
    let centered = of.binary(sub, of.x, of.spread(mean)?)?;
    let inverse = of.inverse_deviation(variance)?;
    let (all, along) = (of.sum(g)?, of.sum(of.binary(mul, g, centered)?)?);
    let (mean_all, mean_along) =
        (of.with(OpKind::ScalarDiv, all, of.elements)?, of.with(OpKind::ScalarDiv, along, of.elements)?);
    let square = of.binary(mul, inverse, inverse)?;
    let slope = of.binary(mul, square, mean_along)?;
    let rest = of.binary(sub, g, of.spread(mean_all)?)?;
    let rest = of.binary(sub, rest, of.binary(mul, centered, of.spread(slope)?)?)?;
    let factor = of.binary(mul, scale, inverse)?;
    Ok(vec![of.binary(mul, rest, of.spread(factor)?)?, of.binary(mul, inverse, along)?, all])
}
