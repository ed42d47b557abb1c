//! Which residuals to save, where saving has a cost: across regions of control flow, and in loops.

use dp_dialects::OpKind;
use dp_dialects::ir::{Op, Val, defining_op, operands};

/// A value of the primal that the linear region uses, inside a region whose
/// values do not outlive it.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'c> {
    /// The value.
    pub value: Val<'c>,
    /// The operation that computes it; `None` for an argument of the region.
    pub definition: Option<Op<'c>>,
    /// Whether all that the definition uses outlives the region, or is itself
    /// computed again.
    pub operands_outlive: bool,
}

/// What becomes of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The primal yields it.
    Save,
    /// The linear region computes it again.
    Rematerialize,
}

/// Decides, alone, what is kept and what is computed again.
pub trait ResidualPolicy {
    /// Decides about one candidate.
    fn decide(&self, candidate: &Candidate) -> Decision;
}

/// Keeps everything but what costs nothing to compute again: constants, extents
/// and repetitions.
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
