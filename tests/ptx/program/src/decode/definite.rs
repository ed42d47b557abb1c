//! Which registers may be read before they are written.
//!
//! A register that is written on every way to each of its reads needs no watching. For the others, instructions are
//! marked: they are executed with a bit for each register that says whether it was written. Copies hand that bit on,
//! for LLVM copies undefined values where nobody looks at them later; any other read of an undefined register is a
//! fault.

use std::collections::{BTreeSet, HashMap};

use crate::op::{Instruction, Op, Slot};

/// Marks instructions; gives the registers to watch.
pub(super) fn track(code: &mut [Instruction], first: usize, registers: u32) -> Vec<Slot> {
    let mut watched = undefined_reads(code, first, registers);
    // What copies may hand on is watched too.
    loop {
        let before = watched.len();
        for instruction in code.iter() {
            let (reads, writes) = (instruction.op.reads(), instruction.op.writes());
            if instruction.op.is_copy() && reads.iter().any(|r| watched.contains(r)) {
                watched.extend(writes);
            }
        }
        if watched.len() == before {
            break;
        }
    }
    for instruction in code.iter_mut() {
        let guard = instruction.guard.map(|g| g.0);
        instruction.tracked = instruction
            .op
            .reads()
            .into_iter()
            .chain(instruction.op.writes())
            .chain(guard)
            .any(|s| watched.contains(&s));
    }
    watched.into_iter().collect()
}

/// Blocks as ranges of instructions, and where each leads.
fn blocks(code: &[Instruction], first: usize) -> (Vec<std::ops::Range<usize>>, Vec<Vec<usize>>) {
    let targets = |op: &Op| -> Vec<usize> {
        let targets = if let Op::Branch { to } = op {
            std::slice::from_ref(to)
        } else if let Op::BranchIndexed { targets, .. } = op {
            &targets[..]
        } else {
            &[]
        };
        targets.iter().map(|to| *to as usize - first).collect()
    };
    let ends = |op: &Op| matches!(op, Op::Branch { .. } | Op::BranchIndexed { .. } | Op::Return | Op::Exit | Op::Trap);
    let mut starts = BTreeSet::from([0]);
    for (n, instruction) in code.iter().enumerate() {
        starts.extend(targets(&instruction.op));
        if ends(&instruction.op) {
            starts.insert(n + 1);
        }
    }
    starts.remove(&code.len());
    let starts: Vec<usize> = starts.into_iter().collect();
    let number: HashMap<usize, usize> = starts.iter().enumerate().map(|(n, s)| (*s, n)).collect();
    let ranges: Vec<_> =
        starts.iter().enumerate().map(|(n, s)| *s..starts.get(n + 1).copied().unwrap_or(code.len())).collect();
    let next = ranges
        .iter()
        .map(|range| {
            let last = &code[range.end - 1];
            let mut out: Vec<usize> = targets(&last.op).iter().filter_map(|t| number.get(t).copied()).collect();
            if !ends(&last.op) || last.guard.is_some() {
                out.extend(number.get(&range.end));
            }
            out
        })
        .collect();
    (ranges, next)
}

/// The registers that some way reads before it writes them: a forward analysis, where a register is defined in a block
/// if it is on all ways into it.
fn undefined_reads(code: &[Instruction], first: usize, registers: u32) -> BTreeSet<Slot> {
    let words = registers.div_ceil(64) as usize;
    let (ranges, next) = blocks(code, first);
    // None: not reached yet.
    let mut incoming: Vec<Option<Vec<u64>>> = vec![None; ranges.len()];
    let mut out = BTreeSet::new();
    if ranges.is_empty() {
        return out;
    }
    incoming[0] = Some(vec![0; words]);
    let mut work = vec![0];
    let has = |set: &[u64], r: Slot| set[r as usize / 64] >> (r % 64) & 1 == 1;
    let step = |set: &mut Vec<u64>, instruction: &Instruction, mut undefined: Option<&mut BTreeSet<Slot>>| {
        let guard = instruction.guard.map(|g| g.0);
        if let Some(undefined) = &mut undefined {
            let reads = instruction.op.reads().into_iter().chain(guard);
            undefined.extend(reads.filter(|r| *r < registers && !has(set, *r)));
        }
        if guard.is_none() {
            for w in instruction.op.writes() {
                set[w as usize / 64] |= 1 << (w % 64);
            }
        }
    };
    while let Some(block) = work.pop() {
        let mut set = incoming[block].clone().unwrap_or_default();
        for instruction in &code[ranges[block].clone()] {
            step(&mut set, instruction, None);
        }
        for successor in &next[block] {
            let known = &mut incoming[*successor];
            let met = match known {
                Some(old) => old.iter().zip(&set).map(|(a, b)| a & b).collect(),
                None => set.clone(),
            };
            if known.as_ref() != Some(&met) {
                *known = Some(met);
                work.push(*successor);
            }
        }
    }
    for (block, set) in incoming.into_iter().enumerate() {
        if let Some(mut set) = set {
            for instruction in &code[ranges[block].clone()] {
                step(&mut set, instruction, Some(&mut out));
            }
        }
    }
    out
}
