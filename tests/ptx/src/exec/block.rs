//! A block: its threads, its shared memory, whose turn it is, and what it means when nobody can go on.

use super::Executed;
use super::access::Sight;
use super::frames::{State, Thread};
use super::launch::{Machine, SHARED_BASE};
use super::sectors::Sectors;
use super::{converge, thread};
use crate::fault::{Fault, FaultKind};
use crate::shadow::{Bits, LAST_CLOCK, Now, Races, Stamp};

/// Shared memory.
#[derive(Debug)]
pub(super) struct Shared {
    pub data: Vec<u8>,
    pub valid: Bits,
    pub written: Bits,
    pub races: Races,
}

impl Shared {
    fn new(m: &Machine) -> Shared {
        let bytes = m.shared.bytes;
        let mut valid = Bits::new(bytes);
        for (at, bytes) in &m.shared.variables {
            valid.put(*at..at + bytes, true);
        }
        Shared { data: vec![0; bytes as usize], valid, written: Bits::new(bytes), races: Races::new(bytes) }
    }

    /// Where the variables lie.
    pub fn near(&self, m: &Machine) -> String {
        let variables: Vec<String> =
            m.shared.variables.iter().filter(|v| v.1 > 0).map(|(at, n)| format!("{at:#x}..{:#x}", at + n)).collect();
        if variables.is_empty() {
            return "the block has no shared memory".into();
        }
        format!("variables lie at {}", variables.join(", "))
    }
}

/// Who knows what to lie behind it; see `shadow.rs`.
#[derive(Debug)]
pub(super) struct Clocks {
    block: u32,
    floor: u32,
    tick: u32,
    known: Vec<[u32; 32]>,
}

impl Clocks {
    pub fn now(&self, t: &Thread) -> Now<'_> {
        Now {
            stamp: Stamp::new(self.block, t.number, t.clock),
            floor: self.floor,
            known: &self.known[t.number as usize],
        }
    }

    fn next(&mut self) -> Executed<u32> {
        self.tick += 1;
        if self.tick >= LAST_CLOCK {
            return Err(Box::new(FaultKind::Unsupported("more barriers in a block than clocks count".into())));
        }
        Ok(self.tick)
    }

    /// Orders all earlier accesses of the block before all later ones.
    pub fn join_block(&mut self, threads: &mut [Thread]) -> Executed<()> {
        let tick = self.next()?;
        self.floor = tick;
        threads.iter_mut().for_each(|t| t.clock = tick);
        Ok(())
    }

    /// Orders the earlier accesses of some threads of a warp before their later ones.
    pub fn join_lanes(&mut self, threads: &mut [Thread], who: &[usize]) -> Executed<()> {
        let tick = self.next()?;
        let mut joined = [0; 32];
        for t in who {
            joined.iter_mut().zip(&self.known[*t]).for_each(|(a, b)| *a = (*a).max(*b));
        }
        for t in who {
            joined[t % 32] = threads[*t].clock + 1;
        }
        for t in who {
            self.known[*t] = joined;
            threads[*t].clock = tick;
        }
        Ok(())
    }
}

/// A block.
pub(super) struct Block {
    number: u32,
    place: [u32; 3],
    pub threads: Vec<Thread>,
    pub shared: Shared,
    pub clocks: Clocks,
    pub sectors: Sectors,
    runnable: Vec<u32>,
    ended: usize,
}

impl Block {
    pub fn new(m: &mut Machine, kernel: usize, number: u32) -> Block {
        let ([gx, gy, _], [bx, by, bz]) = (m.launch.grid, m.launch.block);
        let place = [number % gx, number / gx % gy, number / gx / gy];
        let count = bx * by * bz;
        m.counts.threads += u64::from(count);
        let mut threads: Vec<Thread> = (0..count).map(|n| Thread::new(n, [n % bx, n / bx % by, n / bx / by])).collect();
        for t in &mut threads {
            t.enter(m, kernel, place);
            for (parameter, bytes) in m.module.functions[kernel].parameters.iter().zip(&m.launch.params) {
                let range = parameter.offset as usize..(parameter.offset + parameter.bytes) as usize;
                t.params[range.clone()].copy_from_slice(bytes);
                t.params_written[range].fill(true);
            }
        }
        Block {
            number,
            place,
            shared: Shared::new(m),
            clocks: Clocks { block: number, floor: 0, tick: 1, known: vec![[0; 32]; count as usize] },
            sectors: Sectors::new(count.div_ceil(32) as usize, m.module.sites),
            runnable: (0..count).collect(),
            threads,
            ended: 0,
        }
    }

    /// One thread runs for a while; true when the block has ended.
    pub fn turn(&mut self, m: &mut Machine) -> Result<bool, Fault> {
        if self.runnable.is_empty() {
            if self.ended == self.threads.len() {
                return Ok(true);
            }
            let (t, kind) = converge::stuck(self, m);
            return Err(self.fault(m, t, kind));
        }
        let at = m.random.below(self.runnable.len() as u64) as usize;
        let t = self.runnable[at] as usize;
        // Mostly long turns, and enough short ones to try what lies between two instructions.
        let turn = if m.random.below(4) == 0 { 1 + m.random.below(8) } else { 1 + m.random.below(400) };
        let mut sight = Sight { shared: &mut self.shared, clocks: &self.clocks, sectors: &mut self.sectors };
        let result = thread::run(m, &mut sight, &mut self.threads[t], self.place, turn);
        let result = result.and_then(|()| {
            if self.threads[t].state == State::Running {
                return Ok(());
            }
            self.runnable.swap_remove(at);
            match self.threads[t].state {
                State::Running => {}
                State::Ended => self.ended += 1,
                State::Barrier(_) | State::Lanes(_) => converge::arrive(self, m, t)?,
            }
            Ok(())
        });
        result.map(|()| false).map_err(|kind| self.fault(m, t, *kind))
    }

    /// A thread that waited goes on behind what it waited at.
    pub fn release(&mut self, t: usize) {
        self.threads[t].state = State::Running;
        self.threads[t].pc += 1;
        self.runnable.push(t as u32);
    }

    fn fault(&self, m: &Machine, t: usize, kind: FaultKind) -> Fault {
        let thread = &self.threads[t];
        let line = m.module.code.get(thread.pc).map_or(0, |i| i.line);
        Fault { kernel: m.launch.kernel.to_string(), line, thread: thread.tid, block: self.place, kind }
    }

    /// The block has ended.
    pub fn end(self, m: &mut Machine) {
        debug_assert!(self.shared.data.len() as u64 >= SHARED_BASE && self.number < u32::MAX);
        self.sectors.end(&mut m.counts);
    }
}
