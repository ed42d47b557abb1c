//! Convergence points: barriers of a block, and synchronous operations of the lanes of a warp.

use super::Executed;
use super::access::{Place, Sight, touch};
use super::block::Block;
use super::frames::{State, Thread};
use super::launch::Machine;
use crate::fault::{FaultKind, Touch};
use dp_ptx_program::mma;
use dp_ptx_program::op::{Barrier, Op, Shuffle, Vote, VoteMode, Warp, WarpKind};

/// A thread has arrived at a convergence point. If it is the last one, all that wait there continue.
pub(super) fn arrive(block: &mut Block, m: &mut Machine, t: usize) -> Executed<()> {
    let module = m.module;
    let op = &module.code[block.threads[t].pc].op;
    if let Op::Barrier(barrier) = op {
        barrier_arrival(block, m, t, barrier)
    } else if let Op::Warp(warp) = op {
        warp_arrival(block, m, t, warp)
    } else {
        Ok(())
    }
}

fn barrier_arrival(block: &mut Block, m: &mut Machine, t: usize, barrier: &Barrier) -> Executed<()> {
    let thread = &block.threads[t];
    let all = block.threads.len() as u64;
    if let Some(count) = barrier.threads {
        let count = thread.slots[thread.base + count as usize];
        if count != all.next_multiple_of(32) && count != all {
            return Err(Box::new(FaultKind::Unsupported(format!("a barrier of {count} of {all} threads"))));
        }
    }
    let (State::Barrier(id), pc) = (thread.state, thread.pc) else { return Ok(()) };
    if id > 15 {
        return Err(Box::new(FaultKind::Unsupported(format!("barrier {id}, where 15 is the last"))));
    }
    // All threads of a warp must come to the same one.
    let warp = t / 32 * 32..(t / 32 * 32 + 32).min(block.threads.len());
    for other in &block.threads[warp] {
        if barrier.aligned && other.state == thread.state && other.pc != pc {
            let waits = format!("barrier {id}");
            let line = m.module.code[other.pc].line;
            let other = format!("thread {:?} of its warp waits at that of line {line}", other.tid);
            return Err(Box::new(FaultKind::DivergentBarrier { waits, other }));
        }
    }
    if block.threads.iter().any(|other| other.state != State::Barrier(id)) {
        return Ok(());
    }
    m.counts.barriers += 1;
    block.clocks.join_block(&mut block.threads)?;
    reduce_barrier(block, m);
    (0..block.threads.len()).for_each(|t| block.release(t));
    Ok(())
}

/// `barrier.red`: every thread gets the same.
fn reduce_barrier(block: &mut Block, m: &Machine) {
    let of = |t: &Thread| if let Op::Barrier(b) = &m.module.code[t.pc].op { b.reduction } else { None };
    let holds = |t: &Thread| of(t).is_some_and(|(_, p, negated, _)| (t.slots[t.base + p as usize] != 0) != negated);
    let count = block.threads.iter().filter(|t| holds(t)).count() as u64;
    let all = block.threads.len() as u64;
    for t in &mut block.threads {
        if let Some((vote, _, _, d)) = of(t) {
            t.slots[t.base + d as usize] = match vote {
                Vote::Popc => count,
                Vote::And => u64::from(count == all),
                Vote::Or => u64::from(count > 0),
            };
        }
    }
}

fn missing(lane: u32, mask: u32, why: impl Into<String>) -> Box<FaultKind> {
    Box::new(FaultKind::MissingLane { lane, mask, why: why.into() })
}

fn warp_arrival(block: &mut Block, m: &mut Machine, t: usize, warp: &Warp) -> Executed<()> {
    let State::Lanes(mask) = block.threads[t].state else { return Ok(()) };
    let (first, lane, pc) = (t / 32 * 32, t as u32 % 32, block.threads[t].pc);
    if mask >> lane & 1 == 0 {
        return Err(missing(lane, mask, "it takes part, and the mask leaves it out"));
    }
    let who: Vec<usize> = (0..32).filter(|n| mask >> n & 1 == 1).map(|n| first + n).collect();
    if let Some(gone) = who.iter().find(|n| **n >= block.threads.len()) {
        return Err(missing((gone - first) as u32, mask, "the block has no such thread"));
    }
    if who.iter().any(|n| block.threads[*n].state != State::Lanes(mask) || block.threads[*n].pc != pc) {
        return Ok(());
    }
    let inputs: Vec<Vec<u64>> = who
        .iter()
        .map(|n| {
            let t = &block.threads[*n];
            warp.inputs.iter().map(|slot| t.slots[t.base + *slot as usize]).collect()
        })
        .collect();
    let outputs = lanes_results(block, m, warp, mask, &who, &inputs)?;
    for (n, values) in who.iter().zip(outputs) {
        let t = &mut block.threads[*n];
        for (slot, value) in warp.d.iter().zip(values) {
            if let Some(slot) = slot {
                t.slots[t.base + *slot as usize] = value;
            }
        }
    }
    if matches!(warp.kind, WarpKind::Sync) {
        block.clocks.join_lanes(&mut block.threads, &who)?;
    }
    who.into_iter().for_each(|t| block.release(t));
    Ok(())
}

/// The results of each lane, in the order of the lanes.
fn lanes_results(
    block: &mut Block,
    m: &mut Machine,
    warp: &Warp,
    mask: u32,
    who: &[usize],
    inputs: &[Vec<u64>],
) -> Executed<Vec<Vec<u64>>> {
    let lanes: Vec<u32> = who.iter().map(|t| *t as u32 % 32).collect();
    let first = inputs.first().and_then(|i| i.first()).copied().unwrap_or(0);
    let everyone = |values: Vec<u64>| vec![values; inputs.len()];
    Ok(match &warp.kind {
        WarpKind::Sync => everyone(Vec::new()),
        WarpKind::Shuffle(how) => {
            let read = |n: usize| -> Executed<Vec<u64>> {
                let (source, inside) = shuffled(*how, lanes[n], inputs[n][1] as u32, inputs[n][2] as u32);
                let Some(from) = lanes.iter().position(|lane| *lane == source) else {
                    let why = format!("lane {} reads its value, which is undefined", lanes[n]);
                    return Err(missing(source, mask, why));
                };
                Ok(vec![inputs[from][0], u64::from(inside)])
            };
            (0..lanes.len()).map(read).collect::<Executed<_>>()?
        }
        WarpKind::Vote(what, negated) => {
            let holds = |i: &Vec<u64>| (i[0] != 0) != *negated;
            let count = inputs.iter().filter(|i| holds(i)).count();
            let ballot = inputs.iter().zip(&lanes).filter(|(i, _)| holds(i)).fold(0, |sum, (_, lane)| sum | 1 << lane);
            everyone(vec![match what {
                VoteMode::All => u64::from(count == inputs.len()),
                VoteMode::Any => u64::from(count > 0),
                VoteMode::Uniform => u64::from(count == 0 || count == inputs.len()),
                VoteMode::Ballot => ballot,
            }])
        }
        WarpKind::MatchAny => {
            let same = |a: u64| inputs.iter().zip(&lanes).filter(|(i, _)| i[0] == a).fold(0, |s, (_, l)| s | 1 << l);
            inputs.iter().map(|i| vec![same(i[0]), 0]).collect()
        }
        WarpKind::MatchAll => {
            let all = inputs.iter().all(|i| i[0] == first);
            everyone(vec![if all { u64::from(mask) } else { 0 }, u64::from(all)])
        }
        WarpKind::Reduce(f) => {
            let sum = inputs.iter().skip(1).fold(first, |sum, i| f(sum, i[0]));
            everyone(vec![sum])
        }
        WarpKind::LoadMatrix { matrices, transposed, space, offset } => {
            let mut rows = Vec::new();
            for (n, t) in who.iter().enumerate().take(8 * *matrices as usize) {
                let address = inputs[n][0].wrapping_add_signed(*offset);
                let place = Place { space: *space, address, bytes: 16, site: 0, strong: false };
                let mut sight = Sight { shared: &mut block.shared, clocks: &block.clocks, sectors: &mut block.sectors };
                let mut row = [0; 16];
                touch(m, &mut sight, &mut block.threads[*t], &place, Touch::Read, |data| row.copy_from_slice(data))?;
                rows.push(row);
            }
            mma::load(&rows, *matrices as usize, *transposed)
        }
        WarpKind::Multiply(shape) => mma::multiply(shape, inputs),
    })
}

/// The lane that is read, and whether the way to it stays inside of the segment.
fn shuffled(how: Shuffle, lane: u32, b: u32, c: u32) -> (u32, bool) {
    let (b, segment, clamp) = (b & 31, c >> 8 & 31, c & 31);
    let last = lane & segment | clamp & !segment;
    let first = lane & segment;
    let (source, inside) = match how {
        Shuffle::Up => (lane.wrapping_sub(b), lane as i32 - b as i32 >= last as i32),
        Shuffle::Down => (lane + b, lane + b <= last),
        Shuffle::Butterfly => (lane ^ b, lane ^ b <= last),
        Shuffle::Index => (first | b & !segment, (first | b & !segment) <= last),
    };
    (if inside { source } else { lane }, inside)
}

/// Nobody of the block can go on, and not all have ended: who is to blame, and for what.
pub(super) fn stuck(block: &Block, m: &Machine) -> (usize, FaultKind) {
    let threads = &block.threads;
    let line = |t: usize| m.module.code[threads[t].pc].line;
    let does = |t: usize| match threads[t].state {
        State::Ended => format!("has ended at line {}", line(t)),
        State::Barrier(id) => format!("waits at barrier {id} of line {}", line(t)),
        State::Lanes(mask) => format!("waits for lanes {mask:#010x} at line {}", line(t)),
        State::Running => "runs".into(),
    };
    // A warp that waits for a lane that does something else.
    for (t, thread) in threads.iter().enumerate() {
        let State::Lanes(mask) = thread.state else { continue };
        let absent = (0..32)
            .filter(|n| mask >> n & 1 == 1)
            .map(|n| t / 32 * 32 + n)
            .find(|n| threads[*n].state != thread.state || threads[*n].pc != thread.pc);
        if let Some(absent) = absent {
            return (t, *missing(absent as u32 % 32, mask, format!("it {}", does(absent))));
        }
    }
    let waits = |t: &usize| matches!(threads[*t].state, State::Barrier(_));
    let t = (0..threads.len()).find(waits).unwrap_or(0);
    let other = (0..threads.len()).find(|n| threads[*n].state != threads[t].state).unwrap_or(0);
    let kind = FaultKind::DivergentBarrier {
        waits: match threads[t].state {
            State::Barrier(id) => format!("barrier {id}"),
            State::Running | State::Lanes(_) | State::Ended => does(t),
        },
        other: format!("thread {:?} {}", threads[other].tid, does(other)),
    };
    (t, kind)
}
