//! Merging of nests with the same loops.
//!
//! Two nests that index one tensor with all of their loops have the same loops. As one nest, they read the tensor once,
//! and what one computes and the other reads stays in registers (it is also stored if others need it). This is valid if
//!
//! - the second reads elements of the first only in the iteration that computes them (a reduction would be incomplete);
//! - the operations between can move before or after both (`order.rs`);
//! - neither updates a tensor in place;
//! - sums over several loops keep their order.

use crate::group::{FusionGroup, Traffic, given};
use crate::nest::{Nest, Role, covers};
use crate::order::Meeting;
use crate::plan::FusionPlan;
use dp_dialects::ir::Val;
use std::cell::RefCell;
use std::rc::Rc;

/// The number of earlier readers of a tensor that a nest is tried with: the most recent ones.
const READERS: usize = 4;

/// Orders the groups of a block, and merges them where that is cheaper.
pub(crate) fn merge(plan: &mut FusionPlan) {
    let weighed = WeighedUnits::new(plan.ops.len());
    for place in 0..plan.ops.len() {
        plan.order.push(place);
        if plan.nests[place].is_none() {
            continue;
        }
        while let Some(found) = best(plan, &weighed, place) {
            let (first, second) = found.meeting.pair();
            weighed.forget([first, second]);
            commit(plan, found);
        }
    }
}

/// The traffic and cost of a group.
struct Weighed<'c> {
    traffic: Traffic<'c>,
    cost: f64,
}

/// Cached traffic and cost of groups. When two others merge, the traffic of a group does not change: its readers still
/// read its results from outside.
struct WeighedUnits<'c>(RefCell<Vec<Option<Rc<Weighed<'c>>>>>);

impl<'c> WeighedUnits<'c> {
    fn new(units: usize) -> Self {
        WeighedUnits(RefCell::new(vec![None; units]))
    }

    fn of(&self, plan: &FusionPlan<'c>, unit: usize) -> Rc<Weighed<'c>> {
        let mut known = self.0.borrow_mut();
        let weigh = || {
            let traffic = plan.traffic_of(unit);
            Rc::new(Weighed { cost: plan.cost(&traffic, plan.units[unit].rank), traffic })
        };
        known[unit].get_or_insert_with(weigh).clone()
    }

    fn forget(&self, units: [usize; 2]) {
        let mut known = self.0.borrow_mut();
        units.into_iter().for_each(|unit| known[unit] = None);
    }
}

/// Two groups and their merged group.
struct Found {
    meeting: Meeting,
    unit: FusionGroup,
    gain: f64,
}

/// The group whose merger with a nest's group gains most.
fn best<'c>(plan: &FusionPlan<'c>, weighed: &WeighedUnits<'c>, place: usize) -> Option<Found> {
    let unit = plan.unit_of[place];
    let own = weighed.of(plan, unit);
    let traffic = &own.traffic;
    if traffic.outputs.is_empty() || updates(plan, unit) {
        return None;
    }
    let rank = plan.units[unit].rank;
    let mut tried = Vec::new();
    let mut best: Option<Found> = None;
    for read in traffic.inputs.iter().filter(|read| covers(&read.loops, rank)) {
        let readers = plan.readers(read.value);
        let known = readers.partition_point(|reader| *reader <= place);
        let others = readers[known.saturating_sub(READERS)..known].iter().map(|reader| plan.unit_of[*reader]);
        for other in plan.maker(read.value).into_iter().chain(others) {
            if other == unit || tried.contains(&other) || plan.units[other].rank != rank {
                continue;
            }
            tried.push(other);
            let found = try_both(plan, weighed, [unit, other], read.value, &read.loops);
            let least = best.as_ref().map_or(0.0, |best| best.gain);
            best = found.filter(|found| found.gain > least).or(best);
        }
    }
    best
}

/// Whether a group updates a tensor in place.
fn updates(plan: &FusionPlan, unit: usize) -> bool {
    nests(plan, &plan.units[unit]).any(|nest| nest.updates().next().is_some())
}

fn nests<'a, 'c>(plan: &'a FusionPlan<'c>, unit: &'a FusionGroup) -> impl Iterator<Item = &'a Nest<'c>> {
    unit.pieces.iter().filter_map(|piece| plan.nests[piece.nest].as_ref())
}

/// Tries to merge two groups that access a common tensor, which the first indexes by these loops.
fn try_both<'c>(
    plan: &FusionPlan<'c>,
    weighed: &WeighedUnits<'c>,
    [unit, other]: [usize; 2],
    shared: Val<'c>,
    loops: &[usize],
) -> Option<Found> {
    let others = weighed.of(plan, other);
    if others.traffic.outputs.is_empty() || updates(plan, other) {
        return None;
    }
    let other_loops = touched(plan, &plan.units[other], &others.traffic, shared)?;
    let meeting = plan.order.meeting(unit, other, &plan.unit_of)?;
    let (first, second) = meeting.pair();
    let (from, onto) = if second == unit { (loops, &other_loops[..]) } else { (&other_loops[..], loops) };
    let mut to = vec![0; from.len()];
    for (dim, at) in from.iter().zip(onto) {
        to[*dim] = *at;
    }
    let keeps_order = to.is_sorted() || nests(plan, &plan.units[second]).all(|nest| reductions(nest) < 2);
    let joining = weighed.of(plan, second);
    if !keeps_order || !on_the_spot(plan, first, (second, &joining.traffic), &to) {
        return None;
    }
    let moved: Vec<_> = plan.units[second].pieces.iter().map(|piece| piece.moved(&to)).collect();
    let both = FusionGroup::joined(&plan.units[first].pieces, &moved, to.len());
    let traffic = plan.traffic(&both, &[first, second]);
    if !plan.is_sound(&both, &traffic) {
        return None;
    }
    let apart = weighed.of(plan, unit).cost + others.cost;
    Some(Found { meeting, gain: apart - plan.cost(&traffic, both.rank), unit: both })
}

fn reductions(nest: &Nest) -> usize {
    nest.reduces.iter().filter(|reduces| **reduces).count()
}

/// The loops by which a group indexes a tensor that it computes or reads with all loops.
fn touched<'c>(plan: &FusionPlan<'c>, unit: &FusionGroup, traffic: &Traffic<'c>, value: Val<'c>) -> Option<Vec<usize>> {
    let made = unit.pieces.iter().find_map(|piece| {
        let nest = plan.nests[piece.nest].as_ref()?;
        nest.outputs.iter().find(|output| output.result == value).map(|output| given(piece, output).1)
    });
    let read = || traffic.inputs.iter().find(|read| read.value == value && covers(&read.loops, unit.rank));
    made.or_else(|| read().map(|read| read.loops.clone())).filter(|loops| covers(loops, unit.rank))
}

/// Whether the second group uses elements of the first only in the iteration that computes them, if its loops are these
/// of the first.
fn on_the_spot(plan: &FusionPlan, first: usize, (second, traffic): (usize, &Traffic), to: &[usize]) -> bool {
    let is_made = |value: Val| plan.maker(value) == Some(first);
    if nests(plan, &plan.units[second]).any(|nest| nest.used_otherwise().any(is_made)) {
        return false;
    }
    traffic.inputs.iter().filter(|read| is_made(read.value)).all(|read| {
        let at: Vec<usize> = read.loops.iter().map(|dim| to[*dim]).collect();
        plan.units[first].pieces.iter().any(|piece| {
            let outputs = plan.nests[piece.nest].iter().flat_map(|nest| &nest.outputs);
            outputs.into_iter().any(|output| {
                output.result == read.value && output.role == Role::Elementwise && given(piece, output).1 == at
            })
        })
    })
}

fn commit(plan: &mut FusionPlan, found: Found) {
    let (first, second) = found.meeting.pair();
    plan.order.meet(&found.meeting);
    for piece in std::mem::take(&mut plan.units[second]).pieces {
        if plan.unit_of[piece.nest] == second {
            plan.unit_of[piece.nest] = first;
        }
    }
    plan.units[first] = found.unit;
}
