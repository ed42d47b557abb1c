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
    /// The buffer, or the number.
    pub value: Val<'c>,
    /// The loop along each dimension.
    pub loops: Vec<usize>,
    /// The type of its elements.
    pub dtype: ScalarType,
    /// What an output holds before, where that is one number.
    pub start: Option<Val<'c>>,
    /// Whether the body looks at what is there.
    pub is_read: bool,
}

impl<'c> Operand<'c> {
    /// The operands of a nest; `starts` are those numbers of outputs that are known.
    pub(crate) fn all(k: &Kernel<'c>, nest: &Nest<'c>, starts: &[Option<Val<'c>>]) -> Result<Vec<Self>> {
        (0..nest.accesses.len()).map(|position| Operand::one(k, nest, starts, position)).collect()
    }

    /// One of them.
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

    /// Where its element is at a point.
    pub(crate) fn at(&self, point: &[Val<'c>]) -> Vec<Val<'c>> {
        self.loops.iter().map(|dim| point[*dim]).collect()
    }

    /// Its element at a point, whatever stands for it where nothing reads it.
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

/// The type of an operand's elements.
pub(crate) fn dtype(access: &Access) -> Result<ScalarType> {
    ScalarType::of(access.element)
        .ok_or_else(|| dp_dialects::Diagnostic::unsupported("only buffers of numbers have kernels"))
}

/// The number of a host's extent, in the kernel.
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

/// A quotient of extents that are not negative, by an operation of `arith`; on the host.
pub(crate) fn quotient<'c>(b: &Builder<'c>, name: &str, x: Index<'c>, y: Index<'c>) -> Result<Index<'c>> {
    match (x, y) {
        (x, Index::Known(1)) => Ok(x),
        (Index::Known(x), Index::Known(y)) => {
            Ok(Index::Known(if name == "arith.ceildivui" { x.div_euclid(y) + i64::from(x % y > 0) } else { x / y }))
        }
        (x, y) => dp_loopnest::structured::arith(b, name, x.value(b)?, y.value(b)?).map(Index::Value),
    }
}

/// The lesser of extents, or the greater one; on the host.
pub(crate) fn lesser<'c>(b: &Builder<'c>, name: &str, x: Index<'c>, y: Index<'c>) -> Result<Index<'c>> {
    match (x, y) {
        (Index::Known(x), Index::Known(y)) => Ok(Index::Known(if name == "arith.minui" { x.min(y) } else { x.max(y) })),
        (x, y) => dp_loopnest::structured::arith(b, name, x.value(b)?, y.value(b)?).map(Index::Value),
    }
}

/// A number by an extent: that of the first row whose bound is no less, or another one; on the host.
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

/// An extent, where it is known when the program is compiled.
pub(crate) fn known(extent: Index) -> Option<i64> {
    if let Index::Known(extent) = extent { Some(extent) } else { None }
}

/// The position of a number in a box, the last dimension running fastest. The number is below the box's size.
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

/// Whether vectors of so many elements can be read along the last loop: it is the last dimension of a dense
/// buffer, whose rows begin at multiples of the vector.
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

/// Whether a buffer begins where one was allocated, so at a multiple of every vector.
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
    // An argument of a function; those of loops may be anything.
    let parent =
        dp_dialects::ir::value_block(value).and_then(|block| melior::ir::block::BlockLike::parent_operation(&block));
    parent.is_some_and(|parent| dp_dialects::OpKind::of(parent) == Some(dp_dialects::OpKind::FuncFunc))
}

/// The bytes of a number in memory.
pub(crate) fn bytes(dtype: ScalarType) -> i64 {
    i64::from(dtype.bits().div_ceil(8))
}

/// A row of neighbours, each as a number.
pub(crate) fn load_row<'c>(k: &Kernel<'c>, from: &Operand<'c>, at: &[Val<'c>], lanes: i64) -> Result<Vec<Val<'c>>> {
    let b = k.b();
    if from.dtype == ScalarType::I1 {
        return (0..lanes).map(|lane| k.load(from.value, &beside(k, at, lane)?)).collect();
    }
    let row = vector(element_type(from.value.r#type()), lanes);
    let of: Vec<Val> = std::iter::once(from.value).chain(at.iter().copied()).collect();
    let attributes = [alignment(&b, bytes(from.dtype) * lanes)];
    let row = b.named("vector.load", &of, &[row], &attributes, vec![]).map(result)?;
    (0..lanes).map(|lane| lane_of(&b, row, lane)).collect()
}

/// Numbers as a row of neighbours.
pub(crate) fn store_row<'c>(k: &Kernel<'c>, to: &Operand<'c>, at: &[Val<'c>], numbers: &[Val<'c>]) -> Result<()> {
    let b = k.b();
    let lanes = numbers.len() as i64;
    if to.dtype == ScalarType::I1 {
        return numbers
            .iter()
            .zip(0..)
            .try_for_each(|(number, lane)| k.store(*number, to.value, &beside(k, at, lane)?));
    }
    let row = vector(element_type(to.value.r#type()), lanes);
    let row = b.named("vector.from_elements", numbers, &[row], &[], vec![]).map(result)?;
    let of: Vec<Val> = [row, to.value].into_iter().chain(at.iter().copied()).collect();
    let attributes = [alignment(&b, bytes(to.dtype) * lanes)];
    b.named("vector.store", &of, &[], &attributes, vec![]).map(|_| ())
}

/// So many steps further along the last dimension.
pub(crate) fn beside<'c>(k: &Kernel<'c>, at: &[Val<'c>], lane: i64) -> Result<Vec<Val<'c>>> {
    let mut at = at.to_vec();
    if let (Some(last), true) = (at.last_mut(), lane > 0) {
        *last = k.add(*last, k.index(lane)?)?;
    }
    Ok(at)
}

pub(crate) fn vector<'c>(element: melior::ir::Type<'c>, lanes: i64) -> melior::ir::Type<'c> {
    use melior::ir::TypeLike;
    // SAFETY: the type is that of live numbers, of which vectors are made; the extents outlive the call.
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

/// Whether a number of the kernel is a multiple of a known one.
pub(crate) fn is_multiple<'c>(k: &Kernel<'c>, x: Val<'c>, of: i64) -> Result<Val<'c>> {
    compare(&k.b(), Order::Eq, k.rem(x, k.index(of)?)?, k.index(0)?)
}
