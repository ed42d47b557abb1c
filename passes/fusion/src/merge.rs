//! Merging of nests with the same loops.
//!
//! Two nests that index one tensor with all of their loops have the same loops. As one nest, they read the tensor once,
//! and what one computes and the other reads stays in registers (it is also stored if others need it). This is valid if
//!
//! - the second reads elements of the first only in the iteration that computes them (a reduction would be incomplete);
//! - the operations between can move before or after both (`order.rs`);
//! - neither updates a tensor in place;
//! - sums over several loops keep their order.

use crate::group::{FusionGroup, Traffic, written_element};
use crate::nest::{Nest, Role, covers};
use crate::order::Merger;
use crate::plan::FusionPlan;
use dp_dialects::ir::Val;
use std::cell::RefCell;
use std::rc::Rc;

/// A nest is tried with this many of the most recent readers of a tensor.
const MAX_READERS: usize = 4;

/// Orders the groups of a block, and merges them where that is cheaper.
pub(crate) fn merge(plan: &mut FusionPlan) {
    let costs = GroupCosts::new(plan.ops.len());
    for place in 0..plan.ops.len() {
        plan.order.push(place);
        if plan.nests[place].is_none() {
            continue;
        }
        while let Some(found) = best(plan, &costs, place) {
            let (first, second) = found.merger.pair();
            costs.forget([first, second]);
            commit(plan, found);
        }
    }
}

/// The traffic and cost of a group.
struct GroupCost<'c> {
    traffic: Traffic<'c>,
    cost: f64,
}

/// Cached traffic and cost of groups. When two others merge, the traffic of a group does not change: its readers still
/// read its results from outside.
struct GroupCosts<'c>(RefCell<Vec<Option<Rc<GroupCost<'c>>>>>);

impl<'c> GroupCosts<'c> {
    fn new(groups: usize) -> Self {
        GroupCosts(RefCell::new(vec![None; groups]))
    }

    fn of(&self, plan: &FusionPlan<'c>, group: usize) -> Rc<GroupCost<'c>> {
        let mut known = self.0.borrow_mut();
        let weigh = || {
            let traffic = plan.traffic_of(group);
            Rc::new(GroupCost { cost: plan.cost(&traffic, plan.groups[group].rank), traffic })
        };
        known[group].get_or_insert_with(weigh).clone()
    }

    fn forget(&self, groups: [usize; 2]) {
        let mut known = self.0.borrow_mut();
        groups.into_iter().for_each(|group| known[group] = None);
    }
}

/// Two groups and their merged group.
struct Candidate {
    merger: Merger,
    group: FusionGroup,
    gain: f64,
}

/// The group with the largest gain from merging with a nest's group.
fn best<'c>(plan: &FusionPlan<'c>, costs: &GroupCosts<'c>, place: usize) -> Option<Candidate> {
    let group = plan.group_of[place];
    let own = costs.of(plan, group);
    let traffic = &own.traffic;
    if traffic.outputs.is_empty() || updates(plan, group) {
        return None;
    }
    let rank = plan.groups[group].rank;
    let mut tried = Vec::new();
    let mut best: Option<Candidate> = None;
    for read in traffic.inputs.iter().filter(|read| covers(&read.loops, rank)) {
        let readers = plan.readers(read.value);
        let known = readers.partition_point(|reader| *reader <= place);
        let others = readers[known.saturating_sub(MAX_READERS)..known].iter().map(|reader| plan.group_of[*reader]);
        for other in plan.maker(read.value).into_iter().chain(others) {
            if other == group || tried.contains(&other) || plan.groups[other].rank != rank {
                continue;
            }
            tried.push(other);
            let found = try_both(plan, costs, [group, other], read.value, &read.loops);
            let least = best.as_ref().map_or(0.0, |best| best.gain);
            best = found.filter(|found| found.gain > least).or(best);
        }
    }
    best
}

/// Whether a group updates a tensor in place.
fn updates(plan: &FusionPlan, group: usize) -> bool {
    nests(plan, &plan.groups[group]).any(|nest| nest.updates().next().is_some())
}

fn nests<'a, 'c>(plan: &'a FusionPlan<'c>, group: &'a FusionGroup) -> impl Iterator<Item = &'a Nest<'c>> {
    group.members.iter().filter_map(|member| plan.nests[member.nest].as_ref())
}

/// Tries to merge two groups that access a common tensor, which the first indexes by these loops.
fn try_both<'c>(
    plan: &FusionPlan<'c>,
    costs: &GroupCosts<'c>,
    [group, other]: [usize; 2],
    shared: Val<'c>,
    loops: &[usize],
) -> Option<Candidate> {
    let others = costs.of(plan, other);
    if others.traffic.outputs.is_empty() || updates(plan, other) {
        return None;
    }
    let other_loops = touched(plan, &plan.groups[other], &others.traffic, shared)?;
    let merger = plan.order.merger(group, other, &plan.group_of)?;
    let (first, second) = merger.pair();
    let (from, onto) = if second == group { (loops, &other_loops[..]) } else { (&other_loops[..], loops) };
    let mut to = vec![0; from.len()];
    for (dim, at) in from.iter().zip(onto) {
        to[*dim] = *at;
    }
    let keeps_order = to.is_sorted() || nests(plan, &plan.groups[second]).all(|nest| reductions(nest) < 2);
    let joining = costs.of(plan, second);
    if !keeps_order || !uses_in_same_iteration(plan, first, (second, &joining.traffic), &to) {
        return None;
    }
    let moved: Vec<_> = plan.groups[second].members.iter().map(|member| member.moved(&to)).collect();
    let both = FusionGroup::joined(&plan.groups[first].members, &moved, to.len());
    let traffic = plan.traffic(&both, &[first, second]);
    if !plan.is_sound(&both, &traffic) {
        return None;
    }
    let apart = costs.of(plan, group).cost + others.cost;
    Some(Candidate { merger, gain: apart - plan.cost(&traffic, both.rank), group: both })
}

fn reductions(nest: &Nest) -> usize {
    nest.reduces.iter().filter(|reduces| **reduces).count()
}

/// The loops by which a group indexes a tensor that it computes or reads with all loops.
fn touched<'c>(
    plan: &FusionPlan<'c>,
    group: &FusionGroup,
    traffic: &Traffic<'c>,
    value: Val<'c>,
) -> Option<Vec<usize>> {
    let made = group.members.iter().find_map(|member| {
        let nest = plan.nests[member.nest].as_ref()?;
        nest.outputs.iter().find(|output| output.result == value).map(|output| written_element(member, output).1)
    });
    let read = || traffic.inputs.iter().find(|read| read.value == value && covers(&read.loops, group.rank));
    made.or_else(|| read().map(|read| read.loops.clone())).filter(|loops| covers(loops, group.rank))
}

/// Whether the second group uses elements of the first only in the iteration that computes them, if its loops are
/// mapped to the loops `to` of the first.
fn uses_in_same_iteration(plan: &FusionPlan, first: usize, (second, traffic): (usize, &Traffic), to: &[usize]) -> bool {
    let is_made = |value: Val| plan.maker(value) == Some(first);
    if nests(plan, &plan.groups[second]).any(|nest| nest.used_otherwise().any(is_made)) {
        return false;
    }
    traffic.inputs.iter().filter(|read| is_made(read.value)).all(|read| {
        let at: Vec<usize> = read.loops.iter().map(|dim| to[*dim]).collect();
        plan.groups[first].members.iter().any(|member| {
            let outputs = plan.nests[member.nest].iter().flat_map(|nest| &nest.outputs);
            outputs.into_iter().any(|output| {
                output.result == read.value
                    && output.role == Role::Elementwise
                    && written_element(member, output).1 == at
            })
        })
    })
}

fn commit(plan: &mut FusionPlan, found: Candidate) {
    let (first, second) = found.merger.pair();
    plan.order.apply(&found.merger);
    for member in std::mem::take(&mut plan.groups[second]).members {
        if plan.group_of[member.nest] == second {
            plan.group_of[member.nest] = first;
        }
    }
    plan.groups[first] = found.group;
}
