//! The loop over a thread's instructions.

use super::access::{self, Sight};
use super::frames::{Pending, State, Thread};
use super::launch::Machine;
use super::{Executed, access::generic};
use crate::fault::FaultKind;
use dp_ptx_program::op::{Instruction, Join, Op, Slot};

/// Runs a thread for so many instructions, or until it meets others or ends. At a fault, and where it waits, the
/// thread stands at the instruction.
pub(super) fn run(m: &mut Machine, sight: &mut Sight, t: &mut Thread, block: [u32; 3], turn: u64) -> Executed<()> {
    let module = m.module;
    let code = &module.code[..];
    let turn = turn.min(m.left);
    if turn == 0 {
        return Err(Box::new(FaultKind::Endless(m.launch.limit)));
    }
    let mut left = turn;
    let result = steps(m, sight, t, block, code, &mut left);
    m.left -= turn - left;
    result
}

fn steps(
    m: &mut Machine,
    sight: &mut Sight,
    t: &mut Thread,
    block: [u32; 3],
    code: &[Instruction],
    left: &mut u64,
) -> Executed<()> {
    macro_rules! at {
        ($slot:expr) => {
            t.slots[t.base + $slot as usize]
        };
    }
    while *left > 0 {
        *left -= 1;
        let instruction = &code[t.pc];
        m.counts.classes[instruction.class as usize] += 1;
        if let Some((p, negated)) = instruction.guard {
            if instruction.tracked {
                defined(t, p)?;
            }
            if (at!(p) != 0) == negated {
                t.pc += 1;
                continue;
            }
        }
        if instruction.tracked {
            track(t, &instruction.op)?;
        }
        match &instruction.op {
            Op::Copy { d, a } => at!(*d) = at!(*a),
            Op::One { f, d, a } => at!(*d) = f(at!(*a)),
            Op::Two { f, d, a, b } => at!(*d) = f(at!(*a), at!(*b)),
            Op::Three { f, d, a, b, c } => at!(*d) = f(at!(*a), at!(*b), at!(*c)),
            Op::Four { f, d, abcd: [a, b, c, e] } => at!(*d) = f(at!(*a), at!(*b), at!(*c), at!(*e)),
            Op::Select { d, a, b, p } => at!(*d) = if at!(*p) != 0 { at!(*a) } else { at!(*b) },
            Op::Set { compare, yes, d, a, b } => at!(*d) = if compare(at!(*a), at!(*b)) { *yes } else { 0 },
            Op::SetPredicate(s) => {
                let holds = (s.compare)(at!(s.a), at!(s.b));
                let join = |holds: bool| match s.join {
                    None => holds,
                    Some((join, slot, negated)) => {
                        let c = (at!(slot) != 0) != negated;
                        match join {
                            Join::And => holds && c,
                            Join::Or => holds || c,
                            Join::Xor => holds != c,
                        }
                    }
                };
                let upper = || (s.compare)(at!(s.a) >> 16, at!(s.b) >> 16);
                let (p, q) = (join(holds), join(if s.packed { upper() } else { !holds }));
                if let Some(d) = s.d {
                    at!(d) = u64::from(p);
                }
                if let Some(d) = s.q {
                    at!(d) = u64::from(q);
                }
            }
            Op::Convert { c, d, a, b } => at!(*d) = c.apply(at!(*a), at!(*b)),
            Op::Carry { f, d, abc: [a, b, c], keeps } => {
                let (sum, carry) = f(at!(*a), at!(*b), at!(*c), t.carry);
                at!(*d) = sum;
                if *keeps {
                    t.carry = carry;
                }
            }
            Op::Pack { d, parts, bits } => {
                let part = u64::MAX >> (64 - bits);
                let packed = parts.iter().rev().fold(0, |sum, p| sum << bits | at!(*p) & part);
                at!(*d) = packed;
            }
            Op::Unpack { a, parts, bits } => {
                let (mut value, part) = (at!(*a), u64::MAX >> (64 - bits));
                for p in parts {
                    if let Some(p) = p {
                        at!(*p) = value & part;
                    }
                    value >>= bits;
                }
            }
            Op::Load(a) => access::load(m, sight, t, a)?,
            Op::Store(a) => access::store(m, sight, t, a)?,
            Op::Atomic(a) => access::atomic(m, sight, t, a)?,
            Op::Branch { to } => {
                t.pc = *to as usize;
                continue;
            }
            Op::BranchIndexed { index, targets } => {
                let n = at!(*index);
                let to = targets.get(n as usize).ok_or_else(|| {
                    FaultKind::BadCall(format!("branch number {n}, where there are {} targets", targets.len()))
                })?;
                t.pc = *to as usize;
                continue;
            }
            Op::Call(call) => {
                t.call(m, call, block)?;
                continue;
            }
            Op::Return => {
                if t.leave(m) {
                    continue;
                }
                return end(m, sight, t);
            }
            Op::Exit => return end(m, sight, t),
            Op::Trap => return Err(Box::new(FaultKind::Trap)),
            Op::ToGeneric { d, a, space } => at!(*d) = generic(*space, at!(*a), t.param_base),
            Op::FromGeneric { d, a, space } => at!(*d) = access::from_generic(*space, at!(*a), t.param_base),
            Op::IsSpace { d, a, space } => at!(*d) = u64::from(access::lies_in(*space, at!(*a))),
            Op::Barrier(b) => {
                t.state = State::Barrier(at!(b.id) as u32);
                return Ok(());
            }
            Op::Warp(w) => {
                t.state = State::Lanes(at!(w.mask) as u32);
                return Ok(());
            }
            // Of threads that run one at a time, each is the only one that is active.
            Op::ActiveMask { d } => at!(*d) = 1 << (t.number % 32),
            Op::Clock { d } => at!(*d) = u64::from((m.launch.limit - m.left + *left) as u32),
            Op::CopyAsync(c) => {
                let source_bytes = c.source_bytes.map_or(c.bytes, |slot| (at!(slot) as u32).min(c.bytes));
                let to = at!(c.to).wrapping_add_signed(c.to_offset);
                let from = at!(c.from).wrapping_add_signed(c.from_offset);
                t.copies.push(Pending { copy: (**c).clone(), to, from, source_bytes });
            }
            Op::CommitGroup => {
                let group = std::mem::take(&mut t.copies);
                t.groups.push_back(group);
            }
            Op::WaitGroup { pending } => access::wait_copies(m, sight, t, *pending)?,
            Op::Nothing => {}
        }
        t.pc += 1;
    }
    Ok(())
}

/// The thread ends; copies that nobody waited for are made.
fn end(m: &mut Machine, sight: &mut Sight, t: &mut Thread) -> Executed<()> {
    access::wait_copies(m, sight, t, None)?;
    t.state = State::Ended;
    Ok(())
}

fn is_defined(t: &Thread, slot: Slot) -> bool {
    t.defined[t.base + slot as usize]
}

fn defined(t: &Thread, slot: Slot) -> Executed<()> {
    if is_defined(t, slot) {
        return Ok(());
    }
    Err(Box::new(FaultKind::UninitializedRegister { register: slot }))
}

/// Keeps up which registers are defined; an undefined one that is more than copied is a fault.
fn track(t: &mut Thread, op: &Op) -> Executed<()> {
    let good = match op {
        Op::Copy { a, .. } | Op::Unpack { a, .. } => is_defined(t, *a),
        Op::Select { a, b, p, .. } => {
            defined(t, *p)?;
            is_defined(t, if t.slots[t.base + *p as usize] != 0 { *a } else { *b })
        }
        Op::Pack { parts, .. } => parts.iter().all(|p| is_defined(t, *p)),
        _ => {
            for slot in op.reads() {
                defined(t, slot)?;
            }
            true
        }
    };
    for slot in op.writes() {
        let at = t.base + slot as usize;
        t.defined[at] = good;
    }
    Ok(())
}
