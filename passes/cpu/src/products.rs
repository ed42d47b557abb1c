//! `lower-dot`: lowers contractions to calls of matmul kernels.
//!
//! A contraction has four kinds of loops: batch loops, which index all three operands; free loops of A and of B; and
//! contracting loops, which index A and B. Loops of one kind that are adjacent in memory in all operands are collapsed.
//! One loop of each kind, except batch, then forms a matrix multiplication of strided views; the others remain loops
//! around it.

use crate::dot::DotKernel;
use dp_dialects::MlirType;
use dp_dialects::ir::{Op, Val, block_ops, context_of, defining_op, erase, operands, result, results, walk};
use dp_dialects::types::DYNAMIC;
use dp_dialects::{Builder, Diagnostic, FloatModel, License, OpKind, Parameters, Result, ScalarType};
use dp_loopnest::structured::{CONTRACTION, LoopTerm, arith, counted_loop, element_type, is_named, map_terms};
use dp_passes::manager::VectorWidth;
use dp_passes::{ErrorGuaranteed, Pass, pass_options, text};
use melior::ir::attribute::{
    ArrayAttribute, Attribute, DenseI64ArrayAttribute, FlatSymbolRefAttribute, IntegerAttribute,
};
use melior::ir::operation::OperationLike;
use melior::ir::{Type, TypeLike, ValueLike};

/// `lower-dot`.
pub static LOWER_DOT: Pass<DotOptions> = Pass {
    flag: "lower-dot",
    summary: "lower contractions to matmul kernels",
    description: "Takes `linalg.contract` on buffers, and `linalg.generic` with the mark `dp.contraction`, one input of \
        which may be read in windows. Leaves calls of `dp_dot_TYPE`, which is added to the module, on views \
        of the buffers, in loops over the dimensions that a matrix multiplication does not have; also over \
        columns, if a result has no contiguous rows. Floating-point contractions are left alone if the \
        floating-point model fixes the order of sums.",
    body: run,
};

pass_options! {
    /// Options of `lower-dot`.
    pub struct DotOptions {
        "fp" => fp: FloatModel = FloatModel::Reassociate, "the floating-point model";
        "vector-bytes" => vectors: VectorWidth = VectorWidth::Bytes32, "the vector width of the CPU, in bytes";
        "linked" => linked: Vec<String> = Vec::new(), "the kernels that are linked later and only declared here";
    }
}

fn run<'c>(module: Op<'c>, options: &DotOptions) -> Result<(), ErrorGuaranteed> {
    let (model, vector_bytes) = (options.fp, options.vectors.bytes());
    let mut found = Vec::new();
    walk(module, &mut |op| {
        // Kernels sum in blocks, without intermediate rounding.
        let is_contraction = is_named(op, "linalg.contract") || op.has_attribute(CONTRACTION);
        if is_contraction && (!rounds(op) || model.may(License::Reorder) && model.may(License::Contract)) {
            found.push(op);
        }
    });
    let fail = |op: Op, diagnostic: Diagnostic| diagnostic.report(op.location());
    // The called kernels, and whether a call may need the packed variant.
    let mut kernels: Vec<(DotKernel, bool)> = Vec::new();
    for op in found {
        let Some((kernel, packs)) = lower(op, vector_bytes).map_err(|diagnostic| fail(op, diagnostic))? else {
            continue;
        };
        match kernels.iter_mut().find(|(known, _)| *known == kernel) {
            Some((_, known)) => *known |= packs,
            None => kernels.push((kernel, packs)),
        }
    }
    for (kernel, packs) in kernels {
        let text = match packs {
            _ if options.linked.contains(&kernel.symbol()) => kernel.declaration(),
            true => kernel.render(),
            false => kernel.without_packing().render(),
        };
        let text = text::parse(context_of(module), &text, "the matrix product");
        text::append(module, &text.map_err(|diagnostic| fail(module, diagnostic))?);
    }
    Ok(())
}

/// Whether the arithmetic of a contraction rounds.
fn rounds(contraction: Op) -> bool {
    let element = operands(contraction).first().and_then(|operand| ScalarType::of(element_type(operand.r#type())));
    element.is_none_or(|dtype| dtype.is_float() || dtype.is_complex())
}

/// The kind of a loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Batch,
    FreeA,
    FreeB,
    Contract,
}

/// A buffer with its offset, extents and strides as values.
struct Buffer<'c> {
    base: Val<'c>,
    offset: Val<'c>,
    sizes: Vec<Val<'c>>,
    /// The loops that index it.
    terms: Vec<LoopTerm>,
    /// The distance in memory between iterations of each of these loops.
    steps: Vec<Val<'c>>,
    /// Whether the elements are contiguous in row-major order.
    dense: bool,
}

/// Collapsed loops of one kind: the trip count, and the strides in A, B and C (none if not indexed).
struct Group<'c> {
    role: Role,
    count: Val<'c>,
    strides: [Option<Val<'c>>; 3],
}

/// Whether a buffer is contiguous in row-major order.
fn is_dense(r#type: Type) -> bool {
    // SAFETY: the type is that of a live buffer.
    unsafe { mlir_sys::mlirAffineMapIsIdentity(mlir_sys::mlirMemRefTypeGetAffineMap(r#type.to_raw())) }
}

/// Whether the last dimension of a buffer is contiguous.
fn has_contiguous_rows(r#type: Type) -> bool {
    let mut offset = 0;
    // SAFETY: the type is that of a live buffer, and there is room for a stride for each dimension.
    unsafe {
        let rank = mlir_sys::mlirShapedTypeGetRank(r#type.to_raw()) as usize;
        let mut strides = vec![0i64; rank];
        let outcome = mlir_sys::mlirMemRefTypeGetStridesAndOffset(r#type.to_raw(), strides.as_mut_ptr(), &mut offset);
        outcome.value != 0 && strides.last().is_none_or(|stride| *stride == 1)
    }
}

impl<'c> Buffer<'c> {
    fn of(b: &Builder<'c>, value: Val<'c>, terms: Vec<LoopTerm>) -> Result<Self> {
        let context = b.context();
        let index = ScalarType::Index.to_type(context);
        let scalar = melior::ir::r#type::MemRefType::new(element_type(value.r#type()), &[], None, None).into();
        let mut types = vec![scalar];
        let rank = terms.last().map_or(0, |term| term.dim + 1);
        types.extend(vec![index; 1 + 2 * rank]);
        let parts = b.named("memref.extract_strided_metadata", &[value], &types, &[], vec![]).map(results)?;
        let (sizes, strides) = parts[2..].split_at(rank);
        let step = |term: &LoopTerm| match term.factor {
            1 => Ok(strides[term.dim]),
            factor => arith(b, "arith.muli", strides[term.dim], b.index(factor)?),
        };
        let steps = terms.iter().map(step).collect::<Result<Vec<_>>>()?;
        let (base, offset, sizes) = (parts[0], parts[1], sizes.to_vec());
        Ok(Buffer { base, offset, sizes, terms, steps, dense: is_dense(value.r#type()) })
    }

    fn position(&self, of_loop: usize) -> Option<usize> {
        self.terms.iter().position(|term| term.index == of_loop)
    }

    /// Whether the iterations of the second loop fill the distance between iterations of the first.
    fn are_adjacent(&self, before: usize, here: usize) -> bool {
        let (before, here) = (&self.terms[before], &self.terms[here]);
        self.dense && here.whole && before.factor == 1 && here.dim == before.dim + 1
    }

    /// A matrix view of a buffer.
    fn matrix(
        &self,
        b: &Builder<'c>,
        offset: Val<'c>,
        sizes: [Val<'c>; 2],
        strides: [Option<Val<'c>>; 2],
        r#type: &str,
    ) -> Result<Val<'c>> {
        let context = b.context();
        let r#type =
            Type::parse(context, r#type).ok_or_else(|| Diagnostic::internal("internal error: no type of matrices"))?;
        let dynamic = DYNAMIC;
        let known = |values: &[i64]| -> Attribute<'c> { DenseI64ArrayAttribute::new(context, values).into() };
        let written: Vec<i64> = strides.iter().map(|stride| if stride.is_some() { dynamic } else { 1 }).collect();
        let given: Vec<Val> = strides.iter().copied().flatten().collect();
        let attributes = [
            ("static_offsets", known(&[dynamic])),
            ("static_sizes", known(&[dynamic, dynamic])),
            ("static_strides", known(&written)),
            dp_loopnest::structured::segments(context, &[1, 1, 2, given.len()]),
        ];
        let operands: Vec<Val> = [self.base, offset].into_iter().chain(sizes).chain(given).collect();
        b.named("memref.reinterpret_cast", &operands, &[r#type], &attributes, vec![]).map(result)
    }
}

/// Replaces a contraction; returns the kernel, and whether it may pack, or `None` if there is no replacement.
fn lower<'c>(op: Op<'c>, vector_bytes: usize) -> Result<Option<(DotKernel, bool)>> {
    let malformed = || Diagnostic::internal("internal error: a malformed contraction");
    let [x, y, z] = operands(op)[..] else { return Err(malformed()) };
    let dtype = ScalarType::of(element_type(z.r#type())).ok_or_else(malformed)?;
    let Some(kernel) = DotKernel::new(dtype, vector_bytes) else { return Ok(None) };
    let maps = op
        .attribute("indexing_maps")
        .ok()
        .and_then(|maps| ArrayAttribute::try_from(maps).ok())
        .ok_or_else(malformed)?;
    let b = Builder::before(op);
    let mut buffers = Vec::new();
    for (index, value) in [x, y, z].into_iter().enumerate() {
        let terms = maps.element(index).ok().and_then(map_terms).ok_or_else(malformed)?;
        buffers.push(Buffer::of(&b, value, terms)?);
    }
    let groups = groups(&b, &buffers)?;
    let zeroed = groups.iter().filter(|group| group.role == Role::Contract).count() <= 1 && take_fill(op, z);
    let site = Nest { kernel, buffers, groups, zeroed, has_rows: has_contiguous_rows(z.r#type()) };
    site.emit(&b)?;
    let packs = DotKernel::packs(site.most(Role::FreeA, z.r#type())?, site.most(Role::FreeB, z.r#type())?);
    erase(op);
    Ok(Some((kernel, packs)))
}

/// The kind of a loop, from the operands that it indexes.
fn role_of(buffers: &[Buffer], index: usize) -> Result<Role> {
    match [0, 1, 2].map(|operand: usize| buffers[operand].position(index).is_some()) {
        [true, true, true] => Ok(Role::Batch),
        [true, false, true] => Ok(Role::FreeA),
        [false, true, true] => Ok(Role::FreeB),
        [true, true, false] => Ok(Role::Contract),
        _ => Err(Diagnostic::internal("internal error: a loop of a contraction indexes one operand")),
    }
}

/// The loops, collapsed where possible.
fn groups<'c>(b: &Builder<'c>, buffers: &[Buffer<'c>]) -> Result<Vec<Group<'c>>> {
    let count = buffers.iter().flat_map(|buffer| &buffer.terms).map(|term| term.index + 1).max().unwrap_or(0);
    let positions = |index: usize| [0, 1, 2].map(|operand: usize| buffers[operand].position(index));
    let role = |index: usize| role_of(buffers, index);
    let mut groups: Vec<Group> = Vec::new();
    for index in 0..count {
        let here = positions(index);
        // Each loop has the positions of some dimension, at least of the result or of the other operand.
        let whole = |operand: usize| {
            let term = here[operand].map(|term| &buffers[operand].terms[term]).filter(|term| term.whole)?;
            Some(buffers[operand].sizes[term.dim])
        };
        let size = (0..3).find_map(whole);
        let size = size.ok_or_else(|| Diagnostic::internal("internal error: a contraction has a loop of no extent"))?;
        let strides = [0, 1, 2].map(|operand: usize| here[operand].map(|term| buffers[operand].steps[term]));
        let joins = index > 0 && role(index - 1)? == role(index)? && {
            let before = positions(index - 1);
            (0..3).all(|operand| match (before[operand], here[operand]) {
                (None, None) => true,
                (Some(before), Some(here)) => buffers[operand].are_adjacent(before, here),
                _ => false,
            })
        };
        match groups.last_mut().filter(|_| joins) {
            Some(last) => {
                last.count = arith(b, "arith.muli", last.count, size)?;
                last.strides = strides;
            }
            None => groups.push(Group { role: role(index)?, count: size, strides }),
        }
    }
    Ok(groups)
}

/// Removes the zero fill of the result, if only pure operations and other fills are in between.
fn take_fill<'c>(op: Op<'c>, z: Val<'c>) -> bool {
    let Some(block) = op.block() else { return false };
    for candidate in block_ops(block).into_iter().rev().skip_while(|candidate| *candidate != op).skip(1) {
        let name = candidate.name();
        let name = name.as_string_ref();
        match name.as_str() {
            Ok("linalg.fill") => {
                let [value, into] = operands(candidate)[..] else { return false };
                if into == z {
                    let zero = defining_op(value).is_some_and(is_zero);
                    if zero {
                        erase(candidate);
                    }
                    return zero;
                }
            }
            Ok("memref.alloc" | "memref.alloca") => {}
            _ if dp_dialects::ir::is_pure(candidate) => {}
            _ => return false,
        }
    }
    false
}

fn is_zero(op: Op) -> bool {
    if OpKind::of(op) == Some(OpKind::ScalarConstant) {
        let literal = Parameters::of(OpKind::ScalarConstant, op);
        return matches!(literal, Some(Parameters::Constant(literal)) if literal.element(0).is(0.0));
    }
    false
}

/// A matrix product and the loops around it.
struct Nest<'c> {
    kernel: DotKernel,
    buffers: Vec<Buffer<'c>>,
    groups: Vec<Group<'c>>,
    /// Whether the result is overwritten, not added to.
    zeroed: bool,
    /// Whether the rows of the result are contiguous.
    has_rows: bool,
}

impl<'c> Nest<'c> {
    /// The maximum number of rows or columns of a product, if static.
    fn most(&self, role: Role, result: Type<'c>) -> Result<Option<usize>> {
        let mut product = Some(1usize);
        for LoopTerm { index, dim, .. } in &self.buffers[2].terms {
            if role_of(&self.buffers, *index)? == role {
                // SAFETY: the type is that of a live buffer, whose rank is above the dimension.
                let extent = unsafe { mlir_sys::mlirShapedTypeGetDimSize(result.to_raw(), *dim as isize) };
                product = product.zip(usize::try_from(extent).ok()).map(|(product, extent)| product * extent);
            }
        }
        Ok(product)
    }

    fn emit(&self, b: &Builder<'c>) -> Result<()> {
        let last = |role: Role| self.groups.iter().rposition(|group| group.role == role);
        // A single element is a contiguous row.
        let columns = last(Role::FreeB).filter(|_| self.has_rows);
        let inner = [last(Role::FreeA), columns, last(Role::Contract)];
        let outer: Vec<usize> = (0..self.groups.len()).filter(|index| !inner.contains(&Some(*index))).collect();
        let offsets = [0, 1, 2].map(|operand: usize| self.buffers[operand].offset);
        self.nest(b, &outer, inner, offsets)
    }

    fn nest(&self, b: &Builder<'c>, outer: &[usize], inner: [Option<usize>; 3], offsets: [Val<'c>; 3]) -> Result<()> {
        let Some((first, rest)) = outer.split_first() else { return self.product(b, inner, offsets) };
        let group = &self.groups[*first];
        counted_loop(b, group.count, &[], |b, index, _| {
            let mut moved = offsets;
            for (offset, stride) in moved.iter_mut().zip(group.strides) {
                if let Some(stride) = stride {
                    *offset = arith(b, "arith.addi", *offset, arith(b, "arith.muli", index, stride)?)?;
                }
            }
            self.nest(b, rest, inner, moved).map(|()| Vec::new())
        })
        .map(|_| ())
    }

    fn product(&self, b: &Builder<'c>, [i, j, k]: [Option<usize>; 3], [x, y, z]: [Val<'c>; 3]) -> Result<()> {
        let context = b.context();
        let one = b.index(1)?;
        let count = |group: Option<usize>| group.map_or(one, |group| self.groups[group].count);
        let stride = |group: Option<usize>, operand: usize| {
            Some(group.and_then(|group| self.groups[group].strides[operand]).unwrap_or(one))
        };
        let (m, n, k_count) = (count(i), count(j), count(k));
        let (any, rows) = (self.kernel.matrix_type(), self.kernel.rows_type());
        let a = self.buffers[0].matrix(b, x, [m, k_count], [stride(i, 0), stride(k, 0)], &any)?;
        let c = self.buffers[1].matrix(b, y, [k_count, n], [stride(k, 1), stride(j, 1)], &any)?;
        let into = self.buffers[2].matrix(b, z, [m, n], [stride(i, 2), None], &rows)?;
        let i1 = ScalarType::I1.to_type(context);
        let accumulate = IntegerAttribute::new(i1, i64::from(!self.zeroed)).into();
        let accumulate = b.named("arith.constant", &[], &[i1], &[("value", accumulate)], vec![]).map(result)?;
        let callee = FlatSymbolRefAttribute::new(context, &self.kernel.symbol()).into();
        b.named("func.call", &[a, c, into, accumulate], &[], &[("callee", callee)], vec![]).map(|_| ())
    }
}
