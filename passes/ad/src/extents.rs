//! Extents of linear values. A linear value is not there in the transposed
//! program; its extents are those of values that are.

use crate::transpose::Transposer;
use dp_dialects::ir::{Val, defining_op, operands, region_block, results, value_index};
use dp_dialects::parameters::Parameters;
use dp_dialects::types::ValueType;
use dp_dialects::{Builder, Complaint, DType, OpKind};
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;

type Answer<'c> = Result<Val<'c>, Complaint>;

fn unknown<'c>() -> Answer<'c> {
    Err(Complaint::new("the extents of a cotangent cannot be told").hint("give the extents in the types"))
}

impl<'c> Transposer<'c> {
    /// The extents of a value's dynamic dimensions, in order.
    ///
    /// # Errors
    /// Where they depend on what is not there.
    pub fn extents_of(&mut self, builder: Builder<'c>, value: Val<'c>) -> Result<Vec<Val<'c>>, Complaint> {
        let Some(r#type) = ValueType::of(value.r#type()) else { return Ok(Vec::new()) };
        r#type.dynamic_dimensions().map(|dim| self.extent_of(builder, value, dim)).collect()
    }

    /// The extent of a value along one dimension.
    ///
    /// # Errors
    /// Where it depends on what is not there.
    pub fn extent_of(&mut self, builder: Builder<'c>, value: Val<'c>, dim: usize) -> Answer<'c> {
        let Some(r#type) = ValueType::of(value.r#type()) else { return unknown() };
        if let Some(extent) = r#type.extents().get(dim).copied().flatten() {
            return builder.index(extent as i64);
        }
        if let Some(there) = self.available(value) {
            return builder.extent(there, dim);
        }
        if let Some(primal) = self.primal_of(value) {
            return builder.extent(primal, dim);
        }
        let Some(op) = defining_op(value) else { return unknown() };
        let Some(kind) = OpKind::of(op) else { return unknown() };
        let arguments = operands(op);
        let position = r#type.dynamic_dimensions().position(|dynamic| dynamic == dim).unwrap_or(0);
        let parameters = Parameters::of(kind, op).unwrap_or(Parameters::None);
        match (kind, &parameters) {
            (OpKind::ArrayBroadcast | OpKind::ArrayReshape, _) => self.index(builder, arguments[1 + position]),
            (OpKind::ArrayIota, _) => self.index(builder, arguments[position]),
            (OpKind::ArrayPad, _) => self.index(builder, arguments[2 + position]),
            (OpKind::ArraySlice, parameters) => {
                self.index(builder, arguments[1 + parameters.dynamic_starts() + position])
            }
            (OpKind::ArrayTranspose, Parameters::Permutation(permutation)) => {
                self.extent_of(builder, arguments[0], permutation[dim])
            }
            (OpKind::ArrayReduce, Parameters::Reduce { dims, .. }) => {
                let rank = ValueType::of(arguments[0].r#type()).map_or(0, |r#type| r#type.rank());
                let kept: Vec<usize> = (0..rank).filter(|dim| !dims.contains(dim)).collect();
                self.extent_of(builder, arguments[0], kept[dim])
            }
            (OpKind::ArrayConcatenate, Parameters::Dim(along)) if *along == dim => {
                let mut total = builder.index(0)?;
                for x in arguments {
                    let extent = self.extent_of(builder, x, dim)?;
                    let index = DType::Index.to_type(builder.context());
                    total = dp_dialects::ir::result(builder.op(
                        OpKind::ArithAddI,
                        &[total, extent],
                        &[index],
                        &[],
                        vec![],
                    )?);
                }
                Ok(total)
            }
            (OpKind::ArrayDot, Parameters::Dot(dims)) => {
                let rank = |x: Val| ValueType::of(x.r#type()).map_or(0, |r#type| r#type.rank());
                let side_a: Vec<usize> = dims.batch_a.iter().copied().chain(dims.free_a(rank(arguments[0]))).collect();
                match side_a.get(dim) {
                    Some(from) => self.extent_of(builder, arguments[0], *from),
                    None => {
                        let free = dims.free_b(rank(arguments[1]));
                        self.extent_of(builder, arguments[1], free[dim - side_a.len()])
                    }
                }
            }
            (OpKind::ArrayGather, _) => {
                let leading = ValueType::of(arguments[1].r#type()).map_or(0, |r#type| r#type.rank());
                match dim < leading {
                    true => self.extent_of(builder, arguments[1], dim),
                    false => self.extent_of(builder, arguments[0], dim - leading + 1),
                }
            }
            (OpKind::ScfIf, _) => {
                let yielded = region_block(op, 0).and_then(|block| block.terminator());
                match yielded.and_then(|terminator| operands(terminator).get(value_index(value)).copied()) {
                    Some(yielded) => self.extent_of(builder, yielded, dim),
                    None => unknown(),
                }
            }
            // The rest keeps the shape of its tensors: elementwise, `map`, updates, casts.
            _ => {
                let shaped = |x: &Val<'c>| ValueType::of(x.r#type()).is_some_and(|x| x.rank() == r#type.rank());
                let known = arguments.iter().copied().filter(shaped);
                match known.clone().find(|x| self.available(*x).is_some()).or_else(|| known.clone().next()) {
                    Some(x) if results(op).len() == 1 || kind == OpKind::ArrayMap => self.extent_of(builder, x, dim),
                    _ => unknown(),
                }
            }
        }
    }

    /// An index that the linear region uses, or computes from extents.
    fn index(&mut self, builder: Builder<'c>, index: Val<'c>) -> Answer<'c> {
        if let Some(there) = self.available(index) {
            return Ok(there);
        }
        let Some(op) = defining_op(index) else { return unknown() };
        let arguments = operands(op);
        match OpKind::of(op) {
            Some(OpKind::ArithConstant) => Ok(dp_dialects::ir::result(builder.clone_op(op, &[]))),
            Some(OpKind::TensorDim) => {
                match defining_op(arguments[1]).and_then(|op| dp_dialects::ir::i64_attribute(op, "value")) {
                    Some(dim) => self.extent_of(builder, arguments[0], dim as usize),
                    None => unknown(),
                }
            }
            _ => unknown(),
        }
    }
}
