//! Which residuals to save in control flow and loops, where saving has a cost.

use dp_dialects::ir::{
    Blk, Op, Val, ValueMap, ValueSet, block_ops, defining_op, operands, results, set_operand, value_block, walk,
};
use dp_dialects::{Builder, OpKind};
use melior::ir::block::BlockLike;

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

/// The residuals of a linear block: values of its primal block that do not outlive that block, each once, in order of
/// first use. Values that the policy rematerializes are copied into the linear block.
pub fn residuals<'c>(primal: Blk<'c>, linear: Blk<'c>, policy: &dyn ResidualPolicy) -> Vec<Val<'c>> {
    let mut kept: Vec<Val> = Vec::new();
    let mut known = ValueSet::default();
    let mut recomputed: ValueMap<Val> = ValueMap::new();
    let is_local = |value: Val<'c>| value_block(value).is_some_and(|block| block.to_raw().ptr == primal.to_raw().ptr);
    for top in block_ops(linear) {
        let mut uses = Vec::new();
        walk(top, &mut |op| {
            uses.extend(
                operands(op).into_iter().enumerate().filter(|(_, value)| is_local(*value)).map(|(i, v)| (op, i, v)),
            );
        });
        for (op, index, value) in uses {
            if known.contains(value) {
                continue;
            }
            if let Some(copy) = recomputed.get(value) {
                set_operand(op, index, *copy);
                continue;
            }
            let candidate = candidate(value, |operand| !is_local(operand));
            match (policy.decide(&candidate), candidate.definition) {
                (Decision::Rematerialize, Some(definition)) => {
                    let Some(first) = linear.first_operation() else { continue };
                    let copy = Builder::before(first).clone_op(definition, &[]);
                    let copies = results(copy);
                    for (result, copy) in results(definition).into_iter().zip(copies) {
                        recomputed.insert(result, copy);
                    }
                    if let Some(copy) = recomputed.get(value) {
                        set_operand(op, index, *copy);
                    }
                }
                _ => {
                    known.insert(value);
                    kept.push(value);
                }
            }
        }
    }
    kept
}

/// Replaces a value by another in a linear block.
pub fn replace_in<'c>(block: Blk<'c>, replacements: &ValueMap<Val<'c>>) {
    for top in block_ops(block) {
        walk(top, &mut |op| {
            for (index, operand) in operands(op).into_iter().enumerate() {
                if let Some(replacement) = replacements.get(operand) {
                    set_operand(op, index, *replacement);
                }
            }
        });
    }
}
