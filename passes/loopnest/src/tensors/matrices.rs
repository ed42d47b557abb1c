//! What the lowerings of factorizations share: loops over batches and blocks, parts of matrices.
//!
//! Bodies of loops read a tensor and update another one, or read a part of a tensor that has been copied: so each update is
//! in place. What is copied goes to tensors that the loops carry, as workspace is allocated once.

use crate::structured::{Index, Region, arith, counted_loop, empty, is_named};
use dp_dialects::ir::{Val, defining_op};
use dp_dialects::marks::KEEPS_EXTENTS;
use dp_dialects::{Builder, Result, ValueType};

/// A part of a tensor. Dimensions with one position alone are dropped.
pub(super) struct Part<'c> {
    region: Region<'c>,
    r#type: ValueType,
}

/// The positions of a part along a dimension: the first one, and how many; one alone if there is no number.
pub(super) type Along<'c> = (Index<'c>, Option<Index<'c>>);

impl<'c> Part<'c> {
    /// The part at these positions of a tensor whose elements have the type of another.
    pub(super) fn of(like: &ValueType, along: &[Along<'c>]) -> Part<'c> {
        let sizes = along.iter().map(|(_, size)| size.unwrap_or(Index::Known(1))).collect();
        let kept = along.iter().filter_map(|(_, size)| *size).map(|size| match size {
            Index::Known(extent) => u64::try_from(extent).ok(),
            Index::Value(_) => None,
        });
        Part {
            r#type: ValueType::tensor(like.dtype, kept.collect()),
            region: Region {
                offsets: along.iter().map(|(offset, _)| *offset).collect(),
                sizes,
                strides: vec![1; along.len()],
            },
        }
    }

    /// The part.
    pub(super) fn extract(&self, b: &Builder<'c>, x: Val<'c>) -> Result<Val<'c>> {
        self.region.extract(b, x, &self.r#type)
    }

    /// The tensor with another part.
    pub(super) fn insert(&self, b: &Builder<'c>, part: Val<'c>, into: Val<'c>) -> Result<Val<'c>> {
        self.region.insert(b, part, into)
    }
}

/// All positions of a dimension.
pub(super) fn all<'c>(extent: Index<'c>) -> Along<'c> {
    (Index::Known(0), Some(extent))
}

/// `x + y`.
pub(super) fn add<'c>(b: &Builder<'c>, x: Index<'c>, y: Index<'c>) -> Result<Index<'c>> {
    computed(b, "arith.addi", x, y, |x, y| x.checked_add(y))
}

/// `x - y`.
pub(super) fn sub<'c>(b: &Builder<'c>, x: Index<'c>, y: Index<'c>) -> Result<Index<'c>> {
    computed(b, "arith.subi", x, y, |x, y| x.checked_sub(y))
}

/// `x y`.
pub(super) fn mul<'c>(b: &Builder<'c>, x: Index<'c>, y: Index<'c>) -> Result<Index<'c>> {
    computed(b, "arith.muli", x, y, |x, y| x.checked_mul(y))
}

/// The lesser one.
pub(super) fn min<'c>(b: &Builder<'c>, x: Index<'c>, y: Index<'c>) -> Result<Index<'c>> {
    computed(b, "arith.minsi", x, y, |x, y| Some(x.min(y)))
}

fn computed<'c>(
    b: &Builder<'c>,
    name: &str,
    x: Index<'c>,
    y: Index<'c>,
    known: fn(i64, i64) -> Option<i64>,
) -> Result<Index<'c>> {
    if let (Index::Known(x), Index::Known(y)) = (x, y)
        && let Some(known) = known(x, y)
    {
        return Ok(Index::Known(known));
    }
    match (name, x, y) {
        ("arith.addi" | "arith.subi", x, Index::Known(0)) => Ok(x),
        _ => arith(b, name, x.value(b)?, y.value(b)?).map(Index::Value),
    }
}

/// How many blocks a number of rows has.
pub(super) fn blocks<'c>(b: &Builder<'c>, rows: Index<'c>, block: i64) -> Result<Index<'c>> {
    let up = add(b, rows, Index::Known(block - 1))?;
    computed(b, "arith.divui", up, Index::Known(block), |x, y| x.checked_div(y))
}

/// The body of a nest: given the induction variables and what is carried, the next carried values.
type Body<'b, 'c> = dyn FnMut(&Builder<'c>, &[Val<'c>], &[Val<'c>]) -> Result<Vec<Val<'c>>> + 'b;

/// The loops over the batch dimensions, with carried tensors. The body takes the indices and the tensors.
pub(super) fn batched<'c>(
    b: &Builder<'c>,
    counts: &[Index<'c>],
    outer: &mut Vec<Val<'c>>,
    carried: &[Val<'c>],
    body: &mut Body<'_, 'c>,
) -> Result<Vec<Val<'c>>> {
    let Some(count) = counts.get(outer.len()) else { return body(b, outer, carried) };
    repeated(b, *count, carried, |b, index, carried| {
        outer.push(index);
        let next = batched(b, counts, outer, carried, body);
        outer.pop();
        next
    })
}

/// A loop with carried tensors, which keeps their extents.
pub(super) fn repeated<'c>(
    b: &Builder<'c>,
    count: Index<'c>,
    carried: &[Val<'c>],
    body: impl FnOnce(&Builder<'c>, Val<'c>, &[Val<'c>]) -> Result<Vec<Val<'c>>>,
) -> Result<Vec<Val<'c>>> {
    let made = counted_loop(b, count.value(b)?, carried, body)?;
    let is_open = |value: &Val<'c>| ValueType::of_value(*value).is_ok_and(|r#type| !r#type.is_static());
    if made.iter().any(is_open)
        && let Some(op) = defining_op(made[0]).filter(|op| is_named(*op, "scf.for"))
    {
        KEEPS_EXTENTS.set(op, &());
    }
    Ok(made)
}

/// An uninitialized tensor for what is copied.
pub(super) fn scratch<'c>(b: &Builder<'c>, like: &ValueType, extents: &[Index<'c>]) -> Result<Val<'c>> {
    let known = |index: &Index<'c>| match index {
        Index::Known(extent) => u64::try_from(*extent).ok(),
        Index::Value(_) => None,
    };
    let open = extents.iter().filter_map(|index| match index {
        Index::Known(_) => None,
        Index::Value(value) => Some(*value),
    });
    let shape = ValueType::tensor(like.dtype, extents.iter().map(known).collect());
    empty(b, &shape, &open.collect::<Vec<_>>())
}
