//! Operations that move elements without computing.

use super::LoweringSite;
use crate::checks::Order;
use crate::checks::compare;
use crate::checks::require;
use crate::checks::require_equal;
use crate::structured::{self, Indexed, empty, fill, generic, loop_index};
use dp_dialects::MlirType;
use dp_dialects::ir::{Val, defining_op, i64_attribute, result};
use dp_dialects::types::{DYNAMIC, Extent};
use dp_dialects::{Builder, Diagnostic, Literal, OpKind, Parameters, Result, ScalarType, ValueType};
use melior::ir::Attribute;
use melior::ir::attribute::{ArrayAttribute, DenseI64ArrayAttribute, IntegerAttribute};
use melior::ir::r#type::IntegerType;

/// A splat becomes a fill; other constants are stored in the library.
pub(super) fn constant<'c>(site: &LoweringSite<'c>) -> Result<Val<'c>> {
    let b = &site.b;
    let Parameters::Constant(literal) = &site.parameters else { return site.malformed() };
    if let Some(value) = literal.splat_value() {
        let number = b.literal(Literal::number(literal.dtype, value))?;
        return fill(b, number, empty(b, &site.result, &[])?);
    }
    let r#type = site.result.to_type(b.context());
    let value = literal.to_attribute(b.context());
    b.named("arith.constant", &[], &[r#type], &[("value", value)], vec![]).map(result)
}

/// `y[i…] = i_dim`.
pub(super) fn iota<'c>(site: &LoweringSite<'c>) -> Result<Val<'c>> {
    let Parameters::Dim(dim) = site.parameters else { return site.malformed() };
    let out = empty(&site.b, &site.result, &site.extents()?)?;
    let rank = site.result.rank();
    let made = generic(&site.b, rank, &[], &[], &[Indexed::identity(out, rank)], |b, _| {
        let position = loop_index(b, dim)?;
        from_index(b, position, site.result.dtype).map(|number| vec![number])
    })?;
    Ok(made[0])
}

/// Converts an `index` to an element type.
pub(super) fn from_index<'c>(b: &Builder<'c>, index: Val<'c>, dtype: ScalarType) -> Result<Val<'c>> {
    let i64 = ScalarType::I64.to_type(b.context());
    let wide = b.named("arith.index_cast", &[index], &[i64], &[], vec![]).map(result)?;
    if dtype == ScalarType::I64 {
        return Ok(wide);
    }
    let to = ValueType::number(dtype);
    b.emit_typed(OpKind::ScalarConvert, &Parameters::Convert { unsigned: false }, &[wide], &to)
}

/// `y[i…] = x[i_dims…]`.
pub(super) fn broadcast<'c>(site: &LoweringSite<'c>) -> Result<Val<'c>> {
    let b = &site.b;
    let Parameters::Broadcast(dims) = &site.parameters else { return site.malformed() };
    let extents = site.extents()?;
    let (x, of) = (site.operands[0], &site.types[0]);
    let out = empty(b, &site.result, &extents)?;
    if !of.is_tensor() {
        return fill(b, x, out);
    }
    let dynamic: Vec<usize> = site.result.dynamic_dimensions().collect();
    for (from, to) in dims.iter().enumerate() {
        if of.extents()[from].is_some() && site.result.extents()[*to].is_some() {
            continue;
        }
        let extent = match dynamic.iter().position(|dim| dim == to) {
            Some(position) => extents[position],
            None => b.index(site.result.extents()[*to].unwrap_or_default() as i64)?,
        };
        let message = format!("dimension {from} of the operand and dimension {to} of the result differ in extent");
        require_equal(b, structured::extent(b, x, from)?, extent, &message)?;
    }
    copy(b, Indexed { value: x, loops: dims.clone() }, out, site.result.rank())
}

/// `y[i…] = x[i_q…]` for the inverse `q` of the permutation.
pub(super) fn transpose<'c>(site: &LoweringSite<'c>) -> Result<Val<'c>> {
    let b = &site.b;
    let Parameters::Permutation(permutation) = &site.parameters else { return site.malformed() };
    let x = site.operands[0];
    let rank = permutation.len();
    let extents = site
        .result
        .dynamic_dimensions()
        .map(|dim| structured::extent(b, x, permutation[dim]))
        .collect::<Result<Vec<_>>>()?;
    let out = empty(b, &site.result, &extents)?;
    let mut loops = vec![0; rank];
    permutation.iter().enumerate().for_each(|(to, from)| loops[*from] = to);
    copy(b, Indexed { value: x, loops }, out, rank)
}

/// Copies the elements of an input to the output.
pub(super) fn copy<'c>(b: &Builder<'c>, from: Indexed<'c>, to: Val<'c>, rank: usize) -> Result<Val<'c>> {
    generic(b, rank, &[], &[from], &[Indexed::identity(to, rank)], |_, elements| Ok(vec![elements[0]]))
        .map(|made| made[0])
}

/// Through rank 1, since elements are in row-major order.
pub(super) fn reshape<'c>(site: &LoweringSite<'c>) -> Result<Val<'c>> {
    let b = &site.b;
    let extents = site.extents()?;
    let (x, from, to) = (site.operands[0], &site.types[0], &site.result);
    if !(from.is_static() && to.is_static()) {
        let one = b.index(1)?;
        let mut given = extents.iter();
        let mut wanted = one;
        for extent in to.extents() {
            let extent = match extent {
                Some(extent) => b.index(*extent as i64)?,
                None => *given.next().ok_or_else(|| Diagnostic::invalid("lacks an extent"))?,
            };
            wanted = multiply(b, wanted, extent)?;
        }
        let mut there = one;
        for dim in 0..from.rank() {
            there = multiply(b, there, structured::extent(b, x, dim)?)?;
        }
        require_equal(b, there, wanted, "'array.reshape' changes the number of elements")?;
    }
    // MLIR's reshapes do not verify if only one extent is static, and is 0.
    if [from, to].iter().any(|r#type| r#type.extents().contains(&Some(0))) {
        return empty(b, to, &extents);
    }
    unflatten(b, flatten(b, x, from)?, from, to, &extents)
}

fn multiply<'c>(b: &Builder<'c>, x: Val<'c>, y: Val<'c>) -> Result<Val<'c>> {
    b.named("arith.muli", &[x, y], &[ScalarType::Index.to_type(b.context())], &[], vec![]).map(result)
}

/// The product of extents, if it is static and itself a valid extent.
fn count(r#type: &ValueType) -> Extent {
    r#type.count().and_then(|count| i64::try_from(count).ok()).map(|count| count as u64)
}

/// All dimensions as one group.
fn group<'c>(b: &Builder<'c>, rank: usize) -> (&'static str, Attribute<'c>) {
    let i64 = IntegerType::new(b.context(), 64).into();
    let dims: Vec<Attribute> = (0..rank as i64).map(|dim| IntegerAttribute::new(i64, dim).into()).collect();
    let groups: Vec<Attribute> = if rank == 0 { vec![] } else { vec![ArrayAttribute::new(b.context(), &dims).into()] };
    ("reassociation", ArrayAttribute::new(b.context(), &groups).into())
}

/// Flattens a tensor; the extent is static if possible.
fn flatten<'c>(b: &Builder<'c>, x: Val<'c>, r#type: &ValueType) -> Result<Val<'c>> {
    let line = ValueType::tensor(r#type.dtype, vec![count(r#type)]).to_type(b.context());
    match r#type.rank() {
        0 => {
            let shape = ("static_output_shape", DenseI64ArrayAttribute::new(b.context(), &[1]).into());
            b.named("tensor.expand_shape", &[x], &[line], &[group(b, 0), shape], vec![]).map(result)
        }
        1 => Ok(x),
        rank => b.named("tensor.collapse_shape", &[x], &[line], &[group(b, rank)], vec![]).map(result),
    }
}

fn unflatten<'c>(
    b: &Builder<'c>,
    x: Val<'c>,
    from: &ValueType,
    to: &ValueType,
    extents: &[Val<'c>],
) -> Result<Val<'c>> {
    let context = b.context();
    let wanted = ValueType::tensor(to.dtype, vec![count(to)]).to_type(context);
    let line = match count(from) == count(to) {
        true => x,
        false => b.named("tensor.cast", &[x], &[wanted], &[], vec![]).map(result)?,
    };
    let r#type = to.to_type(context);
    match to.rank() {
        0 => b.named("tensor.collapse_shape", &[line], &[r#type], &[group(b, 0)], vec![]).map(result),
        1 => Ok(line),
        rank => {
            let written: Vec<i64> =
                to.extents().iter().map(|extent| extent.map_or(DYNAMIC, |extent| extent as i64)).collect();
            let shape = ("static_output_shape", DenseI64ArrayAttribute::new(context, &written).into());
            let operands: Vec<Val> = std::iter::once(line).chain(extents.iter().copied()).collect();
            b.named("tensor.expand_shape", &operands, &[r#type], &[group(b, rank), shape], vec![]).map(result)
        }
    }
}

/// `tensor.dim`, if the dimension is a constant.
pub(super) fn dim<'c>(site: &LoweringSite<'c>) -> Result<Val<'c>> {
    let position = defining_op(site.operands[1]).and_then(|op| i64_attribute(op, "value"));
    match position.and_then(|position| usize::try_from(position).ok()).filter(|dim| *dim < site.types[0].rank()) {
        Some(dim) => structured::extent(&site.b, site.operands[0], dim),
        None => {
            let rank = site.b.index(site.types[0].rank() as i64)?;
            let within = compare(&site.b, Order::Ult, site.operands[1], rank)?;
            require(&site.b, within, "the dimension of 'tensor.dim' is out of range")?;
            Ok(result(site.b.clone_op(site.op, &[])))
        }
    }
}
