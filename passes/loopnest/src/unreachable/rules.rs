//! Evaluation of scalar operations and extents, at least as precise as MLIR's folders.

use super::facts::{Dim, Facts};
use crate::structured::is_named;
use dp_dialects::ir::{
    Op, Val, block_args, block_ops, defining_op, i64_array, i64_attribute, operands, region_block, value_index,
};
use dp_dialects::types::DYNAMIC;
use dp_dialects::{Literal, Number, OpKind, Parameters, ScalarType, ValueType};
use melior::ir::ValueLike;
use melior::ir::attribute::{ArrayAttribute, IntegerAttribute};
use melior::ir::operation::OperationLike;

/// The encoding of the predicate `eq` in `arith` and `scalar`.
const EQUAL: i64 = 0;

/// A literal of type `index`.
pub(super) fn index(value: i64) -> Literal {
    Literal::number(ScalarType::Index, Number::Integer(value))
}

/// Whether an operation compares integers for equality.
pub(super) fn is_equality(op: Op) -> bool {
    OpKind::of(op) == Some(OpKind::ArithCmpI) && i64_attribute(op, "predicate") == Some(EQUAL)
}

/// Whether an operation is a boolean `and`.
pub(super) fn is_and(op: Op) -> bool {
    OpKind::of(op) == Some(OpKind::ScalarAnd) || is_named(op, "arith.andi")
}

/// Evaluates an operation with one scalar result.
pub(super) fn number<'c>(facts: &mut Facts<'c>, op: Op<'c>, value: Val<'c>, r#type: &ValueType) {
    let of = operands(op);
    if is_named(op, "arith.ori") {
        if of.iter().any(|part| facts.integer(*part).is_some_and(|part| part != 0)) && r#type.dtype == ScalarType::I1 {
            facts.set(value, Literal::number(ScalarType::I1, Number::Integer(1)));
        } else if of.iter().all(|part| facts.integer(*part) == Some(0)) {
            facts.set(value, Literal::number(r#type.dtype, Number::Integer(0)));
        }
        return;
    }
    let Some(kind) = OpKind::of(op) else { return };
    match (kind, &of[..]) {
        (OpKind::ArithConstant, _) => {
            if let Some(literal) = op.attribute("value").ok().and_then(Literal::of) {
                facts.set(value, literal);
            }
        }
        (OpKind::TensorDim, [x, dim]) => {
            if let Some(dim) = facts.integer(*dim).and_then(|dim| usize::try_from(dim).ok()) {
                facts.set_extent(value, facts.dim(*x, dim));
            }
        }
        (OpKind::TensorExtract, [x, position @ ..]) => element(facts, value, *x, position),
        (OpKind::ArithSelect | OpKind::ScalarSelect, [condition, yes, no]) => match facts.integer(*condition) {
            Some(condition) => facts.same(value, if condition != 0 { *yes } else { *no }),
            None => facts.one_of(value, &[*yes, *no]),
        },
        (OpKind::ArithMulI | OpKind::ScalarMul, _) if of.iter().any(|factor| facts.integer(*factor) == Some(0)) => {
            facts.set(value, Literal::number(r#type.dtype, Number::Integer(0)));
        }
        (_, _) if kind.dialect() == "arith" => arithmetic(facts, kind, op, value, r#type, &of),
        (_, _) if kind.dialect() == "scalar" => scalar(facts, kind, op, value, r#type, &of),
        (_, _) => {}
    }
}

fn arithmetic<'c>(facts: &mut Facts<'c>, kind: OpKind, op: Op<'c>, value: Val<'c>, r#type: &ValueType, of: &[Val<'c>]) {
    let is_cast = kind == OpKind::ArithIndexCast;
    let known: Option<Vec<i64>> = match of {
        // `x - x`, and comparisons of `x` with itself, have the result of 0 and 0.
        [a, b] if matches!(kind, OpKind::ArithSubI | OpKind::ArithCmpI) && facts.source(*a) == facts.source(*b) => {
            Some(vec![0, 0])
        }
        _ => of.iter().map(|value| facts.integer(*value)).collect(),
    };
    let computed =
        known.and_then(|known| dp_semantics::indices::evaluate(kind, i64_attribute(op, "predicate"), &known));
    match (computed, of) {
        (Some(computed), _) => facts.set(value, Literal::number(r#type.dtype, Number::Integer(computed))),
        (None, [x]) if is_cast && x.r#type() == value.r#type() => facts.same(value, *x),
        (None, _) => {}
    }
}

fn scalar<'c>(facts: &mut Facts<'c>, kind: OpKind, op: Op<'c>, value: Val<'c>, r#type: &ValueType, of: &[Val<'c>]) {
    let known: Option<Vec<Literal>> = of.iter().map(|value| facts.literal(*value).cloned()).collect();
    let (Some(known), Some(parameters)) = (known, Parameters::of(kind, op)) else { return };
    // Errors are left to run time.
    if let Ok(number) = dp_semantics::evaluate(kind, &parameters, &known, r#type) {
        facts.set(value, number);
    }
}

/// An element of a constant, of a splat, or of a tensor built from scalars.
fn element<'c>(facts: &mut Facts<'c>, value: Val<'c>, x: Val<'c>, position: &[Val<'c>]) {
    let Some(maker) = defining_op(x) else { return };
    if is_named(maker, "linalg.fill") {
        return facts.same(value, operands(maker)[0]);
    }
    let Some(extents) = ValueType::of(x.r#type()).and_then(|r#type| r#type.extents().iter().copied().collect()) else {
        return;
    };
    let extents: Vec<u64> = extents;
    let mut at = 0_u64;
    for (position, extent) in position.iter().zip(&extents) {
        let position = facts.integer(*position).and_then(|position| u64::try_from(position).ok());
        let Some(position) = position.filter(|position| position < extent) else { return };
        at = at.saturating_mul(*extent).saturating_add(position);
    }
    let Ok(at) = usize::try_from(at) else { return };
    match OpKind::of(maker) {
        Some(OpKind::TensorFromElements) => {
            if let Some(number) = operands(maker).get(at) {
                facts.same(value, *number);
            }
        }
        Some(OpKind::ArithConstant) => {
            if let Some(literal) = maker.attribute("value").ok().and_then(Literal::of) {
                facts.set(value, Literal::number(literal.dtype, literal.element(at)));
            }
        }
        _ => {}
    }
}

/// The extents of a result of an operation.
pub(super) fn shape<'c>(facts: &mut Facts<'c>, op: Op<'c>, position: usize, value: Val<'c>) {
    if let Some(of) = like(op, position) {
        return facts.same(value, of);
    }
    let name = op.name();
    let made = match name.as_string_ref().as_str() {
        Ok("tensor.empty") => empty(op, value),
        Ok("tensor.extract_slice") => extracted(facts, op, value),
        Ok("tensor.expand_shape") => written(facts, op, "static_output_shape", &operands(op)[1..]),
        Ok("tensor.collapse_shape") => collapsed(facts, op, value),
        Ok("arith.select") => {
            let of = operands(op);
            match facts.integer(of[0]) {
                Some(condition) => facts.same(value, of[if condition != 0 { 1 } else { 2 }]),
                None => facts.one_of(value, &of[1..]),
            }
            None
        }
        _ => None,
    };
    if let Some(shape) = made {
        facts.set_shape(value, shape);
    }
}

/// The operand with the same extents as a result: a destination, or the operand of a cast.
pub(super) fn like<'c>(op: Op<'c>, position: usize) -> Option<Val<'c>> {
    let of = operands(op);
    let name = op.name();
    match name.as_string_ref().as_str() {
        Ok("tensor.cast") => of.first().copied(),
        Ok("tensor.insert" | "tensor.insert_slice") => of.get(1).copied(),
        // Destinations come last, in the order of results.
        Ok(name) if name.starts_with("linalg.") => {
            of.get((of.len() + position).checked_sub(op.result_count())?).copied()
        }
        _ => None,
    }
}

fn empty<'c>(op: Op<'c>, value: Val<'c>) -> Option<Vec<Dim<'c>>> {
    let mut given = operands(op).into_iter();
    let r#type = ValueType::of(value.r#type())?;
    r#type
        .extents()
        .iter()
        .map(|extent| match extent {
            Some(extent) => Some(Dim::Known(*extent as i64)),
            None => given.next().map(Dim::Value),
        })
        .collect()
}

/// The integers in an attribute, with dynamic ones from operands.
fn written<'c>(facts: &Facts<'c>, op: Op<'c>, name: &str, given: &[Val<'c>]) -> Option<Vec<Dim<'c>>> {
    let mut given = given.iter();
    let number = |number: i64| match number {
        DYNAMIC => given.next().map(|value| facts.integer(*value).map_or(Dim::Value(*value), Dim::Known)),
        number => Some(Dim::Known(number)),
    };
    i64_array(op, name)?.into_iter().map(number).collect()
}

/// The offsets and sizes of a slice; dynamic ones from the given operands.
pub(super) fn slice_of<'c>(facts: &Facts<'c>, op: Op<'c>, given: &[Val<'c>]) -> Option<(Vec<Dim<'c>>, Vec<Dim<'c>>)> {
    let dynamic = i64_array(op, "static_offsets")?.into_iter().filter(|offset| *offset == DYNAMIC).count();
    let (offsets, sizes) = given.split_at_checked(dynamic)?;
    Some((written(facts, op, "static_offsets", offsets)?, written(facts, op, "static_sizes", sizes)?))
}

/// The sizes of a slice; if its rank is lower, the last ones, provided that the others are 1.
fn extracted<'c>(facts: &Facts<'c>, op: Op<'c>, value: Val<'c>) -> Option<Vec<Dim<'c>>> {
    let (_, mut sizes) = slice_of(facts, op, &operands(op)[1..])?;
    let dropped = sizes.len().checked_sub(ValueType::of(value.r#type())?.rank())?;
    sizes[..dropped].iter().all(|size| *size == Dim::Known(1)).then(|| sizes.split_off(dropped))
}

/// The products of collapsed extents.
fn collapsed<'c>(facts: &Facts<'c>, op: Op<'c>, value: Val<'c>) -> Option<Vec<Dim<'c>>> {
    let x = operands(op)[0];
    let groups = ArrayAttribute::try_from(op.attribute("reassociation").ok()?).ok()?;
    let product = |dim: usize| {
        let group = ArrayAttribute::try_from(groups.element(dim).ok()?).ok()?;
        let mut extents = Vec::new();
        for position in 0..group.len() {
            let position = IntegerAttribute::try_from(group.element(position).ok()?).ok()?.value();
            extents.push(facts.known(facts.dim(x, usize::try_from(position).ok()?)));
        }
        // MLIR also infers the product of 0 and a dynamic extent.
        let product = match extents.contains(&Some(0)) {
            true => Some(0),
            false => extents.into_iter().try_fold(1_i64, |product, extent| product.checked_mul(extent?)),
        };
        product.map(Dim::Known)
    };
    Some((0..groups.len()).map(|dim| product(dim).unwrap_or(Dim::Of(value, dim))).collect())
}

/// Whether a value has the same extents as a loop argument after any number of iterations.
pub(super) fn preserves(mut value: Val, argument: Val) -> bool {
    while value != argument {
        let Some(op) = defining_op(value) else { return false };
        let position = value_index(value);
        let yields = |region: usize| {
            let last = region_block(op, region).and_then(|block| block_ops(block).last().copied());
            last.and_then(|last| operands(last).get(position).copied())
        };
        value = match OpKind::of(op) {
            Some(OpKind::ScfIf) => {
                return [0, 1].map(yields).into_iter().all(|it| it.is_some_and(|it| preserves(it, argument)));
            }
            Some(OpKind::ScfFor) => {
                let block = region_block(op, 0).map(block_args).unwrap_or_default();
                match (yields(0), block.get(1 + position), operands(op).get(3 + position)) {
                    (Some(given), Some(inner), Some(first)) if preserves(given, *inner) => *first,
                    _ => return false,
                }
            }
            _ => match like(op, position) {
                Some(of) => of,
                None => return false,
            },
        };
    }
    true
}
