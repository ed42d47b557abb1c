//! What an instruction reads and writes.

use crate::op::{Callee, Op, Slot};

impl Op {
    /// The slots that it reads, constants among them; its guard aside.
    pub fn reads(&self) -> Vec<Slot> {
        match self {
            Op::Copy { a, .. }
            | Op::One { a, .. }
            | Op::Unpack { a, .. }
            | Op::ToGeneric { a, .. }
            | Op::FromGeneric { a, .. }
            | Op::IsSpace { a, .. } => vec![*a],
            Op::Two { a, b, .. } | Op::Set { a, b, .. } | Op::Convert { a, b, .. } => vec![*a, *b],
            Op::Select { a, b, p, .. } => vec![*a, *b, *p],
            Op::Three { a, b, c, .. } => vec![*a, *b, *c],
            Op::Four { abcd, .. } => abcd.to_vec(),
            Op::Carry { abc, .. } => abc.to_vec(),
            Op::SetPredicate(s) => [s.a, s.b].into_iter().chain(s.join.map(|j| j.1)).collect(),
            Op::Pack { parts, .. } => parts.to_vec(),
            Op::Load(l) => vec![l.base],
            Op::Store(s) => s.registers.iter().flatten().copied().chain([s.base]).collect(),
            Op::Atomic(a) => vec![a.base, a.b, a.c],
            Op::BranchIndexed { index, .. } => vec![*index],
            Op::Call(call) => match call.callee {
                Callee::Address(slot) => vec![slot],
                Callee::Function(_) | Callee::Missing(_) => vec![],
            },
            Op::Barrier(b) => [b.id].into_iter().chain(b.threads).chain(b.reduction.map(|r| r.1)).collect(),
            Op::Warp(w) => w.inputs.iter().copied().chain([w.mask]).collect(),
            Op::CopyAsync(c) => [c.to, c.from].into_iter().chain(c.source_bytes).collect(),
            Op::Branch { .. }
            | Op::Return
            | Op::Exit
            | Op::Trap
            | Op::ActiveMask { .. }
            | Op::Clock { .. }
            | Op::CommitGroup
            | Op::WaitGroup { .. }
            | Op::Nothing => vec![],
        }
    }

    /// The registers that it writes.
    pub fn writes(&self) -> Vec<Slot> {
        match self {
            Op::Copy { d, .. }
            | Op::Select { d, .. }
            | Op::One { d, .. }
            | Op::Two { d, .. }
            | Op::Three { d, .. }
            | Op::Four { d, .. }
            | Op::Carry { d, .. }
            | Op::Set { d, .. }
            | Op::Convert { d, .. }
            | Op::Pack { d, .. }
            | Op::ToGeneric { d, .. }
            | Op::FromGeneric { d, .. }
            | Op::IsSpace { d, .. }
            | Op::ActiveMask { d }
            | Op::Clock { d } => vec![*d],
            Op::SetPredicate(s) => s.d.into_iter().chain(s.q).collect(),
            Op::Unpack { parts, .. } => parts.iter().flatten().copied().collect(),
            Op::Load(l) => l.registers.iter().flatten().copied().collect(),
            Op::Atomic(a) => a.d.into_iter().collect(),
            Op::Barrier(b) => b.reduction.map(|r| r.3).into_iter().collect(),
            Op::Warp(w) => w.d.iter().flatten().copied().collect(),
            Op::Store(_)
            | Op::Branch { .. }
            | Op::BranchIndexed { .. }
            | Op::Call(_)
            | Op::Return
            | Op::Exit
            | Op::Trap
            | Op::CopyAsync(_)
            | Op::CommitGroup
            | Op::WaitGroup { .. }
            | Op::Nothing => vec![],
        }
    }

    /// Whether it only moves bits, so that undefined ones do no harm yet.
    pub fn is_copy(&self) -> bool {
        matches!(self, Op::Copy { .. } | Op::Select { .. } | Op::Pack { .. } | Op::Unpack { .. })
    }
}
