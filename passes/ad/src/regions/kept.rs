//! The residuals of a loop body: values of an iteration that the linear loop uses. Each is loop-invariant, saved on a
//! tape, or rematerialized from others. Rematerialized is what costs less than a tape: indices, and what a few elementwise
//! operations compute from other residuals, invariants and the iteration number. So are values whose extents change
//! between iterations, such as those of an inner loop with a varying trip count.

use dp_dialects::ir::{Op, Val, ValueSet, defining_op, is_pure, operands, results, value_block, walk};
use dp_dialects::{Diagnostic, OpKind, Result, ScalarType, ValueType};
use dp_extents::carried::Before;
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;

/// The additions for each element that cost no more than to store it on a tape and to load it again.
const CHEAP: u64 = 4;

/// The same for integers and booleans that no value of the loop is needed for. These are rarely the only ones that a tape
/// is made for, and shifts, masks and comparisons of an iteration number come in chains.
const CHEAP_INTEGERS: u64 = 16;

/// The residuals of a loop body.
#[derive(Default)]
pub(super) struct Kept<'c> {
    /// The iteration number, which the linear loop has too.
    pub(super) own: Vec<Val<'c>>,
    /// Loop invariants, and their values computed before the loop.
    pub(super) before: Vec<(Val<'c>, Val<'c>)>,
    /// Saved values, and the extents of their dynamic dimensions.
    pub(super) taped: Vec<(Val<'c>, Vec<Val<'c>>)>,
    /// The operations to rematerialize in the linear loop, in order.
    pub(super) again: Vec<Op<'c>>,
    /// All residuals.
    all: ValueSet,
    seen: ValueSet,
}

impl<'c> Kept<'c> {
    /// Classifies values; `is_own` holds for the iteration number.
    ///
    /// # Errors
    /// If an operation cannot be created, or a carried value may change its extents.
    pub(super) fn plan(
        values: &[Val<'c>],
        is_own: &dyn Fn(Val<'c>) -> bool,
        before: &mut Before<'c, '_>,
    ) -> Result<Kept<'c>> {
        let mut kept = Kept::default();
        kept.all.extend(values.iter().copied());
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
        let is_again =
            |op| is_cheap(op) || self.is_element(op, is_own, before) || self.is_derived(value, is_own, before);
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
    /// Whether a few elementwise operations compute a value from other residuals, invariants and the iteration number.
    fn is_derived(&self, value: Val<'c>, is_own: &dyn Fn(Val<'c>) -> bool, before: &Before<'c, '_>) -> bool {
        let is_integer = |value: Val| ValueType::of(value.r#type()).is_some_and(|of| !of.dtype.is_differentiable());
        let nothing = ValueSet::default();
        let is_given = |value| is_own(value) || !before.is_local(value);
        is_integer(value) && derives(value, &nothing, &is_given, &mut { CHEAP_INTEGERS })
            || derives(value, &self.all, &is_given, &mut { CHEAP })
    }

    /// Whether an operation reads an element of a loop-invariant tensor at a position that the linear loop can compute:
    /// this costs the same as reading a tape. A tensor that an outer loop changes would be kept as a whole in each of its
    /// iterations, so its position must be near the iteration number: then iterations read most elements.
    fn is_element(&self, op: Op<'c>, is_own: &dyn Fn(Val<'c>) -> bool, before: &Before<'c, '_>) -> bool {
        let all = operands(op);
        if OpKind::of(op) != Some(OpKind::TensorExtract) || before.is_local(all[0]) {
            return false;
        }
        let is_given = |value| is_own(value) || !before.is_local(value);
        let is_near = |value: Val<'c>| {
            let is_shifted = |op| is_cheap(op) && operands(op).into_iter().all(is_given);
            is_given(value) || defining_op(value).is_some_and(is_shifted)
        };
        let home = value_block(all[0]).and_then(|block| block.parent_operation());
        let is_fixed = home.and_then(OpKind::of) == Some(OpKind::FuncFunc);
        let nothing = ValueSet::default();
        let is_here = |value| is_given(value) || derives(value, &nothing, &is_given, &mut { CHEAP_INTEGERS });
        all[1..].iter().all(|x| is_near(*x) || is_fixed && is_here(*x))
    }
}

/// Whether elementwise operations compute a value from given ones and from residuals, within a budget of additions for
/// each element.
fn derives<'c>(value: Val<'c>, residuals: &ValueSet, is_given: &dyn Fn(Val<'c>) -> bool, budget: &mut u64) -> bool {
    let Some((op, kind)) = defining_op(value).and_then(|op| Some((op, OpKind::of(op)?))) else { return false };
    let entry = kind.entry();
    let is_arithmetic = entry.arithmetic.is_some() || entry.is_free || kind.dialect() == "arith";
    let cost = if operands(op).is_empty() { 0 } else { entry.work.per_element() };
    if !is_arithmetic || !is_pure(op) || cost > *budget {
        return false;
    }
    *budget -= cost;
    operands(op).into_iter().all(|x| is_given(x) || residuals.contains(x) || derives(x, residuals, is_given, budget))
}

/// Whether an operation costs less than loading its result: a constant, or index arithmetic.
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
