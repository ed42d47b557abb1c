//! Recomputation of elementwise nests in their consumers.
//!
//! A consumer that indexes a tensor by loops `i…` can compute the element itself. If that costs less than storing and
//! loading the tensor, the nest is recomputed in all consumers and removed. Candidates are broadcasts, transposes and
//! fills, nests with one consumer, and nests that are cheap and read no more than the consumer would.

use crate::cost::AGAIN;
use crate::group::{FusionGroup, Member};
use crate::plan::FusionPlan;
use dp_dialects::ir::Val;

/// Recomputes nests in their consumers.
pub(crate) fn repeat(plan: &mut FusionPlan) {
    for place in 0..plan.ops.len() {
        for (reader, unit) in gain(plan, place).unwrap_or_default() {
            commit(plan, place, reader, unit);
        }
    }
}

/// The consumers of a nest with their new groups, if that is cheaper.
fn gain<'c>(plan: &FusionPlan<'c>, place: usize) -> Option<Vec<(usize, FusionGroup)>> {
    let nest = plan.nests[place].as_ref().filter(|nest| nest.is_elementwise())?;
    let [output] = &nest.outputs[..] else { return None };
    let (value, readers) = (output.result, plan.readers(output.result));
    // A consumer that also uses it as an initial tensor, or reads single elements, needs the tensor.
    let starts =
        |reader: &usize| plan.nests[*reader].iter().any(|nest| nest.used_otherwise().any(|used| used == value));
    if readers.iter().any(starts) {
        return None;
    }
    let own = plan.traffic_of(place);
    let work: u64 = own.pieces.iter().flat_map(|piece| &plan.nests[piece.nest]).map(|nest| nest.work).sum();
    if readers.len() > 1 && work > AGAIN {
        return None;
    }
    let cost = plan.cost(&own, plan.units[place].rank);
    let mut before = cost;
    let mut after = if plan.is_used_otherwise(value) { cost } else { 0.0 };
    let mut changed = Vec::new();
    for reader in readers {
        // A tensor that is updated in place is not read elsewhere in the nest.
        let updates = plan.nests[*reader].iter().flat_map(|nest| nest.updates());
        if updates.into_iter().any(|value| own.inputs.iter().any(|input| input.value == value)) {
            return None;
        }
        let unit = with(plan, place, *reader, value);
        let (old, new) = (plan.traffic_of(*reader), plan.traffic(&unit, &[*reader]));
        if !plan.is_sound(&unit, &new) {
            return None;
        }
        before += plan.cost(&old, unit.rank);
        after += plan.cost(&new, unit.rank);
        changed.push((*reader, unit));
    }
    (!changed.is_empty() && after <= before).then_some(changed)
}

/// A consumer that recomputes all elements that it reads of a nest.
fn with<'c>(plan: &FusionPlan<'c>, place: usize, reader: usize, value: Val<'c>) -> FusionGroup {
    let unit = &plan.units[reader];
    let mut first: Vec<Member> = Vec::new();
    for read in plan.traffic_of(reader).inputs.iter().filter(|read| read.value == value) {
        // The nest's loop in each dimension of its result is the consumer's loop there.
        let Some(output) = plan.nests[place].as_ref().and_then(|nest| nest.outputs.first()) else { continue };
        let mut to = vec![0; output.initial.loops.len()];
        for (dim, at) in output.initial.loops.iter().zip(&read.loops) {
            to[*dim] = *at;
        }
        let moved: Vec<Member> = plan.units[place].pieces.iter().map(|piece| piece.moved(&to)).collect();
        first = FusionGroup::joined(&first, &moved, unit.rank).pieces;
    }
    FusionGroup::joined(&first, &unit.pieces, unit.rank)
}

fn commit(plan: &mut FusionPlan, place: usize, reader: usize, unit: FusionGroup) {
    let read = plan.traffic_of(place).inputs;
    if let Some(value) = plan.nests[place].as_ref().and_then(|nest| nest.outputs.first()).map(|output| output.result) {
        plan.set_reader(value, reader, false);
    }
    for input in read {
        plan.set_reader(input.value, reader, true);
    }
    plan.units[reader] = unit;
    plan.order.need_instead(reader, place);
}
