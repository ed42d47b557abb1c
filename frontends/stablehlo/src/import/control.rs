//! Loops and branches.

use super::site::Site;
use super::{Translated, attributes, name_of};
use dp_dialects::attributes::Predicate;
use dp_dialects::ir::{Blk, Op, Val, block_args, block_ops, defining_op, operands, results, value_block, value_index};
use dp_dialects::{Builder, Diagnostic, Literal, MlirType, OpKind, Parameters, ScalarType, ValueType};
use melior::ir::attribute::DenseI64ArrayAttribute;
use melior::ir::operation::OperationLike;
use melior::ir::{Type, ValueLike};

/// `while`: a counted loop where it is one, else `scf.while`.
pub(super) fn r#while<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let initial = site.operands()?;
    let (condition, body) = (site.region(0)?, site.region(1)?);
    if let Some(count) = Count::of(condition, body) {
        return counted(site, &count, &initial, body);
    }
    let types: Vec<Type> = initial.iter().map(|value| value.r#type()).collect();
    let (before, arguments, inner) = site.builder.region(&types);
    let conditions = site.import.block_with(condition, &arguments, inner)?;
    let [holds] = conditions[..] else { return Err(Diagnostic::invalid("the condition returns one boolean").into()) };
    let operands: Vec<Val> = std::iter::once(holds).chain(arguments).collect();
    inner.op(OpKind::ScfCondition, &operands, &[], &[], vec![])?;
    let (after, arguments, inner) = site.builder.region(&types);
    let next = site.import.block_with(body, &arguments, inner)?;
    inner.op(OpKind::ScfYield, &next, &[], &[], vec![])?;
    Ok(results(site.builder.op(OpKind::ScfWhile, &initial, &types, &[], vec![before, after])?))
}

/// A loop that counts: `i < bound` is its condition, and each round adds 1 to `i`.
struct Count<'c> {
    /// The place of `i` among the carried values.
    place: usize,
    /// The bound.
    bound: Bound<'c>,
}

/// What a counter is compared with.
enum Bound<'c> {
    /// A value from outside.
    Outside(Val<'c>),
    /// A constant in the condition.
    Constant(Op<'c>),
    /// A carried value that stays the same.
    Carried(usize),
}

impl<'c> Count<'c> {
    fn of(condition: Blk<'c>, body: Blk<'c>) -> Option<Count<'c>> {
        let compared = defining_op(*operands(block_ops(condition).pop()?).first()?)?;
        if name_of(compared) != "stablehlo.compare" || attributes::keyword(compared, "comparison_direction")? != "LT" {
            return None;
        }
        let sides = operands(compared);
        let [counter, limit] = sides[..] else { return None };
        let is_argument = |value, of: Blk<'c>| block_args(of).contains(&value);
        if !is_argument(counter, condition) || !super::types::is_signed(counter.r#type()) {
            return None;
        }
        let place = value_index(counter);
        let next = operands(block_ops(body).pop()?);
        let own = block_args(body);
        let bound = match defining_op(limit) {
            _ if is_argument(limit, condition) => {
                let index = value_index(limit);
                (next.get(index)? == own.get(index)?).then_some(Bound::Carried(index))?
            }
            _ if value_block(limit) != Some(condition) => Bound::Outside(limit),
            Some(op) if name_of(op) == "stablehlo.constant" => Bound::Constant(op),
            _ => return None,
        };
        let step = defining_op(*next.get(place)?).filter(|op| name_of(*op) == "stablehlo.add")?;
        let added = operands(step);
        let is_counted =
            |a: usize, b: usize| added.get(a) == own.get(place) && added.get(b).is_some_and(|b| is_one(*b));
        (is_counted(0, 1) || is_counted(1, 0)).then_some(Count { place, bound })
    }
}

/// Whether a value of the source is the constant 1.
fn is_one(value: Val) -> bool {
    let constant = defining_op(value).filter(|op| name_of(*op) == "stablehlo.constant");
    let literal = constant.and_then(|op| Literal::of(op.attribute("value").ok()?));
    literal.and_then(|literal| literal.splat_value()).is_some_and(|value| value.integer() == 1)
}

/// A counted loop as `scf.for`. After it, the counter is the greater of its first value and the bound.
fn counted<'c>(
    site: &mut Site<'_, 'c>,
    count: &Count<'c>,
    initial: &[Val<'c>],
    body: Blk<'c>,
) -> Translated<'c, Vec<Val<'c>>> {
    let bound = match count.bound {
        Bound::Outside(value) => site.import.value(value)?,
        Bound::Carried(place) => initial[place],
        Bound::Constant(op) => {
            site.import.operation(op, site.builder)?;
            site.import.value(dp_dialects::ir::result(op))?
        }
    };
    let first = initial[count.place];
    let carried: Vec<Val> =
        initial.iter().enumerate().filter(|(place, _)| *place != count.place).map(|(_, value)| *value).collect();
    let types: Vec<Type> = carried.iter().map(|value| value.r#type()).collect();
    let index = ScalarType::Index.to_type(site.import.context);
    let arguments: Vec<Type> = std::iter::once(index).chain(types.iter().copied()).collect();
    let (region, arguments, inner) = site.builder.region(&arguments);
    let counter = inner.op(OpKind::ArithIndexCast, &arguments[..1], &[first.r#type()], &[], vec![])?;
    let mut own = arguments[1..].to_vec();
    own.insert(count.place, dp_dialects::ir::result(counter));
    let mut next = site.import.block_with(body, &own, inner)?;
    next.remove(count.place);
    inner.op(OpKind::ScfYield, &next, &[], &[], vec![])?;
    let (from, to, step) = (site.index(first, false)?, site.index(bound, false)?, site.builder.index(1)?);
    let operands: Vec<Val> = [from, to, step].into_iter().chain(carried).collect();
    let mut values = results(site.builder.op(OpKind::ScfFor, &operands, &types, &[], vec![region])?);
    values.insert(count.place, site.scalar(OpKind::ScalarMax, &[first, bound])?);
    Ok(values)
}

/// `if`.
pub(super) fn r#if<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let condition = site.operand(0)?;
    let types = types(site)?;
    let regions = vec![branch(site, 0)?, branch(site, 1)?];
    Ok(results(site.builder.op(OpKind::ScfIf, &[condition], &types, &[], regions)?))
}

/// `case`: the last branch stands for all indices out of range.
pub(super) fn case<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (types, count) = (types(site)?, site.op.region_count());
    let Some(last) = count.checked_sub(1) else { return Err(Diagnostic::invalid("has no branches").into()) };
    let selector = site.operand(0)?;
    if site.type_of(selector)?.dtype == ScalarType::I1 {
        return Err(Diagnostic::invalid("is chosen by an integer").into());
    }
    if last == 1 {
        let zero = site.number(0.0, site.type_of(selector)?.dtype)?;
        let first = site.emit(OpKind::ScalarCompare, &Parameters::Compare(Predicate::Eq), &[selector, zero])?;
        let regions = vec![branch(site, 0)?, branch(site, 1)?];
        return Ok(results(site.builder.op(OpKind::ScfIf, &[first], &types, &[], regions)?));
    }
    let index = site.index(selector, false)?;
    let cases: Vec<i64> = (0..last as i64).collect();
    let mut regions = vec![branch(site, last)?];
    for place in 0..last {
        regions.push(branch(site, place)?);
    }
    let cases = DenseI64ArrayAttribute::new(site.import.context, &cases).into();
    Ok(results(site.builder.op(OpKind::ScfIndexSwitch, &[index], &types, &[("cases", cases)], regions)?))
}

fn types<'c>(site: &Site<'_, 'c>) -> Translated<'c, Vec<Type<'c>>> {
    let context = site.import.context;
    Ok(site.results()?.iter().map(|r#type: &ValueType| r#type.to_type(context)).collect())
}

/// A region without arguments.
fn branch<'c>(site: &mut Site<'_, 'c>, index: usize) -> Translated<'c, melior::ir::Region<'c>> {
    let block = site.region(index)?;
    let (region, _, inner): (_, _, Builder<'c>) = site.builder.region(&[]);
    let values = site.import.block_with(block, &[], inner)?;
    inner.op(OpKind::ScfYield, &values, &[], &[], vec![])?;
    Ok(region)
}
