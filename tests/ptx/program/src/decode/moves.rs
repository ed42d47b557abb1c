//! Copies, selections, comparisons, conversions.

use super::arithmetic::operands;
use super::operands::Width;
use super::{Decoded, Decoder, Row};
use crate::alu::{Modifiers, class_of, compare, convert, form};
use crate::class::Class;
use crate::functions::F3;
use crate::op::{Join, Op, SetPredicate};
use crate::text::syntax::{Operand, Statement};
use crate::types::{Space, Ty};

pub(super) const ROWS: &[Row] = &[
    ("mov", mov),
    ("selp", select),
    ("slct", select_by_sign),
    ("setp", set_predicate),
    ("set", set),
    ("cvt", convert),
    ("cvta", convert_address),
    ("isspacep", is_space),
    ("activemask", |d, s, m| {
        let [to] = operands(s)?;
        m.flag("b32");
        Ok((Op::ActiveMask { d: d.target(to, Ty::B32)? }, Class::Warp))
    }),
];

fn typed(m: &mut Modifiers) -> Decoded<Ty> {
    m.ty().ok_or_else(|| "a type is missing".to_string())
}

fn mov<'t>(d: &mut Decoder<'_, 't>, s: &Statement<'t>, m: &mut Modifiers) -> Decoded<(Op, Class)> {
    let ty = typed(m)?;
    let [to, from] = operands(s)?;
    let part = |count: usize| {
        [Ty::B8, Ty::B16, Ty::B32]
            .into_iter()
            .find(|part| part.bits() as usize * count == ty.bits() as usize)
            .ok_or_else(|| format!("{count} parts of '.{}'", ty.name()))
    };
    let op = match (to, from) {
        (Operand::Vector(parts), from) => {
            let a = d.source(from, ty)?;
            let part = part(parts.len())?;
            let parts = parts.iter().map(|p| d.perhaps_target(p, part, Width::AtLeast)).collect::<Decoded<_>>()?;
            Op::Unpack { a, parts, bits: part.bits() }
        }
        (to, Operand::Vector(parts)) => {
            let to = d.target(to, ty)?;
            let part = part(parts.len())?;
            let parts = parts.iter().map(|p| d.source_of(p, part, Width::AtLeast)).collect::<Decoded<_>>()?;
            Op::Pack { d: to, parts, bits: part.bits() }
        }
        (to, Operand::Name("%clock" | "%clock64" | "%globaltimer" | "%clock_hi", "")) => {
            Op::Clock { d: d.target(to, ty)? }
        }
        (to, from) => Op::Copy { d: d.target(to, ty)?, a: d.source(from, ty)? },
    };
    Ok((op, Class::Move))
}

fn select<'t>(d: &mut Decoder<'_, 't>, s: &Statement<'t>, m: &mut Modifiers) -> Decoded<(Op, Class)> {
    let ty = typed(m)?;
    let [to, a, b, p] = operands(s)?;
    let op = Op::Select { d: d.target(to, ty)?, a: d.source(a, ty)?, b: d.source(b, ty)?, p: d.source(p, Ty::Pred)? };
    Ok((op, Class::Move))
}

/// `c >= 0 ? a : b`; -0 counts as zero, NaN as negative.
fn select_by_sign<'t>(d: &mut Decoder<'_, 't>, s: &Statement<'t>, m: &mut Modifiers) -> Decoded<(Op, Class)> {
    let (ty, by) = (typed(m)?, typed(m)?);
    let [to, a, b, c] = operands(s)?;
    const FORMS: &[(Ty, F3)] = &[
        (Ty::S32, |a, b, c| if c as i32 >= 0 { a } else { b }),
        (Ty::F32, |a, b, c| if f32::from_bits(c as u32) >= 0.0 { a } else { b }),
    ];
    let f = form(by, FORMS).ok_or_else(|| format!("'slct' by '.{}'", by.name()))?;
    let op = Op::Three { f, d: d.target(to, ty)?, a: d.source(a, ty)?, b: d.source(b, ty)?, c: d.source(c, by)? };
    Ok((op, Class::Move))
}

const JOINS: &[(&str, Join)] = &[("and", Join::And), ("or", Join::Or), ("xor", Join::Xor)];

fn set_predicate<'t>(d: &mut Decoder<'_, 't>, s: &Statement<'t>, m: &mut Modifiers) -> Decoded<(Op, Class)> {
    let join = m.choose(JOINS);
    let (compare, ty) = compare::pick(m).ok_or_else(|| format!("no comparison '.{}'", s.modifiers.join(".")))?;
    let [to, a, b, rest @ ..] = &s.operands[..] else { return Err("'setp' wants three operands".into()) };
    let (p, q) = match to {
        Operand::Pair(p, q) => {
            (d.perhaps_target(p, Ty::Pred, Width::Exact)?, d.perhaps_target(q, Ty::Pred, Width::Exact)?)
        }
        p => (Some(d.target(p, Ty::Pred)?), None),
    };
    let packed = matches!(ty, Ty::F16x2 | Ty::Bf16x2);
    let (a, b) = (d.source(a, ty)?, d.source(b, ty)?);
    let join = match (join, rest) {
        (Some(join), [c]) => {
            let (slot, negated) = d.predicate(c)?;
            Some((join, slot, negated))
        }
        (None, []) => None,
        _ => return Err("'setp' with a predicate that it does not join, or without one that it joins".into()),
    };
    Ok((Op::SetPredicate(Box::new(SetPredicate { compare, packed, d: p, q, a, b, join })), Class::Predicate))
}

/// `set` in its forms without a predicate: all ones or 1.0 where the comparison holds. The comparison must be one of
/// `f32` or of 32-bit integers.
fn set<'t>(d: &mut Decoder<'_, 't>, s: &Statement<'t>, m: &mut Modifiers) -> Decoded<(Op, Class)> {
    // The result's type stands first, the operands' second.
    let to = typed(m)?;
    let (compare, ty) = compare::pick(m).ok_or_else(|| format!("no comparison '.{}'", s.modifiers.join(".")))?;
    if matches!(ty, Ty::F16x2 | Ty::Bf16x2) {
        return Err(format!("'set' of '.{}'", ty.name()));
    }
    const TRUE: &[(Ty, u64)] = &[
        (Ty::U32, 0xffff_ffff),
        (Ty::S32, 0xffff_ffff),
        (Ty::F32, 0x3f80_0000),
        (Ty::U16, 0xffff),
        (Ty::S16, 0xffff),
        (Ty::F16, 0x3c00),
        (Ty::Bf16, 0x3f80),
    ];
    let yes = form(to, TRUE).ok_or_else(|| format!("'set' to '.{}'", to.name()))?;
    let [target, a, b] = operands(s)?;
    let op = Op::Set { compare, yes, d: d.target(target, to)?, a: d.source(a, ty)?, b: d.source(b, ty)? };
    Ok((op, Class::Predicate))
}

fn convert<'t>(d: &mut Decoder<'_, 't>, s: &Statement<'t>, m: &mut Modifiers) -> Decoded<(Op, Class)> {
    let mut c = convert::pick(m)?;
    let [to, a, rest @ ..] = &s.operands[..] else { return Err("'cvt' wants two operands".into()) };
    let source = d.source_of(a, c.from, Width::AtLeast)?;
    let b = match (matches!(c.to, Ty::F16x2 | Ty::Bf16x2), rest) {
        (true, [b]) => d.source(b, c.from)?,
        (false, []) => source,
        _ => return Err("a wrong number of operands of 'cvt'".into()),
    };
    let target = d.target_of(to, c.to, Width::AtLeast)?;
    // What is narrower than its register is extended by its sign.
    if let (Operand::Name(name, ""), true) = (to, c.to.is_signed())
        && let Some((_, own)) = d.register(name)
    {
        c.register_bits = own.bits();
    }
    let class = if c.from.is_float() || c.to.is_float() { Class::Convert } else { class_of(c.to) };
    let op = match c.integers() {
        Some(f) => Op::One { f, d: target, a: source },
        None => Op::Convert { c: Box::new(c), d: target, a: source, b },
    };
    Ok((op, class))
}

fn convert_address<'t>(d: &mut Decoder<'_, 't>, s: &Statement<'t>, m: &mut Modifiers) -> Decoded<(Op, Class)> {
    let from_generic = m.flag("to");
    let space = m.find(Space::named).ok_or("'cvta' of no space")?;
    let ty = typed(m)?;
    let [to, a] = operands(s)?;
    let (target, a) = (d.target(to, ty)?, d.source(a, ty)?);
    let op = match space {
        Space::Global | Space::Const | Space::Generic => Op::Copy { d: target, a },
        Space::Shared | Space::Local | Space::Param if from_generic => Op::FromGeneric { d: target, a, space },
        Space::Shared | Space::Local | Space::Param => Op::ToGeneric { d: target, a, space },
    };
    Ok((op, Class::Integer))
}

fn is_space<'t>(d: &mut Decoder<'_, 't>, s: &Statement<'t>, m: &mut Modifiers) -> Decoded<(Op, Class)> {
    let space = m.find(Space::named).ok_or("'isspacep' of no space")?;
    let [to, a] = operands(s)?;
    Ok((Op::IsSpace { d: d.target(to, Ty::Pred)?, a: d.source(a, Ty::B64)?, space }, Class::Predicate))
}
