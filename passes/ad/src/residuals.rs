//! Which residuals to save in control flow and loops, where saving has a cost.

use dp_dialects::OpKind;
use dp_dialects::ir::{Op, Val, defining_op, operands};

/// A primal value that the linear region uses, defined in a region whose values do not outlive it.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'c> {
    /// The value.
    pub value: Val<'c>,
    /// The operation that computes it; `None` for an argument of the region.
    pub definition: Option<Op<'c>>,
    /// Whether all operands of the definition outlive the region or are themselves rematerialized.
    pub operands_outlive: bool,
}

/// The decision about a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The primal yields it.
    Save,
    /// The linear region recomputes it.
    Rematerialize,
}

/// Decides which residuals to save and which to rematerialize.
pub trait ResidualPolicy {
    /// Decides about one candidate.
    fn decide(&self, candidate: &Candidate) -> Decision;
}

/// Saves everything except what is free to recompute: constants, extents and broadcasts.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeepUnlessFree;

impl ResidualPolicy for KeepUnlessFree {
    fn decide(&self, candidate: &Candidate) -> Decision {
        let free = candidate.definition.and_then(OpKind::of).is_some_and(|kind| kind.entry().is_free);
        if free && candidate.operands_outlive { Decision::Rematerialize } else { Decision::Save }
    }
}

/// Builds the candidate for a value, given which values outlive the region.
pub fn candidate<'c>(value: Val<'c>, outlives: impl Fn(Val<'c>) -> bool) -> Candidate<'c> {
    let definition = defining_op(value);
    let operands_outlive = definition.is_some_and(|op| operands(op).into_iter().all(outlives));
    Candidate { value, definition, operands_outlive }
}
