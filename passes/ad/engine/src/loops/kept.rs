//! The residuals of a loop body: values of an iteration that the linear loop uses. Each is loop-invariant, saved on a
//! tape, or rematerialized from others, as [`Plan`] says. Of values whose extents change between iterations, results of loops
//! and branches, such as the tapes of an inner loop with a varying trip count, are saved one after the other ([`Ragged`]);
//! others are rematerialized. Carried tensors whose extents change are saved in rows of the greatest extents, and their
//! extents beside them.

use super::plan::{Body, Plan, is_index_arithmetic};
use super::ragged::{Ragged, is_construct};
use dp_dialects::ir::{Op, Val, ValueMap, ValueSet, defining_op, is_pure, operands, value_block, walk};
use dp_dialects::{Builder, Diagnostic, OpKind, Result, ValueType};
use dp_extents::carried::Before;
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;

/// The residuals of a loop body.
#[derive(Default)]
pub(super) struct Kept<'c> {
    /// The iteration number, which the linear loop has too.
    pub(super) own: Vec<Val<'c>>,
    /// Loop invariants, and their values computed before the loop.
    pub(super) before: Vec<(Val<'c>, Val<'c>)>,
    /// Saved values, and the extents of their dynamic dimensions.
    pub(super) taped: Vec<(Val<'c>, Vec<Val<'c>>)>,
    /// Carried tensors whose extents change, saved, and their extents in each round, which `taped` has too.
    pub(super) varying: Vec<(Val<'c>, Vec<Val<'c>>)>,
    /// Tensors whose extents change, saved one after the other.
    pub(super) ragged: Vec<Ragged<'c>>,
    /// The operations to rematerialize in the linear loop, in order.
    pub(super) again: Vec<Op<'c>>,
    plan: Plan,
    /// Whether nothing is `ragged`: the bytes of a round must be known before the loop.
    is_rectangular: bool,
    seen: ValueSet,
}

impl<'c> Kept<'c> {
    /// Classifies values; `is_own` holds for the iteration number. What a loop carries may change its extents: `inside`
    /// creates operations in the loop that read them. With `is_rectangular`, loops are executed again where what they
    /// return has other extents in each round.
    ///
    /// # Errors
    /// If an operation cannot be created, or a value cannot be saved.
    pub(super) fn plan(
        values: &[Val<'c>],
        is_own: &dyn Fn(Val<'c>) -> bool,
        before: &mut Before<'c, '_>,
        inside: Builder<'c>,
        is_rectangular: bool,
    ) -> Result<Kept<'c>> {
        let plan = Plan::of(values, &Known { is_own, before });
        let mut kept = Kept { plan, is_rectangular, ..Kept::default() };
        values.iter().try_for_each(|value| kept.need(*value, is_own, before, inside))?;
        Ok(kept)
    }

    /// The extents in a round of a saved tensor whose extents change, in the linear loop; `there` has what it reads.
    pub(super) fn own_extents(&self, value: Val<'c>, there: &ValueMap<Val<'c>>) -> Option<Vec<Val<'c>>> {
        let (_, own) = self.varying.iter().find(|(varying, _)| *varying == value)?;
        own.iter().map(|extent| there.get(*extent).copied()).collect()
    }

    fn need(
        &mut self,
        value: Val<'c>,
        is_own: &dyn Fn(Val<'c>) -> bool,
        before: &mut Before<'c, '_>,
        inside: Builder<'c>,
    ) -> Result<()> {
        if value_block(value) != Some(before.block) || !self.seen.insert(value) {
            return Ok(());
        }
        if is_own(value) {
            self.own.push(value);
            return Ok(());
        }
        if let Some(there) = before.index(value)? {
            self.before.push((value, there));
            return Ok(());
        }
        let is_again = |op| is_cheap(op) || self.plan.repeats(op);
        let is_kept = ValueType::of(value.r#type()).is_some() && !defining_op(value).is_some_and(is_again);
        let extents = if is_kept { before.extents(value)? } else { None };
        match (extents, defining_op(value)) {
            (Some(extents), _) => self.taped.push((value, extents)),
            (None, None) if is_kept => {
                let extents = inside.extents(value)?;
                self.taped.extend(extents.iter().map(|extent| (*extent, Vec::new())));
                self.varying.push((value, extents));
            }
            (None, None) => return Err(unkept(value)),
            (None, Some(op)) => {
                let may_differ = is_kept && !self.is_rectangular && is_construct(op);
                if let Some(ragged) = may_differ.then(|| Ragged::of(inside, value)).transpose()?.flatten() {
                    ragged.extents.iter().try_for_each(|extent| self.need(*extent, is_own, before, inside))?;
                    self.ragged.push(ragged);
                    return Ok(());
                }
                let mut used = Vec::new();
                walk(op, &mut |inner| used.extend(operands(inner)));
                used.into_iter().try_for_each(|used| self.need(used, is_own, before, inside))?;
                if !self.again.contains(&op) {
                    self.again.push(op);
                }
            }
        }
        Ok(())
    }
}

/// A loop body, for the plan.
struct Known<'k, 'c, 'a> {
    is_own: &'k dyn Fn(Val<'c>) -> bool,
    before: &'k Before<'c, 'a>,
}

impl<'c> Body<'c> for Known<'_, 'c, '_> {
    fn is_free(&self, value: Val<'c>) -> bool {
        (self.is_own)(value) || !self.before.is_local(value)
    }

    /// The tensor is loop-invariant, and the linear loop can compute the position: this costs the same as reading a tape. A
    /// tensor that an outer loop changes would be kept as a whole in each of its iterations, so the position must be near
    /// the iteration number: then iterations read most elements.
    fn is_read(&self, op: Op<'c>) -> bool {
        let all = operands(op);
        let reads = matches!(OpKind::of(op), Some(OpKind::TensorExtract | OpKind::ArraySlice));
        if !reads || self.before.is_local(all[0]) {
            return false;
        }
        let home = value_block(all[0]).and_then(|block| block.parent_operation());
        let is_fixed = home.and_then(OpKind::of) == Some(OpKind::FuncFunc);
        let is_near = |value: Val<'c>| {
            let is_shifted = |op| is_cheap(op) && operands(op).into_iter().all(|x| self.is_free(x));
            self.is_free(value) || defining_op(value).is_some_and(is_shifted)
        };
        is_fixed || all[1..].iter().all(|x| is_near(*x))
    }
}

/// Whether an operation costs less than loading its result: a constant, or index arithmetic.
fn is_cheap(op: Op) -> bool {
    op.region_count() == 0 && is_pure(op) && (op.operand_count() == 0 || is_index_arithmetic(op))
}

fn unkept(value: Val) -> Diagnostic {
    let message = format!("the derivative of this loop cannot keep a value of type {} from each round", value.r#type());
    Diagnostic::unsupported(message).help("carry numbers, and tensors of them")
}
