//! What the interpreter remembers about bytes beside their values: which were written, and by whom they were touched.
//!
//! # Races
//!
//! Each block has a clock that ticks at convergence points: at a barrier of the block, and at `bar.warp.sync`. An access is
//! stamped with block, thread and the thread's clock. An earlier access is *ordered* before a later one if both are the
//! same thread's, or if both are of one block and the earlier one's stamp lies before the last barrier, or before a
//! `bar.warp.sync` of their warp that both threads took part in. Nothing orders accesses of different blocks. Two accesses of a
//! byte that are not ordered, of which one at least writes and one at least is no atomic operation, are a race.
//!
//! A word of four bytes remembers its last writer and two others that read it or operated on it atomically. Two are
//! enough: they are kept from different warps, or different blocks, as soon as there are such, and whatever comes later
//! is ordered after at most one of them unless a barrier lies between. Accesses of parts of a word split it into bytes.

use crate::fault::Touch;

/// A set of bits, one a byte of memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    pub fn new(bytes: u64) -> Bits {
        Bits(vec![0; bytes.div_ceil(64) as usize + 1])
    }

    fn mask(size: u64) -> u64 {
        u64::MAX >> (64 - size)
    }

    /// Whether all of a few bytes are set; the place is a multiple of the size, so that they lie in one word.
    pub fn all(&self, at: u64, size: u64) -> bool {
        let mask = Bits::mask(size) << (at & 63);
        self.0[(at >> 6) as usize] & mask == mask
    }

    pub fn set(&mut self, at: u64, size: u64) {
        self.0[(at >> 6) as usize] |= Bits::mask(size) << (at & 63);
    }

    pub fn get(&self, at: u64) -> bool {
        self.0[(at >> 6) as usize] >> (at & 63) & 1 == 1
    }

    /// Sets or clears a range of any length.
    pub fn put(&mut self, range: std::ops::Range<u64>, value: bool) {
        let mut at = range.start;
        while at < range.end {
            if at & 63 == 0 && range.end - at >= 64 {
                self.0[(at >> 6) as usize] = if value { u64::MAX } else { 0 };
                at += 64;
            } else {
                let bit = 1 << (at & 63);
                let word = &mut self.0[(at >> 6) as usize];
                *word = if value { *word | bit } else { *word & !bit };
                at += 1;
            }
        }
    }
}

/// Who touched something and when: block + 1 (24 bits), thread (10), clock (28), how (2). Zero is nobody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stamp(u64);

const READ: u64 = 1;
const ATOMIC: u64 = 2;
/// The last clock that a stamp holds.
pub(crate) const LAST_CLOCK: u32 = (1 << 28) - 1;
/// How many blocks stamps tell apart.
pub(crate) const BLOCKS: u64 = (1 << 24) - 2;
const SPLIT: Stamp = Stamp(u64::MAX);

impl Stamp {
    pub fn new(block: u32, thread: u32, clock: u32) -> Stamp {
        Stamp((u64::from(block) + 1) << 40 | u64::from(thread) << 30 | u64::from(clock) << 2)
    }

    fn block(self) -> u64 {
        self.0 >> 40
    }

    fn thread(self) -> u32 {
        (self.0 >> 30) as u32 & 0x3ff
    }

    fn clock(self) -> u32 {
        (self.0 >> 2) as u32 & LAST_CLOCK
    }

    /// The same but for how.
    fn who(self) -> u64 {
        self.0 >> 2
    }
}

/// The present: who touches, and what it knows to lie behind it.
#[derive(Clone, Copy)]
pub(crate) struct Now<'a> {
    pub stamp: Stamp,
    /// All that was stamped before is ordered, within the block.
    pub floor: u32,
    /// For each lane of the warp, the clock before which its accesses are ordered.
    pub known: &'a [u32; 32],
}

impl Now<'_> {
    fn ordered(&self, other: Stamp) -> bool {
        if other.0 == 0 {
            return true;
        }
        if other.block() != self.stamp.block() {
            return false;
        }
        let (mine, theirs) = (self.stamp.thread(), other.thread());
        mine == theirs
            || other.clock() < self.floor
            || (mine / 32 == theirs / 32 && other.clock() < self.known[(theirs % 32) as usize])
    }
}

/// What a word or a byte remembers.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    writer: Stamp,
    others: [Stamp; 2],
}

/// A race: the other's block and thread, and what it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub block: u32,
    pub thread: u32,
    pub touch: Touch,
}

impl Found {
    fn new(stamp: Stamp, writer: bool) -> Found {
        let touch = match (writer, stamp.0 & ATOMIC != 0) {
            (true, _) => Touch::Write,
            (false, true) => Touch::Atomic,
            (false, false) => Touch::Read,
        };
        Found { block: stamp.block() as u32 - 1, thread: stamp.thread(), touch }
    }
}

impl Cell {
    fn touch(&mut self, touch: Touch, now: &Now) -> Result<(), Found> {
        if !now.ordered(self.writer) {
            return Err(Found::new(self.writer, true));
        }
        let forbidden = match touch {
            Touch::Read => ATOMIC,
            Touch::Atomic => READ,
            Touch::Write => READ | ATOMIC,
        };
        for other in self.others {
            if other.0 & forbidden != 0 && !now.ordered(other) {
                return Err(Found::new(other, false));
            }
        }
        match touch {
            // What comes after this write and is ordered is ordered after the others too.
            Touch::Write => *self = Cell { writer: now.stamp, others: [Stamp(0); 2] },
            Touch::Read => self.remember(READ, now),
            Touch::Atomic => self.remember(ATOMIC, now),
        }
        Ok(())
    }

    fn remember(&mut self, how: u64, now: &Now) {
        let me = Stamp(now.stamp.0 | how);
        let [first, second] = &mut self.others;
        for slot in [&mut *first, &mut *second] {
            if slot.who() == me.who() {
                slot.0 |= how;
                return;
            }
        }
        for slot in [&mut *first, &mut *second] {
            if now.ordered(*slot) {
                // One's own earlier accesses count as if they were made now.
                let same = slot.block() == me.block() && slot.thread() == me.thread();
                *slot = if same { Stamp(me.0 | slot.0 & 3) } else { me };
                return;
            }
        }
        let apart = |a: Stamp, b: Stamp| a.block() != b.block() || a.thread() / 32 != b.thread() / 32;
        let blocks_apart = first.block() != second.block();
        if (!apart(*first, *second) && apart(*first, me)) || (!blocks_apart && first.block() != me.block()) {
            *second = me;
        }
    }
}

/// Who touched each word of a piece of memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Races {
    words: Vec<Cell>,
    split: Vec<[Cell; 4]>,
}

impl Races {
    pub fn new(bytes: u64) -> Races {
        Races { words: vec![Cell::default(); bytes.div_ceil(4) as usize], split: Vec::new() }
    }

    /// Records an access; an error says whom it races with.
    pub fn touch(&mut self, at: u64, size: u64, touch: Touch, now: &Now) -> Result<(), Found> {
        let (first, last) = ((at / 4) as usize, ((at + size - 1) / 4) as usize);
        for (n, word) in self.words[first..=last].iter_mut().enumerate() {
            if word.writer != SPLIT && size >= 4 {
                word.touch(touch, now)?;
                continue;
            }
            if word.writer != SPLIT {
                self.split.push([*word; 4]);
                *word = Cell { writer: SPLIT, others: [Stamp(self.split.len() as u64 - 1), Stamp(0)] };
            }
            let bytes = &mut self.split[word.others[0].0 as usize];
            let start = 4 * (first + n) as u64;
            for (k, byte) in bytes.iter_mut().enumerate() {
                if (at..at + size).contains(&(start + k as u64)) {
                    byte.touch(touch, now)?;
                }
            }
        }
        Ok(())
    }
}

impl Bits {
    /// Makes room for so many bytes.
    pub fn grow(&mut self, bytes: u64) {
        let words = bytes.div_ceil(64) as usize + 1;
        if self.0.len() < words {
            self.0.resize(words, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Accesses by (block, thread, clock); lanes of a warp know each other up to the clock that is given last.
    fn touch(races: &mut Races, at: u64, size: u64, touch: Touch, who: (u32, u32, u32), known: u32) -> Option<u32> {
        let stamp = Stamp::new(who.0, who.1, who.2);
        let now = Now { stamp, floor: 1, known: &[known; 32] };
        races.touch(at, size, touch, &now).err().map(|found| found.thread)
    }

    #[test]
    fn readers_of_other_warps_are_not_forgotten() {
        let mut races = Races::new(4);
        for thread in [0, 1, 2, 40] {
            assert_eq!(touch(&mut races, 0, 4, Touch::Read, (0, thread, 1), 0), None);
        }
        // The warp of thread 0 has met since, and may overwrite what it read; thread 40 has not.
        assert_eq!(touch(&mut races, 0, 4, Touch::Write, (0, 3, 2), 2), Some(40));
    }

    #[test]
    fn readers_of_other_blocks_are_not_forgotten() {
        let mut races = Races::new(4);
        for (block, thread) in [(0, 0), (0, 40), (0, 80), (1, 7)] {
            assert_eq!(touch(&mut races, 0, 4, Touch::Read, (block, thread, 1), 0), None);
        }
        let stamp = Stamp::new(0, 5, 9);
        // Behind a barrier of block 0.
        let now = Now { stamp, floor: 9, known: &[0; 32] };
        assert_eq!(races.touch(0, 4, Touch::Write, &now).map_err(|found| (found.block, found.thread)), Err((1, 7)));
    }

    #[test]
    fn what_one_thread_did_in_several_ways_is_kept() {
        let mut races = Races::new(4);
        assert_eq!(touch(&mut races, 0, 4, Touch::Read, (0, 0, 1), 0), None);
        assert_eq!(touch(&mut races, 0, 4, Touch::Atomic, (0, 0, 2), 0), None);
        // An atomic operation races with the read, if not with the other atomic operation.
        assert_eq!(touch(&mut races, 0, 4, Touch::Atomic, (0, 40, 1), 0), Some(0));
        let mut races = Races::new(4);
        assert_eq!(touch(&mut races, 0, 4, Touch::Atomic, (0, 0, 2), 0), None);
        assert_eq!(touch(&mut races, 0, 4, Touch::Atomic, (0, 40, 1), 0), None);
        assert_eq!(touch(&mut races, 2, 2, Touch::Read, (0, 41, 1), 0), Some(0));
    }

    #[test]
    fn words_split_into_bytes() {
        let mut races = Races::new(8);
        assert_eq!(touch(&mut races, 0, 8, Touch::Read, (0, 0, 1), 0), None);
        assert_eq!(touch(&mut races, 4, 1, Touch::Write, (0, 0, 1), 0), None);
        assert_eq!(touch(&mut races, 5, 1, Touch::Read, (0, 40, 1), 0), None);
        assert_eq!(touch(&mut races, 4, 1, Touch::Read, (0, 40, 1), 0), Some(0));
        assert_eq!(touch(&mut races, 4, 4, Touch::Write, (0, 0, 1), 0), Some(40));
    }
}
