//! `array.map`: becomes a primal map, which also yields the residuals of its scalar program, and a linear map over
//! residuals and tangents.

use super::RegionHandler;
use dp_ad_engine::report::sizes::Size;
use dp_ad_engine::residuals::{replace_in, residuals};
use dp_ad_engine::site::LinearizationSite;
use dp_ad_engine::tangent::{Dual, Tangent};
use dp_ad_engine::transpose::Transposer;
use dp_dialects::MlirType;
use dp_dialects::ir::{
    Blk, Op, Val, ValueMap, ValueSet, block_args, block_ops, operands, region_block, results, value_index, walk,
};
use dp_dialects::{Builder, Diagnostic, OpKind, Result, ScalarType, SpannedDiagnostic, ValueType};
use dp_linearity::{Degree, Degrees};
use dp_passes::copies::copy_block;
use dp_passes::dce::eliminate;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::{Type, ValueLike};

/// The handler.
pub static MAP: Map = Map;

/// The handler of `array.map`.
pub struct Map;

fn number_type<'c>(value: Val<'c>, site: &LinearizationSite<'c, '_>) -> Result<Type<'c>> {
    let r#type = ValueType::of_value(value)?;
    Ok(r#type.dtype.to_type(site.primal.context()))
}

/// The type of a tensor with the shape of another and the element type of a number.
fn tensor_type<'c>(like: Val<'c>, number: Val<'c>, site: &LinearizationSite<'c, '_>) -> Result<Type<'c>> {
    let shape = ValueType::of_value(like)?;
    let element = ValueType::of_value(number)?;
    Ok(shape.with_dtype(element.dtype).to_type(site.primal.context()))
}

/// Whether a value of the map body can be an element of a tensor: not the tape of a loop, and not an index.
fn is_element(value: &Val) -> bool {
    ValueType::of(value.r#type()).is_some_and(|r#type| !r#type.is_tensor() && r#type.dtype != ScalarType::Index)
}

/// Rematerializes residuals in the linear body, by copies of the primal operations. Returns the block arguments that
/// these use.
fn compute_again<'c>(primal: Blk<'c>, linear: Builder<'c>, residuals: &[Val<'c>]) -> Vec<Val<'c>> {
    let mut needed = ValueSet::default();
    needed.extend(residuals.iter().copied());
    let mut again = Vec::new();
    for op in block_ops(primal).into_iter().rev() {
        if results(op).into_iter().any(|result| needed.contains(result)) {
            walk(op, &mut |inner| needed.extend(operands(inner)));
            again.push(op);
        }
    }
    let start = linear.block().first_operation().map_or(linear, Builder::before);
    let mut copies = ValueMap::new();
    for op in again.into_iter().rev() {
        let mut replaced = Vec::new();
        walk(op, &mut |inner| {
            replaced.extend(operands(inner).into_iter().filter_map(|x| Some((x, *copies.get(x)?))));
        });
        let copy = start.clone_op(op, &replaced);
        for (result, copy) in results(op).into_iter().zip(results(copy)) {
            copies.insert(result, copy);
        }
    }
    replace_in(linear.block(), &copies);
    block_args(primal).into_iter().filter(|argument| needed.contains(*argument)).collect()
}

impl RegionHandler for Map {
    fn linearize<'c>(&self, site: &mut LinearizationSite<'c, '_>) -> Result<Vec<Tangent<'c>>, SpannedDiagnostic<'c>> {
        let location = site.op.location();
        let at = |diagnostic| SpannedDiagnostic::new(location, diagnostic);
        let Some(body) = region_block(site.op, 0) else { return Err(at(Diagnostic::invalid("needs a region"))) };
        let elements: Vec<Type> =
            site.operands.iter().map(|x| number_type(*x, site)).collect::<Result<_, _>>().map_err(at)?;
        let active: Vec<usize> = (0..elements.len()).filter(|index| site.tangents[*index].value().is_some()).collect();
        let active_elements: Vec<Type> = active.iter().map(|index| elements[*index]).collect();

        // The primal body and the linear body.
        let (primal_region, primal_arguments, primal) = site.primal.located(location).region(&elements);
        let (linear_region, linear_arguments, linear) = site.linear.region(&active_elements);
        let (primal_block, linear_block) = (primal.block(), linear.block());
        for (index, (argument, element)) in block_args(body).into_iter().zip(&primal_arguments).enumerate() {
            let tangent = match active.iter().position(|known| *known == index) {
                Some(position) => Tangent::Value(linear_arguments[position]),
                None => Tangent::inactive(*element),
            };
            site.engine.bind(argument, Dual { primal: *element, tangent });
        }
        let pairs = site.engine.block(body, primal, linear)?;
        let mut kept = residuals(primal_block, linear_block, site.engine.policy());
        if !kept.iter().all(is_element) {
            kept = compute_again(primal_block, linear, &kept);
        }

        let assemble = || -> Result<Vec<Tangent<'c>>> {
            // In this order, so that on failure the linear region, which uses values of the primal region, is dropped
            // first.
            let primal_region = primal_region;
            let linear_region = linear_region;
            // Elements of operands are available; other residuals are yielded.
            let computed: Vec<Val> = kept.iter().copied().filter(|value| super::is_result(*value)).collect();
            let yielded: Vec<Val> = pairs.iter().map(|pair| pair.primal).chain(computed.iter().copied()).collect();
            primal.op(OpKind::ArrayYield, &yielded, &[], &[], vec![])?;
            let mut outputs: Vec<Type> = results(site.op).iter().map(|result| result.r#type()).collect();
            for value in &computed {
                outputs.push(tensor_type(site.operands[0], *value, site)?);
            }
            let made = site.primal.located(location).op(
                OpKind::ArrayMap,
                &site.operands,
                &outputs,
                &[],
                vec![primal_region],
            )?;
            let made = results(made);
            let count = pairs.len();
            site.results = made[..count].to_vec();

            let times = Size::elements(site.operands[0]);
            if let Some(report) = site.engine.report() {
                let holders = computed.iter().copied().zip(made[count..].iter().copied());
                report.keep_all(holders, linear_block, &times, site.op);
            }
            let carrying: Vec<usize> = (0..count).filter(|index| pairs[*index].tangent.value().is_some()).collect();
            let mut inputs: Vec<Val> = active.iter().filter_map(|index| site.tangents[*index].value()).collect();
            let mut arguments: ValueMap<Val> = ValueMap::new();
            for value in &kept {
                let position = computed.iter().position(|known| *known == *value);
                inputs.push(match position {
                    Some(position) => made[count + position],
                    None => site.operands[value_index(*value)],
                });
                arguments.insert(*value, linear_block.add_argument(value.r#type(), site.linear.location()));
            }
            replace_in(linear_block, &arguments);
            let yielded: Vec<Val> = carrying.iter().filter_map(|index| pairs[*index].tangent.value()).collect();
            linear.op(OpKind::ArrayYield, &yielded, &[], &[], vec![])?;
            let mut tangents: Vec<Tangent> = site.results.iter().map(|result| Tangent::inactive(*result)).collect();
            if carrying.is_empty() {
                return Ok(tangents);
            }
            let outputs: Vec<Type> = carrying.iter().map(|index| site.results[*index].r#type()).collect();
            let made = site.linear.op(OpKind::ArrayMap, &inputs, &outputs, &[], vec![linear_region])?;
            for (index, value) in carrying.into_iter().zip(results(made)) {
                tangents[index] = Tangent::Value(value);
            }
            Ok(tangents)
        };
        assemble().map_err(at)
    }

    fn forward<'c>(&self, site: &mut LinearizationSite<'c, '_>) -> Result<Vec<Tangent<'c>>, SpannedDiagnostic<'c>> {
        super::forward::map(site)
    }

    fn degrees<'c>(
        &self,
        known: &mut Degrees<'c, '_>,
        op: Op<'c>,
    ) -> Result<Option<Vec<Degree>>, SpannedDiagnostic<'c>> {
        let Some(body) = region_block(op, 0) else { return Ok(Some(Vec::new())) };
        let given = operands(op).into_iter().map(|operand| known.of(operand)).collect::<Vec<_>>();
        let arguments: Vec<(Val, Degree)> = block_args(body).into_iter().zip(given).collect();
        known.block(body, &arguments).map(Some)
    }

    fn separate<'c>(&self, op: Op<'c>, kept: &[usize], is_tangent: &dyn Fn(Val<'c>) -> bool) -> Result<Option<Op<'c>>> {
        let builder = Builder::before(op);
        let Some(body) = region_block(op, 0) else { return Ok(None) };
        let inputs: Vec<Val> = operands(op).into_iter().filter(|operand| !is_tangent(*operand)).collect();
        if inputs.is_empty() {
            return Ok(None);
        }
        let given = block_args(body).into_iter().zip(operands(op));
        let (residuals, tangents): (Vec<_>, Vec<_>) = given.partition(|(_, operand)| !is_tangent(*operand));
        let elements: Vec<Type> = residuals.iter().map(|(argument, _)| argument.r#type()).collect();
        let (region, numbers, inner) = builder.region(&elements);
        let mut arguments: Vec<(Val, Val)> = residuals.into_iter().map(|(argument, _)| argument).zip(numbers).collect();
        for (argument, _) in tangents {
            arguments.push((argument, inner.placeholder(&ValueType::of_value(argument)?)?));
        }
        let yielded = copy_block(inner, block_ops(body), arguments);
        let yielded: Vec<Val> = kept.iter().map(|index| yielded[*index]).collect();
        inner.op(OpKind::ArrayYield, &yielded, &[], &[], vec![])?;
        eliminate(inner.block());
        let outputs: Vec<Type> = kept.iter().map(|index| results(op)[*index].r#type()).collect();
        builder.op(OpKind::ArrayMap, &inputs, &outputs, &[], vec![region]).map(Some)
    }

    fn transpose<'c>(&self, transposer: &mut Transposer<'c>, op: Op<'c>, cotangents: &[Option<Val<'c>>]) -> Result<()> {
        let Some(body) = region_block(op, 0) else { return Err(Diagnostic::invalid("needs a region")) };
        let builder = transposer.at(op);
        let all = operands(op);
        let is_linear: Vec<bool> = all.iter().map(|x| transposer.is_linear(*x)).collect();
        let mut inputs = Vec::new();
        for (x, linear) in all.iter().zip(&is_linear) {
            if !linear {
                inputs.push(transposer.residual(*x)?);
            }
        }
        let flowing: Vec<Val> = cotangents.iter().copied().flatten().collect();
        inputs.extend(&flowing);
        let element = |x: Val<'c>| match ValueType::of(x.r#type()) {
            Some(r#type) => Ok(r#type.dtype.to_type(builder.context())),
            None => Err(Diagnostic::invalid("maps tensors of numbers")),
        };
        let elements: Vec<Type> = inputs.iter().map(|x| element(*x)).collect::<Result<_, _>>()?;
        let (region, arguments, inner) = builder.region(&elements);

        let (mut linear_arguments, mut next) = (Vec::new(), 0);
        for (argument, linear) in block_args(body).into_iter().zip(&is_linear) {
            if *linear {
                linear_arguments.push(argument);
            } else {
                next += 1;
            }
        }
        let mut nested = transposer.nested(inner, &linear_arguments);
        let others = block_args(body).into_iter().zip(&is_linear).filter(|(_, linear)| !**linear);
        for ((argument, _), available) in others.zip(&arguments[..next]) {
            nested.bind(argument, *available);
        }
        let mut given = arguments[next..].iter().copied();
        let seeds: Vec<Option<Val>> = cotangents.iter().map(|cotangent| cotangent.and_then(|_| given.next())).collect();
        let shares = nested.block(body, &linear_arguments, &seeds).map_err(|located| located.diagnostic)?;
        let linear_inputs: Vec<Val> =
            all.into_iter().zip(&is_linear).filter(|(_, linear)| **linear).map(|(x, _)| x).collect();
        let reached: Vec<(Val, Val)> =
            linear_inputs.into_iter().zip(shares).filter_map(|(x, share)| Some((x, share?))).collect();
        let (targets, yielded): (Vec<Val>, Vec<Val>) = reached.into_iter().unzip();
        inner.op(OpKind::ArrayYield, &yielded, &[], &[], vec![])?;
        let outputs: Vec<Type> = targets.iter().map(|x| x.r#type()).collect();
        let made = builder.op(OpKind::ArrayMap, &inputs, &outputs, &[], vec![region])?;
        for (target, share) in targets.into_iter().zip(results(made)) {
            transposer.accumulate(target, share)?;
        }
        Ok(())
    }
}
