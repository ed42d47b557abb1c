//! Loops of which reverse mode keeps snapshots. The primal loop keeps nothing. The linear loop carries the primal
//! values beside the tangents, from the initial ones on, and its transpose finds the primal values of each round by a
//! [schedule](dp_ad_engine::loops::schedule). Each of its rounds may be a group of rounds of the program: the last time that a group
//! is computed, it keeps its residuals on tapes, so that the schedule costs little where rounds are short.

use super::plan::{Fits, Group, Plan, fit, of_state, states_in};
use super::region::guarded;
use dp_ad_engine::loops::index::Index;
use dp_ad_engine::loops::rounds::{Body, Rounds, Rows, linear_values_around, repeat};
use dp_ad_engine::loops::schedule::{self, Slots};
use dp_ad_engine::report::sizes::Size;
use dp_ad_engine::report::text;
use dp_ad_engine::site::LinearizationSite;
use dp_ad_engine::tangent::{Dual, Tangent, flatten, unflatten};
use dp_ad_engine::transpose::Transposer;
use dp_dialects::ir::{Op, Val, block_args, block_ops, constant_integer, defining_op, operands, region_block, results};
use dp_dialects::marks::{BOUND, CHECKPOINT, Checkpoint, Rounds as Most, SNAPSHOT_BYTES, SPAN};
use dp_dialects::types::tangent_type;
use dp_dialects::{Builder, Diagnostic, MlirType, OpKind, Result, ScalarType, SpannedDiagnostic};
use dp_passes::dce::eliminate;
use melior::ir::operation::OperationLike;
use melior::ir::{Attribute, Type, ValueLike};

/// Makes the primal operations of a round, given its number and the carried values; returns the next carried values.
pub(crate) type Plain<'s, 'c> = dyn Fn(Builder<'c>, Val<'c>, &[Val<'c>]) -> Result<Vec<Val<'c>>> + 's;

/// A loop of which snapshots are kept.
pub(crate) struct Replayed<'s, 'c> {
    /// The number of rounds.
    pub(crate) count: Val<'c>,
    /// The number that a check compares it with.
    pub(crate) bound: Option<u64>,
    /// What is kept of it.
    pub(crate) plan: Plan,
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
    let share = site.engine.share();
    if let Some(report) = site.engine.report() {
        let words = format!("computed again: this loop, from {}", replayed.plan.words());
        report.note(location, "computed again", words, vec![text("operation", site.kind.name())]);
    }
    if let Plan::Bytes { inner, .. } = replayed.plan {
        site.engine.set_share(Some(inner));
    }
    let size = match replayed.plan {
        Plan::Counts { group, .. } => primal.index(group).and_then(|size| {
            let is_few = u64::try_from(group).is_ok_and(|group| group <= FEW);
            let rows = if is_few { size } else { Index(primal).min(size, replayed.count)? };
            Ok(Group { size, rows, bound: replayed.bound })
        }),
        Plan::Bytes { .. } => Group::undecided(primal, replayed.bound),
    };
    let size = size.map_err(at)?;
    // All of a round stands in the linear loop, whose transpose computes the primal part again.
    (site.primal, site.linear) = (inner, inner);
    let next = match replayed.plan {
        Plan::Counts { group: 1, .. } => body(site, arguments[0], &duals, inner, inner),
        Plan::Counts { .. } | Plan::Bytes { .. } => group(site, replayed, size, arguments[0], &duals, active, body),
    };
    (site.primal, site.linear) = (primal, linear);
    site.engine.set_share(share);
    let rows = site.engine.take_rows();
    let mut snapshot_bytes = 0;
    let assemble = |next: Vec<Dual<'c>>| {
        let next = flatten(inner, inner, &next, active)?;
        inner.op(OpKind::ScfYield, &next, &[], &[], vec![])?;
        let (size, mark) = match replayed.plan {
            Plan::Counts { snapshots, .. } => {
                let mark = Checkpoint::Snapshots { count: snapshots, rounds: 1 };
                (size.size, CHECKPOINT.attribute(linear.context(), &mark))
            }
            Plan::Bytes { snapshots, tapes, .. } => {
                let (states, bytes) = (&given[..count], (snapshots, tapes));
                let divided = size.decide(primal, replayed.count, inner.block(), &rows, states, bytes)?;
                snapshot_bytes = divided.snapshots;
                let bytes = i64::try_from(divided.snapshots).unwrap_or(i64::MAX);
                (divided.size, SNAPSHOT_BYTES.attribute(linear.context(), &bytes))
            }
        };
        let groups = groups(primal, replayed.count, size)?;
        let marks: Vec<_> = std::iter::once(mark).chain(most_groups(linear, replayed.bound, size)).collect();
        let given: Vec<Val> = [linear.index(0)?, groups, linear.index(1)?].into_iter().chain(given).collect();
        let made = linear.op(OpKind::ScfFor, &given, &types[1..], &marks, vec![region])?;
        Ok((results(made), groups))
    };
    let (mut made, groups) = assemble(next?).map_err(at)?;
    if let Some(report) = site.engine.report() {
        let states: Vec<Val> = initial.iter().map(|dual| dual.primal).collect();
        let most = match replayed.plan {
            Plan::Counts { snapshots, .. } => u64::try_from(snapshots).ok(),
            Plan::Bytes { .. } => states_in(&states, snapshot_bytes),
        };
        let least = |most: u64| constant_integer(groups).map_or(most, |groups| most.min(groups.max(1).unsigned_abs()));
        most.into_iter().for_each(|most| report.snapshots(site.op, &states, &Size::number(least(most))));
    }
    let mut tangents = made.split_off(count).into_iter();
    let of = |(dual, active): (&Dual<'c>, &bool)| {
        let tangent = if *active { tangents.next() } else { None };
        tangent.map_or_else(|| Tangent::inactive(dual.primal), Tangent::Value)
    };
    Ok(initial.iter().zip(active).map(of).collect())
}

/// The number of groups of rounds.
fn groups<'c>(builder: Builder<'c>, count: Val<'c>, size: Val<'c>) -> Result<Val<'c>> {
    match (constant_integer(count), constant_integer(size)) {
        (_, Some(1)) => Ok(count),
        (Some(count), Some(size)) => builder.index(count / size + (count % size).min(1)),
        (_, _) => {
            let index = Index(builder);
            index.div(index.add(count, index.sub(size, index.number(1)?)?)?, size)
        }
    }
}

/// The mark of a loop over groups with the greatest number of groups, if there is one of rounds.
fn most_groups<'c>(b: Builder<'c>, bound: Option<u64>, size: Val<'c>) -> Option<(&'static str, Attribute<'c>)> {
    let size = constant_integer(size).and_then(|size| u64::try_from(size).ok()).unwrap_or(1);
    let most = i64::try_from(bound?.div_ceil(size.max(1))).ok()?;
    Some(BOUND.attribute(b.context(), &Most(most)))
}

/// The rounds of a group: once without tangents, which is all that the schedule computes on its way, and once with
/// tapes.
fn group<'c, 'a>(
    site: &mut LinearizationSite<'c, 'a>,
    replayed: &Replayed<'_, 'c>,
    size: Group<'c>,
    number: Val<'c>,
    duals: &[Dual<'c>],
    active: &[bool],
    body: &mut Body<'_, 'c, 'a>,
) -> Result<Vec<Dual<'c>>, SpannedDiagnostic<'c>> {
    let location = site.op.location();
    let at = |diagnostic| SpannedDiagnostic::new(location, diagnostic);
    let builder = site.primal;
    let shape = || -> Result<(Val<'c>, Val<'c>, Vec<Val<'c>>)> {
        let index = Index(builder);
        let first = index.mul(number, size.size)?;
        let left = index.sub(replayed.count, first)?;
        let rounds = index.min(size.size, left)?;
        let states: Vec<Val> = duals.iter().map(|dual| dual.primal).collect();
        let span = builder.index(1)?;
        defining_op(span).into_iter().for_each(|op| SPAN.set(op, &()));
        let spanned = index.min(index.mul(size.size, span)?, left)?;
        Ok((first, rounds, repeated(builder, first, spanned, &states, replayed.plain)?))
    };
    let (first, rounds, states) = shape().map_err(at)?;
    let (lower, step) = (builder.index(0).map_err(at)?, builder.index(1).map_err(at)?);
    let rows = match replayed.plan {
        Plan::Counts { group, .. } => Rows::Known(group as u64),
        Plan::Bytes { .. } => Rows::Value(size.rows),
    };
    let rounds = Rounds { lower, upper: rounds, step, is_unsigned: false, rows, changes_extents: false };
    let last = dp_ad_engine::loops::rounds::linearize(site, &rounds, duals, active, &mut |site, i, carried, p, l| {
        body(site, Index(p).add(first, i).map_err(at)?, carried, p, l)
    })?;
    Ok(last.into_iter().zip(states).map(|(dual, primal)| Dual { primal, tangent: dual.tangent }).collect())
}

/// Rounds without tangents, from a first one on.
fn repeated<'c>(
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
    repeat(builder, count, states, region, None)
}

/// Whether a linear loop carries the primal values beside the tangents.
pub(crate) fn is_replayed(op: Op) -> bool {
    CHECKPOINT.is_on(op) || SNAPSHOT_BYTES.is_on(op)
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

/// The number of snapshots of a loop with these rounds: the given one, or as many as fit into bytes, and no more than
/// rounds, or than they are at most.
fn slots<'c>(
    b: Builder<'c>,
    op: Op<'c>,
    rounds: Val<'c>,
    states: &[Val<'c>],
    snapshots: Option<i64>,
) -> Result<Slots<'c>> {
    let sizes = of_state(b, states)?;
    let bytes = SNAPSHOT_BYTES.of(op).and_then(|bytes| u64::try_from(bytes).ok());
    let fits = match snapshots {
        Some(snapshots) => Fits::Known(snapshots as u64),
        // The initial state is kept too, until the reverse sweep: where its size is known, it is not part of these bytes.
        None => fit(b, &sizes, bytes.unwrap_or(0), 1)?,
    };
    let greatest = constant_integer(rounds).or_else(|| BOUND.of(op).map(|most| most.0)).map(|most| most.max(1));
    match (fits, greatest) {
        (Fits::Known(most), Some(greatest)) => Slots::known(b, most.min(greatest as u64)),
        (Fits::Known(most), None) if most <= FEW => Slots::known(b, most),
        (fits, greatest) => {
            let most = match fits {
                Fits::Known(most) => b.index(most as i64)?,
                Fits::Value(most) => most,
            };
            let index = Index(b);
            let greatest = match greatest {
                Some(greatest) => index.number(greatest)?,
                None => index.max(rounds, index.number(1)?)?,
            };
            Ok(Slots::value(index.min(most, greatest)?))
        }
    }
}

/// The number of snapshots, and of rounds of a group, for which memory is there even if the loop has fewer rounds.
const FEW: u64 = 64;

/// Transposes a linear loop that carries values that depend on no tangent. Returns whether it is one.
///
/// # Errors
/// If an operation in its body has no transpose.
pub(crate) fn transpose<'c>(t: &mut Transposer<'c>, op: Op<'c>, cotangents: &[Option<Val<'c>>]) -> Result<bool> {
    let snapshots = match CHECKPOINT.of(op) {
        Some(Checkpoint::Snapshots { count, .. }) => Some(count),
        Some(Checkpoint::Whole) | None => None,
    };
    if snapshots.is_none() && !SNAPSHOT_BYTES.is_on(op) {
        return Ok(false);
    }
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
    let span = block_ops(body).into_iter().find(|op| SPAN.is_on(*op)).map(dp_dialects::ir::result);
    let advance = |builder: Builder<'c>, first: Val<'c>, count: Val<'c>, values: &[Val<'c>]| -> Result<Vec<Val<'c>>> {
        match span {
            // The loop over the rounds of a group goes over those of several.
            Some(span) => {
                let mut nested = enter(builder, first, values);
                nested.bind(span, count);
                nested.primal(body, &states)
            }
            None => repeated(builder, first, count, values, &|inner, round, values| {
                enter(inner, round, values).primal(body, &states)
            }),
        }
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
    let slots = slots(builder, op, count, &first, snapshots)?;
    let made = schedule::run(builder, count, slots, &first, &carried, &advance, &reverse)?;
    let (of_initial, of_shared) = made.split_at(along.len());
    for (value, slot) in shared.iter().zip(of_shared) {
        t.set_slot(*value, *slot);
    }
    for (number, share) in along.iter().zip(of_initial) {
        t.accumulate(all[3 + number], *share)?;
    }
    Ok(true)
}
