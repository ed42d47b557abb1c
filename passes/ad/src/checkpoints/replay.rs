//! Loops of which reverse mode keeps snapshots. The primal loop keeps nothing. The linear loop carries the primal values
//! beside the tangents, from the initial ones on, and its transpose finds the primal values of each round by a
//! [schedule](super::schedule). Each of its rounds may be a group of rounds of the program: the last time that a group is
//! computed, it keeps its residuals on tapes, so that the schedule costs little where rounds are short.

use super::index::Index;
use super::region::guarded;
use super::schedule::{self, Slots};
use crate::linearize::{Dual, LinearizationSite, tangent_of};
use crate::regions::rounds::{Body, Rounds, linear_values_around, repeat};
use crate::tangent::Tangent;
use crate::transpose::Transposer;
use dp_dialects::ir::{Op, Val, block_args, constant_integer, operands, region_block, results};
use dp_dialects::marks::{CHECKPOINT, Checkpoint};
use dp_dialects::types::tangent_type;
use dp_dialects::{Builder, Diagnostic, MlirType, OpKind, Result, ScalarType, SpannedDiagnostic};
use dp_passes::dce::eliminate;
use melior::ir::operation::OperationLike;
use melior::ir::{Type, ValueLike};

/// Makes the primal operations of a round, given its number and the carried values; returns the next carried values.
pub(crate) type Plain<'s, 'c> = dyn Fn(Builder<'c>, Val<'c>, &[Val<'c>]) -> Result<Vec<Val<'c>>> + 's;

/// A loop of which snapshots are kept.
pub(crate) struct Replayed<'s, 'c> {
    /// The number of rounds.
    pub(crate) count: Val<'c>,
    /// The number of snapshots.
    pub(crate) snapshots: i64,
    /// The number of rounds that are computed again at once.
    pub(crate) group: i64,
    /// A round without tangents.
    pub(crate) plain: &'s Plain<'s, 'c>,
}

/// Creates the linear counterpart of a loop, and returns the tangents after the last round. `active` marks the carried
/// values that have any; `body` linearizes a round, given its number.
///
/// # Errors
/// If the body has no derivative.
pub(crate) fn linearize<'c, 'a>(
    site: &mut LinearizationSite<'c, 'a>,
    replayed: &Replayed<'_, 'c>,
    initial: &[Dual<'c>],
    active: &[bool],
    body: &mut Body<'_, 'c, 'a>,
) -> Result<Vec<Tangent<'c>>, SpannedDiagnostic<'c>> {
    let location = site.op.location();
    let at = |diagnostic| SpannedDiagnostic::new(location, diagnostic);
    let (primal, linear) = (site.primal, site.linear);
    let count = initial.len();
    let given = flatten(primal, linear, initial, active).map_err(at)?;
    let types: Vec<Type> = std::iter::once(ScalarType::Index.to_type(primal.context()))
        .chain(given.iter().map(|value| value.r#type()))
        .collect();
    let (region, arguments, inner) = linear.region(&types);
    let duals = unflatten(&arguments[1..], active);
    // All of a round stands in the linear loop, whose transpose computes the primal part again.
    (site.primal, site.linear) = (inner, inner);
    let next = if replayed.group == 1 {
        body(site, arguments[0], &duals, inner, inner)
    } else {
        group(site, replayed, arguments[0], &duals, active, body)
    };
    (site.primal, site.linear) = (primal, linear);
    let assemble = |next: Vec<Dual<'c>>| {
        let next = flatten(inner, inner, &next, active)?;
        inner.op(OpKind::ScfYield, &next, &[], &[], vec![])?;
        let groups = groups(primal, replayed)?;
        let given: Vec<Val> = [linear.index(0)?, groups, linear.index(1)?].into_iter().chain(given).collect();
        let mark = Checkpoint::Snapshots { count: replayed.snapshots, rounds: 1 };
        let mark = CHECKPOINT.attribute(linear.context(), &mark);
        linear.op(OpKind::ScfFor, &given, &types[1..], &[mark], vec![region]).map(results)
    };
    let mut tangents = assemble(next?).map_err(at)?.split_off(count).into_iter();
    let of = |(dual, active): (&Dual<'c>, &bool)| {
        let tangent = if *active { tangents.next() } else { None };
        tangent.map_or_else(|| Tangent::inactive(dual.primal), Tangent::Value)
    };
    Ok(initial.iter().zip(active).map(of).collect())
}

/// The number of groups of rounds.
fn groups<'c>(builder: Builder<'c>, replayed: &Replayed<'_, 'c>) -> Result<Val<'c>> {
    let size = replayed.group;
    if let Some(count) = constant_integer(replayed.count) {
        return builder.index((count + size - 1) / size);
    }
    if size == 1 {
        return Ok(replayed.count);
    }
    let index = Index(builder);
    index.div(index.add(replayed.count, index.number(size - 1)?)?, index.number(size)?)
}

/// The rounds of a group: once without tangents, which is all that the schedule computes on its way, and once with
/// tapes.
fn group<'c, 'a>(
    site: &mut LinearizationSite<'c, 'a>,
    replayed: &Replayed<'_, 'c>,
    number: Val<'c>,
    duals: &[Dual<'c>],
    active: &[bool],
    body: &mut Body<'_, 'c, 'a>,
) -> Result<Vec<Dual<'c>>, SpannedDiagnostic<'c>> {
    let location = site.op.location();
    let at = |diagnostic| SpannedDiagnostic::new(location, diagnostic);
    let builder = site.primal;
    let shape = || -> Result<(Val<'c>, Val<'c>, Vec<Val<'c>>)> {
        let (index, size) = (Index(builder), builder.index(replayed.group)?);
        let first = index.mul(number, size)?;
        let rounds = match constant_integer(replayed.count) {
            Some(count) if count % replayed.group == 0 => size,
            Some(_) | None => index.min(size, index.sub(replayed.count, first)?)?,
        };
        let states: Vec<Val> = duals.iter().map(|dual| dual.primal).collect();
        Ok((first, rounds, advance(builder, first, rounds, &states, replayed.plain)?))
    };
    let (first, rounds, states) = shape().map_err(at)?;
    let (lower, step) = (builder.index(0).map_err(at)?, builder.index(1).map_err(at)?);
    let rounds = Rounds { lower, upper: rounds, step, is_unsigned: false, rows: Some(replayed.group as u64) };
    let last = crate::regions::rounds::linearize(site, &rounds, duals, active, &mut |site, i, carried, p, l| {
        body(site, Index(p).add(first, i).map_err(at)?, carried, p, l)
    })?;
    Ok(last.into_iter().zip(states).map(|(dual, primal)| Dual { primal, tangent: dual.tangent }).collect())
}

/// Rounds without tangents, from a first one on.
fn advance<'c>(
    builder: Builder<'c>,
    first: Val<'c>,
    count: Val<'c>,
    states: &[Val<'c>],
    plain: &Plain<'_, 'c>,
) -> Result<Vec<Val<'c>>> {
    let types: Vec<Type> = std::iter::once(first.r#type()).chain(states.iter().map(|state| state.r#type())).collect();
    let (region, arguments, inner) = builder.region(&types);
    let next = plain(inner, Index(inner).add(first, arguments[0])?, &arguments[1..])?;
    inner.op(OpKind::ScfYield, &next, &[], &[], vec![])?;
    eliminate(inner.block());
    repeat(builder, count, states, region)
}

/// The primal values, then the tangents of those that are active.
fn flatten<'c>(primal: Builder<'c>, linear: Builder<'c>, duals: &[Dual<'c>], active: &[bool]) -> Result<Vec<Val<'c>>> {
    let mut all: Vec<Val> = duals.iter().map(|dual| dual.primal).collect();
    for (dual, _) in duals.iter().zip(active).filter(|(_, active)| **active) {
        let missing = || Diagnostic::internal("internal error: a tangent of what carries none");
        all.push(tangent_of(primal, linear, dual)?.ok_or_else(missing)?);
    }
    Ok(all)
}

/// The inverse of [`flatten`], for any values of the same types.
fn unflatten<'c>(all: &[Val<'c>], active: &[bool]) -> Vec<Dual<'c>> {
    let (primals, tangents) = all.split_at(active.len());
    let mut tangents = tangents.iter();
    let dual = |(primal, active): (&Val<'c>, &bool)| {
        let tangent = if *active { tangents.next() } else { None };
        let tangent = tangent.map_or_else(|| Tangent::inactive(*primal), |tangent| Tangent::Value(*tangent));
        Dual { primal: *primal, tangent }
    };
    primals.iter().zip(active).map(dual).collect()
}

/// The carried values of a linear loop that depend on tangents, as positions, and the others.
fn split<'c>(t: &Transposer<'c>, op: Op<'c>, shared: &[Val<'c>]) -> Option<(Vec<usize>, Vec<usize>)> {
    let body = region_block(op, 0)?;
    let (initial, arguments) = (operands(op).split_off(3), block_args(body).split_off(1));
    let mut is_linear: Vec<bool> = initial.iter().map(|value| t.is_linear(*value)).collect();
    loop {
        let of_arguments = arguments.iter().zip(&is_linear).filter(|(_, linear)| **linear).map(|(value, _)| *value);
        let known: Vec<Val> = of_arguments.chain(shared.iter().copied()).collect();
        let flows = t.nested(t.at(op), &known).flows(body);
        let grown = |(before, after): (&bool, bool)| *before || after;
        let carries = |value: &Val<'c>| tangent_type(value.r#type()).is_some();
        let next: Vec<bool> = is_linear.iter().zip(flows).map(grown).collect();
        let next: Vec<bool> = next.iter().zip(&arguments).map(|(linear, value)| *linear && carries(value)).collect();
        if next == is_linear {
            return Some((0..next.len()).partition(|number| next[*number]));
        }
        is_linear = next;
    }
}

/// Transposes a linear loop that carries values that depend on no tangent. Returns whether it is one.
///
/// # Errors
/// If an operation in its body has no transpose.
pub(crate) fn transpose<'c>(t: &mut Transposer<'c>, op: Op<'c>, cotangents: &[Option<Val<'c>>]) -> Result<bool> {
    let Some(Checkpoint::Snapshots { count: snapshots, .. }) = CHECKPOINT.of(op) else { return Ok(false) };
    let Some(body) = region_block(op, 0) else { return Err(Diagnostic::invalid("needs a region")) };
    let shared = linear_values_around(body, |value| t.is_linear(value));
    let Some((along, states)) = split(t, op, &shared).filter(|(_, states)| !states.is_empty()) else {
        return Ok(false);
    };
    let builder = t.at(op);
    let (all, arguments) = (operands(op), block_args(body));
    let count = t.residual(all[1])?;
    let mut first = Vec::new();
    for number in &states {
        first.push(guarded(builder, t.residual(all[3 + number])?, cotangents)?);
    }
    let mut carried = Vec::new();
    for number in &along {
        carried.push(match cotangents[*number] {
            Some(cotangent) => cotangent,
            None => t.zero_of(builder, results(op)[*number])?,
        });
    }
    for value in &shared {
        carried.push(t.slot(builder, *value)?);
    }
    let linear: Vec<Val> = along.iter().map(|number| arguments[number + 1]).chain(shared.iter().copied()).collect();
    let enter = |builder: Builder<'c>, round: Val<'c>, values: &[Val<'c>]| {
        let mut nested = t.nested(builder, &linear);
        nested.bind(arguments[0], round);
        for (number, value) in states.iter().zip(values) {
            nested.bind(arguments[number + 1], *value);
        }
        nested
    };
    let step = |builder: Builder<'c>, round: Val<'c>, values: &[Val<'c>]| -> Result<Vec<Val<'c>>> {
        enter(builder, round, values).primal(body, &states)
    };
    let reverse = |builder: Builder<'c>, round: Val<'c>, values: &[Val<'c>], cotangents: &[Val<'c>]| {
        let mut nested = enter(builder, round, values);
        let (seeds, slots) = cotangents.split_at(along.len());
        for (value, slot) in shared.iter().zip(slots) {
            nested.set_slot(*value, *slot);
        }
        let mut given = vec![None; arguments.len() - 1];
        for (number, seed) in along.iter().zip(seeds) {
            given[*number] = Some(*seed);
        }
        let shares = nested.block(body, &linear, &given).map_err(|located| located.diagnostic)?;
        let mut yielded = Vec::new();
        for (value, share) in linear.iter().zip(shares) {
            yielded.push(match share {
                Some(share) => share,
                None => nested.zero_of(builder, *value)?,
            });
        }
        Ok(yielded)
    };
    let known = constant_integer(count).map_or(snapshots, |count| snapshots.min(count.max(1)));
    let slots = Slots::known(builder, known as u64)?;
    let made = schedule::run(builder, count, slots, &first, &carried, &step, &reverse)?;
    let (of_initial, of_shared) = made.split_at(along.len());
    for (value, slot) in shared.iter().zip(of_shared) {
        t.set_slot(*value, *slot);
    }
    for (number, share) in along.iter().zip(of_initial) {
        t.accumulate(all[3 + number], *share)?;
    }
    Ok(true)
}
