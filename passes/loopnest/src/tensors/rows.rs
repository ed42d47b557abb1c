//! `array.gather` and `array.scatter`.

use super::LoweringSite;
use super::slices::add;
use crate::checks::require_equal;
use crate::structured::{Index, Indexed, Region, counted_loop, empty, extent, generic, loop_index};
use dp_dialects::MlirType;
use dp_dialects::ir::{Val, result};
use dp_dialects::{Builder, Result, ScalarType, ValueType};
use melior::ir::ValueLike;

/// An index as a row of `x`: signed, clamped into range.
fn row<'c>(b: &Builder<'c>, number: Val<'c>, x: Val<'c>) -> Result<Val<'c>> {
    let index = ScalarType::Index.to_type(b.context());
    let arith = |name: &str, operands: &[Val<'c>]| b.named(name, operands, &[index], &[], vec![]).map(result);
    let (zero, one) = (b.index(0)?, b.index(1)?);
    let last = arith("arith.subi", &[extent(b, x, 0)?, one])?;
    let row = arith("arith.index_cast", &[number])?;
    let row = arith("arith.minsi", &[row, last])?;
    arith("arith.maxsi", &[row, zero])
}

/// Asserts that there is a row if there are indices.
fn require_rows<'c>(site: &LoweringSite<'c>) -> Result<()> {
    let b = &site.b;
    let (x, of) = (site.operands[0], &site.types[0]);
    match of.extents()[0] {
        Some(rows) if rows > 0 => Ok(()),
        _ => {
            let rows = extent(b, x, 0)?;
            let zero = b.index(0)?;
            let condition = crate::checks::compare(b, crate::checks::Order::Sge, rows, b.index(1)?)?;
            let mut count = b.index(1)?;
            for dim in 0..site.types[1].rank() {
                let extent = crate::structured::extent(b, site.operands[1], dim)?;
                count = b.named("arith.muli", &[count, extent], &[count.r#type()], &[], vec![]).map(result)?;
            }
            let none = crate::checks::compare(b, crate::checks::Order::Eq, count, zero)?;
            let fine = b.named("arith.ori", &[condition, none], &[condition.r#type()], &[], vec![]).map(result)?;
            crate::checks::require(b, fine, &format!("'{}' takes rows of a tensor without rows", site.kind.name()))
        }
    }
}

/// `y[i…, j…] = x[clamp(indices[i…]), j…]`.
pub(super) fn gather<'c>(site: &LoweringSite<'c>) -> Result<Val<'c>> {
    let b = &site.b;
    require_rows(site)?;
    let (x, indices) = (site.operands[0], site.operands[1]);
    let named = site.types[1].rank();
    let rank = site.result.rank();
    let mut extents = Vec::new();
    for dim in site.result.dynamic_dimensions() {
        extents.push(if dim < named { extent(b, indices, dim)? } else { extent(b, x, dim - named + 1)? });
    }
    let out = empty(b, &site.result, &extents)?;
    let input = Indexed { value: indices, loops: (0..named).collect() };
    let made = generic(b, rank, &[], &[input], &[Indexed::identity(out, rank)], |b, elements| {
        let mut operands = vec![x, row(b, elements[0], x)?];
        for dim in named..rank {
            operands.push(loop_index(b, dim)?);
        }
        let element = site.result.dtype.to_type(b.context());
        b.named("tensor.extract", &operands, &[element], &[], vec![]).map(|op| vec![result(op)])
    })?;
    Ok(made[0])
}

/// Adds the updates in place, row by row.
pub(super) fn scatter<'c>(site: &LoweringSite<'c>) -> Result<Val<'c>> {
    let b = &site.b;
    require_rows(site)?;
    let [x, indices, updates] = site.operands[..] else { return site.malformed() };
    let (of_x, of_indices, of_updates) = (&site.types[0], &site.types[1], &site.types[2]);
    let named = of_indices.rank();
    for dim in 0..of_updates.rank() {
        let (other, other_type, other_dim) =
            if dim < named { (indices, of_indices, dim) } else { (x, of_x, dim - named + 1) };
        if of_updates.extents()[dim].is_none() || other_type.extents()[other_dim].is_none() {
            let message =
                format!("the updates and the rows of 'array.scatter' differ in the extent of dimension {dim}");
            require_equal(b, extent(b, updates, dim)?, extent(b, other, other_dim)?, &message)?;
        }
    }
    nest(site, b, &mut Vec::new(), x)
}

fn nest<'c>(site: &LoweringSite<'c>, b: &Builder<'c>, position: &mut Vec<Val<'c>>, x: Val<'c>) -> Result<Val<'c>> {
    let (indices, of_indices) = (site.operands[1], &site.types[1]);
    if position.len() < of_indices.rank() {
        let count = extent(b, indices, position.len())?;
        let made = counted_loop(b, count, &[x], |b, index, carried| {
            position.push(index);
            let next = nest(site, b, position, carried[0]);
            position.pop();
            next.map(|next| vec![next])
        })?;
        return Ok(made[0]);
    }
    let (updates, of_x, of_updates) = (site.operands[2], &site.types[0], &site.types[2]);
    let element = of_indices.dtype.to_type(b.context());
    let operands: Vec<Val> = std::iter::once(indices).chain(position.iter().copied()).collect();
    let number = b.named("tensor.extract", &operands, &[element], &[], vec![]).map(result)?;
    let row = row(b, number, x)?;
    let columns = (1..of_x.rank()).map(|dim| Index::extent(b, x, of_x, dim)).collect::<Result<Vec<_>>>()?;
    let row_type = ValueType::tensor(of_x.dtype, of_x.extents()[1..].to_vec());
    let there = |leading: &[Val<'c>], rank: usize| Region {
        offsets: leading.iter().map(|at| Index::Value(*at)).chain(columns.iter().map(|_| Index::Known(0))).collect(),
        sizes: leading.iter().map(|_| Index::Known(1)).chain(columns.iter().copied()).collect(),
        strides: vec![1; rank],
    };
    let update = there(position, of_updates.rank()).extract(b, updates, &row_type)?;
    let old = there(&[row], of_x.rank()).extract(b, x, &row_type)?;
    let sum = add(b, old, update, &row_type)?;
    there(&[row], of_x.rank()).insert(b, sum, x)
}
