//! Split of the innermost loop into vector and remainder loops.

use super::blocks::BLOCK;
use super::plan::{Machine, VectorPlan};
use dp_dialects::ir::{Val, result};
use dp_dialects::{Builder, Result};
use dp_loopnest::structured::Index;
use melior::ir::Type;

/// A span of the innermost loop.
#[derive(Clone, Copy)]
pub(super) struct Span<'c> {
    /// The first index.
    pub from: Val<'c>,
    /// The end index.
    pub to: Val<'c>,
    /// Whether there is exactly one step.
    pub once: bool,
    /// Whether there may be more steps than a block of a sum has.
    pub is_long: bool,
    /// What a step computes.
    pub lanes: Lanes,
}

/// What a step computes at once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lanes {
    /// One element.
    One,
    /// This many vectors, one after the other.
    Vectors(usize),
    /// A vector of this many lanes, fewer than the plan's.
    Short(usize),
    /// A masked vector.
    Masked,
}

impl Lanes {
    /// The number of vectors of a step, and whether they are masked.
    pub(super) fn vectors(self) -> (usize, bool) {
        match self {
            Lanes::Vectors(count) => (count, false),
            Lanes::Short(_) | Lanes::One => (1, false),
            Lanes::Masked => (1, true),
        }
    }

    /// The number of lanes, given that of a full vector; 1 for a scalar.
    pub(super) fn width(self, whole: usize) -> usize {
        match self {
            Lanes::One => 1,
            Lanes::Short(lanes) => lanes,
            Lanes::Vectors(_) | Lanes::Masked => whole,
        }
    }
}

/// Full vectors, then the remainder: with masks, one masked vector; with a static extent, one vector per bit of the
/// remainder, so that a row of ten is a vector of eight and one of two; else scalars.
pub(super) fn spans<'c>(
    b: &Builder<'c>,
    extent: Index<'c>,
    plan: &VectorPlan<'c>,
    machine: Machine,
) -> Result<Vec<Span<'c>>> {
    let lanes = plan.lanes as i64;
    let mut cuts: Vec<(Lanes, i64)> = Vec::new();
    if plan.interleaved > 1 {
        cuts.push((Lanes::Vectors(plan.interleaved), lanes * plan.interleaved as i64));
    }
    // With masks, the remaining full vectors and the last one share a loop if they are few, for shorter code.
    let (divides, are_many) = match extent {
        Index::Known(extent) => (extent % lanes == 0, extent > 16 * lanes),
        Index::Value(_) => (false, true),
    };
    if divides || !machine.masks() || are_many && plan.interleaved <= 1 {
        cuts.push((Lanes::Vectors(1), lanes));
    }
    let mut spans = Vec::new();
    let mut from = Index::Known(0);
    for (kind, size) in cuts {
        let to = match extent {
            Index::Known(extent) => Index::Known(extent / size * size),
            Index::Value(extent) => Index::Value(whole(b, extent, size)?),
        };
        spans.extend(span(b, from, to, kind, size)?);
        from = to;
    }
    if machine.masks() {
        spans.extend(span(b, from, extent, Lanes::Masked, lanes)?);
        return Ok(spans);
    }
    if let (Index::Known(mut at), Index::Known(end)) = (from, extent) {
        for lanes in std::iter::successors(Some(plan.lanes / 2), |lanes| Some(lanes / 2)).take_while(|lanes| *lanes > 1)
        {
            let to = at + (end - at) / lanes as i64 * lanes as i64;
            spans.extend(span(b, Index::Known(at), Index::Known(to), Lanes::Short(lanes), lanes as i64)?);
            at = to;
        }
        from = Index::Known(at);
    }
    spans.extend(span(b, from, extent, Lanes::One, 1)?);
    Ok(spans)
}

fn span<'c>(b: &Builder<'c>, from: Index<'c>, to: Index<'c>, lanes: Lanes, size: i64) -> Result<Option<Span<'c>>> {
    let (once, is_long) = match (from, to) {
        (Index::Known(from), Index::Known(to)) if from == to => return Ok(None),
        (Index::Known(from), Index::Known(to)) => (to - from <= size, (to - from) / size > BLOCK),
        // With a dynamic extent, a span that does not begin at 0 is the remainder of a longer step.
        (Index::Known(_), Index::Value(_)) => (false, true),
        (Index::Value(_), _) => (false, false),
    };
    Ok(Some(Span { from: from.value(b)?, to: to.value(b)?, once, is_long, lanes }))
}

/// The largest multiple of a number of elements within an extent.
pub(super) fn whole<'c>(b: &Builder<'c>, extent: Val<'c>, size: i64) -> Result<Val<'c>> {
    let size = b.index(size)?;
    let rest = index_op(b, "arith.remui", extent, size)?;
    index_op(b, "arith.subi", extent, rest)
}

/// An operation on indices.
pub(super) fn index_op<'c>(b: &Builder<'c>, name: &str, x: Val<'c>, y: Val<'c>) -> Result<Val<'c>> {
    b.named(name, &[x, y], &[Type::index(b.context())], &[], vec![]).map(result)
}
