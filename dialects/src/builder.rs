//! [`Builder`]: creates operations at an insertion point, with one location.

use crate::ir::{Blk, Op, Val, block_args, bytes_of, defining_op, result, value_block};
use crate::marks::PLACEHOLDER;
use crate::ops::infer;
use crate::parameters::Parameters;
use crate::types::MlirType;
use crate::types::ValueType;
use crate::{Diagnostic, Literal, Number, OpKind, Result, ScalarType, shim};
use melior::Context;
use melior::ir::attribute::{Attribute, DenseI32ArrayAttribute, IntegerAttribute};
use melior::ir::block::BlockLike;
use melior::ir::operation::{OperationBuilder, OperationLike};
use melior::ir::{Block, Identifier, Location, Region, RegionLike, Type, ValueLike};

/// An insertion point.
#[derive(Clone, Copy)]
enum Point<'c> {
    End(Blk<'c>),
    Before(Op<'c>),
}

/// Creates operations at an insertion point, all with one location.
#[derive(Clone, Copy)]
pub struct Builder<'c> {
    context: &'c Context,
    point: Point<'c>,
    location: Location<'c>,
}

impl<'c> Builder<'c> {
    /// A builder at the end of a block.
    pub fn at_end(context: &'c Context, block: Blk<'c>, location: Location<'c>) -> Self {
        Builder { context, point: Point::End(block), location }
    }

    /// A builder before an operation, with its location.
    pub fn before(op: Op<'c>) -> Self {
        Builder { context: crate::ir::context_of(op), point: Point::Before(op), location: op.location() }
    }

    /// Moves the insertion point right after the definition of a value: to the beginning of the block for a block
    /// argument.
    pub fn after(self, value: Val<'c>) -> Self {
        let next = match defining_op(value) {
            Some(op) => op.next_in_block(),
            None => value_block(value).and_then(|block| block.first_operation()),
        };
        let point = match (next, value_block(value)) {
            (Some(next), _) => Point::Before(next),
            (None, Some(block)) => Point::End(block),
            (None, None) => self.point,
        };
        Builder { point, ..self }
    }

    /// Changes the location.
    pub fn located(self, location: Location<'c>) -> Self {
        Builder { location, ..self }
    }

    /// The context.
    pub fn context(&self) -> &'c Context {
        self.context
    }

    /// The location of created operations.
    pub fn location(&self) -> Location<'c> {
        self.location
    }

    /// The block of the insertion point.
    pub fn block(&self) -> Blk<'c> {
        match self.point {
            Point::End(block) => block,
            Point::Before(next) => next.block().expect("an insertion point is in a block"),
        }
    }

    /// Inserts a detached operation.
    pub fn insert(&self, op: melior::ir::Operation<'c>) -> Op<'c> {
        match self.point {
            Point::End(block) => block.append_operation(op),
            Point::Before(next) => self.block().insert_operation_before(next, op),
        }
    }

    /// Any operation, with the given result types.
    ///
    /// # Errors
    /// If MLIR rejects the operation.
    pub fn op(
        &self,
        kind: OpKind,
        operands: &[Val<'c>],
        results: &[Type<'c>],
        attributes: &[(&str, Attribute<'c>)],
        regions: Vec<Region<'c>>,
    ) -> Result<Op<'c>> {
        self.named(kind.name(), operands, results, attributes, regions)
    }

    /// Any operation by name, for upstream operations that [`OpKind`] does not list.
    ///
    /// # Errors
    /// If MLIR rejects the operation.
    pub fn named(
        &self,
        name: &str,
        operands: &[Val<'c>],
        results: &[Type<'c>],
        attributes: &[(&str, Attribute<'c>)],
        regions: Vec<Region<'c>>,
    ) -> Result<Op<'c>> {
        let attributes: Vec<_> =
            attributes.iter().map(|(name, value)| (Identifier::new(self.context, name), *value)).collect();
        let op = OperationBuilder::new(name, self.location)
            .add_operands(operands)
            .add_results(results)
            .add_attributes(&attributes)
            .add_regions_vec(regions)
            .build()
            .map_err(|_| Diagnostic::internal(format!("internal error: cannot create '{name}'")))?;
        Ok(self.insert(op))
    }

    /// An operation of `scalar` or `array` whose result type is inferred from its operands.
    ///
    /// # Errors
    /// If operands and parameters do not type-check.
    pub fn emit(&self, kind: OpKind, parameters: &Parameters, operands: &[Val<'c>]) -> Result<Val<'c>> {
        let types: Option<Vec<ValueType>> = operands.iter().map(|value| ValueType::of(value.r#type())).collect();
        let types = types.ok_or_else(|| Diagnostic::invalid(format!("'{}' takes scalars and tensors", kind.name())))?;
        let r#type = infer(kind, &types, parameters)?;
        self.emit_typed(kind, parameters, operands, &r#type)
    }

    /// An operation of `scalar` or `array` with the given result type. Operands are in ODS order, `index` operands
    /// included.
    ///
    /// # Errors
    /// If MLIR rejects the operation.
    pub fn emit_typed(
        &self,
        kind: OpKind,
        parameters: &Parameters,
        operands: &[Val<'c>],
        r#type: &ValueType,
    ) -> Result<Val<'c>> {
        let mut attributes = parameters.attributes(self.context);
        if kind == OpKind::ArraySlice {
            let starts = parameters.dynamic_starts() as i32;
            let segments = [1, starts, operands.len() as i32 - 1 - starts];
            attributes.push(("operandSegmentSizes", DenseI32ArrayAttribute::new(self.context, &segments).into()));
        }
        let has_region = matches!(kind, OpKind::ArrayReduce | OpKind::ArrayScan);
        let regions = if has_region { vec![Region::new()] } else { Vec::new() };
        let op = self.op(kind, operands, &[r#type.to_type(self.context)], &attributes, regions)?;
        Ok(result(op))
    }

    /// An elementwise operation without attributes.
    ///
    /// # Errors
    /// If the operand types do not match.
    pub fn scalar(&self, kind: OpKind, operands: &[Val<'c>]) -> Result<Val<'c>> {
        self.emit(kind, &Parameters::None, operands)
    }

    /// A scalar or tensor constant.
    ///
    /// # Errors
    /// If MLIR rejects the operation.
    pub fn literal(&self, literal: Literal) -> Result<Val<'c>> {
        let kind = if literal.shape.is_some() { OpKind::ArrayConstant } else { OpKind::ScalarConstant };
        let r#type = literal.value_type();
        self.emit_typed(kind, &Parameters::Constant(literal), &[], &r#type)
    }

    /// A splat constant of the given scalar or tensor type. Dynamic extents are taken from `like`.
    ///
    /// # Errors
    /// If MLIR rejects the operation.
    pub fn splat(&self, value: Number, r#type: &ValueType, like: Val<'c>) -> Result<Val<'c>> {
        match r#type.shape.iter().flatten().copied().collect::<Option<Vec<u64>>>() {
            _ if !r#type.is_tensor() => self.literal(Literal::number(r#type.dtype, value)),
            Some(shape) => self.literal(Literal::splat(r#type.dtype, shape, value)),
            None => {
                let number = self.literal(Literal::number(r#type.dtype, value))?;
                let extents = self.extents(like)?;
                self.broadcast(number, &[], r#type, &extents)
            }
        }
    }

    /// `array.broadcast`, with the extents of all dynamic dimensions.
    ///
    /// # Errors
    /// If MLIR rejects the operation.
    pub fn broadcast(&self, x: Val<'c>, dims: &[usize], r#type: &ValueType, extents: &[Val<'c>]) -> Result<Val<'c>> {
        let operands: Vec<Val> = std::iter::once(x).chain(extents.iter().copied()).collect();
        self.emit_typed(OpKind::ArrayBroadcast, &Parameters::Broadcast(dims.to_vec()), &operands, r#type)
    }

    /// A value of a type that is never used: zero, with dynamic extents 0. Its operation is marked as a
    /// [placeholder](PLACEHOLDER).
    ///
    /// # Errors
    /// If MLIR rejects the operation.
    pub fn placeholder(&self, r#type: &ValueType) -> Result<Val<'c>> {
        let zero = Number::of_f64(0.0, r#type.dtype);
        let value = match r#type.shape.iter().flatten().copied().collect::<Option<Vec<u64>>>() {
            _ if *r#type == ValueType::number(ScalarType::Index) => self.index(0)?,
            _ if !r#type.is_tensor() => self.literal(Literal::number(r#type.dtype, zero))?,
            Some(shape) => self.literal(Literal::splat(r#type.dtype, shape, zero))?,
            None => {
                let number = self.literal(Literal::number(r#type.dtype, zero))?;
                let nothing = r#type.dynamic_dimensions().map(|_| self.index(0)).collect::<Result<Vec<_>, _>>()?;
                self.broadcast(number, &[], r#type, &nothing)?
            }
        };
        if let Some(op) = defining_op(value) {
            PLACEHOLDER.set(op, &());
        }
        Ok(value)
    }

    /// `tensor.cast` to a type with more or fewer static extents.
    ///
    /// # Errors
    /// If MLIR rejects the operation.
    pub fn cast(&self, x: Val<'c>, r#type: &ValueType) -> Result<Val<'c>> {
        self.op(OpKind::TensorCast, &[x], &[r#type.to_type(self.context)], &[], vec![]).map(result)
    }

    /// An `index` constant.
    ///
    /// # Errors
    /// If MLIR rejects the operation.
    pub fn index(&self, value: i64) -> Result<Val<'c>> {
        let r#type = ScalarType::Index.to_type(self.context);
        let value = IntegerAttribute::new(r#type, value).into();
        self.op(OpKind::ArithConstant, &[], &[r#type], &[("value", value)], vec![]).map(result)
    }

    /// The extent of a tensor along one dimension, as an `index`.
    ///
    /// # Errors
    /// If MLIR rejects the operation.
    pub fn extent(&self, x: Val<'c>, dim: usize) -> Result<Val<'c>> {
        if let Some(extent) = ValueType::of(x.r#type()).and_then(|r#type| r#type.extents().get(dim).copied().flatten())
        {
            return self.index(extent as i64);
        }
        let dim = self.index(dim as i64)?;
        self.op(OpKind::TensorDim, &[x, dim], &[ScalarType::Index.to_type(self.context)], &[], vec![]).map(result)
    }

    /// The extents of a tensor's dynamic dimensions, in order.
    ///
    /// # Errors
    /// If MLIR rejects an operation.
    pub fn extents(&self, x: Val<'c>) -> Result<Vec<Val<'c>>> {
        let r#type = ValueType::of(x.r#type()).ok_or_else(|| Diagnostic::internal("only tensors have extents"))?;
        r#type.dynamic_dimensions().map(|dim| self.extent(x, dim)).collect()
    }

    /// A region of one block with arguments of the given types, its arguments, and a builder at the end of the block.
    /// Dropping the region frees the block, so move it into an operation.
    pub fn region(&self, arguments: &[Type<'c>]) -> (Region<'c>, Vec<Val<'c>>, Builder<'c>) {
        let region = Region::new();
        let arguments: Vec<_> = arguments.iter().map(|r#type| (*r#type, self.location)).collect();
        let block = region.append_block(Block::new(&arguments));
        // SAFETY: the block belongs to the region, which lives on in the operation it is put into.
        let block: Blk<'c> = unsafe { melior::ir::BlockRef::from_raw(block.to_raw()) };
        (region, block_args(block), Builder { point: Point::End(block), ..*self })
    }

    /// An operation of the same kind as another and with its attributes, but with other operands, results and regions.
    ///
    /// # Errors
    /// If MLIR rejects the operation.
    pub fn remake(
        &self,
        op: Op<'c>,
        operands: &[Val<'c>],
        results: &[Type<'c>],
        regions: Vec<Region<'c>>,
    ) -> Result<Op<'c>> {
        let (name, attributes) = (op.name(), op.attributes().collect::<Vec<_>>());
        let attributes: Vec<(&str, Attribute)> =
            attributes.iter().filter_map(|(name, value)| Some((name.as_string_ref().as_str().ok()?, *value))).collect();
        self.named(name.as_string_ref().as_str().unwrap_or_default(), operands, results, &attributes, regions)
    }

    /// Clones an operation and its regions at the insertion point, replacing operands by the pairs `(old, new)`. The
    /// clone keeps its location.
    pub fn clone_op(&self, op: Op<'c>, replaced: &[(Val<'c>, Val<'c>)]) -> Op<'c> {
        let (from, to): (Vec<_>, Vec<_>) = replaced.iter().map(|(from, to)| (from.to_raw(), to.to_raw())).unzip();
        // SAFETY: all values are live; the clone is owned and inserted at once.
        let clone = unsafe {
            let raw = shim::dpCloneWithMapping(op.to_raw(), from.len() as isize, from.as_ptr(), to.as_ptr());
            melior::ir::operation::Operation::from_raw(raw)
        };
        self.insert(clone)
    }
}

/// The type `!ad.pullback<…>` of a signature.
pub fn pullback_type<'c>(context: &'c Context, inputs: &[Type<'c>], results: &[Type<'c>]) -> Type<'c> {
    let signature: Type = melior::ir::r#type::FunctionType::new(context, inputs, results).into();
    // SAFETY: the signature is a live function type.
    unsafe { Type::from_raw(shim::dpPullbackGet(melior::ir::TypeLike::to_raw(&signature))) }
}

/// The location of an operation that differentiation creates: that of the primal operation, fused with the rule and the
/// nesting level, one more than the primal's.
pub fn adjoint_location<'c>(context: &'c Context, rule: &str, primal: Location<'c>) -> Location<'c> {
    let below = adjoint_level(primal);
    // SAFETY: the context is live; the attribute is not null.
    let origin = unsafe {
        Attribute::from_raw(shim::dpOriginGet(context.to_raw(), melior::StringRef::new(rule).to_raw(), below + 1))
    };
    Location::fused(context, &[primal], origin)
}

/// The rule that created an operation of a derivative; `None` for an operation of the source program.
pub fn adjoint_rule(location: Location) -> Option<String> {
    if !location.is_fused() {
        return None;
    }
    // SAFETY: the attribute is live or null, which the shim takes; the string lives as long as its context.
    let rule = unsafe { bytes_of(shim::dpOriginRule(mlir_sys::mlirLocationFusedGetMetadata(location.to_raw()))) };
    (!rule.is_empty()).then(|| String::from_utf8_lossy(rule).into_owned())
}

/// The number of nested differentiations that created an operation; 0 for an operation of the source program.
pub fn adjoint_level(location: Location) -> i64 {
    if !location.is_fused() {
        return 0;
    }
    // SAFETY: the attribute is live or null, which the shim takes.
    unsafe { shim::dpOriginLevel(mlir_sys::mlirLocationFusedGetMetadata(location.to_raw())) }.max(0)
}
