//! Assignment of buffers to slots of shared memory.

use super::live::Range;
use super::size::Size;
use super::{LINE, pack, with_gap};
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

/// Buffers of at most this size do not reuse a larger one's slot: they may go on the stack.
const SMALL: u64 = 1024;

/// Memory for buffers with disjoint lifetimes, as large as the largest of them.
pub(super) struct Slot<'c> {
    /// The largest size for each product of extents.
    pub sizes: Vec<Size<'c>>,
    kind: Kind,
}

/// Buffers share slots within a kind, so that static sizes stay static.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Small,
    Known,
    Dynamic,
}

impl Kind {
    fn of(size: &Size) -> Self {
        match size.factors.is_empty() {
            true if size.bytes <= SMALL => Kind::Small,
            true => Kind::Known,
            false => Kind::Dynamic,
        }
    }
}

impl<'c> Slot<'c> {
    /// The size of the slot in bytes, if static.
    pub(super) fn known(&self) -> Option<u64> {
        if self.kind == Kind::Dynamic { None } else { self.sizes.first().map(|size| size.bytes) }
    }

    /// How badly a buffer fits, best first: unused bytes of the slot; growth of the slot; unknown growth.
    fn misfit(&self, size: &Size<'c>) -> (usize, u64) {
        match self.sizes.iter().find(|other| other.is_like(size)) {
            Some(other) if other.bytes >= size.bytes => (0, other.bytes - size.bytes),
            Some(other) => (1, size.bytes - other.bytes),
            None => (2, 0),
        }
    }

    fn take(&mut self, size: &Size<'c>) {
        match self.sizes.iter_mut().find(|other| other.is_like(size)) {
            Some(other) => other.bytes = other.bytes.max(size.bytes),
            None => self.sizes.push(size.clone()),
        }
    }
}

/// Unused slots.
#[derive(Default)]
struct Free {
    /// Static slots of each kind by size.
    small: BTreeSet<(u64, usize)>,
    known: BTreeSet<(u64, usize)>,
    dynamic: BTreeSet<usize>,
}

impl Free {
    fn put(&mut self, slots: &[Slot], slot: usize) {
        let bytes = slots[slot].known().unwrap_or(0);
        _ = match slots[slot].kind {
            Kind::Small => self.small.insert((bytes, slot)),
            Kind::Known => self.known.insert((bytes, slot)),
            Kind::Dynamic => self.dynamic.insert(slot),
        };
    }

    /// Removes the best-fitting slot; among equals, the first.
    fn take<'c>(&mut self, slots: &[Slot<'c>], size: &Size<'c>) -> Option<usize> {
        match Kind::of(size) {
            Kind::Small => fitting(&mut self.small, size.bytes),
            Kind::Known => fitting(&mut self.known, size.bytes),
            Kind::Dynamic => {
                let slot = self.dynamic.iter().copied().min_by_key(|slot| slots[*slot].misfit(size))?;
                self.dynamic.take(&slot)
            }
        }
    }
}

/// The smallest one that is large enough, or else the largest.
fn fitting(free: &mut BTreeSet<(u64, usize)>, bytes: u64) -> Option<usize> {
    let best = free.range((bytes, 0)..).next().copied().or_else(|| {
        let (largest, _) = free.last()?;
        free.range((*largest, 0)..).next().copied()
    })?;
    free.remove(&best);
    Some(best.1)
}

/// Where a buffer is.
#[derive(Clone, Copy, Default)]
pub(super) struct Place {
    pub slot: usize,
    /// In bytes, from the start of the slot; 0 unless the slot's size is static.
    pub offset: u64,
}

/// Assigns buffers to slots. The largest buffers of static size lie in one slot, the first, at offsets; for the others, a
/// linear scan finds a slot.
pub(super) fn assign<'c>(buffers: &[(Size<'c>, Range)]) -> (Vec<Slot<'c>>, Vec<Place>) {
    let is_known = |buffer: &usize| Kind::of(&buffers[*buffer].0) == Kind::Known;
    let mut packed: Vec<usize> = (0..buffers.len()).filter(is_known).collect();
    packed.sort_by_key(|buffer| Reverse(buffers[*buffer].0.bytes));
    packed.truncate(pack::MOST);
    let (mut slots, mut places) = (Vec::new(), vec![None; buffers.len()]);
    let lines: Vec<(u64, Range)> =
        packed.iter().map(|buffer| (buffers[*buffer].0.bytes.next_multiple_of(LINE), buffers[*buffer].1)).collect();
    let offsets = pack::offsets(&lines, with_gap);
    if let Some(bytes) = offsets.iter().zip(&lines).map(|(offset, (bytes, _))| offset + bytes).max() {
        slots.push(Slot { sizes: vec![Size { bytes, factors: Vec::new() }], kind: Kind::Known });
    }
    for (buffer, offset) in packed.into_iter().zip(offsets) {
        places[buffer] = Some(Place { slot: 0, offset });
    }
    let rest = (0..buffers.len()).filter(|buffer| places[*buffer].is_none()).collect();
    for (buffer, slot) in scan(buffers, rest, &mut slots) {
        places[buffer] = Some(Place { slot, offset: 0 });
    }
    (slots, places.into_iter().flatten().collect())
}

/// Linear scan: buffers in order of first use take an unused slot or a new one. Returns the slot of each buffer.
///
/// A shared slot never needs more than two separate ones: max(a, b) ≤ a + b.
fn scan<'c>(buffers: &[(Size<'c>, Range)], mut order: Vec<usize>, slots: &mut Vec<Slot<'c>>) -> Vec<(usize, usize)> {
    order.sort_by_key(|buffer| buffers[*buffer].1.0);
    let mut free = Free::default();
    // The slots in use, ordered by end of use.
    let mut busy: BinaryHeap<Reverse<(usize, usize)>> = BinaryHeap::new();
    let mut taken = Vec::with_capacity(order.len());
    for buffer in order {
        let (size, (from, until)) = &buffers[buffer];
        while let Some(Reverse((_, slot))) = busy.peek().copied().filter(|Reverse((end, _))| end < from) {
            busy.pop();
            free.put(slots, slot);
        }
        let slot = free.take(slots, size).unwrap_or_else(|| {
            slots.push(Slot { sizes: Vec::new(), kind: Kind::of(size) });
            slots.len() - 1
        });
        slots[slot].take(size);
        busy.push(Reverse((*until, slot)));
        taken.push((buffer, slot));
    }
    taken
}
