//! The operations of a block, and their fusion groups.

use crate::cost::{self, Machine};
use crate::group::{FusionGroup, Member, Traffic, written_element};
use crate::nest::{Nest, outside};
use crate::order::Order;
use dp_dialects::ir::{Blk, Op, Val, ValueMap, ValueSet, block_ops, defining_op, is_pure, operands};
use dp_loopnest::structured::address;
use std::collections::HashMap;

/// The state of a block during fusion. Operations and groups are identified by positions in the block.
pub(crate) struct FusionPlan<'c> {
    /// The operations.
    pub ops: Vec<Op<'c>>,
    /// Those that are nests.
    pub nests: Vec<Option<Nest<'c>>>,
    /// The groups, by the position of their first nest.
    pub groups: Vec<FusionGroup>,
    /// The group of each operation; one that is not a nest is alone.
    pub group_of: Vec<usize>,
    /// The order of groups.
    pub order: Order,
    place: HashMap<usize, usize>,
    /// The nests whose groups read a value.
    readers: ValueMap<Vec<usize>>,
    /// Values with other uses: by non-nests, as initial tensors, or inside bodies.
    otherwise: ValueSet,
    machine: Machine,
}

impl<'c> FusionPlan<'c> {
    /// Reads a block, with one group per operation.
    pub(crate) fn read(block: Blk<'c>, machine: Machine, strict: bool) -> Self {
        let ops = block_ops(block);
        let place: HashMap<usize, usize> = ops.iter().enumerate().map(|(index, op)| (address(*op), index)).collect();
        let nests: Vec<Option<Nest>> = ops.iter().map(|op| Nest::read(*op, strict)).collect();
        let mut readers: ValueMap<Vec<usize>> = ValueMap::new();
        let mut otherwise = ValueSet::default();
        let mut needs = Vec::new();
        for (index, (op, nest)) in ops.iter().zip(&nests).enumerate() {
            let captured = outside(*op);
            match nest {
                Some(nest) => {
                    nest.inputs.iter().for_each(|input| note(&mut readers, input.value, index));
                    otherwise.extend(nest.used_otherwise());
                }
                None => otherwise.extend(operands(*op).into_iter().chain(captured.iter().copied())),
            }
            let defining = |value: Val<'c>| defining_op(value).and_then(|op| place.get(&address(op)).copied());
            needs.push(operands(*op).into_iter().chain(captured).filter_map(defining).collect());
        }
        let groups = nests.iter().enumerate().map(|(index, nest)| {
            nest.as_ref().map_or_else(FusionGroup::default, |nest| FusionGroup::of(index, nest.reduces.len()))
        });
        let moves = ops.iter().map(|op| is_pure(*op)).collect();
        FusionPlan {
            groups: groups.collect(),
            group_of: (0..ops.len()).collect(),
            order: Order::new(needs, moves),
            ops,
            nests,
            place,
            readers,
            otherwise,
            machine,
        }
    }

    /// The nests whose groups read a value, in block order.
    pub(crate) fn readers(&self, value: Val<'c>) -> &[usize] {
        self.readers.get(value).map_or(&[], Vec::as_slice)
    }

    /// Whether a value has uses other than as a nest's input.
    pub(crate) fn is_used_otherwise(&self, value: Val<'c>) -> bool {
        self.otherwise.contains(value)
    }

    /// Records that a nest's group reads a value, or no longer does.
    pub(crate) fn set_reader(&mut self, value: Val<'c>, nest: usize, reads: bool) {
        if reads {
            note(&mut self.readers, value, nest);
        } else if let Some(readers) = self.readers.get_mut(value)
            && let Ok(at) = readers.binary_search(&nest)
        {
            readers.remove(at);
        }
    }

    /// The group that computes a value, if one of the block does.
    pub(crate) fn maker(&self, value: Val<'c>) -> Option<usize> {
        let place = self.place.get(&address(defining_op(value)?))?;
        Some(self.group_of[*place])
    }

    /// The traffic of a group that replaces some others.
    pub(crate) fn traffic(&self, group: &FusionGroup, instead_of: &[usize]) -> Traffic<'c> {
        Traffic::of(group, &self.nests, |member: &Member, value: Val<'c>| {
            let is_home = instead_of.contains(&self.group_of[member.nest]);
            let reads_outside = |reader: &usize| !instead_of.contains(&self.group_of[*reader]);
            is_home && (self.is_used_otherwise(value) || self.readers(value).iter().any(reads_outside))
        })
    }

    /// The traffic of a group.
    pub(crate) fn traffic_of(&self, group: usize) -> Traffic<'c> {
        self.traffic(&self.groups[group], &[group])
    }

    /// The cost of a group.
    pub(crate) fn cost(&self, traffic: &Traffic<'c>, rank: usize) -> f64 {
        if traffic.outputs.is_empty() { 0.0 } else { cost::cost(traffic, &self.nests, rank, self.machine) }
    }

    /// Whether a group can be emitted: its operands determine every trip count, and it is small.
    pub(crate) fn is_sound(&self, group: &FusionGroup, traffic: &Traffic<'c>) -> bool {
        let mut said = vec![false; group.rank];
        traffic.inputs.iter().flat_map(|input| &input.loops).for_each(|dim| said[*dim] = true);
        for (member, slot) in &traffic.outputs {
            let member = &traffic.members[*member];
            let outputs = self.nests[member.nest].iter().filter_map(|nest| nest.outputs.get(*slot));
            outputs.flat_map(|output| written_element(member, output).1).for_each(|dim| said[dim] = true);
        }
        let operands = traffic.inputs.len() + traffic.outputs.len();
        said.into_iter().all(|said| said)
            && traffic.members.len() <= cost::MAX_MEMBERS
            && operands <= cost::MAX_OPERANDS
    }
}

fn note<'c>(readers: &mut ValueMap<Vec<usize>>, value: Val<'c>, nest: usize) {
    match readers.get_mut(value) {
        Some(known) => {
            if let Err(at) = known.binary_search(&nest) {
                known.insert(at, nest);
            }
        }
        None => {
            readers.insert(value, vec![nest]);
        }
    }
}
