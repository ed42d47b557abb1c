//! The size of a buffer in bytes: a constant times extents.

use dp_abi::OUT_OF_MEMORY;
use dp_dialects::MlirType;
use dp_dialects::ir::{Op, Val, key, operands, result};
use dp_dialects::types::DYNAMIC;
use dp_dialects::{Builder, Diagnostic, Result, ScalarType, ValueType};
use dp_loopnest::checks::{Order, compare, require};
use dp_loopnest::structured::{arith, element_type};
use melior::ir::{Type, TypeLike, ValueLike};

/// The maximum size in bytes: the address space of a process; sums of sizes do not overflow.
pub const MOST: u64 = 1 << 47;

/// The size `bytes · Π factors`.
#[derive(Clone, Debug)]
pub struct Size<'c> {
    /// The constant factor.
    pub bytes: u64,
    /// Dynamic extents, in any order.
    pub factors: Vec<Val<'c>>,
}

impl<'c> Size<'c> {
    /// The size of a `memref.alloc`; `None` if it is not row-major, has other elements than numbers, or exceeds the
    /// address space.
    pub fn of(alloc: Op<'c>) -> Option<Self> {
        let r#type = result(alloc).r#type();
        let element = ValueType::of(element_type(r#type)).filter(|element| !element.is_tensor())?.dtype;
        let bytes = u64::from(element.bits().div_ceil(8));
        let known = |extent: &i64| *extent != DYNAMIC;
        let count = |product: u64, extent: i64| product.checked_mul(u64::try_from(extent).ok()?);
        let bytes = row_major_extents(r#type)?.into_iter().filter(known).try_fold(bytes, count)?;
        (bytes <= MOST).then(|| Size { bytes, factors: operands(alloc) })
    }

    /// Whether two sizes have the same dynamic factors.
    pub(crate) fn is_like(&self, other: &Size<'c>) -> bool {
        let sorted = |size: &Size| {
            let mut keys: Vec<usize> = size.factors.iter().map(|factor| key(*factor)).collect();
            keys.sort_unstable();
            keys
        };
        sorted(self) == sorted(other)
    }

    /// The number of bytes, and whether it is at most `most`; if not, the number may have overflowed. A negative extent
    /// counts as too large.
    pub(crate) fn value(&self, b: &Builder<'c>, most: u64) -> Result<(Val<'c>, Val<'c>)> {
        let (count, fits) = product(b, &self.factors, most / self.bytes.max(1))?;
        Ok((scaled(b, count, self.bytes)?, fits))
    }
}

/// The size of an allocation, after an overflow check.
pub fn counted<'c>(b: &Builder<'c>, op: Op<'c>) -> Result<Val<'c>> {
    let size = Size::of(op).ok_or_else(|| too_large(result(op).r#type()))?;
    if size.factors.is_empty() {
        return b.index(size.bytes as i64);
    }
    let (bytes, fits) = size.value(b, MOST)?;
    require(b, fits, OUT_OF_MEMORY)?;
    Ok(bytes)
}

/// The diagnostic for a buffer whose static extents exceed the address space.
pub fn too_large(r#type: Type) -> Diagnostic {
    Diagnostic::limit(format!("a buffer of type {type} is too large for the address space")).help("use smaller extents")
}

/// The extents of a row-major buffer.
pub(crate) fn row_major_extents(r#type: Type) -> Option<Vec<i64>> {
    // SAFETY: the type is live, and is queried only for what it has.
    unsafe {
        let raw = r#type.to_raw();
        let dense = mlir_sys::mlirTypeIsAMemRef(raw)
            && mlir_sys::mlirAffineMapIsIdentity(mlir_sys::mlirMemRefTypeGetAffineMap(raw));
        let rank = dense.then(|| mlir_sys::mlirShapedTypeGetRank(raw) as isize)?;
        Some((0..rank).map(|dim| mlir_sys::mlirShapedTypeGetDimSize(raw, dim)).collect())
    }
}

/// `x` times a constant.
pub(crate) fn scaled<'c>(b: &Builder<'c>, x: Val<'c>, by: u64) -> Result<Val<'c>> {
    if by == 1 { Ok(x) } else { arith(b, "arith.muli", x, b.index(by as i64)?) }
}

/// The product of extents, and whether it is at most `most`, which is below 2^63.
///
/// The product of two 64-bit integers has 128 bits, of which the upper 64 must be 0.
pub(crate) fn product<'c>(b: &Builder<'c>, factors: &[Val<'c>], most: u64) -> Result<(Val<'c>, Val<'c>)> {
    let (i64, i1) = (ScalarType::I64.to_type(b.context()), ScalarType::I1.to_type(b.context()));
    let bound = b.index(most as i64 + 1)?;
    let (mut count, rest) = match factors.split_first() {
        Some((first, rest)) => (*first, rest),
        None => (b.index(1)?, factors),
    };
    let mut fits = Vec::new();
    for factor in rest {
        let wide = |value| cast(b, value, i64);
        let both = b.named("arith.mului_extended", &[wide(count)?, wide(*factor)?], &[i64, i64], &[], vec![])?;
        let [low, high] = dp_dialects::ir::results(both)[..] else { continue };
        count = cast(b, low, ScalarType::Index.to_type(b.context()))?;
        fits.push(compare(b, Order::Eq, cast(b, high, ScalarType::Index.to_type(b.context()))?, b.index(0)?)?);
    }
    let small = compare(b, Order::Ult, count, bound)?;
    let fits = fits
        .into_iter()
        .try_fold(small, |all, one| b.named("arith.andi", &[all, one], &[i1], &[], vec![]).map(result))?;
    Ok((count, fits))
}

fn cast<'c>(b: &Builder<'c>, value: Val<'c>, to: Type<'c>) -> Result<Val<'c>> {
    b.named("arith.index_cast", &[value], &[to], &[], vec![]).map(result)
}
