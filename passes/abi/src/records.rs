//! `store-records`: tensors of records are stored on the tape.

use crate::descriptors::AbiBuilder;
use dp_dialects::ir::{
    Op, Val, block_ops, defining_op, erase, operands, replace_all_uses, result, results, value_block, value_index, walk,
};
use dp_dialects::{Builder, Diagnostic, MlirType, OpKind, Result, ScalarType, ValueType};
use dp_loopnest::structured::{arith, buffer_type, extents, is_named};
use dp_passes::records::{expanded, keeps_tensors};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::attribute::Attribute;
use melior::ir::operation::OperationLike;
use melior::ir::{Type, ValueLike};

/// `store-records`.
pub static STORE_RECORDS: Pass = Pass {
    flag: "store-records",
    summary: "store tensors of records on the tape",
    description: "Takes functions on tensors of the host, after `lower-array` and before `lower-entries`. An `ad.record` of a \
        tensor reserves memory of the tape, where the tensor is stored, and keeps its dynamic extents and the address. \
        `ad.recall` reads the tensor where it is. Then all records hold scalars. The memory is reserved before the \
        operation that computes a new tensor, which can then be computed there.",
    body: run,
};

/// Tensors of this many bytes or more begin at a multiple of it.
const LINE: i64 = 64;

/// All memory of a tape begins at a multiple of this.
const WORD: i64 = 8;

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    dp_dialects::ir::context_of(module).get_or_load_dialect("bufferization");
    let mut found = Vec::new();
    walk(module, &mut |op| found.extend(keeps_tensors(op).then_some(op)));
    for op in found {
        let stored = if OpKind::of(op) == Some(OpKind::AdRecord) { record(op) } else { recall(op) };
        stored.map_err(|diagnostic| diagnostic.report(op.location()))?;
    }
    Ok(())
}

fn index<'c>(b: Builder<'c>) -> Type<'c> {
    ScalarType::Index.to_type(b.context())
}

/// The memory of a tensor at an address.
struct Stored<'c> {
    r#type: ValueType,
    /// The dynamic extents.
    open: Vec<Val<'c>>,
    bytes: Val<'c>,
}

impl<'c> Stored<'c> {
    fn of(b: Builder<'c>, r#type: ValueType, open: Vec<Val<'c>>) -> Result<Self> {
        let known = r#type.extents().iter().flatten().product::<u64>() as i64 * r#type.dtype.size() as i64;
        let bytes = open.iter().try_fold(b.index(known)?, |bytes, extent| arith(&b, "arith.muli", bytes, *extent))?;
        Ok(Stored { r#type, open, bytes })
    }

    /// Takes memory of the tape; returns its address.
    fn reserve(&self, b: Builder<'c>) -> Result<Val<'c>> {
        let rounded =
            |x, more, to: i64| arith(&b, "arith.andi", arith(&b, "arith.addi", x, b.index(more)?)?, b.index(-to)?);
        let reserved = |bytes| b.op(OpKind::AdReserve, &[bytes], &[index(b)], &[], vec![]).map(result);
        let whole = rounded(self.bytes, WORD - 1, WORD)?;
        let known: Option<u64> = self.r#type.extents().iter().copied().product();
        if known.is_some_and(|count| count.saturating_mul(self.r#type.dtype.size() as u64) < LINE as u64) {
            return reserved(whole);
        }
        let at = reserved(arith(&b, "arith.addi", whole, b.index(LINE - WORD)?)?)?;
        rounded(at, LINE - WORD, LINE)
    }

    /// The buffer at an address.
    fn buffer(&self, b: Builder<'c>, at: Val<'c>) -> Result<Val<'c>> {
        let abi = AbiBuilder { b };
        let bytes = abi.row_major(abi.pointer(at)?, ScalarType::I8, &[(abi.wide(self.bytes)?, None)])?;
        let of: Vec<Val> = [bytes, b.index(0)?].into_iter().chain(self.open.iter().copied()).collect();
        b.named("memref.view", &of, &[buffer_type(b.context(), &self.r#type)], &[], vec![]).map(result)
    }
}

/// Where memory for a tensor is reserved, and the extents that it has there.
///
/// An operation that fills a new tensor can write to the tape: then it is before this operation. A tensor that the block is
/// given is copied where the block begins. Otherwise it is copied at the record.
fn place<'c>(op: Op<'c>, value: Val<'c>) -> Result<(Builder<'c>, Vec<Val<'c>>)> {
    if let Some((first, empty)) = origin(op, value) {
        return Ok((Builder::before(first).located(op.location()), operands(empty)));
    }
    let block = op.block().filter(|block| defining_op(value).is_none() && value_block(value) == Some(*block));
    let first = block.and_then(|block| block_ops(block).first().copied());
    let b = Builder::before(first.unwrap_or(op)).located(op.location());
    Ok((b, extents(&b, value)?))
}

/// The first operation that computes a tensor, and the empty tensor into which it does. `None` if there is none in the
/// block of the record, or if memory of the tape may be released in between.
fn origin<'c>(record: Op<'c>, value: Val<'c>) -> Option<(Op<'c>, Op<'c>)> {
    let (mut first, mut value) = (None, value);
    loop {
        let op = defining_op(value).filter(|op| op.block() == record.block())?;
        if is_named(op, "tensor.empty") {
            let first: Op = first?;
            let is_between = |op: &Op<'c>| *op != record;
            let between = block_ops(record.block()?).into_iter().skip_while(|op| *op != first).take_while(is_between);
            return (!between.into_iter().any(may_release)).then_some((first, op));
        }
        let name = op.name();
        if !name.as_string_ref().as_str().is_ok_and(|name| name.starts_with("linalg.")) {
            return None;
        }
        // The last operands are the tensors that the results replace.
        first = Some(op);
        value = *operands(op).get(op.operand_count() - op.result_count() + value_index(value))?;
    }
}

/// Whether an operation may release memory of the tape that was reserved before it.
fn may_release(op: Op) -> bool {
    let mut found = false;
    walk(op, &mut |inner| found |= matches!(OpKind::of(inner), Some(OpKind::AdRelease | OpKind::FuncCall)));
    found
}

fn record(op: Op) -> Result<()> {
    let mut kept = Vec::new();
    for value in operands(op) {
        let r#type = ValueType::of_value(value)?;
        if !r#type.is_tensor() {
            kept.push(value);
            continue;
        }
        let (b, open) = place(op, value)?;
        let stored = Stored::of(b, r#type, open)?;
        let at = stored.reserve(b)?;
        let unit = |name| (name, Attribute::unit(b.context()));
        let to = [value, stored.buffer(b, at)?];
        let b = if defining_op(value).is_none() { b } else { Builder::before(op) };
        b.named("bufferization.materialize_in_destination", &to, &[], &[unit("restrict"), unit("writable")], vec![])?;
        kept.extend(stored.open);
        kept.push(at);
    }
    let made = result(Builder::before(op).op(OpKind::AdRecord, &kept, &[results(op)[0].r#type()], &[], vec![])?);
    replace_all_uses(result(op), made);
    erase(op);
    Ok(())
}

fn recall(op: Op) -> Result<()> {
    let b = Builder::before(op);
    let types = expanded(op)?;
    let mut kept = results(b.op(OpKind::AdRecall, &operands(op), &types, &[], vec![])?).into_iter();
    let mut next = || kept.next().ok_or_else(|| Diagnostic::internal("internal error: a short record"));
    for value in results(op) {
        let r#type = ValueType::of_value(value)?;
        let read = match r#type.is_tensor() {
            true => {
                let open = r#type.dynamic_dimensions().map(|_| next()).collect::<Result<Vec<_>>>()?;
                let at = next()?;
                let buffer = Stored::of(b, r#type, open)?.buffer(b, at)?;
                let restricted = [("restrict", Attribute::unit(b.context()))];
                b.named("bufferization.to_tensor", &[buffer], &[value.r#type()], &restricted, vec![]).map(result)?
            }
            false => next()?,
        };
        replace_all_uses(value, read);
    }
    erase(op);
    Ok(())
}
