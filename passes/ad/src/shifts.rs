//! `stop-shifts`: an extremum that only shifts, and cancels, has no derivative.
//!
//! Softmax, its logarithm and the logarithm of a sum of exponentials are computed with the greatest element `m` subtracted,
//! so that nothing overflows: `exp(x - m) / Σ exp(x - m)`, `m + log Σ exp(x - m)`. No result depends on `m`. A derivative
//! that does not know this computes that of the maximum, which elements attain it included, and multiplies it by a sum that
//! is zero except for rounding.
//!
//! With `m + t` instead of `m`, each value becomes `v + k t` (it is translated), or `v exp(k t)` (it is scaled), for an
//! integer `k`. If what uses these values has `k = 0` in the end, `m` may be anything, and a derivative of any order treats
//! it as a constant.

use dp_dialects::attributes::Reduction;
use dp_dialects::ir::{
    Op, Val, ValueMap, block_ops, defining_op, operands, replace_all_uses, result, results, set_operand, users,
    value_block, walk,
};
use dp_dialects::{Builder, OpKind, Parameters, Result, ValueType};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;
use std::collections::{BTreeMap, HashMap, HashSet};

/// `stop-shifts`.
pub static STOP_SHIFTS: Pass = Pass {
    flag: "stop-shifts",
    summary: "treat extrema that cancel as constants in derivatives",
    description: "Takes functions of the array dialect, before derivatives. If a maximum or minimum along dimensions is \
        subtracted before exponentials and cancels afterwards, as in softmax and in the logarithm of a sum of exponentials, \
        `ad.stop_gradient` of it takes its place.",
    body: run,
};

/// The most operations between an extremum and where it cancels.
const MOST: usize = 64;

/// How far an extremum may be from what is subtracted: `max(m, -∞)`, `select(isfinite(m), m, 0)`.
const CHOICES: usize = 3;

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let mut extrema = Vec::new();
    walk(module, &mut |op| extrema.extend(is_extremum(op).then_some(op)));
    let mut places = Places::default();
    for op in extrema {
        if let Some(shift) = cancelling(op, &mut places) {
            stop(shift).map_err(|diagnostic| diagnostic.report(op.location()))?;
        }
    }
    Ok(())
}

/// Whether an operation is a maximum or minimum along dimensions, of real numbers.
pub fn is_extremum(op: Op) -> bool {
    let Some(kind @ OpKind::ArrayReduce) = OpKind::of(op) else { return false };
    let is_of_extrema =
        matches!(Parameters::of(kind, op), Some(Parameters::Reduce { kind: Reduction::Max | Reduction::Min, .. }));
    is_of_extrema && type_of(result(op)).is_some_and(|r#type| r#type.dtype.is_float())
}

fn type_of(value: Val) -> Option<ValueType> {
    ValueType::of(value.r#type())
}

/// The positions of operations in their blocks.
#[derive(Default)]
struct Places {
    of: HashMap<usize, usize>,
    blocks: HashSet<usize>,
}

impl Places {
    fn of(&mut self, op: Op) -> Option<usize> {
        let block = op.block()?;
        if self.blocks.insert(block.to_raw().ptr as usize) {
            let ops = block_ops(block).into_iter().enumerate();
            self.of.extend(ops.map(|(place, op)| (op.to_raw().ptr as usize, place)));
        }
        self.of.get(&(op.to_raw().ptr as usize)).copied()
    }
}

/// The extremum, or what is chosen between it and something else, if it cancels.
fn cancelling<'c>(extremum: Op<'c>, places: &mut Places) -> Option<Val<'c>> {
    let mut candidates = vec![result(extremum)];
    for _ in 0..=CHOICES {
        if let Some(found) = candidates.iter().find(|candidate| cancels(**candidate, places)) {
            return Some(*found);
        }
        let chosen =
            |op: &Op<'c>| matches!(OpKind::of(*op), Some(OpKind::ScalarMax | OpKind::ScalarMin | OpKind::ScalarSelect));
        candidates = candidates.iter().flat_map(|value| users(*value)).filter(chosen).map(result).collect();
        candidates.truncate(MOST);
    }
    None
}

/// What becomes of a value if the root becomes `root + t`.
#[derive(Clone, Debug, PartialEq)]
struct Shift {
    kind: Kind,
    /// The factor of `t`; not 0.
    by: i64,
    /// The value's dimension for each of the root's.
    axes: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// `v + by t`.
    Translated,
    /// `v exp(by t)`.
    Scaled,
}

/// What depends on a root, in the order of its block, so that all operands of an operation are known.
struct Dependents<'c, 'p> {
    places: &'p mut Places,
    ops: BTreeMap<usize, Op<'c>>,
    /// How many operations were added.
    count: usize,
}

impl<'c> Dependents<'c, '_> {
    /// Adds the users of a value; `false` if one of them is not in its block, or if there are too many.
    fn add_users(&mut self, value: Val<'c>) -> bool {
        for op in users(value) {
            let Some(place) = self.places.of(op).filter(|_| op.block() == value_block(value)) else { return false };
            self.count += usize::from(self.ops.insert(place, op).is_none());
        }
        self.count <= MOST
    }
}

/// Whether nothing depends on a value in the end.
fn cancels(root: Val, places: &mut Places) -> bool {
    let Some(rank) = type_of(root).map(|r#type| r#type.rank()) else { return false };
    let mut known = ValueMap::new();
    known.insert(root, Shift { kind: Kind::Translated, by: 1, axes: (0..rank).collect() });
    let mut dependents = Dependents { places, ops: BTreeMap::new(), count: 0 };
    if !dependents.add_users(root) {
        return false;
    }
    // What nothing else depends on does not cancel.
    let mut has_shifted = false;
    while let Some((_, op)) = dependents.ops.pop_first() {
        match effect(op, &known) {
            Some(Effect::None) => {}
            Some(Effect::Shift(shift)) => {
                let value = result(op);
                known.insert(value, shift);
                has_shifted = true;
                if !dependents.add_users(value) {
                    return false;
                }
            }
            None => return false,
        }
    }
    has_shifted
}

/// What becomes of the result of an operation.
enum Effect {
    /// Nothing.
    None,
    Shift(Shift),
}

impl Effect {
    fn of(kind: Kind, by: i64, axes: Vec<usize>) -> Self {
        if by == 0 { Effect::None } else { Effect::Shift(Shift { kind, by, axes }) }
    }
}

/// What becomes of the result of an operation; `None` where it is not known.
fn effect<'c>(op: Op<'c>, known: &ValueMap<Shift>) -> Option<Effect> {
    let kind = OpKind::of(op)?;
    let values = operands(op);
    let [_] = results(op)[..] else { return None };
    let shifts: Vec<Option<Shift>> = values.iter().map(|value| known.get(*value).cloned()).collect();
    let first = shifts.first().cloned().flatten();
    let parameters = Parameters::of(kind, op);
    match (kind, parameters) {
        (OpKind::ScalarAdd | OpKind::ScalarSub, _) => both(Kind::Translated, kind == OpKind::ScalarAdd, &shifts),
        (OpKind::ScalarMul | OpKind::ScalarDiv, _) => both(Kind::Scaled, kind == OpKind::ScalarMul, &shifts),
        (OpKind::ScalarNeg, _) => {
            let shift = first?;
            match shift.kind {
                Kind::Translated => Some(Effect::of(shift.kind, shift.by.checked_neg()?, shift.axes)),
                Kind::Scaled => Some(Effect::Shift(shift)),
            }
        }
        (OpKind::ScalarExp, _) => {
            let shift = first.filter(|shift| shift.kind == Kind::Translated)?;
            Some(Effect::of(Kind::Scaled, shift.by, shift.axes))
        }
        (OpKind::ScalarLog, _) => {
            let shift = first.filter(|shift| shift.kind == Kind::Scaled)?;
            Some(Effect::of(Kind::Translated, shift.by, shift.axes))
        }
        (OpKind::ScalarConvert, _) => {
            let is_real = type_of(result(op))?.dtype.is_float();
            first.filter(|_| is_real).map(Effect::Shift)
        }
        (OpKind::ArrayBroadcast, Some(Parameters::Broadcast(dims))) => {
            let shift = first?;
            let axes = shift.axes.iter().map(|axis| dims.get(*axis).copied()).collect::<Option<_>>()?;
            Some(Effect::Shift(Shift { axes, ..shift }))
        }
        (OpKind::ArrayReshape, _) => {
            let shift = first?;
            let moved = units(&type_of(values[0])?, &type_of(result(op))?)?;
            let axes = shift.axes.iter().map(|axis| moved[*axis]).collect::<Option<_>>()?;
            Some(Effect::Shift(Shift { axes, ..shift }))
        }
        // An element of a tensor without dimensions.
        (OpKind::TensorExtract, _) => {
            first.filter(|shift| values.len() == 1 && shift.axes.is_empty()).map(Effect::Shift)
        }
        // All terms are scaled alike, if they are along dimensions in which the root is constant.
        (OpKind::ArrayReduce, Some(Parameters::Reduce { kind: Reduction::Add, dims })) => {
            let shift = first.filter(|shift| shift.kind == Kind::Scaled && values.len() == 1)?;
            if shift.axes.iter().any(|axis| dims.contains(axis)) {
                return None;
            }
            let left = |axis: &usize| axis - dims.iter().filter(|dim| *dim < axis).count();
            Some(Effect::Shift(Shift { axes: shift.axes.iter().map(left).collect(), ..shift }))
        }
        // The extents of a value do not depend on its elements.
        (OpKind::TensorDim, _) => Some(Effect::None),
        _ => None,
    }
}

/// The sum of what becomes of two operands, or the difference. One that does not depend on the root has none of it.
fn both(kind: Kind, is_sum: bool, shifts: &[Option<Shift>]) -> Option<Effect> {
    let [a, b] = shifts else { return None };
    if [a, b].into_iter().flatten().any(|shift| shift.kind != kind) {
        return None;
    }
    let combined = |a: i64, b: i64| if is_sum { a.checked_add(b) } else { a.checked_sub(b) };
    match (a, b) {
        (Some(a), Some(b)) if a.axes == b.axes => Some(Effect::of(kind, combined(a.by, b.by)?, a.axes.clone())),
        (Some(a), None) => Some(Effect::Shift(a.clone())),
        (None, Some(b)) => Some(Effect::of(kind, combined(0, b.by)?, b.axes.clone())),
        (Some(_), Some(_)) | (None, None) => None,
    }
}

/// Where each dimension goes in a reshape that only adds or drops dimensions of extent 1; `None` for one that is dropped,
/// and for another reshape.
fn units(from: &ValueType, to: &ValueType) -> Option<Vec<Option<usize>>> {
    let long = |r#type: &ValueType| -> Vec<(usize, Option<u64>)> {
        r#type.extents().iter().copied().enumerate().filter(|(_, extent)| *extent != Some(1)).collect()
    };
    let (a, b) = (long(from), long(to));
    let is_same = a.len() == b.len() && a.iter().zip(&b).all(|((_, x), (_, y))| x == y);
    // Several unknown extents could change places.
    let unknown = a.iter().filter(|(_, extent)| extent.is_none()).count();
    if !is_same || unknown > 1 {
        return None;
    }
    let mut moved = vec![None; from.rank()];
    a.iter().zip(&b).for_each(|((dim, _), (to, _))| moved[*dim] = Some(*to));
    Some(moved)
}

/// Puts `ad.stop_gradient` of a value in its place.
fn stop(value: Val) -> Result<()> {
    let Some(op) = defining_op(value) else { return Ok(()) };
    let stopped = result(Builder::before(op).after(value).op(
        OpKind::AdStopGradient,
        &[value],
        &[value.r#type()],
        &[],
        vec![],
    )?);
    replace_all_uses(value, stopped);
    if let Some(op) = defining_op(stopped) {
        set_operand(op, 0, value);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Effect, Kind, Shift, both};

    /// The effect of `a + b` or `a - b` on a number.
    fn by(is_sum: bool, a: Option<i64>, b: Option<i64>) -> Option<i64> {
        let shift = |by| Shift { kind: Kind::Translated, by, axes: Vec::new() };
        match both(Kind::Translated, is_sum, &[a.map(shift), b.map(shift)])? {
            Effect::None => Some(0),
            Effect::Shift(shift) => Some(shift.by),
        }
    }

    #[test]
    fn factors_that_are_too_large_are_unknown() {
        assert_eq!(by(true, Some(2), Some(3)), Some(5));
        assert_eq!(by(false, Some(2), Some(2)), Some(0));
        assert_eq!(by(false, None, Some(2)), Some(-2));
        assert_eq!(by(true, Some(1 << 62), Some(1 << 62)), None);
        assert_eq!(by(false, None, Some(i64::MIN)), None);
    }
}
