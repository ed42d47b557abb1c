//! A fusion group: bodies that share one loop nest.

use crate::nest::{Nest, Role, is_tensor};
use dp_dialects::ir::{Val, key};
use dp_loopnest::structured::Indexed;
use std::collections::HashMap;

/// The body of a nest within a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// Whose body, by its place in the block.
    pub nest: usize,
    /// The unit's loop that each of the nest's loops is.
    pub loops: Vec<usize>,
}

/// Bodies that share one nest of loops, each after what it uses of the others.
#[derive(Clone, Debug, Default)]
pub(crate) struct FusionGroup {
    /// How many loops there are.
    pub rank: usize,
    /// The bodies.
    pub pieces: Vec<Member>,
}

/// An element that a step of the loops reads or computes: of which tensor, at which loops.
type Element = (usize, Vec<usize>);

fn element(at: &Indexed) -> Element {
    (key(at.value), at.loops.clone())
}

impl Member {
    /// An operand of the nest, indexed by the unit's loops.
    pub(crate) fn place<'c>(&self, at: &Indexed<'c>) -> Indexed<'c> {
        Indexed { value: at.value, loops: at.loops.iter().map(|dim| self.loops[*dim]).collect() }
    }

    /// The same body in a nest whose loops are others.
    pub(crate) fn moved(&self, to: &[usize]) -> Member {
        Member { nest: self.nest, loops: self.loops.iter().map(|dim| to[*dim]).collect() }
    }
}

impl FusionGroup {
    /// A nest by itself.
    pub(crate) fn of(nest: usize, rank: usize) -> Self {
        FusionGroup { rank, pieces: vec![Member { nest, loops: (0..rank).collect() }] }
    }

    /// This unit with further bodies before or after its own; what both have, once.
    pub(crate) fn joined(first: &[Member], then: &[Member], rank: usize) -> Self {
        let mut pieces = first.to_vec();
        pieces.extend(then.iter().filter(|piece| !first.contains(piece)).cloned());
        FusionGroup { rank, pieces }
    }
}

/// What a unit reads and what it leaves, when elements that it computes are used on the spot.
pub(crate) struct Traffic<'c> {
    /// The bodies that something depends on, in order.
    pub pieces: Vec<Member>,
    /// The tensors read, each once for each way of indexing it.
    pub inputs: Vec<Indexed<'c>>,
    /// The results that are stored: which piece's, and which of its outputs.
    pub outputs: Vec<(usize, usize)>,
}

impl<'c> Traffic<'c> {
    /// Follows elements through a unit. `is_stored` says of a result whether somebody outside needs it;
    /// of a body that is here a second time, only what it gives the others counts.
    pub(crate) fn of(
        unit: &FusionGroup,
        nests: &[Option<Nest<'c>>],
        is_stored: impl Fn(&Member, Val<'c>) -> bool,
    ) -> Self {
        let nest = |piece: &Member| nests[piece.nest].as_ref();
        let mut wanted: HashMap<Element, ()> = HashMap::new();
        let mut live = vec![false; unit.pieces.len()];
        for (index, piece) in unit.pieces.iter().enumerate().rev() {
            let Some(nest) = nest(piece) else { continue };
            live[index] = nest.outputs.iter().any(|output| {
                is_stored(piece, output.result)
                    || (output.role == Role::Elementwise && wanted.contains_key(&given(piece, output)))
            });
            if live[index] {
                wanted.extend(nest.inputs.iter().map(|input| (element(&piece.place(input)), ())));
            }
        }
        let kept = unit.pieces.iter().zip(live).filter(|(_, live)| *live).map(|(piece, _)| piece.clone());
        let mut traffic = Traffic { pieces: kept.collect(), inputs: Vec::new(), outputs: Vec::new() };
        let mut known: HashMap<Element, ()> = HashMap::new();
        for (index, piece) in traffic.pieces.iter().enumerate() {
            let Some(nest) = nest(piece) else { continue };
            let mut read = |at: Indexed<'c>| {
                if is_tensor(at.value) && known.insert(element(&at), ()).is_none() {
                    traffic.inputs.push(at);
                }
            };
            nest.inputs.iter().for_each(|input| read(piece.place(input)));
            for (slot, output) in nest.outputs.iter().enumerate() {
                if is_stored(piece, output.result) {
                    traffic.outputs.push((index, slot));
                } else if output.reads_initial {
                    read(piece.place(&output.initial));
                }
            }
            let elementwise = nest.outputs.iter().filter(|output| output.role == Role::Elementwise);
            known.extend(elementwise.map(|output| (given(piece, output), ())));
        }
        traffic
    }
}

/// The element that an output of a body is.
pub(crate) fn given(piece: &Member, output: &crate::nest::Output) -> Element {
    let at = piece.place(&output.initial);
    (key(output.result), at.loops)
}
