//! `scf.while`. A copy of the loop counts the iterations; the derivative is then that of a counted loop. An iteration
//! executes the condition region and the body; a last execution of the condition region gives the results.

use super::bound;
use super::counted::changes_extents;
use super::{RegionHandler, copies_around};
use crate::checkpoints::plan::Plan;
use crate::checkpoints::replay::{self, Replayed};
use dp_ad_engine::loops::rounds::{Rounds, Rows, linearize};
use dp_ad_engine::site::{Engine, LinearizationSite};
use dp_ad_engine::tangent::{Dual, Tangent};
use dp_ad_engine::transpose::Transposer;
use dp_dialects::ir::{Op, Val, block_args, block_ops, result, results, walk};
use dp_dialects::{Builder, Diagnostic, MlirType, OpKind, Result, ScalarType, SpannedDiagnostic};
use dp_extents::loops::Loop;
use dp_linearity::{Degree, Degrees};
use dp_passes::copies::copy_block;
use melior::ir::operation::OperationLike;
use melior::ir::{Type, ValueLike};

/// The handler.
pub static CONDITIONAL: Conditional = Conditional;

/// The handler of `scf.while`.
pub struct Conditional;

const LINEAR: &str = "take the number of rounds from outside of the region, and write 'scf.for'";

/// A copy of the loop with a counter: the carried values after the last round, if they are needed, and the trip count.
fn count<'c>(
    site: &LinearizationSite<'c, '_>,
    looped: &Loop<'c>,
    builder: Builder<'c>,
    needs_values: bool,
) -> Result<(Vec<Val<'c>>, Val<'c>)> {
    let index = ScalarType::Index.to_type(builder.context());
    let around = copies_around(site);
    let (before, after) = (looped.blocks[0], looped.blocks[1]);
    let copied = |builder: Builder<'c>, block, arguments: &[Val<'c>]| -> Vec<Val<'c>> {
        let given = block_args(block).into_iter().zip(arguments.iter().copied());
        copy_block(builder, block_ops(block), around.iter().copied().chain(given).collect())
    };
    let types: Vec<Type> = site.operands.iter().map(|value| value.r#type()).chain(std::iter::once(index)).collect();
    let (first, arguments, inner) = builder.region(&types);
    let mut passed = copied(inner, before, &arguments);
    let own = passed.len() - 1;
    passed.extend(if needs_values { &arguments[..] } else { &arguments[arguments.len() - 1..] });
    inner.op(OpKind::ScfCondition, &passed, &[], &[], vec![])?;
    let outputs: Vec<Type> = passed[1..].iter().map(|value| value.r#type()).collect();
    let (second, arguments, inner) = builder.region(&outputs);
    let mut next = copied(inner, after, &arguments[..own]);
    let counted = [arguments[arguments.len() - 1], inner.index(1)?];
    next.push(result(inner.op(OpKind::ArithAddI, &counted, &[index], &[], vec![])?));
    inner.op(OpKind::ScfYield, &next, &[], &[], vec![])?;
    let mut initial = site.operands.clone();
    initial.push(builder.index(0)?);
    let made = builder.op(OpKind::ScfWhile, &initial, &outputs, bound::mark(site).as_slice(), vec![first, second])?;
    let mut made = results(made).split_off(own);
    let count = made.pop().ok_or_else(|| Diagnostic::internal("internal error: a loop without a counter"))?;
    Ok((made, count))
}

/// Linearizes the condition region, and returns the values that it passes on.
fn decide<'c>(
    engine: &mut dyn Engine<'c>,
    looped: &Loop<'c>,
    carried: &[Dual<'c>],
    primal: Builder<'c>,
    linear: Builder<'c>,
) -> Result<Vec<Dual<'c>>, SpannedDiagnostic<'c>> {
    for (of, dual) in looped.carried.iter().zip(carried) {
        engine.bind(of.argument, *dual);
    }
    let mut passed = engine.block(looped.blocks[0], primal, linear)?;
    // The first operand is the condition.
    passed.remove(0);
    Ok(passed)
}

/// Linearizes a loop of which snapshots are kept. The primal loop counts its rounds, so that the number is known when
/// the reverse sweep begins, and the schedule for counted loops, which is optimal, applies. An online schedule would
/// keep snapshots during the primal loop, without knowing where it ends: it saves one sweep, at the cost of more
/// rounds computed again and of memory that is held between the two sweeps.
fn replayed<'c>(
    site: &mut LinearizationSite<'c, '_>,
    looped: &Loop<'c>,
    (made, count, bound): (Vec<Val<'c>>, Val<'c>, Option<u64>),
    initial: &[Dual<'c>],
    active: &[bool],
    plan: Plan,
) -> Result<Vec<Tangent<'c>>, SpannedDiagnostic<'c>> {
    let around = copies_around(site);
    let plain = |b: Builder<'c>, _: Val<'c>, states: &[Val<'c>]| -> Result<Vec<Val<'c>>> {
        let copied = |block, arguments: &[Val<'c>]| -> Vec<Val<'c>> {
            let given = block_args(block).into_iter().zip(arguments.iter().copied());
            copy_block(b, block_ops(block), around.iter().copied().chain(given).collect())
        };
        // The first value is the condition.
        Ok(copied(looped.blocks[1], &copied(looped.blocks[0], states).split_off(1)))
    };
    let replayed = Replayed { count, bound, plan, plain: &plain };
    let tangents = replay::linearize(site, &replayed, initial, active, &mut |site, _, carried, primal, linear| {
        let passed = decide(site.engine, looped, carried, primal, linear)?;
        for ((argument, _), dual) in looped.passed.iter().zip(passed) {
            site.engine.bind(*argument, dual);
        }
        site.engine.block(looped.blocks[1], primal, linear)
    })?;
    let last = made.into_iter().zip(tangents).map(|(primal, tangent)| Dual { primal, tangent });
    let last: Vec<Dual> = last.collect();
    let builder = site.primal.located(site.op.location());
    // The last execution of the condition region passes on what the loop returns.
    let results = decide(site.engine, looped, &last, builder, site.linear)?;
    site.results = results.iter().map(|dual| dual.primal).collect();
    Ok(results.iter().map(|dual| dual.tangent).collect())
}

impl RegionHandler for Conditional {
    fn linearize<'c>(&self, site: &mut LinearizationSite<'c, '_>) -> Result<Vec<Tangent<'c>>, SpannedDiagnostic<'c>> {
        let location = site.op.location();
        let at = |diagnostic| SpannedDiagnostic::new(location, diagnostic);
        let looped = Loop::of(site.op).ok_or_else(|| at(Diagnostic::invalid("needs two regions")))?;
        let plan = Plan::of(site);
        let changes_extents = changes_extents(site.op, &looped, plan)?;
        let active = site.engine.varying(&looped);
        let builder = site.primal.located(location);
        let (made, count) = count(site, &looped, builder, plan.is_some()).map_err(at)?;
        let (lower, step) = (builder.index(0).map_err(at)?, builder.index(1).map_err(at)?);
        let duals = site.operands.iter().zip(&site.tangents);
        let initial: Vec<Dual> = duals.map(|(primal, tangent)| Dual { primal: *primal, tangent: *tangent }).collect();
        let rounds = Rounds { lower, upper: count, step, is_unsigned: false, rows: Rows::Trip, changes_extents };
        let rows = bound::rows(site.op, &rounds, builder).map_err(at)?;
        if let Some(plan) = plan {
            return replayed(site, &looped, (made, count, bound::checked(rows)), &initial, &active, plan);
        }
        let rounds = Rounds { rows, ..rounds };
        let last = linearize(site, &rounds, &initial, &active, &mut |site, _, carried, primal, linear| {
            let passed = decide(site.engine, &looped, carried, primal, linear)?;
            for ((argument, _), dual) in looped.passed.iter().zip(passed) {
                site.engine.bind(*argument, dual);
            }
            site.engine.block(looped.blocks[1], primal, linear)
        })?;
        let results = decide(site.engine, &looped, &last, builder, site.linear)?;
        site.results = results.iter().map(|dual| dual.primal).collect();
        Ok(results.iter().map(|dual| dual.tangent).collect())
    }

    fn forward<'c>(&self, site: &mut LinearizationSite<'c, '_>) -> Result<Vec<Tangent<'c>>, SpannedDiagnostic<'c>> {
        super::forward::conditional(site)
    }

    fn degrees<'c>(
        &self,
        known: &mut Degrees<'c, '_>,
        op: Op<'c>,
    ) -> Result<Option<Vec<Degree>>, SpannedDiagnostic<'c>> {
        let mut is_linear = false;
        walk(op, &mut |inner| {
            is_linear = is_linear || inner.operands().any(|operand| known.of(operand) == Degree::Linear);
        });
        if !is_linear {
            return Ok(Some(vec![Degree::Constant; op.result_count()]));
        }
        let diagnostic = Diagnostic::unsupported("'scf.while' is not supported in a linear region").help(LINEAR);
        Err(SpannedDiagnostic::new(op.location(), diagnostic))
    }

    fn separate<'c>(&self, _: Op<'c>, _: &[usize], _: &dyn Fn(Val<'c>) -> bool) -> Result<Option<Op<'c>>> {
        Ok(None)
    }

    fn transpose<'c>(&self, _: &mut Transposer<'c>, _: Op<'c>, _: &[Option<Val<'c>>]) -> Result<()> {
        Err(Diagnostic::unsupported("'scf.while' is not supported in a linear region").help(LINEAR))
    }
}
