//! Loops that carry tensors whose extents change from round to round.
//!
//! A tape has rows of one size: that of the greatest extents, which a copy of the loop finds before. In the linear loop,
//! nothing shows the extents of a tangent in a round, so each carried tangent is given those of its primal value
//! ([`shown`]); the transpose reads them there.

use super::copied::Counted;
use super::kept::Kept;
use crate::tangent::{Dual, Tangent, tangent_of};
use crate::transpose::calls::with_extents;
use dp_dialects::ir::{Val, defining_op};
use dp_dialects::marks::{CHANGES_EXTENTS, SHOWS_EXTENTS};
use dp_dialects::{Builder, Result, ValueType};
use melior::ir::ValueLike;

/// A tangent with the extents of its primal value, which are read by `primal`.
///
/// # Errors
/// If an operation cannot be created.
pub(super) fn shown<'c>(primal: Builder<'c>, linear: Builder<'c>, tangent: Val<'c>, of: Val<'c>) -> Result<Val<'c>> {
    if ValueType::of(of.r#type()).is_none_or(|r#type| r#type.is_static()) {
        return Ok(tangent);
    }
    let shown = with_extents(linear, tangent, &primal.extents(of)?)?;
    defining_op(shown).into_iter().for_each(|op| SHOWS_EXTENTS.set(op, &()));
    Ok(shown)
}

/// The carried values of the next round with tangents, zeros too, of the extents of that round.
///
/// # Errors
/// If an operation cannot be created.
pub(super) fn complete<'c>(
    primal: Builder<'c>,
    linear: Builder<'c>,
    next: &[Dual<'c>],
    active: &[bool],
) -> Result<Vec<Dual<'c>>> {
    let complete = |(dual, active): (&Dual<'c>, &bool)| -> Result<Dual<'c>> {
        let tangent = if *active { tangent_of(primal, linear, dual)? } else { None };
        Ok(Dual { primal: dual.primal, tangent: tangent.map_or(dual.tangent, Tangent::Value) })
    };
    next.iter().zip(active).map(complete).collect()
}

/// Marks the linear loop that returns these values.
pub(super) fn mark(results: &[Val]) {
    let op = results.first().and_then(|first| defining_op(*first));
    op.into_iter().for_each(|op| CHANGES_EXTENTS.set(op, &()));
}

/// What a loop saves in each round, with the extents of the rows: for tensors whose extents change, the greatest ones.
///
/// # Errors
/// If an operation cannot be created.
pub(super) fn rows<'c>(kept: &Kept<'c>, counted: &Counted<'c>, b: Builder<'c>) -> Result<Vec<(Val<'c>, Vec<Val<'c>>)>> {
    let mut rows = kept.taped.clone();
    let indices: Vec<Val> = kept.varying.iter().flat_map(|(_, extents)| extents.iter().copied()).collect();
    if !indices.is_empty() {
        let mut greatest = counted.greatest(b, &indices)?.into_iter();
        rows.extend(kept.varying.iter().map(|(value, own)| (*value, greatest.by_ref().take(own.len()).collect())));
    }
    Ok(rows)
}
