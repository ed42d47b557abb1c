//! A fusion group: bodies that share one loop nest.

use crate::nest::{Nest, Role, is_tensor};
use dp_dialects::ir::{Val, key};
use dp_loopnest::structured::Indexed;
use std::collections::HashMap;

/// The body of a nest in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// The nest, by its position in the block.
    pub nest: usize,
    /// The group's loop for each of the nest's loops.
    pub loops: Vec<usize>,
}

/// Bodies that share one loop nest, in topological order.
#[derive(Clone, Debug, Default)]
pub(crate) struct FusionGroup {
    /// The number of loops.
    pub rank: usize,
    /// The bodies.
    pub members: Vec<Member>,
}

/// An element that an iteration reads or computes: the tensor, and the loops that index it.
type Element = (usize, Vec<usize>);

fn element(at: &Indexed) -> Element {
    (key(at.value), at.loops.clone())
}

impl Member {
    /// An operand of the nest, indexed by the group's loops.
    pub(crate) fn place<'c>(&self, at: &Indexed<'c>) -> Indexed<'c> {
        Indexed { value: at.value, loops: at.loops.iter().map(|dim| self.loops[*dim]).collect() }
    }

    /// The same body with renamed loops.
    pub(crate) fn moved(&self, to: &[usize]) -> Member {
        Member { nest: self.nest, loops: self.loops.iter().map(|dim| to[*dim]).collect() }
    }
}

impl FusionGroup {
    /// A nest alone.
    pub(crate) fn of(nest: usize, rank: usize) -> Self {
        FusionGroup { rank, members: vec![Member { nest, loops: (0..rank).collect() }] }
    }

    /// This group with further bodies before or after its own, without duplicates.
    pub(crate) fn joined(first: &[Member], then: &[Member], rank: usize) -> Self {
        let mut members = first.to_vec();
        members.extend(then.iter().filter(|member| !first.contains(member)).cloned());
        FusionGroup { rank, members }
    }
}

/// What a group reads and writes, when elements that it computes are used directly.
pub(crate) struct Traffic<'c> {
    /// The live bodies, in order.
    pub members: Vec<Member>,
    /// The tensors read, once for each indexing.
    pub inputs: Vec<Indexed<'c>>,
    /// The stored results: the body, and which of its outputs.
    pub outputs: Vec<(usize, usize)>,
}

impl<'c> Traffic<'c> {
    /// Follows elements through a group. `is_stored` tells whether a result is needed outside; of a duplicated body,
    /// only what the others use counts.
    pub(crate) fn of(
        group: &FusionGroup,
        nests: &[Option<Nest<'c>>],
        is_stored: impl Fn(&Member, Val<'c>) -> bool,
    ) -> Self {
        let nest = |member: &Member| nests[member.nest].as_ref();
        let mut wanted: HashMap<Element, ()> = HashMap::new();
        let mut live = vec![false; group.members.len()];
        for (index, member) in group.members.iter().enumerate().rev() {
            let Some(nest) = nest(member) else { continue };
            live[index] = nest.outputs.iter().any(|output| {
                is_stored(member, output.result)
                    || (output.role == Role::Elementwise && wanted.contains_key(&written_element(member, output)))
            });
            if live[index] {
                wanted.extend(nest.inputs.iter().map(|input| (element(&member.place(input)), ())));
            }
        }
        let kept = group.members.iter().zip(live).filter(|(_, live)| *live).map(|(member, _)| member.clone());
        let mut traffic = Traffic { members: kept.collect(), inputs: Vec::new(), outputs: Vec::new() };
        let mut known: HashMap<Element, ()> = HashMap::new();
        for (index, member) in traffic.members.iter().enumerate() {
            let Some(nest) = nest(member) else { continue };
            let mut read = |at: Indexed<'c>| {
                if is_tensor(at.value) && known.insert(element(&at), ()).is_none() {
                    traffic.inputs.push(at);
                }
            };
            nest.inputs.iter().for_each(|input| read(member.place(input)));
            for (slot, output) in nest.outputs.iter().enumerate() {
                if is_stored(member, output.result) {
                    traffic.outputs.push((index, slot));
                } else if output.reads_initial {
                    read(member.place(&output.initial));
                }
            }
            let elementwise = nest.outputs.iter().filter(|output| output.role == Role::Elementwise);
            known.extend(elementwise.map(|output| (written_element(member, output), ())));
        }
        traffic
    }
}

/// The element that a body writes to an output.
pub(crate) fn written_element(member: &Member, output: &crate::nest::Output) -> Element {
    let at = member.place(&output.initial);
    (key(output.result), at.loops)
}
