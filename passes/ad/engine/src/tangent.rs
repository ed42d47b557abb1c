//! Tangents of values during linearization.

use dp_dialects::ir::Val;
use dp_dialects::types::tangent_type;
use dp_dialects::{Builder, Diagnostic, Number, Result, ValueType};
use melior::ir::ValueLike;

/// The tangent of a value. It may be absent, which is not zero; nothing is emitted for either.
#[derive(Clone, Copy, Debug)]
pub enum Tangent<'c> {
    /// The type carries no derivative.
    None,
    /// The value does not depend on the active inputs.
    Zero,
    /// A value of the linear region.
    Value(Val<'c>),
}

impl<'c> Tangent<'c> {
    /// The tangent of an inactive value.
    pub fn inactive(primal: Val<'c>) -> Tangent<'c> {
        if tangent_type(primal.r#type()).is_some() { Tangent::Zero } else { Tangent::None }
    }

    /// The tangent, if it is neither absent nor zero.
    pub fn value(self) -> Option<Val<'c>> {
        match self {
            Tangent::Value(value) => Some(value),
            Tangent::None | Tangent::Zero => None,
        }
    }
}

/// A value of the function after linearization.
#[derive(Clone, Copy, Debug)]
pub struct Dual<'c> {
    /// The copy of the value.
    pub primal: Val<'c>,
    /// Its tangent.
    pub tangent: Tangent<'c>,
}

/// Zeros created by one builder, with extents read by another.
pub fn zero<'c>(primal: Builder<'c>, linear: Builder<'c>, r#type: &ValueType, like: Val<'c>) -> Result<Val<'c>> {
    let zero = Number::of_f64(0.0, r#type.dtype);
    if r#type.is_static() {
        return linear.splat(zero, r#type, like);
    }
    let extents = primal.extents(like)?;
    let number = linear.splat(zero, &ValueType::number(r#type.dtype), like)?;
    linear.broadcast(number, &[], r#type, &extents)
}

/// The tangent of a value, if it carries any: zeros if it depends on no active input.
pub fn tangent_of<'c>(primal: Builder<'c>, linear: Builder<'c>, of: &Dual<'c>) -> Result<Option<Val<'c>>> {
    let Some(r#type) = tangent_type(of.primal.r#type()) else { return Ok(None) };
    match of.tangent {
        Tangent::Value(value) => Ok(Some(value)),
        Tangent::None | Tangent::Zero => zero(primal, linear, &r#type, of.primal).map(Some),
    }
}

/// The tangents of the values that carry any.
pub fn tangents_of<'c>(primal: Builder<'c>, linear: Builder<'c>, of: &[Dual<'c>]) -> Result<Vec<Val<'c>>> {
    of.iter().filter_map(|dual| tangent_of(primal, linear, dual).transpose()).collect()
}

/// The primal values, then the tangents of those that are active.
///
/// # Errors
/// If a value that is active carries no tangent, or an operation cannot be created.
pub fn flatten<'c>(
    primal: Builder<'c>,
    linear: Builder<'c>,
    duals: &[Dual<'c>],
    active: &[bool],
) -> Result<Vec<Val<'c>>> {
    let mut all: Vec<Val> = duals.iter().map(|dual| dual.primal).collect();
    for (dual, _) in duals.iter().zip(active).filter(|(_, active)| **active) {
        let missing = || Diagnostic::internal("internal error: a tangent of what carries none");
        all.push(tangent_of(primal, linear, dual)?.ok_or_else(missing)?);
    }
    Ok(all)
}

/// The inverse of [`flatten`], for any values of the same types.
pub fn unflatten<'c>(all: &[Val<'c>], active: &[bool]) -> Vec<Dual<'c>> {
    let (primals, tangents) = all.split_at(active.len());
    let mut tangents = tangents.iter();
    let dual = |(primal, active): (&Val<'c>, &bool)| {
        let tangent = if *active { tangents.next() } else { None };
        let tangent = tangent.map_or_else(|| Tangent::inactive(*primal), |tangent| Tangent::Value(*tangent));
        Dual { primal: *primal, tangent }
    };
    primals.iter().zip(active).map(dual).collect()
}
