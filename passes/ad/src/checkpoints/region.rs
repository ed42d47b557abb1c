//! `ad.checkpoint`. Within a linear region, it holds primal operations beside those on tangents. Its transpose computes
//! the primal ones where it stands in the reverse sweep, behind barriers: otherwise simplification would merge them
//! with those of the forward sweep, whose results would be kept.

use crate::regions::{RegionHandler, free_linear_values};
use dp_ad_engine::site::LinearizationSite;
use dp_ad_engine::tangent::Tangent;
use dp_ad_engine::transpose::{Transposer, defined};
use dp_dialects::ir::{Op, Val, ValueSet, block_ops, defining_op, operands, region_block, results, walk};
use dp_dialects::marks::{CHANGES_EXTENTS, CHECKPOINT, SHOWS_EXTENTS, SNAPSHOT_BYTES, SPAN};
use dp_dialects::{Builder, Diagnostic, OpKind, Result, SpannedDiagnostic, ValueType};
use dp_linearity::{Degree, Degrees};
use dp_passes::copies::copy_block;
use dp_passes::dce::eliminate;
use melior::ir::{Type, ValueLike};

/// The handler.
pub static CHECKPOINTS: Checkpoints = Checkpoints;

/// The handler of `ad.checkpoint`. Where it is linearized itself, its operations are to be kept or computed twice by
/// what is around it, so it is transparent.
pub struct Checkpoints;

fn inlined<'c>(site: &mut LinearizationSite<'c, '_>) -> Result<Vec<Tangent<'c>>, SpannedDiagnostic<'c>> {
    let Some(block) = region_block(site.op, 0) else { return Ok(Vec::new()) };
    let yielded = site.engine.block(block, site.primal, site.linear)?;
    site.results = yielded.iter().map(|dual| dual.primal).collect();
    Ok(yielded.into_iter().map(|dual| dual.tangent).collect())
}

/// Whether a value is one that computations are merged by: a tensor, or a number that carries a derivative.
fn is_guarded(value: Val) -> bool {
    let is_constant = defining_op(value)
        .and_then(OpKind::of)
        .is_some_and(|kind| matches!(kind, OpKind::ScalarConstant | OpKind::ArrayConstant | OpKind::ArithConstant));
    ValueType::of(value.r#type()).is_some_and(|r#type| r#type.is_tensor() || r#type.dtype.is_differentiable())
        && !is_constant
}

/// A value behind a barrier, after the cotangents.
///
/// # Errors
/// If it cannot be created.
pub(super) fn guarded<'c>(builder: Builder<'c>, value: Val<'c>, after: &[Option<Val<'c>>]) -> Result<Val<'c>> {
    if !is_guarded(value) {
        return Ok(value);
    }
    let given: Vec<Val> = std::iter::once(value).chain(after.iter().copied().flatten()).collect();
    builder.op(OpKind::AdBarrier, &given, &[value.r#type()], &[], vec![]).map(dp_dialects::ir::result)
}

/// The values from outside that the regions of an operation use, each once.
fn captured<'c>(op: Op<'c>) -> Vec<Val<'c>> {
    let (inside, mut found, mut known) = (defined(op), Vec::new(), ValueSet::default());
    walk(op, &mut |inner| {
        if inner != op {
            let outside = operands(inner).into_iter().filter(|value| !inside.contains(*value));
            found.extend(outside.filter(|value| known.insert(*value)));
        }
    });
    found
}

impl RegionHandler for Checkpoints {
    fn linearize<'c>(&self, site: &mut LinearizationSite<'c, '_>) -> Result<Vec<Tangent<'c>>, SpannedDiagnostic<'c>> {
        inlined(site)
    }

    fn forward<'c>(&self, site: &mut LinearizationSite<'c, '_>) -> Result<Vec<Tangent<'c>>, SpannedDiagnostic<'c>> {
        inlined(site)
    }

    fn degrees<'c>(
        &self,
        known: &mut Degrees<'c, '_>,
        op: Op<'c>,
    ) -> Result<Option<Vec<Degree>>, SpannedDiagnostic<'c>> {
        region_block(op, 0).map(|block| known.block(block, &[])).transpose()
    }

    fn separate<'c>(&self, op: Op<'c>, kept: &[usize], _: &dyn Fn(Val<'c>) -> bool) -> Result<Option<Op<'c>>> {
        let Some(block) = region_block(op, 0) else { return Ok(None) };
        let builder = Builder::before(op);
        let (region, _, inner) = builder.region(&[]);
        let yielded = copy_block(inner, block_ops(block), Vec::new());
        let yielded: Vec<Val> = kept.iter().map(|index| yielded[*index]).collect();
        inner.op(OpKind::AdYield, &yielded, &[], &[], vec![])?;
        eliminate(inner.block());
        let outputs: Vec<Type> = kept.iter().map(|index| results(op)[*index].r#type()).collect();
        builder.op(OpKind::AdCheckpoint, &[], &outputs, &[], vec![region]).map(Some)
    }

    fn transpose<'c>(&self, transposer: &mut Transposer<'c>, op: Op<'c>, cotangents: &[Option<Val<'c>>]) -> Result<()> {
        let Some(block) = region_block(op, 0) else { return Err(Diagnostic::invalid("needs a region")) };
        let free = free_linear_values(transposer, op);
        let builder = transposer.at(op);
        let slots = transposer.tensor_slots(&free)?;
        let mut nested = transposer.nested(builder, &free);
        for value in captured(op).into_iter().filter(|value| !transposer.is_linear(*value)) {
            if let Some(there) = transposer.available(value) {
                nested.bind(value, guarded(builder, there, cotangents)?);
            }
        }
        for (value, slot) in free.iter().zip(&slots) {
            slot.iter().for_each(|slot| nested.set_slot(*value, *slot));
        }
        let shares = nested.block(block, &free, cotangents).map_err(|located| located.diagnostic)?;
        for ((value, share), slot) in free.into_iter().zip(shares).zip(slots) {
            match (share, slot) {
                (Some(share), Some(_)) => transposer.set_slot(value, share),
                (Some(share), None) => transposer.accumulate(value, share)?,
                (None, _) => {}
            }
        }
        Ok(())
    }
}

/// Replaces all checkpoints by their operations, and removes the marks: nothing is left to differentiate.
pub(crate) fn clear(module: Op) {
    let mut found = Vec::new();
    walk(module, &mut |op| {
        CHECKPOINT.remove(op);
        SPAN.remove(op);
        SNAPSHOT_BYTES.remove(op);
        CHANGES_EXTENTS.remove(op);
        SHOWS_EXTENTS.remove(op);
        found.extend((OpKind::of(op) == Some(OpKind::AdCheckpoint)).then_some(op));
    });
    // Inner ones first.
    for op in found.into_iter().rev() {
        let Some(block) = region_block(op, 0) else { continue };
        let yielded = copy_block(Builder::before(op), block_ops(block), Vec::new());
        for (result, value) in results(op).into_iter().zip(yielded) {
            dp_dialects::ir::replace_all_uses(result, value);
        }
        dp_dialects::ir::erase(op);
    }
}
