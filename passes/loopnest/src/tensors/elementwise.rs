//! Elementwise operations: one loop nest each, with the operation in its body.

use super::LoweringSite;
use crate::checks::require_equal;
use crate::structured::{Indexed, empty, extent, extents, generic};
use dp_dialects::ir::Val;
use dp_dialects::{Builder, OpKind, Result, ValueType};

/// `y[i…] = op(x[i…], …)`.
pub(super) fn elementwise<'c>(site: &LoweringSite<'c>) -> Result<Val<'c>> {
    let b = &site.b;
    agree(site)?;
    let extents = extents(b, site.operands[0])?;
    let out = like(b, &site.result, &site.types[0], site.operands[0], extents)?;
    let rank = site.result.rank();
    let inputs: Vec<Indexed> = site.operands.iter().map(|value| Indexed::identity(*value, rank)).collect();
    let number = ValueType::number(site.result.dtype);
    let made = generic(b, rank, &[], &inputs, &[Indexed::identity(out, rank)], |b, elements| {
        b.emit_typed(site.kind, &site.parameters, &elements[..site.operands.len()], &number).map(|value| vec![value])
    })?;
    Ok(made[0])
}

/// An uninitialized tensor with a shape compatible with `x`.
pub(super) fn like<'c>(
    b: &Builder<'c>,
    r#type: &ValueType,
    of: &ValueType,
    x: Val<'c>,
    extents: Vec<Val<'c>>,
) -> Result<Val<'c>> {
    if r#type.extents() == of.extents() {
        return empty(b, r#type, &extents);
    }
    let extents = r#type.dynamic_dimensions().map(|dim| extent(b, x, dim)).collect::<Result<Vec<_>>>()?;
    empty(b, r#type, &extents)
}

/// Checks that the operands have the same shape, unless types prove it.
pub(super) fn agree(site: &LoweringSite) -> Result<()> {
    let b = &site.b;
    let Some((first, rest)) = site.operands.split_first() else { return Ok(()) };
    for (index, other) in rest.iter().enumerate() {
        for dim in 0..site.types[0].rank() {
            let (a, c) = (site.types[0].extents()[dim], site.types[index + 1].extents()[dim]);
            if a.is_some() && a == c || first == other {
                continue;
            }
            let message = format!("the operands of '{}' differ in the extent of dimension {dim}", site.kind.name());
            require_equal(b, extent(b, *first, dim)?, extent(b, *other, dim)?, &message)?;
        }
    }
    debug_assert!(site.kind != OpKind::ArrayReduce);
    Ok(())
}
