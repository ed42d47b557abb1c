//! What the handlers of loops share: a primal loop that saves residuals on tapes, and a linear loop with the same trip
//! count that reads them.

use super::copied::{Counted, Repeated};
use super::index::Index;
use super::kept::Kept;
use super::ragged;
use super::tape::Tape;
use super::varying;
use crate::report::Uses;
use crate::report::sizes::{Size, number_of, place_of};
use crate::residuals::{replace_in, residuals};
use crate::site::LinearizationSite;
use crate::tangent::{Dual, Tangent, zero};
use dp_dialects::ir::{
    Blk, Op, Val, ValueMap, constant_integer, defining_op, erase, is_unused, operands, result, results, walk,
};
use dp_dialects::marks::{self, BOUND};
use dp_dialects::types::tangent_type;
use dp_dialects::{Builder, Diagnostic, MlirType, OpKind, Result, ScalarType, SpannedDiagnostic, ValueType};
use dp_extents::carried::Before;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::{Type, ValueLike};
use std::collections::HashMap;

/// The iteration space of a loop: an induction variable from `lower` to `upper` in steps of `step`.
pub struct Rounds<'c> {
    /// The first value of the induction variable.
    pub lower: Val<'c>,
    /// The upper bound, exclusive.
    pub upper: Val<'c>,
    /// The step.
    pub step: Val<'c>,
    /// Whether bounds are compared as unsigned numbers.
    pub is_unsigned: bool,
    /// The number of rows of tapes.
    pub rows: Rows<'c>,
    /// Whether carried tensors may change their extents.
    pub changes_extents: bool,
}

/// The number of rows of a loop's tapes.
#[derive(Clone, Copy)]
pub enum Rows<'c> {
    /// The trip count.
    Trip,
    /// A constant, at least the trip count.
    Known(u64),
    /// A constant with which a check compares the trip count. Rows are read at clamped positions: a target may go on
    /// after a check that fails.
    Bound(u64),
    /// A value, at least the trip count.
    Value(Val<'c>),
}

impl<'c> Rounds<'c> {
    /// Whether the induction variable is the iteration number, from 0.
    pub fn is_plain(&self) -> bool {
        constant_integer(self.lower) == Some(0)
            && constant_integer(self.step) == Some(1)
            && is_index(self.lower)
            && !self.is_unsigned
    }

    /// Whether the iteration number is the induction variable minus the lower bound.
    fn has_unit_step(&self) -> bool {
        constant_integer(self.step) == Some(1) && is_index(self.lower) && !self.is_unsigned
    }

    /// The trip count, if it is a known constant.
    pub fn known_count(&self) -> Option<u64> {
        let (lower, upper, step) =
            (constant_integer(self.lower)?, constant_integer(self.upper)?, constant_integer(self.step)?);
        let is_known = is_index(self.lower) && !self.is_unsigned && step > 0;
        let (distance, step) = ((i128::from(upper) - i128::from(lower)).max(0), i128::from(step));
        is_known.then(|| u64::try_from((distance + step - 1) / step).ok()).flatten()
    }

    /// The trip count.
    ///
    /// # Errors
    /// If an operation cannot be created.
    pub fn count(&self, b: Builder<'c>) -> Result<Val<'c>> {
        if let Some(count) = self.known_count().and_then(|count| i64::try_from(count).ok()) {
            return b.index(count);
        }
        let index = ScalarType::Index.to_type(b.context());
        let arith = |kind, x, y| b.op(kind, &[x, y], &[index], &[], vec![]).map(result);
        if self.is_plain() && is_count(self.upper) {
            return Ok(self.upper);
        }
        match (constant_integer(self.lower), constant_integer(self.step)) {
            // Nothing overflows: max(upper, lower) - lower is not negative.
            (Some(lower @ 0..), Some(step @ 1..)) if is_index(self.lower) && !self.is_unsigned => {
                let lower = b.index(lower)?;
                let distance = arith(OpKind::ArithMaxSI, self.upper, lower)?;
                let distance = match constant_integer(lower) {
                    Some(0) => distance,
                    _ => arith(OpKind::ArithSubI, distance, lower)?,
                };
                if step == 1 {
                    return Ok(distance);
                }
                let (step, one) = (b.index(step)?, b.index(1)?);
                let rest = arith(OpKind::ArithRemSI, distance, step)?;
                let rest = arith(OpKind::ArithMinSI, rest, one)?;
                let whole = arith(OpKind::ArithDivSI, distance, step)?;
                arith(OpKind::ArithAddI, whole, rest)
            }
            // A loop over the same bounds counts.
            _ => {
                let (region, arguments, inner) = b.region(&[self.lower.r#type(), index]);
                let next = [arguments[1], inner.index(1)?];
                let next = result(inner.op(OpKind::ArithAddI, &next, &[index], &[], vec![])?);
                inner.op(OpKind::ScfYield, &[next], &[], &[], vec![])?;
                let (zero, unsigned) = (b.index(0)?, unsigned(b, self.is_unsigned));
                let bounds = [self.lower, self.upper, self.step, zero];
                b.op(OpKind::ScfFor, &bounds, &[index], &unsigned, vec![region]).map(result)
            }
        }
    }
}

/// Whether an index is a trip count that [`Rounds::count`] computed: max(n, l), or max(n, l) - l.
fn is_count(value: Val) -> bool {
    let maximum = |value| parts(value, OpKind::ArithMaxSI);
    match parts(value, OpKind::ArithSubI) {
        Some((difference, lower)) => maximum(difference).is_some_and(|(_, least)| least == lower),
        None => maximum(value).is_some_and(|(_, least)| least >= 0),
    }
}

/// The first operand of an operation of this kind, and its second operand, a constant.
fn parts<'c>(value: Val<'c>, kind: OpKind) -> Option<(Val<'c>, i64)> {
    let op = defining_op(value).filter(|op| OpKind::of(*op) == Some(kind))?;
    Some((operands(op)[0], constant_integer(operands(op)[1])?))
}

/// The attribute of loops with unsigned bounds.
fn unsigned<'c>(b: Builder<'c>, is_unsigned: bool) -> Vec<(&'static str, melior::ir::Attribute<'c>)> {
    is_unsigned.then(|| ("unsignedCmp", melior::ir::Attribute::unit(b.context()))).into_iter().collect()
}

/// Whether a value is an index.
pub fn is_index(value: Val) -> bool {
    ValueType::of(value.r#type()) == Some(ValueType::number(ScalarType::Index))
}

/// A loop of `count` iterations, numbered from 0, with this body, and its mark `dp.bound`, if it has one.
///
/// # Errors
/// If it cannot be created.
pub fn repeat<'c>(
    b: Builder<'c>,
    count: Val<'c>,
    initial: &[Val<'c>],
    body: melior::ir::Region<'c>,
    bound: Option<marks::Rounds>,
) -> Result<Vec<Val<'c>>> {
    let mut operands = vec![b.index(0)?, count, b.index(1)?];
    operands.extend(initial);
    let types: Vec<Type> = initial.iter().map(|value| value.r#type()).collect();
    let mark = bound.map(|bound| BOUND.attribute(b.context(), &bound));
    b.op(OpKind::ScfFor, &operands, &types, mark.as_slice(), vec![body]).map(results)
}

/// Linearizes the body of an iteration into a primal and a linear block, given the induction variable and the carried
/// values. Returns the carried values of the next iteration.
pub type Body<'s, 'c, 'a> = dyn FnMut(
        &mut LinearizationSite<'c, 'a>,
        Val<'c>,
        &[Dual<'c>],
        Builder<'c>,
        Builder<'c>,
    ) -> Result<Vec<Dual<'c>>, SpannedDiagnostic<'c>>
    + 's;

/// Creates the primal loop and the linear loop. `active` marks the carried values whose tangents the linear loop
/// carries. Returns the carried values after the last iteration.
///
/// # Errors
/// If the body has no derivative, or a residual may change its extents.
pub fn linearize<'c, 'a>(
    site: &mut LinearizationSite<'c, 'a>,
    rounds: &Rounds<'c>,
    initial: &[Dual<'c>],
    active: &[bool],
    body: &mut Body<'_, 'c, 'a>,
) -> Result<Vec<Dual<'c>>, SpannedDiagnostic<'c>> {
    let location = site.op.location();
    let at = |diagnostic| SpannedDiagnostic::new(location, diagnostic);
    let primal = site.primal.located(location);
    let index = ScalarType::Index.to_type(primal.context());
    // The iteration number is carried if it does not follow from the induction variable.
    let counter = (!rounds.has_unit_step()).then(|| primal.index(0)).transpose().map_err(at)?;
    let mut carried: Vec<Val> = initial.iter().map(|dual| dual.primal).collect();
    carried.extend(counter);
    let types: Vec<Type> = std::iter::once(rounds.lower.r#type()).chain(carried.iter().map(|x| x.r#type())).collect();
    let (primal_region, arguments, inner) = primal.region(&types);
    let numbers: Vec<usize> = (0..initial.len()).filter(|number| active[*number]).collect();
    let types: Vec<Type> =
        std::iter::once(index).chain(numbers.iter().map(|number| initial[*number].primal.r#type())).collect();
    let (linear_region, tangents, linear) = site.linear.region(&types);
    let round = match counter {
        Some(_) => arguments[initial.len() + 1],
        None if rounds.is_plain() => arguments[0],
        None => {
            let from_first = [arguments[0], rounds.lower];
            result(inner.op(OpKind::ArithSubI, &from_first, &[index], &[], vec![]).map_err(at)?)
        }
    };
    let mut duals: Vec<Dual> = Vec::new();
    for (number, primal) in arguments[1..=initial.len()].iter().copied().enumerate() {
        let tangent = match numbers.iter().position(|active| *active == number) {
            Some(position) if rounds.changes_extents => {
                Tangent::Value(varying::shown(inner, linear, tangents[position + 1], primal).map_err(at)?)
            }
            Some(position) => Tangent::Value(tangents[position + 1]),
            None => Tangent::inactive(primal),
        };
        duals.push(Dual { primal, tangent });
    }
    let mut next = body(site, arguments[0], &duals, inner, linear)?;
    if let Some(number) = (0..next.len()).find(|number| !active[*number] && next[*number].tangent.value().is_some()) {
        let message = format!("internal error: a tangent flows into value {number} that this loop carries unnoticed");
        return Err(at(Diagnostic::internal(message)));
    }
    if rounds.changes_extents {
        next = varying::complete(inner, linear, &next, active).map_err(at)?;
    }
    let kept = residuals(inner.block(), linear.block(), site.engine.policy());

    let assemble = || -> Result<Vec<Dual<'c>>> {
        // In this order, so that on failure the linear region, which uses values of the primal region, is dropped
        // first.
        let primal_region = primal_region;
        let linear_region = linear_region;
        let mut yielded: Vec<Val> = next.iter().map(|dual| dual.primal).collect();
        if counter.is_some() {
            let one = inner.index(1)?;
            yielded.push(result(inner.op(OpKind::ArithAddI, &[round, one], &[index], &[], vec![])?));
        }
        let count = rounds.count(primal)?;
        let (known_rows, rows) = match rounds.rows {
            Rows::Known(rows) | Rows::Bound(rows) => (Some(rows), primal.index(rows as i64)?),
            Rows::Value(rows) => (None, rows),
            Rows::Trip => (rounds.known_count(), count),
        };
        let kept_extents = if rounds.changes_extents { &[][..] } else { &carried[..] };
        let initial_of = |argument: usize| argument.checked_sub(1).and_then(|number| kept_extents.get(number)).copied();
        let known = HashMap::new();
        let mut before = Before { builder: primal, block: inner.block(), arguments: &initial_of, known };
        let (mut tapes, mut outputs) = (Vec::new(), carried.clone());
        let is_own = |value| value == round || (is_index(rounds.lower) && value == arguments[0]);
        let is_rectangular = site.engine.share().is_some();
        let mut kept = Kept::plan(&kept, &is_own, &mut before, inner, is_rectangular)?;
        let mut groups = ragged::groups(inner, &kept.ragged)?;
        let mut counted = Counted {
            body: inner.block(),
            bounds: [rounds.lower, rounds.upper, rounds.step],
            initial: carried.clone(),
            next: yielded.clone(),
            round,
            attributes: unsigned(primal, rounds.is_unsigned),
        };
        let counts: Vec<Val> = groups.iter().map(|group| group.count).collect();
        let mut repeated = Vec::new();
        for (value, extents) in counted.repeats(&counts, &mut before)? {
            let of = Tape::new(value, known_rows.filter(|count| *count > 0))?;
            let tape = of.empty(primal, rows, &extents)?;
            repeated.push(Repeated { value, extents, of, tape });
        }
        let totals = counted.totals(primal, &counts, &mut repeated)?;
        if !repeated.is_empty() {
            let mut read = ValueMap::new();
            for Repeated { value, extents, of, tape } in &repeated {
                let b = defining_op(*value).map_or(inner, Builder::before);
                let loaded = match rounds.rows {
                    Rows::Bound(_) => of.load_clamped(b, *tape, round, extents)?,
                    Rows::Known(_) | Rows::Value(_) | Rows::Trip => of.load(b, *tape, round, extents)?,
                };
                read.insert(*value, loaded);
            }
            replace_in(inner.block(), &read);
            replace_in(linear.block(), &read);
            yielded.iter_mut().for_each(|value| *value = read.get(*value).copied().unwrap_or(*value));
            counted.next.clone_from(&yielded);
            // The copy has executed these operations, with their checks.
            let mut done: Vec<Op> = Vec::new();
            for op in repeated.iter().filter_map(|repeated| defining_op(repeated.value)) {
                let is_read = results(op).into_iter().any(|value| !is_unused(value) || yielded.contains(&value));
                if !is_read && !done.contains(&op) {
                    done.push(op);
                }
            }
            done.into_iter().for_each(erase);
            let residuals = residuals(inner.block(), linear.block(), site.engine.policy());
            kept = Kept::plan(&residuals, &is_own, &mut before, inner, is_rectangular)?;
            groups = ragged::groups(inner, &kept.ragged)?;
        }
        let mut taped = varying::rows(&kept, &counted, primal)?;
        let mut begins = Vec::new();
        for group in &groups {
            outputs.push(primal.index(0)?);
            let begin = inner.block().add_argument(index, location);
            yielded.push(Index(inner).add(begin, group.count)?);
            taped.push((begin, Vec::new()));
            begins.push(begin);
        }
        let first_tape = outputs.len();
        for (value, extents) in &taped {
            // An update of a static tape with no rows would not verify, so a trip count of 0 is not written into the
            // type.
            let tape = Tape::new(*value, known_rows.filter(|count| *count > 0))?;
            outputs.push(tape.empty(primal, rows, extents)?);
            site.engine.note_row(*value, extents);
            let argument = inner.block().add_argument(tape.r#type.to_type(primal.context()), location);
            // Right after the definition, which shortens the live range; the iteration number is defined first.
            let place = if defining_op(*value).is_some() { *value } else { round };
            yielded.push(tape.store(inner.after(place), argument, round, *value)?);
            tapes.push((*value, tape, extents));
        }
        let mut reads = ragged::Reads { pending: Vec::new() };
        let first_flat = outputs.len();
        for ((group, total), begin) in groups.iter().zip(&totals).zip(begins) {
            for (tensor, tape) in group.members.iter().zip(group.empty(primal, *total)?) {
                outputs.push(tape);
                let argument = inner.block().add_argument(tape.r#type(), location);
                yielded.push(group.store(inner, argument, tensor, begin)?);
                reads.pending.push((tensor.clone(), begin, tape));
            }
        }
        let uses = site.engine.report().is_some().then(|| {
            let ragged = kept.ragged.iter().map(|tensor| tensor.value);
            Uses::of(&taped.iter().map(|(value, _)| *value).chain(ragged).collect::<Vec<_>>(), linear.block())
        });
        inner.op(OpKind::ScfYield, &yielded, &[], &[], vec![])?;
        let mut given = vec![rounds.lower, rounds.upper, rounds.step];
        given.extend(&outputs);
        let types: Vec<Type> = outputs.iter().map(|value| value.r#type()).collect();
        let mut attributes = unsigned(primal, rounds.is_unsigned);
        let bound = match rounds.rows {
            Rows::Bound(bound) => Some(marks::Rounds(bound as i64)),
            Rows::Known(_) | Rows::Value(_) | Rows::Trip => None,
        };
        attributes.extend(bound.map(|bound| BOUND.attribute(primal.context(), &bound)));
        let made = results(primal.op(OpKind::ScfFor, &given, &types, &attributes, vec![primal_region])?);

        for (read, made) in reads.pending.iter_mut().zip(&made[first_flat..]) {
            read.2 = *made;
        }
        if let (Some(uses), Some(report)) = (uses, site.engine.report()) {
            if !kept.ragged.is_empty() {
                let words = "the extents of what is kept differ from round to round: all rounds are kept one after the other, \
                    and a copy of this loop, executed before, finds how much that is; sizes are written with the mean of the \
                    trip counts inside";
                report.note(location, "extents", words.into(), Vec::new());
            }
            if !kept.varying.is_empty() {
                let words = "this loop may change the extents of what it carries: a copy of it, executed before, finds the \
                    greatest extents, which all rows have";
                report.note(location, "extents", words.into(), Vec::new());
            }
            let times = match (known_rows, rounds.rows) {
                (Some(rows), _) => Size::number(rows),
                (None, Rows::Value(_)) => number_of(rows),
                (None, Rows::Bound(bound)) => Size::number(bound),
                (None, Rows::Trip | Rows::Known(_)) => Size::name(format!("trips({})", place_of(location))),
            };
            for ((value, extents), holder) in taped.iter().zip(&made[first_tape..]) {
                report.keep((*value, *holder), extents, &uses, (&times, site.op));
            }
            for (tensor, _, holder) in &reads.pending {
                report.keep((tensor.value, *holder), &tensor.extents, &uses, (&times, site.op));
            }
            kept.again.iter().for_each(|op| report.again(*op));
        }

        // Residuals in the linear loop: the iteration number, invariants, saved values, and rematerialized ones.
        let block = linear.block();
        let start = match block.first_operation() {
            Some(first) => Builder::before(first).located(site.linear.location()),
            None => linear,
        };
        let mut there: ValueMap<Val> = ValueMap::new();
        there.insert(round, tangents[0]);
        for (value, before) in &kept.before {
            there.insert(*value, *before);
        }
        if !rounds.is_plain() && kept.own.contains(&arguments[0]) {
            let scaled = result(start.op(OpKind::ArithMulI, &[tangents[0], rounds.step], &[index], &[], vec![])?);
            let number = start.op(OpKind::ArithAddI, &[rounds.lower, scaled], &[index], &[], vec![])?;
            there.insert(arguments[0], result(number));
        }
        for ((value, tape, extents), made) in tapes.iter().zip(&made[first_tape..]) {
            let own = kept.own_extents(*value, &there);
            let extents: &Vec<Val> = own.as_ref().unwrap_or(extents);
            let loaded = match bound {
                Some(_) => tape.load_clamped(start, *made, tangents[0], extents)?,
                None => tape.load(start, *made, tangents[0], extents)?,
            };
            there.insert(*value, loaded);
        }
        for op in &kept.again {
            reads.load(start, &mut there)?;
            let mut replaced = Vec::new();
            walk(*op, &mut |inner| {
                replaced.extend(operands(inner).into_iter().filter_map(|value| Some((value, *there.get(value)?))));
            });
            let copy = start.clone_op(*op, &replaced);
            for (result, copy) in results(*op).into_iter().zip(results(copy)) {
                there.insert(result, copy);
            }
        }
        reads.load(start, &mut there)?;
        replace_in(block, &there);
        let mut yielded = Vec::new();
        for number in &numbers {
            let r#type = tangent_type(next[*number].primal.r#type())
                .ok_or_else(|| Diagnostic::internal("internal error: a tangent of what carries none"))?;
            yielded.push(match next[*number].tangent {
                Tangent::Value(value) => value,
                Tangent::Zero | Tangent::None => zero(primal, linear, &r#type, initial[*number].primal)?,
            });
        }
        linear.op(OpKind::ScfYield, &yielded, &[], &[], vec![])?;
        let mut first = Vec::new();
        for number in &numbers {
            let primal_value = initial[*number].primal;
            first.push(match initial[*number].tangent {
                Tangent::Value(value) => value,
                Tangent::Zero | Tangent::None => {
                    zero(primal, site.linear, &ValueType::of_value(primal_value)?, primal_value)?
                }
            });
        }
        let last = match numbers.is_empty() {
            true => Vec::new(),
            false => repeat(site.linear, count, &first, linear_region, bound)?,
        };
        if rounds.changes_extents {
            varying::mark(&last);
        }
        let result = |(number, value): (usize, Val<'c>)| -> Result<Dual<'c>> {
            let tangent = match numbers.iter().position(|active| *active == number) {
                Some(position) if rounds.changes_extents => {
                    Tangent::Value(varying::shown(primal, site.linear, last[position], value)?)
                }
                Some(position) => Tangent::Value(last[position]),
                None => Tangent::inactive(value),
            };
            Ok(Dual { primal: value, tangent })
        };
        made[..initial.len()].iter().copied().enumerate().map(result).collect()
    };
    assemble().map_err(at)
}

/// The linear values from outside that a loop body uses, each once.
pub fn linear_values_around<'c>(block: Blk<'c>, is_linear: impl Fn(Val<'c>) -> bool) -> Vec<Val<'c>> {
    let mut found: Vec<Val> = Vec::new();
    let mut known = dp_dialects::ir::ValueSet::default();
    for top in dp_dialects::ir::block_ops(block) {
        dp_dialects::ir::walk(top, &mut |inner| {
            for operand in dp_dialects::ir::operands(inner) {
                if is_linear(operand) && known.insert(operand) {
                    found.push(operand);
                }
            }
        });
    }
    found
}
