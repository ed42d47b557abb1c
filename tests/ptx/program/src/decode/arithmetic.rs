//! Instructions that compute one value from others: rows of [`crate::alu`].

use super::operands::exactly;
use super::{Decoded, Decoder};
use crate::alu;
use crate::class::Class;
use crate::functions::Kernel;
use crate::op::Op;
use crate::text::syntax::Statement;

pub(super) fn decode<'t>(decoder: &mut Decoder<'_, 't>, s: &Statement<'t>) -> Decoded<(Op, Class)> {
    let picked = alu::pick(s.opcode, &s.modifiers)?;
    let arity = picked.arity();
    if s.operands.len() != arity + 1 {
        return Err(format!("'{}' has {} operands, where {} are expected", s.opcode, s.operands.len(), arity + 1));
    }
    let d = decoder.target(&s.operands[0], picked.result)?;
    let mut slots = [0; 4];
    for ((slot, operand), ty) in slots.iter_mut().zip(&s.operands[1..]).zip(picked.operands) {
        *slot = decoder.source(operand, ty)?;
    }
    let [a, b, c, _] = slots;
    let op = match picked.kernel {
        Kernel::One(f) => Op::One { f, d, a },
        Kernel::Two(f) => Op::Two { f, d, a, b },
        Kernel::Three(f) => Op::Three { f, d, a, b, c },
        Kernel::Four(f) => Op::Four { f, d, abcd: slots },
        Kernel::Carry(f, _) => {
            let c = if arity == 3 { c } else { decoder.bits(0) };
            Op::Carry { f, d, abc: [a, b, c], keeps: s.modifiers.contains(&"cc") }
        }
    };
    Ok((op, picked.class))
}

/// The operands of a statement, if there are so many.
pub(super) fn operands<'s, 't, const N: usize>(
    s: &'s Statement<'t>,
) -> Decoded<&'s [crate::text::syntax::Operand<'t>; N]> {
    exactly(&s.operands)
}
