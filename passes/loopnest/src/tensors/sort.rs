//! `array.sort` on CPUs: each lane along the dimension is copied to memory of its own and sorted there by merging, and
//! copied back. Runs are sorted by insertion first. A merge has no branches, and holds the next element of either run in
//! registers: it takes one of them, and reads what comes after both meanwhile.

use super::LoweringSite;
use super::elementwise::agree;
use super::regions::inline;
use super::sort_network::network;
use crate::checks::{Order, compare};
use crate::structured::{Index, arith, empty, extents, stepped_loop};
use dp_dialects::MlirType;
use dp_dialects::ir::{Blk, Val, defining_op, region_block, result};
use dp_dialects::marks::KEEPS_EXTENTS;
use dp_dialects::{Builder, Literal, Number, OpKind, Parameters, Result, ScalarType, ValueType};
use melior::ir::ValueLike;

/// The length of the runs that are sorted by insertion, a power of 2.
const RUN: i64 = 16;

/// A sort that is being lowered.
pub(super) struct Sort<'s, 'c> {
    pub(super) site: &'s LoweringSite<'c>,
    pub(super) dim: usize,
    /// The extents of the operands.
    pub(super) extents: Vec<Index<'c>>,
    body: Blk<'c>,
}

pub(super) fn sort<'c>(site: &LoweringSite<'c>) -> Result<Vec<Val<'c>>> {
    let b = &site.b;
    agree(site)?;
    let (Parameters::Dim(dim), Some(body)) = (&site.parameters, region_block(site.op, 0)) else {
        return site.malformed();
    };
    let (x, of) = (site.operands[0], &site.types[0]);
    if of.extents().contains(&Some(0)) || of.extents()[*dim] == Some(1) {
        return Ok(site.operands.clone());
    }
    let all = (0..of.rank()).map(|dim| Index::extent(b, x, of, dim)).collect::<Result<_>>()?;
    let sort = Sort { site, dim: *dim, extents: all, body };
    if site.windows {
        return network(&sort);
    }
    let ys = site.operands.iter().zip(&site.types).map(|(x, of)| empty(b, of, &extents(b, *x)?));
    let ys = ys.collect::<Result<Vec<_>>>()?;
    sort.lanes(b, &mut Vec::new(), &ys)
}

impl<'c> Sort<'_, 'c> {
    /// Whether the elements `a` come before the elements `b`, one of each operand.
    pub(super) fn before(&self, builder: &Builder<'c>, a: &[Val<'c>], b: &[Val<'c>]) -> Result<Val<'c>> {
        let pairs: Vec<Val> = a.iter().zip(b).take(self.site.operands.len()).flat_map(|(a, b)| [*a, *b]).collect();
        match inline(builder, self.body, &pairs)?.first() {
            Some(before) => Ok(*before),
            None => self.site.malformed(),
        }
    }

    /// A loop that carries tensors and keeps their extents.
    pub(super) fn looped(
        &self,
        b: &Builder<'c>,
        range: [Val<'c>; 3],
        carried: &[Val<'c>],
        body: impl FnOnce(&Builder<'c>, Val<'c>, &[Val<'c>]) -> Result<Vec<Val<'c>>>,
    ) -> Result<Vec<Val<'c>>> {
        let made = stepped_loop(b, range, carried, body)?;
        let is_open = self.extents.iter().any(|extent| matches!(extent, Index::Value(_)));
        if let Some(op) = made.first().and_then(|made| defining_op(*made)).filter(|_| is_open) {
            KEEPS_EXTENTS.set(op, &());
        }
        Ok(made)
    }

    /// The loops over the other dimensions, of which `outer` are around the insertion point.
    fn lanes(&self, b: &Builder<'c>, outer: &mut Vec<Val<'c>>, ys: &[Val<'c>]) -> Result<Vec<Val<'c>>> {
        let others: Vec<usize> = (0..self.extents.len()).filter(|dim| *dim != self.dim).collect();
        let Some(dim) = others.get(outer.len()) else { return self.lane(b, outer, ys) };
        let range = [b.index(0)?, self.extents[*dim].value(b)?, b.index(1)?];
        self.looped(b, range, ys, |b, index, ys| {
            outer.push(index);
            let next = self.lanes(b, outer, ys);
            outer.pop();
            next
        })
    }

    /// Sorts one lane.
    fn lane(&self, b: &Builder<'c>, outer: &[Val<'c>], ys: &[Val<'c>]) -> Result<Vec<Val<'c>>> {
        let count = self.extents[self.dim].value(b)?;
        let places = |at: Val<'c>| {
            let mut places = outer.to_vec();
            places.insert(self.dim, at);
            places
        };
        let sorted = self.runs(b, count, &places)?;
        let sorted = self.merged(b, count, sorted)?;
        self.looped(b, [b.index(0)?, count, b.index(1)?], ys, |b, at, ys| {
            let elements = read(b, &sorted, &[at])?;
            write(b, &elements, ys, &places(at))
        })
    }

    /// Memory for a lane of each operand.
    fn memory(&self, b: &Builder<'c>, count: Val<'c>) -> Result<Vec<Val<'c>>> {
        let extent = self.site.types[0].extents()[self.dim];
        let open = if extent.is_none() { vec![count] } else { Vec::new() };
        self.site.types.iter().map(|of| empty(b, &ValueType::tensor(of.dtype, vec![extent]), &open)).collect()
    }

    /// A lane in sorted runs.
    fn runs(&self, b: &Builder<'c>, count: Val<'c>, places: &dyn Fn(Val<'c>) -> Vec<Val<'c>>) -> Result<Vec<Val<'c>>> {
        let memory = self.memory(b, count)?;
        self.looped(b, [b.index(0)?, count, b.index(1)?], &memory, |b, at, run| {
            let element = read(b, &self.site.operands, &places(at))?;
            let low = arith(b, "arith.subi", at, arith(b, "arith.andi", at, b.index(RUN - 1)?)?)?;
            let to = self.insertion(b, run, &element, low, at)?;
            // What comes after the place of the element moves by one.
            let moves = arith(b, "arith.subi", at, to)?;
            let moved = self.looped(b, [b.index(0)?, moves, b.index(1)?], run, |b, step, run| {
                let to = arith(b, "arith.subi", at, step)?;
                let from = arith(b, "arith.subi", to, b.index(1)?)?;
                let elements = read(b, run, &[from])?;
                write(b, &elements, run, &[to])
            })?;
            write(b, &element, &moved, &[to])
        })
    }

    /// The place of an element in the sorted run from `low` to `high`: behind all that it does not come before.
    fn insertion(
        &self,
        b: &Builder<'c>,
        run: &[Val<'c>],
        element: &[Val<'c>],
        low: Val<'c>,
        high: Val<'c>,
    ) -> Result<Val<'c>> {
        let (index, i1) = (ScalarType::Index.to_type(b.context()), ScalarType::I1.to_type(b.context()));
        let (condition, at, inner) = b.region(&[index]);
        let is_inside = compare(&inner, Order::Sgt, at[0], low)?;
        let (yes, _, there) = inner.region(&[]);
        let last = arith(&there, "arith.subi", at[0], there.index(1)?)?;
        let before = self.before(&there, element, &read(&there, run, &[last])?)?;
        there.op(OpKind::ScfYield, &[before], &[], &[], vec![])?;
        let (no, _, otherwise) = inner.region(&[]);
        let never = otherwise.literal(Literal::number(ScalarType::I1, Number::Integer(0)))?;
        otherwise.op(OpKind::ScfYield, &[never], &[], &[], vec![])?;
        let goes_on = result(inner.op(OpKind::ScfIf, &[is_inside], &[i1], &[], vec![yes, no])?);
        inner.op(OpKind::ScfCondition, &[goes_on, at[0]], &[], &[], vec![])?;
        let (step, at, inner) = b.region(&[index]);
        let next = arith(&inner, "arith.subi", at[0], inner.index(1)?)?;
        inner.op(OpKind::ScfYield, &[next], &[], &[], vec![])?;
        b.op(OpKind::ScfWhile, &[high], &[index], &[], vec![condition, step]).map(result)
    }

    /// Merges sorted runs: from one memory into another and back, as often as needed.
    fn merged(&self, b: &Builder<'c>, count: Val<'c>, runs: Vec<Val<'c>>) -> Result<Vec<Val<'c>>> {
        let rounds = match self.extents[self.dim] {
            Index::Known(count) if count <= RUN => return Ok(runs),
            Index::Known(count) => b.index((1..).find(|n| RUN << (2 * n) >= count).unwrap_or(1))?,
            Index::Value(_) => doublings(b, b.index(RUN)?, b.index(2)?, count)?,
        };
        let other = self.memory(b, count)?;
        let operands = runs.len();
        let carried = [runs, other].concat();
        let made = self.looped(b, [b.index(0)?, rounds, b.index(1)?], &carried, |b, round, memory| {
            let (one, other) = memory.split_at(operands);
            let width = arith(b, "arith.shli", b.index(RUN)?, arith(b, "arith.addi", round, round)?)?;
            let other = self.merge(b, count, width, one, other)?;
            let double = arith(b, "arith.addi", width, width)?;
            let one = self.merge(b, count, double, &other, one)?;
            Ok([one, other].concat())
        })?;
        Ok(made[..operands].to_vec())
    }

    /// Merges pairs of runs of one width.
    fn merge(
        &self,
        b: &Builder<'c>,
        count: Val<'c>,
        width: Val<'c>,
        from: &[Val<'c>],
        to: &[Val<'c>],
    ) -> Result<Vec<Val<'c>>> {
        let (zero, one) = (b.index(0)?, b.index(1)?);
        let step = arith(b, "arith.addi", width, width)?;
        self.looped(b, [zero, count, step], to, |b, low, to| {
            let mid = arith(b, "arith.minsi", arith(b, "arith.addi", low, width)?, count)?;
            let high = arith(b, "arith.minsi", arith(b, "arith.addi", low, step)?, count)?;
            let ends = [arith(b, "arith.subi", mid, one)?, arith(b, "arith.subi", high, one)?];
            // The next element of a run, or its last one behind its end.
            let next = |b: &Builder<'c>, run: usize, at| read(b, from, &[arith(b, "arith.minsi", at, ends[run])?]);
            let operands = from.len();
            let carried = [vec![low, mid], next(b, 0, low)?, next(b, 1, mid)?, to.to_vec()].concat();
            let made = self.looped(b, [low, high, one], &carried, |b, at, carried| {
                let [left, right] = [carried[0], carried[1]];
                let (a, rest) = carried[2..].split_at(operands);
                let (c, to) = rest.split_at(operands);
                let has_right = compare(b, Order::Slt, right, high)?;
                let has_no_left = compare(b, Order::Sge, left, mid)?;
                let wins = arith(b, "arith.ori", has_no_left, self.before(b, c, a)?)?;
                let takes_right = arith(b, "arith.andi", has_right, wins)?;
                let [after_left, after_right] =
                    [arith(b, "arith.addi", left, one)?, arith(b, "arith.addi", right, one)?];
                // Read before it is known whether they are needed.
                let (after_a, after_c) = (next(b, 0, after_left)?, next(b, 1, after_right)?);
                let choose = |yes: &[Val<'c>], no: &[Val<'c>]| {
                    yes.iter().zip(no).map(|(yes, no)| select(b, takes_right, *yes, *no)).collect::<Result<Vec<_>>>()
                };
                let places = choose(&[left, after_right], &[after_left, right])?;
                let stored = write(b, &choose(c, a)?, to, &[at])?;
                Ok([places, choose(a, &after_a)?, choose(&after_c, c)?, stored].concat())
            })?;
            Ok(made[2 + 2 * operands..].to_vec())
        })
    }
}

/// How often `from` is doubled, `each` times at once, until it is at least `to`.
pub(super) fn doublings<'c>(b: &Builder<'c>, from: Val<'c>, each: Val<'c>, to: Val<'c>) -> Result<Val<'c>> {
    let index = ScalarType::Index.to_type(b.context());
    let (condition, at, inner) = b.region(&[index]);
    let shift = arith(&inner, "arith.muli", at[0], each)?;
    let width = arith(&inner, "arith.shli", from, shift)?;
    let is_short = compare(&inner, Order::Slt, width, to)?;
    inner.op(OpKind::ScfCondition, &[is_short, at[0]], &[], &[], vec![])?;
    let (step, at, inner) = b.region(&[index]);
    let next = arith(&inner, "arith.addi", at[0], inner.index(1)?)?;
    inner.op(OpKind::ScfYield, &[next], &[], &[], vec![])?;
    b.op(OpKind::ScfWhile, &[b.index(0)?], &[index], &[], vec![condition, step]).map(result)
}

/// An element of each tensor.
pub(super) fn read<'c>(b: &Builder<'c>, from: &[Val<'c>], at: &[Val<'c>]) -> Result<Vec<Val<'c>>> {
    let element = |x: &Val<'c>| {
        let r#type = ValueType::of_value(*x)?.dtype.to_type(b.context());
        b.named("tensor.extract", &[&[*x], at].concat(), &[r#type], &[], vec![]).map(result)
    };
    from.iter().map(element).collect()
}

/// The tensors with other elements at one place.
pub(super) fn write<'c>(
    b: &Builder<'c>,
    elements: &[Val<'c>],
    into: &[Val<'c>],
    at: &[Val<'c>],
) -> Result<Vec<Val<'c>>> {
    let stored = |(element, x): (&Val<'c>, &Val<'c>)| {
        b.named("tensor.insert", &[&[*element, *x], at].concat(), &[x.r#type()], &[], vec![]).map(result)
    };
    elements.iter().zip(into).map(stored).collect()
}

/// One of two numbers.
pub(super) fn select<'c>(b: &Builder<'c>, condition: Val<'c>, yes: Val<'c>, no: Val<'c>) -> Result<Val<'c>> {
    b.named("arith.select", &[condition, yes, no], &[yes.r#type()], &[], vec![]).map(result)
}
