//! Loads and stores of elements and vectors.

use super::vectorize::{lanes_of, number, splat_constant, vector};
use dp_dialects::ir::{Val, result};
use dp_dialects::{Builder, Result};
use dp_loopnest::nest::Access;
use melior::ir::attribute::{Attribute, IntegerAttribute};
use melior::ir::r#type::IntegerType;
use melior::ir::{Type, TypeLike, ValueLike};

/// The index of each loop; `None` before the loop.
pub(super) type Position<'c> = [Option<Val<'c>>];

/// The indices of an access in its buffer.
fn indices<'c>(b: &Builder<'c>, access: &Access<'c>, at: &Position<'c>) -> Result<Vec<Val<'c>>> {
    access.at.loops.iter().map(|dim| at[*dim].map_or_else(|| b.index(0), Ok)).collect()
}

/// Loads an element.
pub(super) fn load<'c>(b: &Builder<'c>, access: &Access<'c>, at: &Position<'c>) -> Result<Val<'c>> {
    let mut of = vec![access.at.value];
    of.extend(indices(b, access, at)?);
    b.named("memref.load", &of, &[access.element], &[], vec![]).map(result)
}

/// Stores an element.
pub(super) fn store<'c>(b: &Builder<'c>, access: &Access<'c>, at: &Position<'c>, value: Val<'c>) -> Result<()> {
    let mut of = vec![value, access.at.value];
    of.extend(indices(b, access, at)?);
    b.named("memref.store", &of, &[], &[], vec![]).map(|_| ())
}

/// A buffer for vector accesses. Booleans take a byte each in memory, but a bit each in vectors, so they are accessed
/// as bytes.
struct Bytes<'c> {
    value: Val<'c>,
    element: Type<'c>,
    are_booleans: bool,
}

impl<'c> Bytes<'c> {
    fn of(b: &Builder<'c>, access: &Access<'c>) -> Result<Self> {
        let (value, element) = (access.at.value, access.element);
        if element != IntegerType::new(b.context(), 1).into() {
            return Ok(Bytes { value, element, are_booleans: false });
        }
        let i8: Type = IntegerType::new(b.context(), 8).into();
        // The types are the same in LLVM, where the cast disappears.
        let value =
            b.named("builtin.unrealized_conversion_cast", &[value], &[retyped(value.r#type(), i8)], &[], vec![]);
        Ok(Bytes { value: value.map(result)?, element: i8, are_booleans: true })
    }
}

/// The type of a buffer with another element type.
pub(crate) fn retyped<'c>(buffer: Type<'c>, element: Type<'c>) -> Type<'c> {
    // SAFETY: the type is a live buffer type; shape, layout and memory space are its own.
    unsafe {
        let rank = mlir_sys::mlirShapedTypeGetRank(buffer.to_raw());
        let shape: Vec<i64> =
            (0..rank).map(|dim| mlir_sys::mlirShapedTypeGetDimSize(buffer.to_raw(), dim as isize)).collect();
        let layout = mlir_sys::mlirMemRefTypeGetLayout(buffer.to_raw());
        let space = mlir_sys::mlirMemRefTypeGetMemorySpace(buffer.to_raw());
        Type::from_raw(mlir_sys::mlirMemRefTypeGet(element.to_raw(), rank as isize, shape.as_ptr(), layout, space))
    }
}

/// Loads contiguous elements, optionally under a mask.
pub(super) fn load_row<'c>(
    b: &Builder<'c>,
    access: &Access<'c>,
    at: &Position<'c>,
    lanes: usize,
    mask: Option<Val<'c>>,
) -> Result<Val<'c>> {
    let bytes = Bytes::of(b, access)?;
    let r#type = vector(bytes.element, lanes);
    let mut of = vec![bytes.value];
    of.extend(indices(b, access, at)?);
    let zero = || {
        let zero = if bytes.element.is_integer() { "0" } else { "0.0" };
        splat_constant(b, r#type, number(b.context(), bytes.element, zero)?)
    };
    let row = match mask {
        None => b.named("vector.load", &of, &[r#type], &[], vec![]).map(result)?,
        Some(mask) => {
            of.extend([mask, zero()?]);
            b.named("vector.maskedload", &of, &[r#type], &[], vec![]).map(result)?
        }
    };
    if !bytes.are_booleans {
        return Ok(row);
    }
    const NOT_EQUAL: i64 = 1;
    let i64 = IntegerType::new(b.context(), 64).into();
    let predicate: Attribute = IntegerAttribute::new(i64, NOT_EQUAL).into();
    b.named("arith.cmpi", &[row, zero()?], &[vector(access.element, lanes)], &[("predicate", predicate)], vec![])
        .map(result)
}

/// Stores contiguous elements, optionally under a mask.
pub(super) fn store_row<'c>(
    b: &Builder<'c>,
    access: &Access<'c>,
    at: &Position<'c>,
    row: Val<'c>,
    mask: Option<Val<'c>>,
) -> Result<()> {
    let bytes = Bytes::of(b, access)?;
    let row = if bytes.are_booleans {
        let lanes = lanes_of(row);
        b.named("arith.extui", &[row], &[vector(bytes.element, lanes)], &[], vec![]).map(result)?
    } else {
        row
    };
    let indices = indices(b, access, at)?;
    let (name, of): (_, Vec<Val>) = match mask {
        None => ("vector.store", [row, bytes.value].into_iter().chain(indices).collect()),
        Some(mask) => ("vector.maskedstore", std::iter::once(bytes.value).chain(indices).chain([mask, row]).collect()),
    };
    b.named(name, &of, &[], &[], vec![]).map(|_| ())
}
