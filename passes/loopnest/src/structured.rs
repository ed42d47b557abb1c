//! Helpers to read and build `linalg` and `tensor` operations: structured loops over projections, fills, extents,
//! slices.

use dp_dialects::MlirType;
use dp_dialects::Result;
pub use dp_dialects::ir::set_attribute;
use dp_dialects::ir::{Blk, Op, Val, defining_op, operands, region_block, result, results, value_index};
use dp_dialects::types::{DYNAMIC, Extent};
use dp_dialects::{Builder, Diagnostic, ValueType};
use melior::Context;
use melior::ir::attribute::{ArrayAttribute, Attribute, DenseI32ArrayAttribute, DenseI64ArrayAttribute};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::MemRefType;
use melior::ir::{AttributeLike, Type, ValueLike};

/// The affine map `(d0, …) -> (d_i, …)`.
pub fn projection<'c>(context: &'c Context, rank: usize, dims: &[usize]) -> Attribute<'c> {
    // SAFETY: the context is live, and every position is below the rank.
    unsafe {
        let mut expressions: Vec<_> =
            dims.iter().map(|dim| mlir_sys::mlirAffineDimExprGet(context.to_raw(), *dim as isize)).collect();
        let count = expressions.len() as isize;
        let map = mlir_sys::mlirAffineMapGet(context.to_raw(), rank as isize, 0, count, expressions.as_mut_ptr());
        Attribute::from_raw(mlir_sys::mlirAffineMapAttrGet(map))
    }
}

/// The dimensions of a projection; `None` if the map is anything else.
pub fn map_dims(map: Attribute) -> Option<Vec<usize>> {
    // SAFETY: the attribute is live; only maps and dimensions are queried as such.
    unsafe {
        if !mlir_sys::mlirAttributeIsAAffineMap(map.to_raw()) {
            return None;
        }
        let map = mlir_sys::mlirAffineMapAttrGetValue(map.to_raw());
        let position = |index| {
            let expression = mlir_sys::mlirAffineMapGetResult(map, index);
            mlir_sys::mlirAffineExprIsADim(expression)
                .then(|| mlir_sys::mlirAffineDimExprGetPosition(expression) as usize)
        };
        (0..mlir_sys::mlirAffineMapGetNumResults(map)).map(position).collect()
    }
}

/// A dimension of an operand in an indexing map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoopTerm {
    /// The loop.
    pub index: usize,
    /// The dimension of the operand.
    pub dim: usize,
    /// The distance, along the dimension, between iterations of the loop.
    pub factor: i64,
    /// Whether no other loop indexes the dimension, and its iterations are the dimension's positions.
    pub whole: bool,
}

/// The mark of a `linalg.generic` that is a contraction; indexing maps of its inputs may add multiples of loops.
pub const CONTRACTION: &str = "dp.contraction";

/// The operation between the first element of a row of complex numbers, which have no vectors, and the vectors of the real and
/// of the imaginary parts of the row, that are read or written with it. `lower-transfers` reads and writes them.
pub const ROW: &str = "builtin.unrealized_conversion_cast";

/// The loops that an indexing map adds, with constant factors, in the order of the dimensions; `None` for other maps.
pub fn map_terms(map: Attribute) -> Option<Vec<LoopTerm>> {
    let mut terms = Vec::new();
    // SAFETY: the attribute is live, and is queried as a map only if it is one.
    unsafe {
        if !mlir_sys::mlirAttributeIsAAffineMap(map.to_raw()) {
            return None;
        }
        let map = mlir_sys::mlirAffineMapAttrGetValue(map.to_raw());
        for dim in 0..mlir_sys::mlirAffineMapGetNumResults(map) {
            let before = terms.len();
            add_terms(mlir_sys::mlirAffineMapGetResult(map, dim), dim as usize, &mut terms)?;
            let whole = matches!(&terms[before..], [LoopTerm { factor: 1, .. }]);
            terms[before..].iter_mut().for_each(|term| term.whole = whole);
        }
    }
    Some(terms)
}

/// Adds the loops of one expression.
///
/// # Safety
/// The expression is live.
unsafe fn add_terms(expression: mlir_sys::MlirAffineExpr, dim: usize, terms: &mut Vec<LoopTerm>) -> Option<()> {
    // SAFETY: the expression is live, so its parts are; each is queried as the kind that it is.
    unsafe {
        if mlir_sys::mlirAffineExprIsAAdd(expression) {
            add_terms(mlir_sys::mlirAffineBinaryOpExprGetLHS(expression), dim, terms)?;
            return add_terms(mlir_sys::mlirAffineBinaryOpExprGetRHS(expression), dim, terms);
        }
        let (of, factor) = match mlir_sys::mlirAffineExprIsAMul(expression) {
            false => (expression, 1),
            true => {
                let constant = mlir_sys::mlirAffineBinaryOpExprGetRHS(expression);
                if !mlir_sys::mlirAffineExprIsAConstant(constant) {
                    return None;
                }
                let factor = mlir_sys::mlirAffineConstantExprGetValue(constant);
                (mlir_sys::mlirAffineBinaryOpExprGetLHS(expression), factor)
            }
        };
        if !mlir_sys::mlirAffineExprIsADim(of) {
            return None;
        }
        let index = mlir_sys::mlirAffineDimExprGetPosition(of) as usize;
        terms.push(LoopTerm { index, dim, factor, whole: false });
        Some(())
    }
}

/// The attribute with the size of each operand group.
pub fn segments<'c>(context: &'c Context, sizes: &[usize]) -> (&'static str, Attribute<'c>) {
    let sizes: Vec<i32> = sizes.iter().map(|size| *size as i32).collect();
    ("operandSegmentSizes", DenseI32ArrayAttribute::new(context, &sizes).into())
}

/// A value with the loop that indexes each dimension.
#[derive(Clone)]
pub struct Indexed<'c> {
    /// The tensor or buffer.
    pub value: Val<'c>,
    /// The loop for each dimension.
    pub loops: Vec<usize>,
}

impl<'c> Indexed<'c> {
    /// A value indexed by the first loops, in order.
    pub fn identity(value: Val<'c>, rank: usize) -> Self {
        Indexed { value, loops: (0..rank).collect() }
    }
}

/// Whether an operation has this name.
pub fn is_named(op: Op, name: &str) -> bool {
    op.name().as_string_ref().as_str() == Ok(name)
}

/// The identity of an operation, as a key of sets and maps.
pub fn address(op: Op) -> usize {
    op.to_raw().ptr as usize
}

/// All blocks of the regions of an operation.
pub fn all_blocks<'c>(op: Op<'c>) -> Vec<Blk<'c>> {
    let mut all = Vec::new();
    for region in 0..op.region_count() {
        let mut next = region_block(op, region);
        while let Some(block) = next {
            all.push(block);
            // SAFETY: the block lives as long as its operation.
            next = block.next_in_region().map(|next| unsafe { Blk::from_raw(next.to_raw()) });
        }
    }
    all
}

/// An `arith` operation on two values of one type, usually `index`.
pub fn arith<'c>(b: &Builder<'c>, name: &str, x: Val<'c>, y: Val<'c>) -> Result<Val<'c>> {
    b.named(name, &[x, y], &[x.r#type()], &[], vec![]).map(result)
}

/// The element type of a tensor or buffer, or a scalar's own type.
pub fn element_type<'c>(r#type: Type<'c>) -> Type<'c> {
    use melior::ir::TypeLike;
    // SAFETY: the type is live, and shaped if its element type is queried.
    unsafe {
        if mlir_sys::mlirTypeIsAShaped(r#type.to_raw()) {
            Type::from_raw(mlir_sys::mlirShapedTypeGetElementType(r#type.to_raw()))
        } else {
            r#type
        }
    }
}

/// Whether a value is a buffer.
pub fn is_buffer(value: Val) -> bool {
    // SAFETY: the type is that of a live value.
    unsafe { mlir_sys::mlirTypeIsAMemRef(melior::ir::TypeLike::to_raw(&value.r#type())) }
}

/// The type of a row-major buffer for a tensor.
pub fn buffer_type<'c>(context: &'c Context, of: &ValueType) -> Type<'c> {
    let shape: Vec<i64> = of.extents().iter().map(|extent| extent.map_or(DYNAMIC, |extent| extent as i64)).collect();
    MemRefType::new(of.dtype.to_type(context), &shape, None, None).into()
}

/// `linalg.generic`: a nest of `rank` loops, of which `reduced` are reductions. The body takes an element of each input
/// and output, and yields new elements of the outputs. On tensors, the results are the new outputs.
pub fn generic<'c>(
    b: &Builder<'c>,
    rank: usize,
    reduced: &[usize],
    inputs: &[Indexed<'c>],
    outputs: &[Indexed<'c>],
    body: impl FnOnce(&Builder<'c>, &[Val<'c>]) -> Result<Vec<Val<'c>>>,
) -> Result<Vec<Val<'c>>> {
    let context = b.context();
    let all: Vec<&Indexed> = inputs.iter().chain(outputs).collect();
    let elements: Vec<Type> = all.iter().map(|operand| element_type(operand.value.r#type())).collect();
    let (region, arguments, inner) = b.region(&elements);
    let yields = body(&inner, &arguments)?;
    inner.named("linalg.yield", &yields, &[], &[], vec![])?;
    let maps: Vec<Attribute> = all.iter().map(|operand| projection(context, rank, &operand.loops)).collect();
    let kinds = (0..rank).map(|index| iterator(context, reduced.contains(&index))).collect::<Result<Vec<_>>>()?;
    let operands: Vec<Val> = all.iter().map(|operand| operand.value).collect();
    let types: Vec<Type> =
        outputs.iter().map(|output| output.value.r#type()).filter(|r#type| is_tensor(*r#type)).collect();
    let attributes = [
        ("indexing_maps", ArrayAttribute::new(context, &maps).into()),
        ("iterator_types", ArrayAttribute::new(context, &kinds).into()),
        segments(context, &[inputs.len(), outputs.len()]),
    ];
    b.named("linalg.generic", &operands, &types, &attributes, vec![region]).map(results)
}

/// The type of a loop.
pub fn iterator(context: &Context, reduced: bool) -> Result<Attribute<'_>> {
    let kind = if reduced { "reduction" } else { "parallel" };
    Attribute::parse(context, &format!("#linalg.iterator_type<{kind}>"))
        .ok_or_else(|| Diagnostic::internal("internal error: cannot create an iterator type"))
}

fn is_tensor(r#type: Type) -> bool {
    // SAFETY: the type is live.
    unsafe { mlir_sys::mlirTypeIsARankedTensor(melior::ir::TypeLike::to_raw(&r#type)) }
}

/// The index of an enclosing loop.
pub fn loop_index<'c>(b: &Builder<'c>, dim: usize) -> Result<Val<'c>> {
    let context = b.context();
    let i64 = melior::ir::r#type::IntegerType::new(context, 64).into();
    let dim = melior::ir::attribute::IntegerAttribute::new(i64, dim as i64).into();
    b.named("linalg.index", &[], &[Type::index(context)], &[("dim", dim)], vec![]).map(result)
}

/// An uninitialized tensor with these dynamic extents.
pub fn empty<'c>(b: &Builder<'c>, r#type: &ValueType, extents: &[Val<'c>]) -> Result<Val<'c>> {
    b.named("tensor.empty", extents, &[r#type.to_type(b.context())], &[], vec![]).map(result)
}

/// An extent of a tensor, taken from the destination of the operation that defines it, which is often an existing
/// value.
///
/// # Errors
/// If MLIR fails to create an operation.
pub fn extent<'c>(b: &Builder<'c>, mut x: Val<'c>, dim: usize) -> Result<Val<'c>> {
    const WRITERS: [&str; 3] = ["linalg.generic", "linalg.fill", "linalg.contract"];
    while let Some(maker) = defining_op(x) {
        let of = operands(maker);
        if is_named(maker, "tensor.empty") {
            let Some(r#type) = ValueType::of(x.r#type()) else { break };
            match r#type.dynamic_dimensions().position(|dynamic| dynamic == dim) {
                Some(position) => return Ok(of[position]),
                None => break,
            }
        }
        if !WRITERS.iter().any(|name| is_named(maker, name)) {
            break;
        }
        // Destinations come last, in the order of results.
        x = of[of.len() - maker.result_count() + value_index(x)];
    }
    b.extent(x, dim)
}

/// The extents of a tensor's dynamic dimensions, in order; see [`extent`].
///
/// # Errors
/// If MLIR fails to create an operation.
pub fn extents<'c>(b: &Builder<'c>, x: Val<'c>) -> Result<Vec<Val<'c>>> {
    let r#type = ValueType::of(x.r#type()).ok_or_else(|| Diagnostic::internal("only tensors have extents"))?;
    r#type.dynamic_dimensions().map(|dim| extent(b, x, dim)).collect()
}

/// A tensor (or buffer) filled with a scalar.
pub fn fill<'c>(b: &Builder<'c>, value: Val<'c>, into: Val<'c>) -> Result<Val<'c>> {
    let (region, arguments, inner) = b.region(&[value.r#type(), value.r#type()]);
    inner.named("linalg.yield", &arguments[..1], &[], &[], vec![])?;
    let attributes = [segments(b.context(), &[1, 1])];
    b.named("linalg.fill", &[value, into], &[into.r#type()], &attributes, vec![region]).map(result)
}

/// An extent, position or step: a constant or a value.
#[derive(Clone, Copy)]
pub enum Index<'c> {
    /// A constant.
    Known(i64),
    /// A run-time value.
    Value(Val<'c>),
}

impl<'c> Index<'c> {
    /// The value.
    pub fn value(self, b: &Builder<'c>) -> Result<Val<'c>> {
        match self {
            Index::Known(value) => b.index(value),
            Index::Value(value) => Ok(value),
        }
    }

    /// The extent of a tensor along a dimension.
    pub fn extent(b: &Builder<'c>, x: Val<'c>, r#type: &ValueType, dim: usize) -> Result<Self> {
        match r#type.extents()[dim] {
            Some(extent) => Ok(Index::Known(extent as i64)),
            None => extent(b, x, dim).map(Index::Value),
        }
    }
}

/// A strided slice.
pub struct Region<'c> {
    /// Offsets.
    pub offsets: Vec<Index<'c>>,
    /// Extents.
    pub sizes: Vec<Index<'c>>,
    /// Strides.
    pub strides: Vec<i64>,
}

impl<'c> Region<'c> {
    fn parts(&self, b: &Builder<'c>, before: &[usize]) -> (Vec<Val<'c>>, Vec<(&'static str, Attribute<'c>)>) {
        let context = b.context();
        let dynamic = |list: &[Index<'c>]| -> Vec<Val<'c>> {
            list.iter()
                .filter_map(|index| match index {
                    Index::Value(value) => Some(*value),
                    Index::Known(_) => None,
                })
                .collect()
        };
        let written = |list: &[Index<'c>]| -> Attribute<'c> {
            let known = |index: &Index| match index {
                Index::Known(value) => *value,
                Index::Value(_) => DYNAMIC,
            };
            DenseI64ArrayAttribute::new(context, &list.iter().map(known).collect::<Vec<_>>()).into()
        };
        let (offsets, sizes) = (dynamic(&self.offsets), dynamic(&self.sizes));
        let counts: Vec<usize> = before.iter().copied().chain([offsets.len(), sizes.len(), 0]).collect();
        let attributes = vec![
            ("static_offsets", written(&self.offsets)),
            ("static_sizes", written(&self.sizes)),
            ("static_strides", DenseI64ArrayAttribute::new(context, &self.strides).into()),
            segments(context, &counts),
        ];
        (offsets.into_iter().chain(sizes).collect(), attributes)
    }

    /// Whether a slice is known to be empty: by its sizes, or because the tensor is empty or ends before the slice (a
    /// check has rejected it otherwise). MLIR rejects slices that begin at the end of a tensor.
    fn is_empty(&self, whole: Val<'c>) -> bool {
        let whole = ValueType::of(whole.r#type());
        let extents = whole.iter().flat_map(|whole| whole.extents());
        let is_outside = |(offset, extent): (&Index, &Extent)| match (offset, extent) {
            (_, Some(0)) => true,
            (Index::Known(offset), Some(extent)) => *offset >= *extent as i64,
            (Index::Known(_) | Index::Value(_), _) => false,
        };
        self.sizes.iter().any(|size| matches!(size, Index::Known(0)))
            || self.offsets.iter().zip(extents).any(is_outside)
    }

    /// Extracts the slice; leading dimensions of extent 1 may be dropped.
    pub fn extract(&self, b: &Builder<'c>, x: Val<'c>, r#type: &ValueType) -> Result<Val<'c>> {
        if self.is_empty(x) {
            let dropped = self.sizes.len() - r#type.rank();
            let dims = r#type.dynamic_dimensions().map(|dim| self.sizes[dropped + dim].value(b));
            return empty(b, r#type, &dims.collect::<Result<Vec<_>>>()?);
        }
        let (indices, attributes) = self.parts(b, &[1]);
        let operands: Vec<Val> = std::iter::once(x).chain(indices).collect();
        b.named("tensor.extract_slice", &operands, &[r#type.to_type(b.context())], &attributes, vec![]).map(result)
    }

    /// Inserts a tensor at the slice.
    pub fn insert(&self, b: &Builder<'c>, update: Val<'c>, into: Val<'c>) -> Result<Val<'c>> {
        if self.is_empty(into) {
            return Ok(into);
        }
        let (indices, attributes) = self.parts(b, &[1, 1]);
        let operands: Vec<Val> = [update, into].into_iter().chain(indices).collect();
        b.named("tensor.insert_slice", &operands, &[into.r#type()], &attributes, vec![]).map(result)
    }
}

/// A loop `for i in 0..count` with carried values.
pub fn counted_loop<'c>(
    b: &Builder<'c>,
    count: Val<'c>,
    carried: &[Val<'c>],
    body: impl FnOnce(&Builder<'c>, Val<'c>, &[Val<'c>]) -> Result<Vec<Val<'c>>>,
) -> Result<Vec<Val<'c>>> {
    stepped_loop(b, [b.index(0)?, count, b.index(1)?], carried, body)
}

/// A loop over `from, from + step, …` below `to` with carried values; the range is `[from, to, step]`.
pub fn stepped_loop<'c>(
    b: &Builder<'c>,
    range: [Val<'c>; 3],
    carried: &[Val<'c>],
    body: impl FnOnce(&Builder<'c>, Val<'c>, &[Val<'c>]) -> Result<Vec<Val<'c>>>,
) -> Result<Vec<Val<'c>>> {
    let types: Vec<Type> = carried.iter().map(|value| value.r#type()).collect();
    let arguments: Vec<Type> = std::iter::once(range[0].r#type()).chain(types.iter().copied()).collect();
    let (region, arguments, inner) = b.region(&arguments);
    let next = body(&inner, arguments[0], &arguments[1..])?;
    inner.named("scf.yield", &next, &[], &[], vec![])?;
    let operands: Vec<Val> = range.into_iter().chain(carried.iter().copied()).collect();
    b.named("scf.for", &operands, &types, &[], vec![region]).map(results)
}
