//! Loops with the mark `dp.bound`: their tapes have rows for as many rounds, and a check compares the trip count with
//! it.

use dp_ad_engine::loops::index::Index;
use dp_ad_engine::loops::rounds::{Rounds, Rows};
use dp_ad_engine::site::LinearizationSite;
use dp_dialects::diagnostics::TOO_MANY_ROUNDS;
use dp_dialects::ir::Op;
use dp_dialects::marks::BOUND;
use dp_dialects::{Builder, Result};
use dp_passes::bound::greatest_count;
use melior::ir::attribute::Attribute;

/// The mark of a loop, for other loops with as many rounds: they may be differentiated in turn.
pub(super) fn mark<'c>(site: &LinearizationSite<'c, '_>) -> Option<(&'static str, Attribute<'c>)> {
    BOUND.of(site.op).map(|rounds| BOUND.attribute(site.linear.context(), &rounds))
}

/// The rows of a loop's tapes: its bound, if it has one and its trip count is not known. Then the trip count is
/// checked, unless it follows from constants that it is not greater.
///
/// # Errors
/// If an operation cannot be created.
pub(super) fn rows<'c>(op: Op<'c>, rounds: &Rounds<'c>, b: Builder<'c>) -> Result<Rows<'c>> {
    let Some(bound) = BOUND.of(op).map(|rounds| rounds.0) else { return Ok(rounds.rows) };
    if rounds.known_count().is_some_and(|count| count <= bound as u64) {
        return Ok(rounds.rows);
    }
    let greatest = (!rounds.is_unsigned).then(|| greatest_count(rounds.lower, rounds.upper, rounds.step)).flatten();
    if greatest.is_none_or(|greatest| greatest > bound) {
        let index = Index(b);
        let fits = index.at_most(rounds.count(b)?, b.index(bound)?)?;
        index.require(fits, &format!("{TOO_MANY_ROUNDS}, {bound}"))?;
    }
    Ok(Rows::Bound(bound as u64))
}

/// The constant with which a check compares the trip count of a loop with these rows.
pub(super) fn checked(rows: Rows) -> Option<u64> {
    match rows {
        Rows::Bound(bound) => Some(bound),
        Rows::Trip | Rows::Known(_) | Rows::Value(_) => None,
    }
}
