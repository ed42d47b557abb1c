//! Gather and scatter, which are transposes of each other.

use super::DerivativeRule;
use dp_ad_engine::transpose::Transposer;
use dp_dialects::OpKind::*;
use dp_dialects::ir::{Op, Val, operands};
use dp_dialects::{Parameters, Result};

pub(super) static ROWS: &[DerivativeRule] =
    &[DerivativeRule::linear(ArrayGather, gather), DerivativeRule::linear(ArrayScatter, scatter)];

/// Rows are added to where they came from, in place.
fn gather<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let [x, indices] = operands(op)[..] else { return Ok(()) };
    let (indices, builder) = (t.residual(indices)?, t.at(op));
    let slot = t.slot(builder, x)?;
    let added = builder.emit(ArrayScatter, &Parameters::None, &[slot, indices, ct])?;
    t.set_slot(x, added);
    Ok(())
}

fn scatter<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let [x, indices, updates] = operands(op)[..] else { return Ok(()) };
    if t.is_linear(updates) {
        let (indices, builder) = (t.residual(indices)?, t.at(op));
        let rows = builder.emit(ArrayGather, &Parameters::None, &[ct, indices])?;
        t.accumulate(updates, rows)?;
    }
    t.accumulate(x, ct)
}
