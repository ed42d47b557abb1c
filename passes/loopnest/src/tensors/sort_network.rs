//! `array.sort` on GPUs: a sorting network, which is a sequence of nests over all elements.
//!
//! In each nest, an element meets the one at another place, and the lower place takes what comes first. A block of `2^k`
//! sorted pairs of halves is merged by `k` nests: the first one compares with the mirror image in the block, `i ^ (2^k -
//! 1)`, the others at half the distance of the one before, `i ^ d` (Batcher's bitonic sort, all of it in one direction).
//! A place behind the end counts as an element that comes last, so it never moves. Places are sorted with the elements
//! and decide ties, so that the sort is stable.

use super::sort::{Sort, doublings, read, select};
use crate::checks::{Order, compare};
use crate::structured::{Index, Indexed, arith, empty, extents, generic, loop_index};
use dp_dialects::MlirType;
use dp_dialects::ir::{Val, result};
use dp_dialects::{Builder, Literal, Number, Result, ScalarType, ValueType};

pub(super) fn network<'c>(sort: &Sort<'_, 'c>) -> Result<Vec<Val<'c>>> {
    let (b, count) = (&sort.site.b, sort.extents[sort.dim]);
    let stages = match count {
        Index::Known(count) => b.index((0..).find(|n| 1_i64 << n >= count).unwrap_or(0))?,
        Index::Value(count) => doublings(b, b.index(1)?, b.index(1)?, count)?,
    };
    let mut all = sort.site.operands.clone();
    all.push(places(sort)?);
    let (zero, one) = (b.index(0)?, b.index(1)?);
    let mut sorted = sort.looped(b, [zero, stages, one], &all, |b, stage, all| {
        let block = arith(b, "arith.shli", b.index(2)?, stage)?;
        let mirror = arith(b, "arith.subi", block, one)?;
        let last = arith(b, "arith.addi", stage, one)?;
        sort.looped(b, [zero, last, one], all, |b, step, all| {
            let distance = arith(b, "arith.shrui", block, arith(b, "arith.addi", step, one)?)?;
            let is_first = compare(b, Order::Eq, step, zero)?;
            exchange(sort, b, select(b, is_first, mirror, distance)?, all)
        })
    })?;
    sorted.pop();
    Ok(sorted)
}

/// The type of the places.
fn of_places(sort: &Sort) -> ValueType {
    sort.site.types[0].with_dtype(ScalarType::I64)
}

/// The place of each element along the dimension.
fn places<'c>(sort: &Sort<'_, 'c>) -> Result<Val<'c>> {
    let (b, of) = (&sort.site.b, of_places(sort));
    let out = Indexed::identity(empty(b, &of, &extents(b, sort.site.operands[0])?)?, of.rank());
    let made = generic(b, of.rank(), &[], &[], &[out], |b, _| {
        let at = loop_index(b, sort.dim)?;
        let number = ScalarType::I64.to_type(b.context());
        b.named("arith.index_cast", &[at], &[number], &[], vec![]).map(|op| vec![result(op)])
    })?;
    Ok(made[0])
}

/// One nest: each element meets the one at its place with some bits flipped.
fn exchange<'c>(sort: &Sort<'_, 'c>, b: &Builder<'c>, bits: Val<'c>, all: &[Val<'c>]) -> Result<Vec<Val<'c>>> {
    let rank = sort.extents.len();
    let mut outputs = Vec::new();
    for x in all {
        outputs.push(Indexed::identity(empty(b, &ValueType::of_value(*x)?, &extents(b, *x)?)?, rank));
    }
    let inputs: Vec<Indexed> = all.iter().map(|x| Indexed::identity(*x, rank)).collect();
    generic(b, rank, &[], &inputs, &outputs, |b, elements| {
        let own = &elements[..inputs.len()];
        let at = loop_index(b, sort.dim)?;
        let partner = arith(b, "arith.xori", at, bits)?;
        let is_inside = compare(b, Order::Slt, partner, sort.extents[sort.dim].value(b)?)?;
        let partner = select(b, is_inside, partner, at)?;
        let place = |dim| if dim == sort.dim { Ok(partner) } else { loop_index(b, dim) };
        let other = read(b, all, &(0..rank).map(place).collect::<Result<Vec<_>>>()?)?;
        let (own_place, other_place) = (own[own.len() - 1], other[other.len() - 1]);
        let before = sort.before(b, own, &other)?;
        let after = sort.before(b, &other, own)?;
        let yes = b.literal(Literal::number(ScalarType::I1, Number::Integer(1)))?;
        let is_tied = arith(b, "arith.xori", after, yes)?;
        let was_before = compare(b, Order::Slt, own_place, other_place)?;
        let stays = arith(b, "arith.andi", is_tied, was_before)?;
        let is_first = arith(b, "arith.ori", before, stays)?;
        let is_low = compare(b, Order::Slt, at, partner)?;
        let keeps = compare(b, Order::Eq, is_first, is_low)?;
        own.iter().zip(&other).map(|(own, other)| select(b, keeps, *own, *other)).collect()
    })
}
