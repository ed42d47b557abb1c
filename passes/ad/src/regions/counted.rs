//! `scf.for`. The linear loop has the same trip count and carries tangents. Its transpose executes the iterations in
//! reverse, carries cotangents, and accumulates the cotangents of linear values from outside the loop.

use super::bound;
use super::{RegionHandler, copies_around};
use crate::checkpoints::plan::Plan;
use crate::checkpoints::replay::{self, Replayed};
use dp_ad_engine::loops::rounds::{Rounds, Rows, is_index, linear_values_around, linearize, repeat};
use dp_ad_engine::site::LinearizationSite;
use dp_ad_engine::tangent::{Dual, Tangent};
use dp_ad_engine::transpose::Transposer;
use dp_ad_engine::transpose::calls::with_extents;
use dp_dialects::ir::{Op, Val, block_args, block_ops, is_set, operands, region_block, result, results};
use dp_dialects::marks::{BOUND, CHANGES_EXTENTS, CHECKPOINT};
use dp_dialects::types::tangent_type;
use dp_dialects::{Builder, Diagnostic, MlirType, OpKind, Result, ScalarType, SpannedDiagnostic};
use dp_extents::loops::Loop;
use dp_extents::proof::Extents;
use dp_linearity::{Degree, Degrees};
use dp_passes::copies::copy_block;
use melior::ir::operation::OperationLike;
use melior::ir::{Type, ValueLike};

/// The handler.
pub static COUNTED: Counted = Counted;

/// The handler of `scf.for`.
pub struct Counted;

/// Whether tensors that a loop carries may change their extents.
///
/// # Errors
/// If they may, and the loop is to be computed again from snapshots.
pub(super) fn changes_extents<'c>(
    op: Op<'c>,
    looped: &Loop<'c>,
    plan: Option<Plan>,
) -> Result<bool, SpannedDiagnostic<'c>> {
    let Some(number) = Extents::at(op).changing(looped) else { return Ok(false) };
    let Some(plan) = plan else { return Ok(true) };
    let asked = match plan {
        Plan::Counts { .. } => "'dp.checkpoint' asks for snapshots",
        Plan::Bytes { .. } => "'--max-tape' keeps snapshots",
    };
    let message = format!(
        "value {number} of type {} that this loop carries may change its extents from round to round, and {asked} of it, \
        which all have one size",
        looped.carried[number].argument.r#type()
    );
    let help = "give each round's value the extents of the value before it, by types or by an 'array.slice' with the extents \
        of the initial value; or carry a tensor of the greatest extents, and how much of it is used; or keep all rounds";
    Err(SpannedDiagnostic::new(op.location(), Diagnostic::unsupported(message).help(help)))
}

fn depends_on_no_tangent(number: usize) -> Diagnostic {
    let message = format!("value {number} that a linear loop carries depends on no tangent");
    Diagnostic::unsupported(message).help("compute it in a loop of its own, outside of the region")
}

fn view<'c>(op: Op<'c>) -> Result<Loop<'c>, SpannedDiagnostic<'c>> {
    Loop::of(op).ok_or_else(|| SpannedDiagnostic::new(op.location(), Diagnostic::invalid("needs a region")))
}

/// Linearizes a loop of which snapshots are kept. The induction variable follows from the round's number, or is
/// carried.
fn replayed<'c>(
    site: &mut LinearizationSite<'c, '_>,
    looped: &Loop<'c>,
    rounds: Rounds<'c>,
    mut initial: Vec<Dual<'c>>,
    mut active: Vec<bool>,
    plan: Plan,
) -> Result<Vec<Tangent<'c>>, SpannedDiagnostic<'c>> {
    let at = |diagnostic| SpannedDiagnostic::new(site.op.location(), diagnostic);
    let around = copies_around(site);
    let primal = site.primal.located(site.op.location());
    let count = rounds.count(primal).map_err(at)?;
    let made = primal.clone_op(site.op, &around);
    CHECKPOINT.remove(made);
    let (block, carried) = (looped.blocks[0], looped.carried.len());
    let is_carried = !is_index(rounds.lower) || rounds.is_unsigned;
    if is_carried {
        initial.push(Dual { primal: rounds.lower, tangent: Tangent::None });
        active.push(false);
    }
    let variable = |b: Builder<'c>, round: Val<'c>, last: Val<'c>| -> Result<Val<'c>> {
        let index = |kind, x, y| b.op(kind, &[x, y], &[round.r#type()], &[], vec![]).map(result);
        match (is_carried, rounds.is_plain()) {
            (true, _) => Ok(last),
            (false, true) => Ok(round),
            (false, false) => index(OpKind::ArithAddI, rounds.lower, index(OpKind::ArithMulI, round, rounds.step)?),
        }
    };
    let next_variable = |b: Builder<'c>, variable: Val<'c>| {
        b.op(OpKind::ArithAddI, &[variable, rounds.step], &[variable.r#type()], &[], vec![]).map(result)
    };
    let plain = |b: Builder<'c>, round: Val<'c>, states: &[Val<'c>]| -> Result<Vec<Val<'c>>> {
        let variable = variable(b, round, states.last().copied().unwrap_or(round))?;
        let given = std::iter::once(variable).chain(states.iter().copied());
        let arguments = block_args(block).into_iter().zip(given);
        let mut next = copy_block(b, block_ops(block), around.iter().copied().chain(arguments).collect());
        if is_carried {
            next.push(next_variable(b, variable)?);
        }
        Ok(next)
    };
    let replayed = Replayed { count, bound: bound::checked(rounds.rows), plan, plain: &plain };
    let mut tangents =
        replay::linearize(site, &replayed, &initial, &active, &mut |site, round, duals, primal, linear| {
            let at = |diagnostic| SpannedDiagnostic::new(site.op.location(), diagnostic);
            let variable = variable(primal, round, duals.last().map_or(round, |dual| dual.primal)).map_err(at)?;
            site.engine.bind(block_args(block)[0], Dual { primal: variable, tangent: Tangent::None });
            for (of, dual) in looped.carried.iter().zip(duals) {
                site.engine.bind(of.argument, *dual);
            }
            let mut next = site.engine.block(block, primal, linear)?;
            if is_carried {
                let next_variable = next_variable(primal, variable).map_err(at)?;
                next.push(Dual { primal: next_variable, tangent: Tangent::None });
            }
            Ok(next)
        })?;
    tangents.truncate(carried);
    site.results = results(made);
    Ok(tangents)
}

impl RegionHandler for Counted {
    fn linearize<'c>(&self, site: &mut LinearizationSite<'c, '_>) -> Result<Vec<Tangent<'c>>, SpannedDiagnostic<'c>> {
        let looped = view(site.op)?;
        let plan = Plan::of(site);
        let changes_extents = changes_extents(site.op, &looped, plan)?;
        let active = site.engine.varying(&looped);
        let [lower, upper, step] = [site.operands[0], site.operands[1], site.operands[2]];
        let rounds = Rounds {
            lower,
            upper,
            step,
            is_unsigned: is_set(site.op, "unsignedCmp"),
            rows: Rows::Trip,
            changes_extents,
        };
        let initial: Vec<Dual> = site.operands[3..]
            .iter()
            .zip(&site.tangents[3..])
            .map(|(primal, tangent)| Dual { primal: *primal, tangent: *tangent })
            .collect();
        let block = looped.blocks[0];
        let number = block_args(block)[0];
        let primal = site.primal.located(site.op.location());
        let rows = bound::rows(site.op, &rounds, primal);
        let rows = rows.map_err(|diagnostic| SpannedDiagnostic::new(site.op.location(), diagnostic))?;
        if let Some(plan) = plan {
            return replayed(site, &looped, Rounds { rows, ..rounds }, initial, active, plan);
        }
        let rounds = Rounds { rows, ..rounds };
        let last = linearize(site, &rounds, &initial, &active, &mut |site, i, carried, primal, linear| {
            site.engine.bind(number, Dual { primal: i, tangent: Tangent::None });
            for (of, dual) in looped.carried.iter().zip(carried) {
                site.engine.bind(of.argument, *dual);
            }
            site.engine.block(block, primal, linear)
        })?;
        site.results = last.iter().map(|dual| dual.primal).collect();
        Ok(last.iter().map(|dual| dual.tangent).collect())
    }

    fn forward<'c>(&self, site: &mut LinearizationSite<'c, '_>) -> Result<Vec<Tangent<'c>>, SpannedDiagnostic<'c>> {
        super::forward::counted(site)
    }

    fn degrees<'c>(
        &self,
        known: &mut Degrees<'c, '_>,
        op: Op<'c>,
    ) -> Result<Option<Vec<Degree>>, SpannedDiagnostic<'c>> {
        let looped = view(op)?;
        let mut degrees: Vec<Degree> = looped.carried.iter().map(|carried| known.of(carried.initial)).collect();
        loop {
            let mut arguments = vec![(block_args(looped.blocks[0])[0], Degree::Constant)];
            arguments.extend(looped.carried.iter().zip(&degrees).map(|(carried, degree)| (carried.argument, *degree)));
            let next = known.block(looped.blocks[0], &arguments)?;
            let joined: Option<Vec<Degree>> =
                degrees.iter().zip(next).map(|(before, after)| before.plus(after)).collect();
            match joined {
                Some(joined) if joined != degrees => degrees = joined,
                outcome => return Ok(outcome),
            }
        }
    }

    fn separate<'c>(&self, op: Op<'c>, kept: &[usize], _: &dyn Fn(Val<'c>) -> bool) -> Result<Option<Op<'c>>> {
        if replay::is_replayed(op) {
            return Ok(None);
        }
        // The transpose would need its values in reverse order.
        match kept.first() {
            Some(number) => Err(depends_on_no_tangent(*number)),
            None => Ok(None),
        }
    }

    fn transpose<'c>(&self, transposer: &mut Transposer<'c>, op: Op<'c>, cotangents: &[Option<Val<'c>>]) -> Result<()> {
        let Some(body) = region_block(op, 0) else { return Err(Diagnostic::invalid("needs a region")) };
        let builder = transposer.at(op);
        let (all, arguments) = (operands(op), block_args(body));
        let mut bounds = Vec::new();
        for bound in &all[..3] {
            bounds.push(transposer.residual(*bound)?);
        }
        let rounds = Rounds {
            lower: bounds[0],
            upper: bounds[1],
            step: bounds[2],
            is_unsigned: false,
            rows: Rows::Trip,
            changes_extents: false,
        };
        if !rounds.is_plain() {
            let message = "a linear loop that does not count from 0 in steps of 1 is not transposed";
            return Err(Diagnostic::unsupported(message).help("count from 0 in steps of 1, by an 'index'"));
        }
        if replay::transpose(transposer, op, cotangents)? {
            return Ok(());
        }
        if let Some(other) = arguments[1..].iter().position(|argument| tangent_type(argument.r#type()).is_none()) {
            return Err(depends_on_no_tangent(other));
        }
        let shared = linear_values_around(body, |value| transposer.is_linear(value));
        let mut initial = Vec::new();
        for (number, cotangent) in cotangents.iter().enumerate() {
            initial.push(match cotangent {
                Some(cotangent) => *cotangent,
                None => transposer.zero_of(builder, results(op)[number])?,
            });
        }
        for value in &shared {
            initial.push(transposer.slot(builder, *value)?);
        }
        let index = ScalarType::Index.to_type(builder.context());
        let types: Vec<Type> = std::iter::once(index).chain(initial.iter().map(|value| value.r#type())).collect();
        let (region, inner_arguments, inner) = builder.region(&types);
        let count = rounds.count(builder)?;
        let arith = |x, y| inner.op(OpKind::ArithSubI, &[x, y], &[index], &[], vec![]).map(result);
        let round = arith(arith(count, inner.index(1)?)?, inner_arguments[0])?;

        let mut nested = transposer.nested(inner, &[]);
        nested.bind(arguments[0], round);
        let (seeds, slots) = inner_arguments[1..].split_at(cotangents.len());
        for (value, slot) in shared.iter().zip(slots) {
            nested.set_slot(*value, *slot);
        }
        let linear: Vec<Val> = arguments[1..].iter().chain(&shared).copied().collect();
        let seeds: Vec<Option<Val>> = seeds.iter().copied().map(Some).collect();
        let shares = nested.block(body, &linear, &seeds).map_err(|located| located.diagnostic)?;
        let mut yielded = Vec::new();
        for (value, share) in linear.iter().zip(shares) {
            yielded.push(match share {
                Some(share) => share,
                None => nested.zero_of(inner, *value)?,
            });
        }
        inner.op(OpKind::ScfYield, &yielded, &[], &[], vec![])?;
        let made = repeat(builder, count, &initial, region, BOUND.of(op))?;
        let (of_initial, of_shared) = made.split_at(cotangents.len());
        for (value, slot) in shared.iter().zip(of_shared) {
            transposer.set_slot(*value, *slot);
        }
        for (value, share) in all[3..].iter().zip(of_initial) {
            // The loop does not show that the first round has the extents of the initial value.
            let share = match CHANGES_EXTENTS.is_on(op) && transposer.is_linear(*value) {
                true => with_extents(builder, *share, &transposer.extents_of(builder, *value)?)?,
                false => *share,
            };
            transposer.accumulate(*value, share)?;
        }
        Ok(())
    }
}
