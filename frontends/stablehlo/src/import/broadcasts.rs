//! The operations of `chlo` that broadcast their operands to one shape.

use super::extents::Extent;
use super::shapes::stretched;
use super::site::Site;
use super::{Translated, elementwise, name_of};
use dp_dialects::ir::{Val, operands};
use dp_dialects::{Diagnostic, OpKind};

/// The prefix of their names.
const PREFIX: &str = "chlo.broadcast_";

/// Those with two operands and one counterpart.
const BINARY: [&str; 15] = [
    "add",
    "and",
    "atan2",
    "divide",
    "maximum",
    "minimum",
    "multiply",
    "or",
    "power",
    "remainder",
    "shift_left",
    "shift_right_arithmetic",
    "shift_right_logical",
    "subtract",
    "xor",
];

/// The operation on operands of one shape; `None` if it has no single counterpart.
fn counterpart(name: &str) -> Option<String> {
    let rest = name.strip_prefix(PREFIX)?;
    BINARY.contains(&rest).then(|| format!("stablehlo.{rest}"))
}

/// Whether an operation broadcasts its operands and has one counterpart.
pub(super) fn is_plain(name: &str) -> bool {
    counterpart(name).is_some()
}

/// The names of these operations.
pub(super) fn plain_names() -> impl Iterator<Item = String> {
    BINARY.iter().map(|rest| format!("{PREFIX}{rest}"))
}

/// An elementwise operation.
pub(super) fn plain<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let name = counterpart(&name_of(site.op)).unwrap_or_default();
    elementwise::applied(site, &name, &broadcast(site)?)
}

/// `broadcast_compare`.
pub(super) fn compare<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    elementwise::compared(site, broadcast(site)?)
}

/// `broadcast_select`.
pub(super) fn select<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    Ok(vec![site.scalar(OpKind::ScalarSelect, &broadcast(site)?)?])
}

/// `broadcast_complex`.
pub(super) fn complex<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    Ok(vec![site.scalar(OpKind::ScalarComplex, &broadcast(site)?)?])
}

/// `constant_like`: a number, repeated to the shape of the operand.
pub(super) fn constant_like<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (x, dtype) = (site.operand(0)?, site.result(0)?.dtype);
    let number = super::constants::number(site, dtype)?;
    Ok(vec![site.spread(number, x)?])
}

/// The operands, broadcast to one shape. The dimensions of an operand of lower rank are those that
/// `broadcast_dimensions` lists, or the last ones. A dimension whose extent is only known at run time is not stretched.
fn broadcast<'c>(site: &Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let rank = site.result(0)?.rank();
    let mut parts = Vec::new();
    for place in 0..operands(site.op).len() {
        let x = site.operand(place)?;
        let extents = site.extents(x)?;
        let own = extents.len();
        let last = || (rank.saturating_sub(own)..rank).collect();
        let dims: Vec<usize> = match site.optional_ints("broadcast_dimensions")? {
            Some(_) if own < rank => site.dims("broadcast_dimensions", rank)?,
            Some(_) | None => last(),
        };
        if dims.len() != own {
            return Err(Diagnostic::invalid("has another number of dimensions than its operand").into());
        }
        parts.push((x, dims, extents));
    }
    let mut to = vec![Extent::Known(1); rank];
    for (_, dims, extents) in &parts {
        for (dim, extent) in dims.iter().zip(extents) {
            if to[*dim].known() == Some(1)
                || (extent.known().is_some_and(|extent| extent != 1) && to[*dim].known().is_none())
            {
                to[*dim] = *extent;
            }
        }
    }
    parts.into_iter().map(|(x, dims, _)| stretched(site, x, &dims, &to, &[])).collect()
}
