//! `expand-records`: records of tensors become records of scalars.

use crate::parallel::nest;
use crate::{ErrorGuaranteed, NoOptions, Pass};
use dp_dialects::ir::{Op, Val, erase, operands, replace_all_uses, result, results, walk};
use dp_dialects::parameters::Start;
use dp_dialects::{Builder, Diagnostic, Literal, MlirType, Number, OpKind, Parameters, Result, ScalarType, ValueType};
use melior::ir::operation::OperationLike;
use melior::ir::{Type, ValueLike};

/// `expand-records`.
pub static EXPAND_RECORDS: Pass = Pass {
    flag: "expand-records",
    summary: "keep tensors element by element",
    description: "Takes any module. An `ad.record` of a tensor keeps its dynamic extents and a chain of records, one for each \
        element, each of which holds the position of the one before. `ad.recall` follows the chain from the last \
        element. Then all records hold scalars.",
    body: run,
};

/// Whether an operation makes, reads or releases records.
pub fn is_record(op: Op) -> bool {
    let kinds = [OpKind::AdRecord, OpKind::AdRecall, OpKind::AdReserve, OpKind::AdRelease];
    OpKind::of(op).is_some_and(|kind| kinds.contains(&kind))
}

/// Whether an operation keeps or recalls a tensor.
pub fn keeps_tensors(op: Op) -> bool {
    let is_tensor = |value: &Val| ValueType::of(value.r#type()).is_some_and(|r#type| r#type.is_tensor());
    match OpKind::of(op) {
        Some(OpKind::AdRecord) => operands(op).iter().any(is_tensor),
        Some(OpKind::AdRecall) => results(op).iter().any(is_tensor),
        Some(_) | None => false,
    }
}

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let mut found = Vec::new();
    walk(module, &mut |op| found.extend(keeps_tensors(op).then_some(op)));
    for op in found {
        let expanded = if OpKind::of(op) == Some(OpKind::AdRecord) { record(op) } else { recall(op) };
        expanded.map_err(|diagnostic| diagnostic.report(op.location()))?;
    }
    Ok(())
}

fn index<'c>(b: Builder<'c>) -> Type<'c> {
    ScalarType::Index.to_type(b.context())
}

/// A tensor's elements in row-major order: their type, their number, and the number as an operand if it is dynamic.
struct Row<'c> {
    r#type: ValueType,
    count: Val<'c>,
    open: Vec<Val<'c>>,
}

impl<'c> Row<'c> {
    fn of(b: Builder<'c>, r#type: &ValueType, extents: &[Val<'c>]) -> Result<Self> {
        let known = r#type.extents().iter().flatten().product::<u64>();
        let mut count = b.index(known as i64)?;
        for extent in extents {
            count = b.op(OpKind::ArithMulI, &[count, *extent], &[index(b)], &[], vec![]).map(result)?;
        }
        let is_static = r#type.is_static();
        let open = if is_static { Vec::new() } else { vec![count] };
        Ok(Row { r#type: ValueType::tensor(r#type.dtype, vec![is_static.then_some(known)]), count, open })
    }
}

/// A tensor with other dimensions.
fn reshaped<'c>(b: Builder<'c>, x: Val<'c>, to: &ValueType, extents: &[Val<'c>]) -> Result<Val<'c>> {
    if ValueType::of(x.r#type()).as_ref() == Some(to) {
        return Ok(x);
    }
    let operands: Vec<Val> = std::iter::once(x).chain(extents.iter().copied()).collect();
    b.emit_typed(OpKind::ArrayReshape, &Parameters::None, &operands, to)
}

fn record(op: Op) -> Result<()> {
    let b = Builder::before(op);
    let mut kept = Vec::new();
    for value in operands(op) {
        let r#type = ValueType::of_value(value)?;
        if !r#type.is_tensor() {
            kept.push(value);
            continue;
        }
        let extents = b.extents(value)?;
        let row = Row::of(b, &r#type, &extents)?;
        let elements = reshaped(b, value, &row.r#type, &row.open)?;
        let element = r#type.dtype.to_type(b.context());
        let each = [b.index(0)?, row.count, b.index(1)?];
        let last = nest(b, &[each], &mut Vec::new(), &[b.index(0)?], &mut |b, at, before| {
            let x = b.op(OpKind::TensorExtract, &[elements, at[0]], &[element], &[], vec![]).map(result)?;
            b.op(OpKind::AdRecord, &[x, before[0]], &[index(b)], &[], vec![]).map(results)
        })?;
        kept.extend(extents);
        kept.extend(last);
    }
    let made = result(b.op(OpKind::AdRecord, &kept, &[index(b)], &[], vec![])?);
    replace_all_uses(result(op), made);
    erase(op);
    Ok(())
}

/// What an `ad.recall` reads where its tensors are kept elsewhere: numbers, and for each tensor its dynamic extents and
/// where it is.
///
/// # Errors
/// If a value is neither a number nor a tensor.
pub fn expanded<'c>(recall: Op<'c>) -> Result<Vec<Type<'c>>> {
    let b = Builder::before(recall);
    let mut types = Vec::new();
    for value in results(recall) {
        let r#type = ValueType::of_value(value)?;
        match r#type.is_tensor() {
            true => types.extend(r#type.dynamic_dimensions().map(|_| index(b)).chain(std::iter::once(index(b)))),
            false => types.push(value.r#type()),
        }
    }
    Ok(types)
}

fn recall(op: Op) -> Result<()> {
    let b = Builder::before(op);
    let types = expanded(op)?;
    let mut kept = results(b.op(OpKind::AdRecall, &operands(op), &types, &[], vec![])?).into_iter();
    let mut next = || kept.next().ok_or_else(|| Diagnostic::internal("internal error: a short record"));
    for value in results(op) {
        let r#type = ValueType::of_value(value)?;
        if !r#type.is_tensor() {
            replace_all_uses(value, next()?);
            continue;
        }
        let extents = r#type.dynamic_dimensions().map(|_| next()).collect::<Result<Vec<_>>>()?;
        let last = next()?;
        let row = Row::of(b, &r#type, &extents)?;
        let zero = b.literal(Literal::number(r#type.dtype, Number::of_f64(0.0, r#type.dtype)))?;
        let nothing = b.broadcast(zero, &[], &row.r#type, &row.open)?;
        let element = r#type.dtype.to_type(b.context());
        let one = ValueType::tensor(r#type.dtype, vec![Some(1)]);
        let each = [b.index(0)?, row.count, b.index(1)?];
        let all = nest(b, &[each], &mut Vec::new(), &[last, nothing], &mut |b, round, carried| {
            let subtract = |x, y| b.op(OpKind::ArithSubI, &[x, y], &[index(b)], &[], vec![]).map(result);
            let place = subtract(subtract(row.count, b.index(1)?)?, round[0])?;
            let kept = results(b.op(OpKind::AdRecall, &carried[..1], &[element, index(b)], &[], vec![])?);
            let update = Parameters::Update { starts: vec![Start::Operand], accumulate: false };
            let x = b.broadcast(kept[0], &[], &one, &[])?;
            Ok(vec![kept[1], b.emit(OpKind::ArrayUpdateSlice, &update, &[carried[1], x, place])?])
        })?;
        replace_all_uses(value, reshaped(b, all[1], &r#type, &extents)?);
    }
    erase(op);
    Ok(())
}
