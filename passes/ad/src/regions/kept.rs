//! What becomes of the values of a round that the linear rounds use. Each is the same in all rounds, or kept on a tape, or
//! computed again from others. That is where it is an index, which costs less than a tape, and where its extents change
//! from round to round: an inner loop whose number of rounds changes, for instance, is executed again.

use crate::extents::carried::Before;
use dp_dialects::ir::{Op, Val, ValueSet, defining_op, is_pure, operands, results, value_block, walk};
use dp_dialects::{Diagnostic, OpKind, Result, ScalarType, ValueType};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;

/// The values of a round that the linear rounds use.
#[derive(Default)]
pub(super) struct Kept<'c> {
    /// Those that each linear round has of itself, its number.
    pub(super) own: Vec<Val<'c>>,
    /// Those that are the same in all rounds, and what they are before the loop.
    pub(super) before: Vec<(Val<'c>, Val<'c>)>,
    /// Those that go to tapes, and the extents that their types leave open.
    pub(super) taped: Vec<(Val<'c>, Vec<Val<'c>>)>,
    /// The operations that each linear round does again, in order.
    pub(super) again: Vec<Op<'c>>,
    seen: ValueSet,
}

impl<'c> Kept<'c> {
    /// Decides about values; `is_own` tells those that each linear round has of itself.
    ///
    /// # Errors
    /// Where an operation cannot be made, or what is carried changes its extents.
    pub(super) fn plan(
        values: &[Val<'c>],
        is_own: &dyn Fn(Val<'c>) -> bool,
        before: &mut Before<'c, '_>,
    ) -> Result<Kept<'c>> {
        let mut kept = Kept::default();
        values.iter().try_for_each(|value| kept.need(*value, is_own, before))?;
        Ok(kept)
    }

    fn need(&mut self, value: Val<'c>, is_own: &dyn Fn(Val<'c>) -> bool, before: &mut Before<'c, '_>) -> Result<()> {
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
        let is_again = |op| is_cheap(op) || self.is_element(op, is_own, before);
        let is_kept = ValueType::of(value.r#type()).is_some() && !defining_op(value).is_some_and(is_again);
        let extents = if is_kept { before.extents(value)? } else { None };
        match (extents, defining_op(value)) {
            (Some(extents), _) => self.taped.push((value, extents)),
            (None, None) => return Err(changes(value)),
            (None, Some(op)) => {
                let mut used = Vec::new();
                walk(op, &mut |inner| used.extend(operands(inner)));
                used.into_iter().try_for_each(|used| self.need(used, is_own, before))?;
                if !self.again.contains(&op) {
                    self.again.push(op);
                }
            }
        }
        Ok(())
    }
}

impl<'c> Kept<'c> {
    /// Whether an operation reads an element of a tensor that is the same in all rounds, at a position that each linear
    /// round computes for itself: that costs what a read of a tape costs.
    fn is_element(&self, op: Op<'c>, is_own: &dyn Fn(Val<'c>) -> bool, before: &Before<'c, '_>) -> bool {
        let all = operands(op);
        let is_here = |value: Val<'c>| {
            is_own(value)
                || !before.is_local(value)
                || defining_op(value).is_some_and(|op| {
                    is_cheap(op) && operands(op).into_iter().all(|x| is_own(x) || !before.is_local(x))
                })
        };
        OpKind::of(op) == Some(OpKind::TensorExtract)
            && !before.is_local(all[0])
            && all[1..].iter().all(|x| is_here(*x))
    }
}

/// Whether an operation costs less than to load what it gave: a constant, or one of indices.
fn is_cheap(op: Op) -> bool {
    let is_index = |value: Val| ValueType::of(value.r#type()) == Some(ValueType::number(ScalarType::Index));
    let is_pure = op.region_count() == 0 && is_pure(op);
    is_pure && (op.operand_count() == 0 || operands(op).into_iter().chain(results(op)).all(is_index))
}

fn changes(value: Val) -> Diagnostic {
    let message = format!(
        "the derivative of this loop keeps a value of type {} from each round, whose extents change from round to round",
        value.r#type()
    );
    Diagnostic::unsupported(message).help("give it the same extents in all rounds, known before the loop")
}
