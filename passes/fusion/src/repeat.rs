//! Recomputation of elementwise nests in their consumers.
//!
//! A consumer that indexes a tensor by loops `i…` can compute the element itself. If that costs less than storing and
//! loading the tensor, the nest is recomputed in all consumers and removed. Candidates are broadcasts, transposes and
//! fills, nests with one consumer, and nests that are cheap and read no more than the consumer would.

use crate::cost::MAX_REPEATED_WORK;
use crate::group::{FusionGroup, Member};
use crate::plan::FusionPlan;
use dp_dialects::ir::Val;

/// Recomputes nests in their consumers.
pub(crate) fn repeat(plan: &mut FusionPlan) {
    for place in 0..plan.ops.len() {
        let Some(changed) = gain(plan, place) else { continue };
        let read = plan.traffic_of(place).inputs;
        for (reader, group) in changed {
            commit(plan, place, reader, group);
        }
        // What is not computed reads nothing: its operands need not be stored for it.
        if plan.traffic_of(place).outputs.is_empty() {
            read.iter().for_each(|input| plan.set_reader(input.value, place, false));
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
    let work: u64 = own.members.iter().flat_map(|member| &plan.nests[member.nest]).map(|nest| nest.work).sum();
    if readers.len() > 1 && work > MAX_REPEATED_WORK {
        return None;
    }
    let cost = plan.cost(&own, plan.groups[place].rank);
    let mut before = cost;
    let mut after = if plan.is_used_otherwise(value) { cost } else { 0.0 };
    let mut changed = Vec::new();
    for reader in readers {
        // A tensor that is updated in place is not read elsewhere in the nest.
        let updates = plan.nests[*reader].iter().flat_map(|nest| nest.updates());
        if updates.into_iter().any(|value| own.inputs.iter().any(|input| input.value == value)) {
            return None;
        }
        let group = with(plan, place, *reader, value);
        let (old, new) = (plan.traffic_of(*reader), plan.traffic(&group, &[*reader]));
        if !plan.is_sound(&group, &new) {
            return None;
        }
        before += plan.cost(&old, group.rank);
        after += plan.cost(&new, group.rank);
        changed.push((*reader, group));
    }
    (!changed.is_empty() && after <= before).then_some(changed)
}

/// A consumer that recomputes all elements that it reads of a nest.
fn with<'c>(plan: &FusionPlan<'c>, place: usize, reader: usize, value: Val<'c>) -> FusionGroup {
    let group = &plan.groups[reader];
    let mut first: Vec<Member> = Vec::new();
    for read in plan.traffic_of(reader).inputs.iter().filter(|read| read.value == value) {
        // Maps the nest's loop for each dimension of its result to the consumer's loop.
        let Some(output) = plan.nests[place].as_ref().and_then(|nest| nest.outputs.first()) else { continue };
        let mut to = vec![0; output.initial.loops.len()];
        for (dim, at) in output.initial.loops.iter().zip(&read.loops) {
            to[*dim] = *at;
        }
        let moved: Vec<Member> = plan.groups[place].members.iter().map(|member| member.moved(&to)).collect();
        first = FusionGroup::joined(&first, &moved, group.rank).members;
    }
    FusionGroup::joined(&first, &group.members, group.rank)
}

fn commit(plan: &mut FusionPlan, place: usize, reader: usize, group: FusionGroup) {
    let read = plan.traffic_of(place).inputs;
    if let Some(value) = plan.nests[place].as_ref().and_then(|nest| nest.outputs.first()).map(|output| output.result) {
        plan.set_reader(value, reader, false);
    }
    for input in read {
        plan.set_reader(input.value, reader, true);
    }
    plan.groups[reader] = group;
    plan.order.replace_dependencies(reader, place);
}
