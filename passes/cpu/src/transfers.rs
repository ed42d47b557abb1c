//! `lower-transfers`: reads and writes of vectors on buffers.

use crate::vectors::retyped;
use dp_dialects::ir::{Op, Val, defining_op, erase, operands, replace_all_uses, result, results, users, walk};
use dp_dialects::types::DYNAMIC;
use dp_dialects::{Builder, Diagnostic, Result};
use dp_loopnest::structured::{ROW, arith, element_type, is_named, segments};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::attribute::DenseI64ArrayAttribute;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::MemRefType;
use melior::ir::{Type, TypeLike, ValueLike};

/// `lower-transfers`.
pub static LOWER_TRANSFERS: Pass = Pass {
    flag: "lower-transfers",
    summary: "lower reads and writes of vectors to loads and stores",
    description: "Takes `vector.transfer_read` and `vector.transfer_write` of vectors that lie within a row of a buffer, and         loads and stores of the first element of a row of complex numbers with a cast to or from vectors of their         parts, which is how `lower-array` reads and writes vectors of tensors. Leaves `vector.load` and         `vector.store`.",
    body: run,
};

const READ: &str = "vector.transfer_read";
const WRITE: &str = "vector.transfer_write";

/// Whether an operation reads or writes a vector.
pub fn is_transfer(op: Op) -> bool {
    is_named(op, READ) || is_named(op, WRITE) || is_row(op)
}

/// Whether an operation is between a complex number and two vectors.
fn is_row(op: Op) -> bool {
    let is_vector = |value: &Val| {
        // SAFETY: the type is that of a live value.
        unsafe { mlir_sys::mlirTypeIsAVector(value.r#type().to_raw()) }
    };
    let are_vectors = |values: Vec<Val>| values.len() == 2 && values.iter().all(is_vector);
    is_named(op, ROW) && (are_vectors(operands(op)) || are_vectors(results(op)))
}

fn run<'c>(module: Op<'c>, _: &NoOptions) -> std::result::Result<(), ErrorGuaranteed> {
    let mut found = Vec::new();
    walk(module, &mut |op| found.extend(is_transfer(op).then_some(op)));
    for op in found {
        lower(op).map_err(|diagnostic| diagnostic.report(op.location()))?;
        erase(op);
    }
    Ok(())
}

fn lower<'c>(op: Op<'c>) -> Result<()> {
    let (b, of) = (Builder::before(op), operands(op));
    if is_named(op, WRITE) {
        return b.named("vector.store", &of, &[], &[], vec![]).map(|_| ());
    }
    match (&of[..], &results(op)[..]) {
        (&[first], &[re, im]) => load_row(first, [re, im]),
        (&[re, im], &[first]) => users(first).into_iter().try_for_each(|store| {
            store_row(store, [re, im])?;
            erase(store);
            Ok(())
        }),
        // The last operand is what lanes outside of the buffer would have.
        (_, &[old]) => {
            let new = b.named("vector.load", &of[..of.len() - 1], &[old.r#type()], &[], vec![]).map(result)?;
            replace_all_uses(old, new);
            Ok(())
        }
        _ => malformed(),
    }
}

fn malformed<T>() -> Result<T> {
    Err(Diagnostic::internal("internal error: a row of complex numbers is neither loaded nor stored"))
}

/// Replaces the parts of a row whose first element is loaded.
fn load_row<'c>(first: Val<'c>, parts: [Val<'c>; 2]) -> Result<()> {
    let Some(load) = defining_op(first).filter(|op| is_named(*op, "memref.load")) else { return malformed() };
    let (b, of) = (Builder::before(load), operands(load));
    let row = Row::of(&b, of[0], &of[1..], parts[0].r#type())?;
    let pairs = b.named("vector.load", &[row.buffer, row.first], &[row.pairs], &[], vec![]).map(result)?;
    for (part, old) in (0..).zip(parts) {
        let lanes = (0..row.lanes).map(|lane| 2 * lane + part).collect();
        let new = shuffled(&b, [pairs; 2], lanes, old.r#type())?;
        replace_all_uses(old, new);
    }
    Ok(())
}

/// Stores a row where its first element is stored.
fn store_row<'c>(store: Op<'c>, parts: [Val<'c>; 2]) -> Result<()> {
    let of = operands(store);
    if !is_named(store, "memref.store") {
        return malformed();
    }
    let b = Builder::before(store);
    let row = Row::of(&b, of[1], &of[2..], parts[0].r#type())?;
    let lanes = (0..row.lanes).flat_map(|lane| [lane, lane + row.lanes]).collect();
    let pairs = shuffled(&b, parts, lanes, row.pairs)?;
    b.named("vector.store", &[pairs, row.buffer, row.first], &[], &[], vec![]).map(|_| ())
}

fn shuffled<'c>(b: &Builder<'c>, of: [Val<'c>; 2], lanes: Vec<i64>, to: Type<'c>) -> Result<Val<'c>> {
    let mask = [("mask", DenseI64ArrayAttribute::new(b.context(), &lanes).into())];
    b.named("vector.shuffle", &of, &[to], &mask, vec![]).map(result)
}

/// A row of complex numbers as real ones.
struct Row<'c> {
    /// All memory of the buffer, as real numbers.
    buffer: Val<'c>,
    /// The place of the real part of the first element.
    first: Val<'c>,
    lanes: i64,
    /// The type of the vector of all parts.
    pairs: Type<'c>,
}

impl<'c> Row<'c> {
    /// The row from an element of a buffer on. A complex number is its real part, followed by its imaginary part.
    fn of(b: &Builder<'c>, buffer: Val<'c>, at: &[Val<'c>], part: Type<'c>) -> Result<Row<'c>> {
        let (context, index) = (b.context(), Type::index(b.context()));
        let number = element_type(buffer.r#type());
        let bare: Type = MemRefType::new(number, &[], None, None).into();
        let types: Vec<Type> = [bare, index].into_iter().chain(vec![index; 2 * at.len()]).collect();
        let known = results(b.named("memref.extract_strided_metadata", &[buffer], &types, &[], vec![])?);
        let mut place = known[1];
        for (at, stride) in at.iter().zip(&known[2 + at.len()..]) {
            place = arith(b, "arith.addi", place, arith(b, "arith.muli", *at, *stride)?)?;
        }
        // SAFETY: the type is a live vector type with one extent.
        let lanes = unsafe { mlir_sys::mlirShapedTypeGetDimSize(part.to_raw(), 0) };
        let end = arith(b, "arith.addi", place, b.index(lanes)?)?;
        let flat: Type = MemRefType::new(number, &[DYNAMIC], None, None).into();
        let list = |values: &[i64]| DenseI64ArrayAttribute::new(context, values).into();
        let attributes = [
            ("static_offsets", list(&[0])),
            ("static_sizes", list(&[DYNAMIC])),
            ("static_strides", list(&[1])),
            segments(context, &[1, 0, 1, 0]),
        ];
        let flat = b.named("memref.reinterpret_cast", &[known[0], end], &[flat], &attributes, vec![]).map(result)?;
        // The types are the same in LLVM, where the cast disappears.
        let reals = retyped(flat.r#type(), element_type(part));
        let buffer = b.named("builtin.unrealized_conversion_cast", &[flat], &[reals], &[], vec![]).map(result)?;
        let shape = [2 * lanes];
        // SAFETY: the element type is a float type, and the shape has one extent.
        let pairs =
            unsafe { Type::from_raw(mlir_sys::mlirVectorTypeGet(1, shape.as_ptr(), element_type(part).to_raw())) };
        Ok(Row { buffer, first: arith(b, "arith.addi", place, place)?, lanes, pairs })
    }
}
