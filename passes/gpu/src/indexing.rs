//! Indexing: the point of a loop nest that a thread computes, and its loads and stores.

use crate::kernel::Kernel;
use dp_dialects::MlirType;
use dp_dialects::ir::{Val, block_args, is_unused, result};
use dp_dialects::{Builder, Result, ScalarType};
use dp_loopnest::checks::{Order, compare};
use dp_loopnest::nest::{Access, Layout, Nest, extents_of};
use dp_loopnest::structured::{Index, element_type, is_buffer};
use melior::ir::ValueLike;

/// An operand of a nest, in a kernel.
pub(crate) struct Operand<'c> {
    /// The buffer or scalar.
    pub value: Val<'c>,
    /// The loop for each dimension.
    pub loops: Vec<usize>,
    /// The element type.
    pub dtype: ScalarType,
    /// The initial value of an output, if it is a known scalar.
    pub start: Option<Val<'c>>,
    /// Whether the body reads the previous value.
    pub is_read: bool,
}

impl<'c> Operand<'c> {
    /// The operands of a nest; `starts` has the known initial values of outputs.
    pub(crate) fn all(k: &Kernel<'c>, nest: &Nest<'c>, starts: &[Option<Val<'c>>]) -> Result<Vec<Self>> {
        (0..nest.accesses.len()).map(|position| Operand::one(k, nest, starts, position)).collect()
    }

    /// One operand.
    pub(crate) fn one(k: &Kernel<'c>, nest: &Nest<'c>, starts: &[Option<Val<'c>>], position: usize) -> Result<Self> {
        let access = &nest.accesses[position];
        let arguments = block_args(nest.body);
        let start = position.checked_sub(nest.inputs).and_then(|output| starts[output]);
        Ok(Operand {
            value: k.capture(access.at.value)?,
            loops: access.at.loops.clone(),
            dtype: dtype(access)?,
            start: start.map(|start| k.capture(start)).transpose()?,
            is_read: !is_unused(arguments[position]),
        })
    }

    /// The indices of its element at a point.
    pub(crate) fn at(&self, point: &[Val<'c>]) -> Vec<Val<'c>> {
        self.loops.iter().map(|dim| point[*dim]).collect()
    }

    /// Its element at a point, or a placeholder if it is not read.
    pub(crate) fn element(&self, k: &Kernel<'c>, point: &[Val<'c>]) -> Result<Val<'c>> {
        if let Some(start) = self.start {
            return Ok(start);
        }
        if !is_buffer(self.value) {
            return Ok(self.value);
        }
        if !self.is_read {
            return k.number(self.dtype, dp_dialects::Number::of_f64(0.0, self.dtype));
        }
        k.load(self.value, &self.at(point))
    }
}

/// The element type of an operand.
pub(crate) fn dtype(access: &Access) -> Result<ScalarType> {
    ScalarType::of(access.element)
        .ok_or_else(|| dp_dialects::Diagnostic::unsupported("only buffers of numbers have kernels"))
}

/// An extent of the host as a kernel value.
pub(crate) fn extent<'c>(k: &Kernel<'c>, extent: Index<'c>) -> Result<Val<'c>> {
    match extent {
        Index::Known(extent) => k.index(extent),
        Index::Value(value) => k.capture(value),
    }
}

/// The product of extents, on the host.
pub(crate) fn product<'c>(b: &Builder<'c>, extents: impl Iterator<Item = Index<'c>>) -> Result<Index<'c>> {
    let mut product = Index::Known(1);
    for extent in extents {
        product = match (product, extent) {
            (Index::Known(x), Index::Known(y)) => Index::Known(x.saturating_mul(y)),
            (Index::Known(1), other) | (other, Index::Known(1)) => other,
            (x, y) => Index::Value(dp_loopnest::structured::arith(b, "arith.muli", x.value(b)?, y.value(b)?)?),
        };
    }
    Ok(product)
}

/// A quotient of nonnegative extents by an `arith` operation, on the host.
pub(crate) fn quotient<'c>(b: &Builder<'c>, name: &str, x: Index<'c>, y: Index<'c>) -> Result<Index<'c>> {
    match (x, y) {
        (x, Index::Known(1)) => Ok(x),
        (Index::Known(x), Index::Known(y)) => {
            Ok(Index::Known(if name == "arith.ceildivui" { x.div_euclid(y) + i64::from(x % y > 0) } else { x / y }))
        }
        (x, y) => dp_loopnest::structured::arith(b, name, x.value(b)?, y.value(b)?).map(Index::Value),
    }
}

/// The minimum or maximum of extents, on the host.
pub(crate) fn lesser<'c>(b: &Builder<'c>, name: &str, x: Index<'c>, y: Index<'c>) -> Result<Index<'c>> {
    match (x, y) {
        (Index::Known(x), Index::Known(y)) => Ok(Index::Known(if name == "arith.minui" { x.min(y) } else { x.max(y) })),
        (x, y) => dp_loopnest::structured::arith(b, name, x.value(b)?, y.value(b)?).map(Index::Value),
    }
}

/// A number selected by an extent: of the first row whose bound is not exceeded, or a default; on the host.
pub(crate) fn pick<'c>(b: &Builder<'c>, extent: Index<'c>, rows: &[(i64, i64)], other: i64) -> Result<Index<'c>> {
    let value = match extent {
        Index::Known(extent) => {
            let row = rows.iter().find(|(bound, _)| extent <= *bound);
            return Ok(Index::Known(row.map_or(other, |(_, number)| *number)));
        }
        Index::Value(value) => value,
    };
    let mut chosen = b.index(other)?;
    for (bound, number) in rows.iter().rev() {
        let fits = compare(b, Order::Ult, value, b.index(*bound + 1)?)?;
        let of = [fits, b.index(*number)?, chosen];
        chosen = b.named("arith.select", &of, &[chosen.r#type()], &[], vec![]).map(result)?;
    }
    Ok(Index::Value(chosen))
}

/// The extent, if static.
pub(crate) fn known(extent: Index) -> Option<i64> {
    if let Index::Known(extent) = extent { Some(extent) } else { None }
}

/// The indices of a linear index in a box, last dimension fastest. The linear index is below the size of the box.
pub(crate) fn position<'c>(k: &Kernel<'c>, mut number: Val<'c>, extents: &[Index<'c>]) -> Result<Vec<Val<'c>>> {
    let mut at = Vec::new();
    for (dim, size) in extents.iter().enumerate().rev() {
        if dim == 0 {
            at.push(number);
        } else if known(*size) == Some(1) {
            at.push(k.index(0)?);
        } else {
            let size = extent(k, *size)?;
            at.push(k.rem(number, size)?);
            number = k.div(number, size)?;
        }
    }
    at.reverse();
    Ok(at)
}

/// Whether vectors of this length can be loaded along the last loop: it is the last dimension of a dense buffer whose
/// rows are aligned.
pub(crate) fn is_row(nest: &Nest, access: &Access, lanes: i64) -> bool {
    let last = nest.reduces.len() - 1;
    match access.position(last) {
        None => true,
        Some(dim) => {
            let rank = access.at.loops.len();
            let begins =
                rank == 1 || extents_of(access.at.value.r#type())[rank - 1].is_some_and(|extent| extent % lanes == 0);
            dim == rank - 1 && access.layout() == Layout::Dense && begins && is_aligned(access.at.value)
        }
    }
}

/// Whether a buffer begins at an allocation, and so is aligned for every vector.
pub(crate) fn is_aligned(mut value: Val) -> bool {
    const SAME: [&str; 3] = ["memref.collapse_shape", "memref.expand_shape", "memref.cast"];
    while let Some(op) = dp_dialects::ir::defining_op(value) {
        if dp_loopnest::structured::is_named(op, "memref.alloc") {
            return true;
        }
        if !SAME.iter().any(|name| dp_loopnest::structured::is_named(op, name)) {
            return false;
        }
        value = dp_dialects::ir::operands(op)[0];
    }
    // A function argument is; a loop argument may be anything.
    let parent =
        dp_dialects::ir::value_block(value).and_then(|block| melior::ir::block::BlockLike::parent_operation(&block));
    parent.is_some_and(|parent| dp_dialects::OpKind::of(parent) == Some(dp_dialects::OpKind::FuncFunc))
}

/// The size of an element in memory, in bytes.
pub(crate) fn bytes(dtype: ScalarType) -> i64 {
    i64::from(dtype.bits().div_ceil(8))
}

/// Loads adjacent elements as scalars.
pub(crate) fn load_row<'c>(k: &Kernel<'c>, from: &Operand<'c>, at: &[Val<'c>], lanes: i64) -> Result<Vec<Val<'c>>> {
    let b = k.b();
    if from.dtype == ScalarType::I1 {
        return (0..lanes).map(|lane| k.load(from.value, &along_row(k, at, lane)?)).collect();
    }
    let row = vector(element_type(from.value.r#type()), lanes);
    let of: Vec<Val> = std::iter::once(from.value).chain(at.iter().copied()).collect();
    let attributes = [alignment(&b, bytes(from.dtype) * lanes)];
    let row = b.named("vector.load", &of, &[row], &attributes, vec![]).map(result)?;
    (0..lanes).map(|lane| lane_of(&b, row, lane)).collect()
}

/// Stores scalars to adjacent elements.
pub(crate) fn store_row<'c>(k: &Kernel<'c>, to: &Operand<'c>, at: &[Val<'c>], numbers: &[Val<'c>]) -> Result<()> {
    let b = k.b();
    let lanes = numbers.len() as i64;
    if to.dtype == ScalarType::I1 {
        return numbers
            .iter()
            .zip(0..)
            .try_for_each(|(number, lane)| k.store(*number, to.value, &along_row(k, at, lane)?));
    }
    let row = vector(element_type(to.value.r#type()), lanes);
    let row = b.named("vector.from_elements", numbers, &[row], &[], vec![]).map(result)?;
    let of: Vec<Val> = [row, to.value].into_iter().chain(at.iter().copied()).collect();
    let attributes = [alignment(&b, bytes(to.dtype) * lanes)];
    b.named("vector.store", &of, &[], &attributes, vec![]).map(|_| ())
}

/// Indices moved along the last dimension.
pub(crate) fn along_row<'c>(k: &Kernel<'c>, at: &[Val<'c>], lane: i64) -> Result<Vec<Val<'c>>> {
    let mut at = at.to_vec();
    if let (Some(last), true) = (at.last_mut(), lane > 0) {
        *last = k.add(*last, k.index(lane)?)?;
    }
    Ok(at)
}

pub(crate) fn vector<'c>(element: melior::ir::Type<'c>, lanes: i64) -> melior::ir::Type<'c> {
    use melior::ir::TypeLike;
    // SAFETY: the type is a live scalar type that vectors can have; the extents outlive the call.
    unsafe { melior::ir::Type::from_raw(mlir_sys::mlirVectorTypeGet(1, &lanes, element.to_raw())) }
}

pub(crate) fn alignment<'c>(b: &Builder<'c>, bytes: i64) -> (&'static str, melior::ir::Attribute<'c>) {
    let i64 = melior::ir::r#type::IntegerType::new(b.context(), 64).into();
    ("alignment", melior::ir::attribute::IntegerAttribute::new(i64, bytes).into())
}

pub(crate) fn lane_of<'c>(b: &Builder<'c>, row: Val<'c>, lane: i64) -> Result<Val<'c>> {
    let position = melior::ir::attribute::DenseI64ArrayAttribute::new(b.context(), &[lane]).into();
    b.named("vector.extract", &[row], &[element_type(row.r#type())], &[("static_position", position)], vec![])
        .map(result)
}

/// Whether a kernel value is a multiple of a constant.
pub(crate) fn is_multiple<'c>(k: &Kernel<'c>, x: Val<'c>, of: i64) -> Result<Val<'c>> {
    compare(&k.b(), Order::Eq, k.rem(x, k.index(of)?)?, k.index(0)?)
}
