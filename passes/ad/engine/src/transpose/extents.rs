//! Extents of linear values as indices. Linear values do not exist in the transposed program, so their extents are
//! computed from those of existing values: the primal values at which the map was taken, and residuals.
//!
//! An extent is read once, right after its tensor is defined, so that the extent is saved and not the tensor.

use super::Transposer;
use super::calls::Told;
use crate::construct::choose;
use dp_dialects::MlirType;
use dp_dialects::ir::{
    Op, Val, constant_integer, defining_op, key, operands, region_block, result, symbol_attribute, users, value_index,
};
use dp_dialects::marks::{CHANGES_EXTENTS, SHOWS_EXTENTS};
use dp_dialects::ops::Source;
use dp_dialects::types::ValueType;
use dp_dialects::{Builder, Diagnostic, OpKind, Result, ScalarType};
use dp_extents::carried::carried_in;
use dp_extents::loops::Loop;
use dp_extents::{is_tensor, source};
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;

fn unknown(why: &str) -> Diagnostic {
    Diagnostic::unsupported(format!("the extents of a cotangent cannot be told: {why}"))
        .help("give the extents in the types, or ask for the derivative outside of the region")
}

impl<'c> Transposer<'c> {
    /// The extents of a value's dynamic dimensions, in order.
    ///
    /// # Errors
    /// If they depend on values that do not exist in the transposed program.
    pub fn extents_of(&mut self, builder: Builder<'c>, value: Val<'c>) -> Result<Vec<Val<'c>>> {
        let Some(r#type) = ValueType::of(value.r#type()) else { return Ok(Vec::new()) };
        r#type.dynamic_dimensions().map(|dim| self.extent_of(builder, value, dim)).collect()
    }

    /// The extent of a value along one dimension.
    ///
    /// # Errors
    /// If it depends on values that do not exist in the transposed program.
    pub fn extent_of(&mut self, builder: Builder<'c>, value: Val<'c>, dim: usize) -> Result<Val<'c>> {
        let r#type = ValueType::of_value(value)?;
        if let Some(extent) = r#type.extents().get(dim).copied().flatten() {
            return builder.index(extent as i64);
        }
        if let Some(there) = self.available(value).or_else(|| self.primal_of(value)) {
            return self.asked_for(builder, there, dim);
        }
        if let Some((op, at)) = carried_in(value) {
            if CHANGES_EXTENTS.is_on(op) {
                return self.shown(builder, value, dim);
            }
            return self.extent_of(builder, operands(op)[op.operand_count() - op.result_count() + at], dim);
        }
        let op = defining_op(value).ok_or_else(|| unknown("it is an argument of a region"))?;
        let kind = OpKind::of(op).ok_or_else(|| unknown("an operation is not known"))?;
        let arguments = operands(op);
        match source(kind, op, &r#type, dim) {
            Source::Operand(operand, dim) => self.extent_of(builder, arguments[operand], dim),
            Source::Both(a, b) => match self.is_linear(arguments[0]) {
                true => self.extent_of(builder, arguments[0], a),
                false => self.extent_of(builder, arguments[1], b),
            },
            Source::Agreed => {
                let tensors = || arguments.iter().copied().filter(is_tensor);
                let told = tensors().find(|x| self.is_linear(*x)).or_else(|| tensors().next());
                let told = told.ok_or_else(|| unknown("an operation uses no tensor"))?;
                self.extent_of(builder, told, dim)
            }
            Source::Index(operand) => self.index(builder, arguments[operand]),
            Source::Sum => {
                let mut total = builder.index(0)?;
                for x in arguments {
                    let extent = self.extent_of(builder, x, dim)?;
                    let index = ScalarType::Index.to_type(builder.context());
                    total = result(builder.op(OpKind::ArithAddI, &[total, extent], &[index], &[], vec![])?);
                }
                Ok(total)
            }
            Source::Carried if CHANGES_EXTENTS.is_on(op) => self.shown(builder, value, dim),
            Source::Carried => {
                let initial = Loop::of(op).and_then(|looped| looped.initial_of(value_index(value)));
                self.extent_of(builder, initial.ok_or_else(|| unknown("a loop computes them"))?, dim)
            }
            Source::Yielded => self.of_taken(builder, op, value_index(value), dim),
            Source::Own if kind == OpKind::FuncCall => self.of_called(builder, op, value_index(value), dim),
            Source::Own => Err(unknown("its operation alone knows them")),
        }
    }

    /// The extent of a value that a loop carries or returns, by the operation that shows it.
    fn shown(&mut self, builder: Builder<'c>, value: Val<'c>, dim: usize) -> Result<Val<'c>> {
        let shows = users(value).into_iter().find(|user| SHOWS_EXTENTS.is_on(*user));
        let open = ValueType::of_value(value)?;
        let place = open.dynamic_dimensions().position(|other| other == dim);
        let index = shows.zip(place).and_then(|(op, place)| operands(op).get(1 + place).copied());
        self.index(builder, index.ok_or_else(|| unknown("a loop changes them"))?)
    }

    /// The extent of a result of a call.
    fn of_called(&mut self, builder: Builder<'c>, op: Op<'c>, number: usize, dim: usize) -> Result<Val<'c>> {
        let name = symbol_attribute(op, "callee").unwrap_or_default();
        match self.transposes().extent(name, &operands(op), number, dim) {
            Some(Told::By(index)) => self.index(builder, index),
            Some(Told::Of(tensor, dim)) => self.extent_of(builder, tensor, dim),
            None => Err(unknown("a called function alone knows them")),
        }
    }

    /// Whether an operation reads an extent of a linear value, which is not linear itself; maps its result to the
    /// extent.
    pub(crate) fn is_known_extent(&mut self, op: Op<'c>) -> bool {
        if !self.reads_extent(op) {
            return false;
        }
        let builder = self.at(op);
        let extent = self.index(builder, result(op));
        // If the extent is unknown, the use of the operation reports it.
        extent.is_ok_and(|extent| {
            self.bind(result(op), extent);
            true
        })
    }

    /// The extent of an existing tensor, read where the tensor is defined.
    fn asked_for(&mut self, builder: Builder<'c>, tensor: Val<'c>, dim: usize) -> Result<Val<'c>> {
        if let Some(known) = self.known_extents.get(&(key(tensor), dim)) {
            return Ok(*known);
        }
        let extent = builder.after(tensor).extent(tensor, dim)?;
        self.known_extents.insert((key(tensor), dim), extent);
        Ok(extent)
    }

    /// The extent of what the executed region yields: an operation with the same predicate selects it.
    fn of_taken(&mut self, builder: Builder<'c>, op: Op<'c>, number: usize, dim: usize) -> Result<Val<'c>> {
        if OpKind::of(op) == Some(OpKind::AdCheckpoint) {
            let yielded = region_block(op, 0).and_then(|block| block.terminator());
            let yielded = yielded.and_then(|terminator| operands(terminator).get(number).copied());
            return self.extent_of(builder, yielded.ok_or_else(|| unknown("a region yields nothing"))?, dim);
        }
        let mut regions = Vec::new();
        for index in 0..op.region_count() {
            let yielded = region_block(op, index).and_then(|block| block.terminator());
            let yielded = yielded.and_then(|terminator| operands(terminator).get(number).copied());
            let yielded = yielded.ok_or_else(|| unknown("a region yields nothing"))?;
            let (region, _, inner) = builder.region(&[]);
            let extent = self.nested(inner, &[]).seeing(self).extent_of(inner, yielded, dim)?;
            inner.op(OpKind::ScfYield, &[extent], &[], &[], vec![])?;
            regions.push(region);
        }
        let choice = self.residual(operands(op)[0])?;
        let index = ScalarType::Index.to_type(builder.context());
        choose(builder, op, choice, &[index], regions).map(result)
    }

    /// An index that the linear region uses: an existing value, or a copy of the operations that compute it.
    fn index(&mut self, builder: Builder<'c>, index: Val<'c>) -> Result<Val<'c>> {
        if let Some(there) = self.available(index) {
            return Ok(there);
        }
        let op = defining_op(index).ok_or_else(|| unknown("an index is an argument of a region"))?;
        let arguments = operands(op);
        if OpKind::of(op) == Some(OpKind::TensorDim) {
            let dim = constant_integer(arguments[1]);
            let dim = dim.ok_or_else(|| unknown("a dimension is not constant"))?;
            return self.extent_of(builder, arguments[0], dim as usize);
        }
        if op.region_count() > 0 || self.is_linear(index) {
            return Err(unknown("an index is computed by what is not there"));
        }
        let mut replaced = Vec::new();
        for x in arguments {
            replaced.push((x, self.index(builder, x)?));
        }
        Ok(dp_dialects::ir::results(builder.clone_op(op, &replaced))[value_index(index)])
    }
}
