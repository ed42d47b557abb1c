//! `scf.if` and `scf.index_switch`: become two on the same predicate, one for values and one for tangents. Residuals
//! are yielded by the primal branches; a branch that is not taken yields placeholders.

use super::{RegionHandler, free_linear_values};
use dp_ad_engine::construct::{choose, types};
use dp_ad_engine::report::sizes::Size;
use dp_ad_engine::residuals::{replace_in, residuals};
use dp_ad_engine::site::LinearizationSite;
use dp_ad_engine::tangent::Tangent;
use dp_ad_engine::transpose::Transposer;
use dp_dialects::ir::{Blk, Op, Val, ValueMap, block_ops, operands, region_block, results};
use dp_dialects::types::tangent_type;
use dp_dialects::{Builder, Diagnostic, OpKind, Result, SpannedDiagnostic, ValueType};
use dp_linearity::{Degree, Degrees};
use dp_passes::copies::copy_block;
use dp_passes::dce::eliminate;
use melior::ir::operation::OperationLike;
use melior::ir::{Region, Type, ValueLike};

/// The handler.
pub static BRANCHES: Branches = Branches;

/// The handler of operations whose operand selects one of their regions.
pub struct Branches;

/// One branch during linearization: the primal block, the linear block, and what they yield. The linear block, which
/// uses values of the primal block, is dropped first.
struct Branch<'c> {
    linear: (Region<'c>, Blk<'c>, Builder<'c>),
    primal: (Region<'c>, Blk<'c>, Builder<'c>),
    values: Vec<Val<'c>>,
    tangents: Vec<Tangent<'c>>,
    kept: Vec<Val<'c>>,
}

/// A region with an empty block, the block, and a builder at its end.
fn region<'c>(builder: Builder<'c>) -> (Region<'c>, Blk<'c>, Builder<'c>) {
    let (region, _, inner) = builder.region(&[]);
    (region, inner.block(), inner)
}

/// What a branch yields for a residual of another branch.
fn placeholder<'c>(builder: Builder<'c>, value: Val<'c>) -> Result<Val<'c>> {
    match ValueType::of(value.r#type()) {
        Some(r#type) => builder.placeholder(&r#type),
        None => Err(Diagnostic::unsupported(format!(
            "a value of type {} cannot be kept for the derivative",
            value.r#type()
        ))),
    }
}

impl RegionHandler for Branches {
    fn linearize<'c>(&self, site: &mut LinearizationSite<'c, '_>) -> Result<Vec<Tangent<'c>>, SpannedDiagnostic<'c>> {
        let location = site.op.location();
        let mut branches = Vec::new();
        for index in 0..site.op.region_count() {
            let primal = region(site.primal.located(site.op.location()));
            let linear = region(site.linear);
            let pairs = match region_block(site.op, index) {
                Some(block) => site.engine.block(block, primal.2, linear.2)?,
                None => Vec::new(),
            };
            let kept = residuals(primal.1, linear.1, site.engine.policy());
            let values = pairs.iter().map(|pair| pair.primal).collect();
            let tangents = pairs.iter().map(|pair| pair.tangent).collect();
            branches.push(Branch { primal, linear, values, tangents, kept });
        }
        self.assemble(site, branches).map_err(|diagnostic| SpannedDiagnostic::new(location, diagnostic))
    }

    fn forward<'c>(&self, site: &mut LinearizationSite<'c, '_>) -> Result<Vec<Tangent<'c>>, SpannedDiagnostic<'c>> {
        super::forward::branches(site)
    }

    fn degrees<'c>(
        &self,
        known: &mut Degrees<'c, '_>,
        op: Op<'c>,
    ) -> Result<Option<Vec<Degree>>, SpannedDiagnostic<'c>> {
        let mut yielded = vec![Some(Degree::Zero); op.result_count()];
        for block in (0..op.region_count()).filter_map(|index| region_block(op, index)) {
            for (before, here) in yielded.iter_mut().zip(known.block(block, &[])?) {
                *before = before.and_then(|before| before.plus(here));
            }
        }
        Ok(yielded.into_iter().collect())
    }

    fn separate<'c>(&self, op: Op<'c>, kept: &[usize], _: &dyn Fn(Val<'c>) -> bool) -> Result<Option<Op<'c>>> {
        let builder = Builder::before(op);
        let mut regions = Vec::new();
        for block in (0..op.region_count()).filter_map(|index| region_block(op, index)) {
            let (region, copied, inner) = region(builder);
            let yielded = copy_block(inner, block_ops(block), Vec::new());
            let yielded: Vec<Val> = kept.iter().map(|index| yielded[*index]).collect();
            inner.op(OpKind::ScfYield, &yielded, &[], &[], vec![])?;
            eliminate(copied);
            regions.push(region);
        }
        let outputs: Vec<Type> = kept.iter().map(|index| results(op)[*index].r#type()).collect();
        choose(builder, op, operands(op)[0], &outputs, regions).map(Some)
    }

    fn transpose<'c>(&self, transposer: &mut Transposer<'c>, op: Op<'c>, cotangents: &[Option<Val<'c>>]) -> Result<()> {
        let free = free_linear_values(transposer, op);
        let builder = transposer.at(op);
        // What has been accumulated for a tensor goes through the branches, which add to it in place.
        let slots = transposer.tensor_slots(&free)?;
        let mut branches = Vec::new();
        for index in 0..op.region_count() {
            let (region, _, inner) = region(builder);
            let mut nested = transposer.nested(inner, &free);
            for (value, slot) in free.iter().zip(&slots) {
                slot.iter().for_each(|slot| nested.set_slot(*value, *slot));
            }
            let shares = match region_block(op, index) {
                Some(block) => nested.block(block, &free, cotangents).map_err(|located| located.diagnostic)?,
                None => slots.clone(),
            };
            branches.push((region, inner, nested, shares));
        }
        let is_reached = |index: &usize| branches.iter().any(|branch| branch.3[*index] != slots[*index]);
        let reached: Vec<usize> = (0..free.len()).filter(is_reached).collect();
        let mut regions = Vec::new();
        for (region, inner, mut nested, shares) in branches {
            let mut yielded = Vec::new();
            for index in &reached {
                yielded.push(match shares[*index] {
                    Some(share) => share,
                    None => nested.zero_of(inner, free[*index])?,
                });
            }
            inner.op(OpKind::ScfYield, &yielded, &[], &[], vec![])?;
            regions.push(region);
        }
        let choice = transposer.residual(operands(op)[0])?;
        let outputs: Vec<_> = reached.iter().map(|index| free[*index].r#type()).collect();
        let transposed = choose(builder, op, choice, &outputs, regions)?;
        for (index, share) in reached.into_iter().zip(results(transposed)) {
            match slots[index] {
                Some(_) => transposer.set_slot(free[index], share),
                None => transposer.accumulate(free[index], share)?,
            }
        }
        Ok(())
    }
}

impl Branches {
    /// Makes the two operations from their linearized branches.
    fn assemble<'c>(
        &self,
        site: &mut LinearizationSite<'c, '_>,
        branches: Vec<Branch<'c>>,
    ) -> Result<Vec<Tangent<'c>>> {
        let count = site.op.result_count();
        let mut outputs = types(&results(site.op));
        branches.iter().for_each(|branch| outputs.extend(types(&branch.kept)));
        let mut primal_regions = Vec::new();
        let mut linear_sides = Vec::new();
        let all_kept: Vec<Vec<Val>> = branches.iter().map(|branch| branch.kept.clone()).collect();
        for (index, branch) in branches.into_iter().enumerate() {
            let (region, _, builder) = branch.primal;
            let mut yielded = branch.values;
            for (other, kept) in all_kept.iter().enumerate() {
                for value in kept {
                    yielded.push(if other == index { *value } else { placeholder(builder, *value)? });
                }
            }
            builder.op(OpKind::ScfYield, &yielded, &[], &[], vec![])?;
            primal_regions.push(region);
            linear_sides.push((branch.linear, branch.tangents));
        }
        let choice = site.operands[0];
        let primal = site.primal.located(site.op.location());
        let primal = results(choose(primal, site.op, choice, &outputs, primal_regions)?);
        site.results = primal[..count].to_vec();

        let active: Vec<usize> = (0..count)
            .filter(|index| {
                linear_sides.iter().any(|(_, tangents)| tangents.get(*index).is_some_and(|t| t.value().is_some()))
            })
            .collect();
        let mut linear_regions = Vec::new();
        let mut next = count;
        for (((region, block, builder), tangents), kept) in linear_sides.into_iter().zip(&all_kept) {
            let mut outside: ValueMap<Val> = ValueMap::new();
            if let Some(report) = site.engine.report() {
                report.keep_all(
                    kept.iter().copied().zip(primal[next..].iter().copied()),
                    block,
                    &Size::number(1),
                    site.op,
                );
            }
            for value in kept {
                outside.insert(*value, primal[next]);
                next += 1;
            }
            replace_in(block, &outside);
            let mut yielded = Vec::new();
            for index in &active {
                yielded.push(match (tangents[*index], tangent_type(site.results[*index].r#type())) {
                    (Tangent::Value(value), _) => value,
                    (_, Some(r#type)) => {
                        dp_ad_engine::tangent::zero(site.primal, builder, &r#type, site.results[*index])?
                    }
                    (_, None) => return Err(Diagnostic::internal("internal error: a tangent of what carries none")),
                });
            }
            builder.op(OpKind::ScfYield, &yielded, &[], &[], vec![])?;
            linear_regions.push(region);
        }
        let mut tangents: Vec<Tangent> = site.results.iter().map(|result| Tangent::inactive(*result)).collect();
        if active.is_empty() {
            return Ok(tangents);
        }
        let outputs: Vec<_> = active.iter().map(|index| site.results[*index].r#type()).collect();
        let linear = choose(site.linear, site.op, choice, &outputs, linear_regions)?;
        for (index, value) in active.into_iter().zip(results(linear)) {
            tangents[index] = Tangent::Value(value);
        }
        Ok(tangents)
    }
}
