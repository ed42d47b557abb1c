//! Which buffers share memory.

use super::live::Range;
use super::size::Size;

/// A buffer of at most so many bytes does not take a larger one's place: it may go on the stack.
const SMALL: u64 = 1024;

/// Memory that buffers take one after another: as much as the largest of them needs.
pub(super) struct Slot<'c> {
    /// The greatest size for each product of extents.
    pub sizes: Vec<Size<'c>>,
    until: usize,
    kind: Kind,
}

/// Buffers share memory with their like, so that what is known stays known.
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
    /// How many bytes the slot takes, where that is known.
    pub(super) fn known(&self) -> Option<u64> {
        if self.kind == Kind::Dynamic { None } else { self.sizes.first().map(|size| size.bytes) }
    }

    /// How ill a buffer fits, the best first: how much of the slot stays free; how much it grows;
    /// by how much it grows cannot be told.
    fn misfit(&self, size: &Size<'c>) -> (usize, u64) {
        match self.sizes.iter().find(|other| other.is_like(size)) {
            Some(other) if other.bytes >= size.bytes => (0, other.bytes - size.bytes),
            Some(other) => (1, size.bytes - other.bytes),
            None => (2, 0),
        }
    }

    fn take(&mut self, size: &Size<'c>, until: usize) {
        self.until = self.until.max(until);
        match self.sizes.iter_mut().find(|other| other.is_like(size)) {
            Some(other) => other.bytes = other.bytes.max(size.bytes),
            None => self.sizes.push(size.clone()),
        }
    }
}

/// Linear scan: buffers, in the order in which they come into use, take a slot that is free again, or
/// a new one. The slots, and the slot of each buffer.
///
/// A slot taken over never needs more than the two would apart: max(a, b) ≤ a + b.
pub(super) fn assign<'c>(buffers: &[(Size<'c>, Range)]) -> (Vec<Slot<'c>>, Vec<usize>) {
    let mut order: Vec<usize> = (0..buffers.len()).collect();
    order.sort_by_key(|buffer| buffers[*buffer].1.0);
    let mut slots: Vec<Slot> = Vec::new();
    let mut taken = vec![0; buffers.len()];
    for buffer in order {
        let (size, (from, until)) = &buffers[buffer];
        let kind = Kind::of(size);
        let free = slots.iter().enumerate().filter(|(_, slot)| slot.kind == kind && slot.until < *from);
        let slot = free.min_by_key(|(_, slot)| slot.misfit(size)).map(|(slot, _)| slot).unwrap_or_else(|| {
            slots.push(Slot { sizes: Vec::new(), until: 0, kind });
            slots.len() - 1
        });
        slots[slot].take(size, *until);
        taken[buffer] = slot;
    }
    (slots, taken)
}
