//! The rewriting of a function's buffers to values, in one walk.

use super::liveness::{Carried, identity};
use super::{Access, Buffers, Id};
use dp_dialects::ir::{
    Blk, Op, Val, add_argument, block_ops, constant_integer, defining_op, erase, operands, region_block,
    replace_all_uses, result, results, set_operands, take_blocks,
};
use dp_dialects::types::DYNAMIC;
use dp_dialects::{
    Builder, Diagnostic, ErrorGuaranteed, Literal, MlirType, Number, OpKind, Result, ScalarType, ValueType,
};
use melior::ir::attribute::{Attribute, DenseI32ArrayAttribute, DenseI64ArrayAttribute};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::{RegionLike, Type, ValueLike};

/// A buffer, where it lives.
#[derive(Clone, Copy)]
struct Contents<'c> {
    /// The current contents.
    now: Val<'c>,
    /// The operation that made it has been rewritten to this value, which has its extents.
    first: Val<'c>,
}

/// The state of the walk.
pub(super) struct Rewriter<'b, 'c> {
    buffers: &'b Buffers,
    carried: Carried,
    contents: Vec<Option<Contents<'c>>>,
    /// The contents that were replaced, so that a region can be left.
    replaced: Vec<(Id, Option<Contents<'c>>)>,
    /// Operations that made buffers. They are erased last, when nothing uses them.
    made: Vec<Op<'c>>,
}

impl<'b, 'c> Rewriter<'b, 'c> {
    pub(super) fn new(buffers: &'b Buffers, carried: Carried) -> Self {
        let contents = vec![None; buffers.types.len()];
        Rewriter { buffers, carried, contents, replaced: Vec::new(), made: Vec::new() }
    }

    /// Rewrites a function.
    ///
    /// # Errors
    /// If an access is invalid; this was reported.
    pub(super) fn function(mut self, function: Op<'c>) -> Result<(), ErrorGuaranteed> {
        if let Some(block) = region_block(function, 0) {
            self.block(block)?;
        }
        self.made.into_iter().for_each(erase);
        Ok(())
    }

    fn block(&mut self, block: Blk<'c>) -> Result<(), ErrorGuaranteed> {
        for op in block_ops(block) {
            if op.region_count() > 0 {
                self.regions(op)?;
            } else if let Some(access) = Access::of(op) {
                self.access(op, access).map_err(|diagnostic| diagnostic.report(op.location()))?;
            }
        }
        Ok(())
    }

    /// The buffer that an operand is.
    fn id(&self, op: Op<'c>, index: usize) -> Result<Id> {
        let operand = operands(op).get(index).copied();
        operand.and_then(|operand| self.buffers.id(operand)).ok_or_else(unknown)
    }

    fn contents(&self, id: Id) -> Result<Contents<'c>> {
        self.contents[id].ok_or_else(unknown)
    }

    fn set(&mut self, id: Id, contents: Contents<'c>) {
        self.replaced.push((id, self.contents[id].replace(contents)));
    }

    /// Gives a buffer new contents.
    fn update(&mut self, id: Id, now: Val<'c>) -> Result<()> {
        let first = self.contents(id)?.first;
        self.set(id, Contents { now, first });
        Ok(())
    }

    fn access(&mut self, op: Op<'c>, access: Access) -> Result<()> {
        let b = Builder::before(op);
        match access {
            Access::Make => {
                let id = self.buffers.id(result(op)).ok_or_else(unknown)?;
                let now = self.initial(b, op, id)?;
                self.set(id, Contents { now, first: now });
                self.made.push(op);
                return Ok(());
            }
            Access::Free => {}
            Access::Load => {
                let now = self.contents(self.id(op, 0)?)?.now;
                replace_all_uses(result(op), element(b, now, &operands(op)[1..])?);
            }
            Access::Store => {
                let (id, value) = (self.id(op, 1)?, operands(op)[0]);
                let now = self.contents(id)?.now;
                let indices = &operands(op)[2..];
                let next = match self.buffers.types[id].is_tensor() {
                    true => {
                        let operands = [&[value, now], indices].concat();
                        result(b.named("tensor.insert", &operands, &[now.r#type()], &[], vec![])?)
                    }
                    false => value,
                };
                self.update(id, next)?;
            }
            Access::Dim => {
                let id = self.id(op, 0)?;
                replace_all_uses(result(op), self.extent(b, id, operands(op)[1])?);
            }
            Access::Copy => {
                let (from, to) = (self.id(op, 0)?, self.id(op, 1)?);
                let next = self.copy(b, self.contents(from)?.now, to)?;
                self.update(to, next)?;
            }
            Access::Read => {
                let now = self.contents(self.id(op, 0)?)?.now;
                let r#type = result(op).r#type();
                let tensor = match now.r#type() == r#type {
                    true => now,
                    false => result(b.op(OpKind::TensorFromElements, &[now], &[r#type], &[], vec![])?),
                };
                replace_all_uses(result(op), tensor);
            }
        }
        erase(op);
        Ok(())
    }

    /// The contents that a buffer is made with: those of a tensor, or zeros.
    fn initial(&self, b: Builder<'c>, op: Op<'c>, id: Id) -> Result<Val<'c>> {
        let r#type = &self.buffers.types[id];
        let is_copy = operands(op).first().is_some_and(|operand| !is_index(operand.r#type()));
        match (is_copy, r#type.is_tensor()) {
            (true, true) => Ok(operands(op)[0]),
            (true, false) => element(b, operands(op)[0], &[]),
            (false, true) => {
                b.named("tensor.empty", &operands(op), &[r#type.to_type(b.context())], &[], vec![]).map(result)
            }
            (false, false) if r#type.dtype == ScalarType::Index => b.index(0),
            (false, false) => b.literal(Literal::number(r#type.dtype, Number::of_f64(0.0, r#type.dtype))),
        }
    }

    /// The extent of a buffer in a dimension, which its allocation determines.
    fn extent(&self, b: Builder<'c>, id: Id, dim: Val<'c>) -> Result<Val<'c>> {
        let r#type = &self.buffers.types[id];
        let first = self.contents(id)?.first;
        let Some(constant) = constant_integer(dim) else {
            return b.op(OpKind::TensorDim, &[first, dim], &[dim.r#type()], &[], vec![]).map(result);
        };
        let known = usize::try_from(constant).ok().filter(|dim| *dim < r#type.rank());
        let known = known.ok_or_else(|| {
            let message = format!("dimension {constant} is out of range for rank {}", r#type.rank());
            Diagnostic::invalid(message).help("dimensions count from 0")
        })?;
        // Those of an allocation are its operands.
        let made = defining_op(first).filter(|op| op.name().as_string_ref().as_str() == Ok("tensor.empty"));
        let position = r#type.dynamic_dimensions().position(|dim| dim == known);
        match made.zip(position).and_then(|(made, position)| operands(made).get(position).copied()) {
            Some(extent) => Ok(extent),
            None => b.extent(first, known),
        }
    }

    /// The contents of a buffer after a copy to it. It keeps its extents, so that loops that carry it have derivatives.
    fn copy(&self, b: Builder<'c>, from: Val<'c>, to: Id) -> Result<Val<'c>> {
        let (r#type, now) = (&self.buffers.types[to], self.contents(to)?.now);
        if r#type.is_static() {
            return if from.r#type() == now.r#type() { Ok(from) } else { b.cast(from, r#type) };
        }
        let known = |value: i64| DenseI64ArrayAttribute::new(b.context(), &vec![value; r#type.rank()]).into();
        let sizes: Vec<i64> =
            r#type.extents().iter().map(|extent| extent.map_or(DYNAMIC, |extent| extent as i64)).collect();
        let dynamic = r#type.dynamic_dimensions().count() as i32;
        let segments = DenseI32ArrayAttribute::new(b.context(), &[1, 1, 0, dynamic, 0]);
        let attributes: [(&str, Attribute); 4] = [
            ("static_offsets", known(0)),
            ("static_sizes", DenseI64ArrayAttribute::new(b.context(), &sizes).into()),
            ("static_strides", known(1)),
            ("operandSegmentSizes", segments.into()),
        ];
        let from = match ValueType::of_value(from)? == *r#type {
            true => from,
            false => b.cast(from, r#type)?,
        };
        let operands = [&[from, now], &b.extents(self.contents(to)?.first)?[..]].concat();
        b.named("tensor.insert_slice", &operands, &[now.r#type()], &attributes, vec![]).map(result)
    }

    /// Rewrites an operation with regions.
    fn regions(&mut self, op: Op<'c>) -> Result<(), ErrorGuaranteed> {
        if let Some(carried) = self.carried.remove(&identity(op)) {
            return self.carry(op, &carried);
        }
        for block in (0..op.region_count()).filter_map(|index| region_block(op, index)) {
            let before = self.replaced.len();
            self.block(block)?;
            self.restore(before);
        }
        Ok(())
    }

    /// Forgets the contents that buffers got since there were so many.
    fn restore(&mut self, before: usize) {
        while self.replaced.len() > before {
            if let Some((id, contents)) = self.replaced.pop() {
                self.contents[id] = contents;
            }
        }
    }

    /// Rewrites a branch or a loop that carries buffers.
    fn carry(&mut self, op: Op<'c>, carried: &[Id]) -> Result<(), ErrorGuaranteed> {
        let (made, initial) = self.extended(op, carried).map_err(|diagnostic| diagnostic.report(op.location()))?;
        let is_loop = matches!(OpKind::of(op), Some(OpKind::ScfFor | OpKind::ScfWhile));
        for block in (0..made.region_count()).filter_map(|index| region_block(made, index)) {
            let before = self.replaced.len();
            for (id, contents) in carried.iter().zip(&initial).filter(|_| is_loop) {
                let now = add_argument(block, contents.now.r#type(), made.location());
                self.set(*id, Contents { now, ..*contents });
            }
            self.block(block)?;
            if let Some(last) = block.terminator() {
                let more = carried.iter().filter_map(|id| Some(self.contents[*id]?.now));
                set_operands(last, &operands(last).into_iter().chain(more).collect::<Vec<_>>());
            }
            self.restore(before);
        }
        let all = results(made);
        let (old, new) = all.split_at(results(op).len());
        results(op).into_iter().zip(old).for_each(|(value, made)| replace_all_uses(value, *made));
        for ((id, contents), now) in carried.iter().zip(&initial).zip(new) {
            self.set(*id, Contents { now: *now, ..*contents });
        }
        erase(op);
        Ok(())
    }

    /// The same operation with one more result for each of some buffers, before the operation, whose regions it takes.
    /// Also the contents of the buffers.
    fn extended(&self, op: Op<'c>, carried: &[Id]) -> Result<(Op<'c>, Vec<Contents<'c>>)> {
        let b = Builder::before(op);
        let initial = carried.iter().map(|id| self.contents(*id)).collect::<Result<Vec<_>>>()?;
        let now: Vec<Val> = initial.iter().map(|contents| contents.now).collect();
        let mut regions = Vec::new();
        for region in op.regions() {
            if region.first_block().is_none() {
                let (region, _, inner) = b.region(&[]);
                inner.op(OpKind::ScfYield, &[], &[], &[], vec![])?;
                regions.push(region);
                continue;
            }
            regions.push(take_blocks(region));
        }
        let is_loop = matches!(OpKind::of(op), Some(OpKind::ScfFor | OpKind::ScfWhile));
        let operands = [operands(op), if is_loop { now.clone() } else { Vec::new() }].concat();
        let types: Vec<Type> = results(op).iter().chain(&now).map(|value| value.r#type()).collect();
        let made = b.remake(op, &operands, &types, regions)?;
        Ok((made, initial))
    }
}

fn unknown() -> Diagnostic {
    Diagnostic::invalid("this buffer is poison").help("use buffers that 'memref.alloc' or 'memref.alloca' make")
}

fn is_index(r#type: Type) -> bool {
    ScalarType::of(r#type) == Some(ScalarType::Index)
}

/// An element of a tensor; a scalar is its own element.
fn element<'c>(b: Builder<'c>, contents: Val<'c>, indices: &[Val<'c>]) -> Result<Val<'c>> {
    let r#type = ValueType::of_value(contents)?;
    if !r#type.is_tensor() {
        return Ok(contents);
    }
    let element = r#type.dtype.to_type(b.context());
    b.op(OpKind::TensorExtract, &[&[contents], indices].concat(), &[element], &[], vec![]).map(result)
}
