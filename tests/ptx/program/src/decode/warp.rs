//! Synchronous operations of the lanes of a warp.

use super::arithmetic::operands;
use super::operands::Width;
use super::{Decoded, Decoder, Row};
use crate::alu::{self, Modifiers};
use crate::class::Class;
use crate::functions::Kernel;
use crate::mma;
use crate::op::{Op, Shuffle, Slot, VoteMode, Warp, WarpKind};
use crate::text::syntax::{Operand, Statement};
use crate::types::{Space, Ty};

pub(super) const ROWS: &[Row] = &[
    ("shfl", shuffle),
    ("vote", vote),
    ("match", matching),
    ("redux", reduce),
    ("ldmatrix", load_matrix),
    ("mma", multiply),
];

fn lanes(kind: WarpKind, mask: Slot, d: Vec<Option<Slot>>, inputs: Vec<Slot>, class: Class) -> (Op, Class) {
    (Op::Warp(Box::new(Warp { kind, mask, d: d.into(), inputs: inputs.into() })), class)
}

fn synchronized(m: &mut Modifiers, name: &str) -> Decoded<()> {
    if m.flag("sync") { Ok(()) } else { Err(format!("'{name}' without 'sync' is gone since sm_70")) }
}

pub(super) fn warp_sync<'t>(d: &mut Decoder<'_, 't>, s: &Statement<'t>, m: &mut Modifiers) -> Decoded<(Op, Class)> {
    m.flag("warp");
    synchronized(m, "bar.warp")?;
    let [mask] = operands(s)?;
    Ok(lanes(WarpKind::Sync, d.source(mask, Ty::B32)?, vec![], vec![], Class::Barrier))
}

fn shuffle<'t>(d: &mut Decoder<'_, 't>, s: &Statement<'t>, m: &mut Modifiers) -> Decoded<(Op, Class)> {
    const HOW: &[(&str, Shuffle)] =
        &[("up", Shuffle::Up), ("down", Shuffle::Down), ("bfly", Shuffle::Butterfly), ("idx", Shuffle::Index)];
    synchronized(m, "shfl")?;
    let how = m.choose(HOW).ok_or("'shfl' in this form")?;
    m.ty().filter(|ty| *ty == Ty::B32).ok_or("'shfl' of other than 'b32'")?;
    let [to, a, b, c, mask] = operands(s)?;
    let targets = pair(d, to, Ty::B32)?;
    let mask = d.source(mask, Ty::B32)?;
    let inputs = vec![d.source(a, Ty::B32)?, d.source(b, Ty::B32)?, d.source(c, Ty::B32)?];
    Ok(lanes(WarpKind::Shuffle(how), mask, targets, inputs, Class::Warp))
}

/// `d` or `d|p`.
fn pair<'t>(d: &mut Decoder<'_, 't>, to: &Operand<'t>, ty: Ty) -> Decoded<Vec<Option<Slot>>> {
    match to {
        Operand::Pair(value, p) => {
            Ok(vec![d.perhaps_target(value, ty, Width::Exact)?, d.perhaps_target(p, Ty::Pred, Width::Exact)?])
        }
        value => Ok(vec![d.perhaps_target(value, ty, Width::Exact)?, None]),
    }
}

fn vote<'t>(d: &mut Decoder<'_, 't>, s: &Statement<'t>, m: &mut Modifiers) -> Decoded<(Op, Class)> {
    const MODES: &[(&str, VoteMode)] =
        &[("all", VoteMode::All), ("any", VoteMode::Any), ("uni", VoteMode::Uniform), ("ballot", VoteMode::Ballot)];
    synchronized(m, "vote")?;
    let what = m.choose(MODES).ok_or("'vote' in this form")?;
    let wanted = if what == VoteMode::Ballot { Ty::B32 } else { Ty::Pred };
    m.ty().filter(|ty| *ty == wanted).ok_or("'vote' of a wrong type")?;
    let [to, p, mask] = operands(s)?;
    let target = d.target(to, wanted)?;
    let ((p, negated), mask) = (d.predicate(p)?, d.source(mask, Ty::B32)?);
    Ok(lanes(WarpKind::Vote(what, negated), mask, vec![Some(target)], vec![p], Class::Warp))
}

fn matching<'t>(d: &mut Decoder<'_, 't>, s: &Statement<'t>, m: &mut Modifiers) -> Decoded<(Op, Class)> {
    let any = m.choose(&[("any", true), ("all", false)]).ok_or("'match' in this form")?;
    synchronized(m, "match")?;
    let ty = m.ty().filter(|ty| matches!(ty, Ty::B32 | Ty::B64)).ok_or("'match' of a wrong type")?;
    let [to, a, mask] = operands(s)?;
    let targets = pair(d, to, Ty::B32)?;
    let (a, mask) = (d.source(a, ty)?, d.source(mask, Ty::B32)?);
    let kind = if any { WarpKind::MatchAny } else { WarpKind::MatchAll };
    Ok(lanes(kind, mask, targets, vec![a], Class::Warp))
}

fn reduce<'t>(d: &mut Decoder<'_, 't>, s: &Statement<'t>, m: &mut Modifiers) -> Decoded<(Op, Class)> {
    const NAMES: &[(&str, &str)] =
        &[("add", "add"), ("min", "min"), ("max", "max"), ("and", "and"), ("or", "or"), ("xor", "xor")];
    synchronized(m, "redux")?;
    let name = m.choose(NAMES).ok_or("'redux' in this form")?;
    let ty = m.ty().filter(|ty| matches!(ty, Ty::B32 | Ty::U32 | Ty::S32)).ok_or("'redux' of a wrong type")?;
    let Kernel::Two(f) = alu::pick(name, &[ty.name()])?.kernel else { return Err("'redux' in this form".into()) };
    let [to, a, mask] = operands(s)?;
    let target = d.target(to, ty)?;
    let (a, mask) = (d.source(a, ty)?, d.source(mask, Ty::B32)?);
    Ok(lanes(WarpKind::Reduce(f), mask, vec![Some(target)], vec![a], Class::Warp))
}

fn load_matrix<'t>(d: &mut Decoder<'_, 't>, s: &Statement<'t>, m: &mut Modifiers) -> Decoded<(Op, Class)> {
    synchronized(m, "ldmatrix")?;
    if !(m.flag("aligned") && m.flag("m8n8")) {
        return Err("'ldmatrix' in this form".into());
    }
    let matrices = m.choose(&[("x1", 1), ("x2", 2), ("x4", 4)]).ok_or("how many matrices?")?;
    let transposed = m.flag("trans");
    let space = m.find(Space::named).unwrap_or(Space::Generic);
    m.ty().filter(|ty| *ty == Ty::B16).ok_or("'ldmatrix' of other than 'b16'")?;
    let [to, at] = operands(s)?;
    let targets = fragment(d, to, matrices, true)?;
    let (base, offset) = d.address(at)?;
    let mask = d.bits(0xffff_ffff);
    let kind = WarpKind::LoadMatrix { matrices: matrices as u32, transposed, space, offset };
    Ok(lanes(kind, mask, targets.into_iter().map(Some).collect(), vec![base], Class::Matrix))
}

fn multiply<'t>(d: &mut Decoder<'_, 't>, s: &Statement<'t>, m: &mut Modifiers) -> Decoded<(Op, Class)> {
    synchronized(m, "mma")?;
    let shape = mma::pick(m)?;
    let [to, a, b, c] = operands(s)?;
    let (na, nb, nc) = shape.registers();
    let targets = fragment(d, to, nc, true)?;
    let mut inputs = fragment(d, a, na, false)?;
    inputs.extend(fragment(d, b, nb, false)?);
    inputs.extend(fragment(d, c, nc, false)?);
    let mask = d.bits(0xffff_ffff);
    let targets = targets.into_iter().map(Some).collect();
    Ok(lanes(WarpKind::Multiply(shape), mask, targets, inputs, Class::Matrix))
}

/// The registers of a part of a matrix.
fn fragment<'t>(d: &mut Decoder<'_, 't>, operand: &Operand<'t>, count: usize, write: bool) -> Decoded<Vec<Slot>> {
    let single = [operand.clone()];
    let parts = if let Operand::Vector(parts) = operand { &parts[..] } else { &single };
    if parts.len() != count {
        return Err(format!("{} registers, where {count} are expected", parts.len()));
    }
    parts.iter().map(|p| if write { d.target(p, Ty::B32) } else { d.source(p, Ty::B32) }).collect()
}
