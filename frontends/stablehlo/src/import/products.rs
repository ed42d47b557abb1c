//! Contractions.

use super::site::{Site, dims};
use super::{Translated, attributes};
use dp_dialects::ir::Val;
use dp_dialects::parameters::DotDims;
use dp_dialects::{Diagnostic, OpKind, Parameters, ScalarType};

/// `dot_general`. Operands are converted to the element type of the result, in which it is computed.
pub(super) fn dot_general<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let numbers = attributes::fields(site.op, "dot_dimension_numbers");
    let numbers = numbers.ok_or_else(|| Diagnostic::invalid("has no dimension numbers"))?;
    let (a, b) = operands(site)?;
    let (rank_a, rank_b) = (site.type_of(a)?.rank(), site.type_of(b)?.rank());
    let list = |name: &str, rank| dims(&numbers.integers(name).unwrap_or_default(), rank, name);
    let dot = DotDims {
        batch_a: list("lhs_batching_dimensions", rank_a)?,
        batch_b: list("rhs_batching_dimensions", rank_b)?,
        contract_a: list("lhs_contracting_dimensions", rank_a)?,
        contract_b: list("rhs_contracting_dimensions", rank_b)?,
    };
    product(site, a, b, dot)
}

/// `dot`: the last dimension of the first operand with the first of the second.
pub(super) fn dot<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (a, b) = operands(site)?;
    let last = site.type_of(a)?.rank().checked_sub(1);
    let last = last.ok_or_else(|| Diagnostic::invalid("takes vectors and matrices"))?;
    product(site, a, b, DotDims { contract_a: vec![last], contract_b: vec![0], ..DotDims::default() })
}

/// The operands, in the element type of the result.
fn operands<'c>(site: &Site<'_, 'c>) -> Translated<'c, (Val<'c>, Val<'c>)> {
    let to = site.result(0)?.dtype;
    let operand = |index| site.convert(site.operand(index)?, to, site.is_unsigned(index)?);
    Ok((operand(0)?, operand(1)?))
}

fn product<'c>(site: &Site<'_, 'c>, a: Val<'c>, b: Val<'c>, dot: DotDims) -> Translated<'c, Vec<Val<'c>>> {
    if site.type_of(a)?.dtype == ScalarType::I1 {
        return Err(Diagnostic::unsupported("products of booleans are not supported")
            .help("convert them to i32")
            .into());
    }
    let is_rank_zero = !site.type_of(a)?.is_tensor() || !site.type_of(b)?.is_tensor();
    let result = match is_rank_zero {
        // Without dimensions, it is multiplication.
        true => {
            let (a, b) = (site.spread(a, b)?, site.spread(b, a)?);
            site.scalar(OpKind::ScalarMul, &[a, b])?
        }
        false => site.emit(OpKind::ArrayDot, &Parameters::Dot(dot), &[a, b])?,
    };
    Ok(vec![site.untensor(result)?])
}
