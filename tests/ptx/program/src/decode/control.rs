//! Branches, calls, ends, barriers of the block.

use super::arithmetic::operands;
use super::{Decoded, Decoder, Row};
use crate::alu::Modifiers;
use crate::class::Class;
use crate::op::{Barrier, Call, Callee, Op, Vote};
use crate::text::syntax::{Operand, Statement};
use crate::types::Ty;

pub(super) const ROWS: &[Row] = &[
    ("bra", |d, s, m| {
        m.flag("uni");
        let [to] = operands(s)?;
        Ok((Op::Branch { to: label(d, to)? }, Class::Control))
    }),
    ("brx", indexed),
    ("call", call),
    ("ret", |_, s, m| {
        m.flag("uni");
        plain(s, Op::Return)
    }),
    ("exit", |_, s, _| plain(s, Op::Exit)),
    ("trap", |_, s, _| plain(s, Op::Trap)),
    ("nanosleep", |d, s, m| {
        m.flag("u32");
        let [time] = operands(s)?;
        d.source(time, Ty::U32)?;
        Ok((Op::Nothing, Class::Control))
    }),
    (
        "bar",
        |d, s, m| if s.modifiers.contains(&"warp") { super::warp::warp_sync(d, s, m) } else { barrier(d, s, m, true) },
    ),
    ("barrier", |d, s, m| {
        let aligned = s.modifiers.contains(&"aligned");
        barrier(d, s, m, aligned)
    }),
];

fn plain(s: &Statement, op: Op) -> Decoded<(Op, Class)> {
    let _: &[_; 0] = operands(s)?;
    Ok((op, Class::Control))
}

fn label<'t>(d: &Decoder<'_, 't>, operand: &Operand<'t>) -> Decoded<u32> {
    match operand {
        Operand::Name(name, "") => d.labels.get(name).copied().ok_or_else(|| format!("unknown label '{name}'")),
        _ => Err(format!("{operand:?} is no label")),
    }
}

fn indexed<'t>(d: &mut Decoder<'_, 't>, s: &Statement<'t>, m: &mut Modifiers) -> Decoded<(Op, Class)> {
    if !m.flag("idx") {
        return Err("'brx' in this form".into());
    }
    m.flag("uni");
    let [index, list] = operands(s)?;
    let index = d.source(index, Ty::U32)?;
    let Operand::Name(list, "") = list else { return Err("'brx.idx' wants a list of targets".into()) };
    let names = d.targets.get(list).cloned().ok_or_else(|| format!("unknown list of targets '{list}'"))?;
    let targets = names
        .iter()
        .map(|name| d.labels.get(name).copied().ok_or_else(|| format!("unknown label '{name}'")))
        .collect::<Decoded<_>>()?;
    Ok((Op::BranchIndexed { index, targets }, Class::Control))
}

/// `call (results), whom, (arguments), prototype`, of which all but whom may be missing.
fn call<'t>(d: &mut Decoder<'_, 't>, s: &Statement<'t>, m: &mut Modifiers) -> Decoded<(Op, Class)> {
    m.flag("uni");
    let none = Vec::new();
    let (results, rest) = match &s.operands[..] {
        [Operand::List(results), rest @ ..] => (results, rest),
        rest => (&none, rest),
    };
    let (whom, arguments, prototype) = match rest {
        [whom] => (whom, &none, None),
        [whom, Operand::List(arguments)] => (whom, arguments, None),
        [whom, Operand::List(arguments), prototype] => (whom, arguments, Some(prototype)),
        _ => return Err("'call' in this form".into()),
    };
    let Operand::Name(name, "") = whom else { return Err(format!("{whom:?} is no function")) };
    let callee = if let Some((slot, ty)) = d.register(name) {
        if ty.bits() != 64 || prototype.is_none() {
            return Err("an indirect call wants an address of 64 bits and a prototype".into());
        }
        Callee::Address(slot)
    } else if let Some(n) = d.tables.function_names.get(name).copied() {
        d.calls.push(n);
        Callee::Function(n)
    } else if let Some(n) = d.tables.missing_names.get(name).copied() {
        Callee::Missing(n)
    } else {
        return Err(format!("unknown function '{name}'"));
    };
    let places = |list: &[Operand<'t>]| list.iter().map(|p| d.parameter_of(p)).collect::<Decoded<Box<_>>>();
    let (arguments, results) = (places(arguments)?, places(results)?);
    Ok((Op::Call(Box::new(Call { callee, arguments, results })), Class::Control))
}

fn barrier<'t>(d: &mut Decoder<'_, 't>, s: &Statement<'t>, m: &mut Modifiers, aligned: bool) -> Decoded<(Op, Class)> {
    m.flag("cta");
    m.flag("aligned");
    if m.flag("sync") {
        let (id, threads) = match &s.operands[..] {
            [id] => (id, None),
            [id, threads] => (id, Some(d.source(threads, Ty::U32)?)),
            _ => return Err("'barrier.sync' wants one or two operands".into()),
        };
        let id = d.source(id, Ty::U32)?;
        return Ok((Op::Barrier(Box::new(Barrier { id, threads, aligned, reduction: None })), Class::Barrier));
    }
    if !m.flag("red") {
        return Err(format!("'{}' in this form; only those that wait are known", s.opcode));
    }
    let vote = m.choose(&[("popc", Vote::Popc), ("and", Vote::And), ("or", Vote::Or)]).ok_or("what to reduce by?")?;
    let ty = m.ty().ok_or("a type is missing")?;
    let (to, id, threads, p) = match &s.operands[..] {
        [to, id, p] => (to, id, None, p),
        [to, id, threads, p] => (to, id, Some(d.source(threads, Ty::U32)?), p),
        _ => return Err("'barrier.red' wants three or four operands".into()),
    };
    let (to, id, (p, negated)) = (d.target(to, ty)?, d.source(id, Ty::U32)?, d.predicate(p)?);
    let barrier = Barrier { id, threads, aligned, reduction: Some((vote, p, negated, to)) };
    Ok((Op::Barrier(Box::new(barrier)), Class::Barrier))
}
