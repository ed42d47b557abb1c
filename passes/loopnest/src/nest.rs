//! A structured operation on buffers, as a loop nest.

use crate::structured::{Index, Indexed, element_type, is_buffer, map_dims};
use dp_dialects::ir::{Blk, Op, Val, block_ops, operands, region_block, result};
use dp_dialects::types::DYNAMIC;
use dp_dialects::{Builder, Result};
use melior::ir::attribute::{ArrayAttribute, Attribute, IntegerAttribute};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::{IntegerType, MemRefType};
use melior::ir::{Type, TypeLike, ValueLike};

/// An operand: a buffer with the loops that index it, or a scalar.
#[derive(Clone)]
pub struct Access<'c> {
    /// The buffer with the loop for each dimension; a scalar has none.
    pub at: Indexed<'c>,
    /// Whether it is a buffer.
    pub is_buffer: bool,
    /// The element type.
    pub element: Type<'c>,
}

/// A loop nest around a body.
pub struct Nest<'c> {
    /// The operation.
    pub op: Op<'c>,
    /// Inputs, then outputs.
    pub accesses: Vec<Access<'c>>,
    /// The number of inputs.
    pub inputs: usize,
    /// Whether each loop is a reduction.
    pub reduces: Vec<bool>,
    /// The trip counts.
    pub extents: Vec<Index<'c>>,
    /// The body: one argument per access, one yielded value per output.
    pub body: Blk<'c>,
}

/// What the type of a buffer tells about its layout.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layout {
    /// Any strides.
    Strided,
    /// Rows are contiguous.
    Rows,
    /// Row-major and contiguous.
    Dense,
}

impl Layout {
    /// The layout of a type.
    pub fn of(r#type: Type) -> Self {
        let mut offset = 0;
        // SAFETY: the type is a live buffer type, and there is room for one stride per dimension.
        unsafe {
            if mlir_sys::mlirAffineMapIsIdentity(mlir_sys::mlirMemRefTypeGetAffineMap(r#type.to_raw())) {
                return Layout::Dense;
            }
            let mut strides = vec![0i64; mlir_sys::mlirShapedTypeGetRank(r#type.to_raw()) as usize];
            let known = mlir_sys::mlirMemRefTypeGetStridesAndOffset(r#type.to_raw(), strides.as_mut_ptr(), &mut offset);
            if known.value != 0 && strides.last() == Some(&1) { Layout::Rows } else { Layout::Strided }
        }
    }
}

/// The extents of a buffer type.
pub fn extents_of(r#type: Type) -> Vec<Option<i64>> {
    // SAFETY: the type is live and ranked, and every dimension is below the rank.
    unsafe {
        if !mlir_sys::mlirTypeIsAShaped(r#type.to_raw()) || !mlir_sys::mlirShapedTypeHasRank(r#type.to_raw()) {
            return Vec::new();
        }
        let rank = mlir_sys::mlirShapedTypeGetRank(r#type.to_raw());
        let extent = |dim| mlir_sys::mlirShapedTypeGetDimSize(r#type.to_raw(), dim as isize);
        (0..rank).map(extent).map(|extent| (extent != DYNAMIC).then_some(extent)).collect()
    }
}

impl<'c> Nest<'c> {
    /// Reads `linalg.generic` or `linalg.fill` on buffers; `None` if it is not a plain nest. A generic without loops is
    /// accepted.
    pub fn read(op: Op<'c>) -> Result<Option<Self>> {
        let name = op.name();
        let is_fill = match name.as_string_ref().as_str() {
            Ok("linalg.generic") => false,
            Ok("linalg.fill") => true,
            _ => return Ok(None),
        };
        let (Some(body), true) = (region_block(op, 0), op.result_count() == 0) else { return Ok(None) };
        let Some(outputs) = body.terminator().map(|last| last.operand_count()) else { return Ok(None) };
        let values = operands(op);
        let mut accesses = Vec::new();
        for (index, value) in values.iter().enumerate() {
            let is_buffer = is_buffer(*value);
            let loops = match maps(op) {
                Some(maps) => maps.element(index).ok().and_then(map_dims),
                None => Some((0..if is_buffer { extents_of(value.r#type()).len() } else { 0 }).collect()),
            };
            let Some(loops) = loops else { return Ok(None) };
            accesses.push(Access {
                at: Indexed { value: *value, loops },
                is_buffer,
                element: element_type(value.r#type()),
            });
        }
        let reduces: Vec<bool> = if is_fill {
            vec![false; accesses.last().map_or(0, |out| out.at.loops.len())]
        } else {
            let Some(kinds) = op.attribute("iterator_types").ok().and_then(|list| ArrayAttribute::try_from(list).ok())
            else {
                return Ok(None);
            };
            (0..kinds.len())
                .filter_map(|index| kinds.element(index).ok())
                .map(|kind| kind.to_string().contains("reduction"))
                .collect()
        };
        let b = Builder::before(op);
        let mut extents = Vec::new();
        for dim in 0..reduces.len() {
            let Some(extent) = extent(&b, &accesses, dim)? else { return Ok(None) };
            extents.push(extent);
        }
        Ok(Some(Nest { op, inputs: values.len() - outputs, accesses, reduces, extents, body }))
    }

    /// The output accesses.
    pub fn outputs(&self) -> &[Access<'c>] {
        &self.accesses[self.inputs..]
    }

    /// Whether the body uses loop indices.
    pub fn uses_indices(&self) -> bool {
        block_ops(self.body).iter().any(|op| op.name().as_string_ref().as_str() == Ok("linalg.index"))
    }

    /// Merges adjacent loops over contiguous memory, so that short rows fill vectors.
    pub fn collapse(&mut self) -> Result<()> {
        if self.uses_indices() {
            return Ok(());
        }
        let mut dim = 0;
        while dim + 1 < self.reduces.len() {
            let counts = match (self.extents[dim], self.extents[dim + 1]) {
                // MLIR infers 0 for the product even if the other extent is dynamic, and rejects a type with `?`.
                (Index::Known(0), _) | (_, Index::Known(0)) => false,
                (Index::Known(x), Index::Known(y)) => x.checked_mul(y).is_some(),
                (Index::Known(_) | Index::Value(_), _) => true,
            };
            let is_one_kind = self.reduces[dim] == self.reduces[dim + 1];
            if counts && is_one_kind && self.accesses.iter().all(|access| access.merges(dim)) {
                self.merge(dim)?;
            } else {
                dim += 1;
            }
        }
        Ok(())
    }

    /// Merges loops `dim` and `dim + 1`.
    fn merge(&mut self, dim: usize) -> Result<()> {
        let b = Builder::before(self.op);
        for access in &mut self.accesses {
            if let Some(position) = access.position(dim) {
                access.at.value = collapse(&b, access.at.value, position)?;
                access.at.loops.remove(position + 1);
            }
            for of in access.at.loops.iter_mut().filter(|of| **of > dim) {
                *of -= 1;
            }
        }
        let inner = self.extents.remove(dim + 1);
        self.extents[dim] = match (self.extents[dim], inner) {
            (Index::Known(x), Index::Known(y)) => Index::Known(x * y),
            (x, y) => {
                let (x, y) = (x.value(&b)?, y.value(&b)?);
                Index::Value(b.named("arith.muli", &[x, y], &[x.r#type()], &[], vec![]).map(result)?)
            }
        };
        self.reduces.remove(dim + 1);
        Ok(())
    }
}

fn maps<'c>(op: Op<'c>) -> Option<ArrayAttribute<'c>> {
    op.attribute("indexing_maps").ok().and_then(|maps| ArrayAttribute::try_from(maps).ok())
}

/// The trip count of a loop, from the first buffer that it indexes; static if any is.
fn extent<'c>(b: &Builder<'c>, accesses: &[Access<'c>], dim: usize) -> Result<Option<Index<'c>>> {
    let mut found = None;
    for access in accesses {
        let Some(position) = access.position(dim) else { continue };
        match extents_of(access.at.value.r#type())[position] {
            Some(extent) => return Ok(Some(Index::Known(extent))),
            None => found = found.or(Some((access.at.value, position))),
        }
    }
    let Some((value, position)) = found else { return Ok(None) };
    let position = b.index(position as i64)?;
    let extent = b.named("memref.dim", &[value, position], &[Type::index(b.context())], &[], vec![]).map(result)?;
    Ok(Some(Index::Value(extent)))
}

impl<'c> Access<'c> {
    /// The dimension that a loop indexes, if any.
    pub fn position(&self, dim: usize) -> Option<usize> {
        self.at.loops.iter().position(|of| *of == dim)
    }

    /// The layout of the buffer.
    pub fn layout(&self) -> Layout {
        Layout::of(self.at.value.r#type())
    }

    /// Whether loops `dim` and `dim + 1` access it as a single loop would.
    fn merges(&self, dim: usize) -> bool {
        match (self.position(dim), self.position(dim + 1)) {
            (None, None) => true,
            (Some(outer), Some(inner)) => inner == outer + 1 && self.layout() == Layout::Dense,
            _ => false,
        }
    }
}

/// Collapses dimensions `at` and `at + 1` of a dense buffer.
fn collapse<'c>(b: &Builder<'c>, value: Val<'c>, at: usize) -> Result<Val<'c>> {
    let context = b.context();
    let mut extents = extents_of(value.r#type());
    let i64 = IntegerType::new(context, 64).into();
    let number = |dim: usize| -> Attribute { IntegerAttribute::new(i64, dim as i64).into() };
    let groups: Vec<Attribute> = (0..extents.len())
        .filter(|dim| *dim != at + 1)
        .map(|dim| {
            let members = if dim == at { vec![number(dim), number(dim + 1)] } else { vec![number(dim)] };
            ArrayAttribute::new(context, &members).into()
        })
        .collect();
    let inner = extents.remove(at + 1);
    extents[at] = extents[at].zip(inner).map(|(x, y)| x * y);
    let extents: Vec<i64> = extents.into_iter().map(|extent| extent.unwrap_or(DYNAMIC)).collect();
    let r#type = MemRefType::new(element_type(value.r#type()), &extents, None, None).into();
    let reassociation = [("reassociation", ArrayAttribute::new(context, &groups).into())];
    b.named("memref.collapse_shape", &[value], &[r#type], &reassociation, vec![]).map(result)
}
