//! Transposition of linear regions. Operations are visited in reverse order; each accumulates the cotangents of its
//! linear operands from the cotangents of its results.

pub mod calls;
pub mod cotangents;
mod extents;
mod masks;
mod reads;

use calls::FunctionTransposes;
use cotangents::{Acc, Cotangents};
use dp_dialects::ir::{
    Blk, Op, Scope, Val, ValueMap, ValueSet, block_args, block_ops, defining_op, key, operands, result, results, walk,
};
use dp_dialects::{Builder, Diagnostic, Number, OpKind, Result, SpannedDiagnostic, ValueType};
use masks::Masked;
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;
use reads::Read;

use std::rc::Rc;

/// The derivative rules, as transposition uses them.
pub trait TransposeRules: Sync {
    /// Accumulates the cotangents of an operation's linear operands from those of its results (`None` is zero), not all
    /// of which are zero.
    ///
    /// # Errors
    /// If the operation, or one in its regions, has no transpose.
    fn transpose<'c>(&self, transposer: &mut Transposer<'c>, op: Op<'c>, cotangents: &[Option<Val<'c>>]) -> Result<()>;

    /// Whether an operation only uses extents of its operands.
    fn reads_extents(&self, kind: OpKind) -> bool;
}

/// Transposes one linear region.
pub struct Transposer<'c> {
    builder: Builder<'c>,
    rules: &'static dyn TransposeRules,
    transposes: Rc<dyn FunctionTransposes<'c> + 'c>,
    /// The values that the region defines, which do not exist in the transposed program.
    local: Rc<ValueSet>,
    linear: Rc<ValueSet>,
    cotangents: Cotangents<'c>,
    /// The cotangents that selects give.
    masks: ValueMap<Masked<'c>>,
    /// The pending cotangents of reads, and the last operation that read.
    reads: ValueMap<(Op<'c>, Vec<Read<'c>>)>,
    /// The copies of the region's values that are not linear.
    residuals: Scope<usize, Val<'c>>,
    /// The point of linearization: a primal value for each argument of the region.
    primals: Rc<ValueMap<Val<'c>>>,
    /// Extents of existing tensors that have been read.
    pub(crate) known_extents: Scope<(usize, usize), Val<'c>>,
}

impl<'c> Transposer<'c> {
    /// Prepares the transposition of a region into operations created by the builder. `primals` are the primal values
    /// of the arguments of its block.
    pub fn new(
        builder: Builder<'c>,
        region: Op<'c>,
        block: Blk<'c>,
        primals: &[Val<'c>],
        rules: &'static dyn TransposeRules,
        transposes: Rc<dyn FunctionTransposes<'c> + 'c>,
    ) -> Self {
        let mut of_arguments = ValueMap::new();
        for (argument, primal) in block_args(block).into_iter().zip(primals) {
            of_arguments.insert(argument, *primal);
        }
        Transposer {
            builder,
            rules,
            transposes,
            local: Rc::new(defined(region)),
            linear: Rc::default(),
            cotangents: Cotangents::default(),
            masks: ValueMap::new(),
            reads: ValueMap::new(),
            residuals: Scope::default(),
            primals: Rc::new(of_arguments),
            known_extents: Scope::default(),
        }
    }

    /// The transposition of a block within the region, which is linear in the given values, with another builder.
    pub fn nested(&self, builder: Builder<'c>, linear: &[Val<'c>]) -> Self {
        let mut known = ValueSet::default();
        known.extend(linear.iter().copied());
        Transposer {
            builder,
            rules: self.rules,
            transposes: Rc::clone(&self.transposes),
            local: Rc::clone(&self.local),
            linear: Rc::new(known),
            cotangents: Cotangents::default(),
            masks: ValueMap::new(),
            reads: ValueMap::new(),
            residuals: self.residuals.inner(),
            primals: Rc::clone(&self.primals),
            known_extents: self.known_extents.inner(),
        }
    }

    /// The same, for computing extents only: it also knows the linear values of `outer`.
    pub(crate) fn seeing(mut self, outer: &Self) -> Self {
        self.linear = Rc::clone(&outer.linear);
        self
    }

    /// Transposes a block that is linear in the given values: maps cotangents of what it yields (`None` is zero) to
    /// cotangents of these values.
    ///
    /// # Errors
    /// If an operation has no transpose.
    pub fn block(
        &mut self,
        block: Blk<'c>,
        linear: &[Val<'c>],
        cotangents: &[Option<Val<'c>>],
    ) -> Result<Vec<Option<Val<'c>>>, SpannedDiagnostic<'c>> {
        self.note_linear(linear.iter().copied());
        let ops = block_ops(block);
        let Some((terminator, body)) = ops.split_last() else { return Ok(Vec::new()) };
        let mut flowing = Vec::new();
        for op in body {
            if !self.touches_linear(*op) {
                self.copy(*op);
            } else if !self.is_known_extent(*op) {
                self.note_linear(results(*op));
                flowing.push(*op);
            }
        }
        for (yielded, cotangent) in terminator.operands().zip(cotangents) {
            if let Some(cotangent) = cotangent {
                let outcome = self.accumulate(yielded, *cotangent);
                outcome.map_err(|diagnostic| SpannedDiagnostic::new(terminator.location(), diagnostic))?;
            }
        }
        for op in flowing.into_iter().rev() {
            self.operation(op).map_err(|diagnostic| SpannedDiagnostic::new(op.location(), diagnostic))?;
        }
        let taken = linear.iter().map(|value| self.take(*value)).collect::<Result<_, _>>();
        taken.map_err(|diagnostic| SpannedDiagnostic::new(terminator.location(), diagnostic))
    }

    /// For each value that a block yields, whether it depends on the linear values.
    pub fn flows(&mut self, block: Blk<'c>) -> Vec<bool> {
        let ops = block_ops(block);
        let Some((terminator, body)) = ops.split_last() else { return Vec::new() };
        for op in body {
            if self.touches_linear(*op) && !self.reads_extent(*op) {
                self.note_linear(results(*op));
            }
        }
        terminator.operands().map(|value| self.is_linear(value)).collect()
    }

    /// Copies the operations of a block that do not involve linear values and whose results are not bound, and returns
    /// some of the values that it yields.
    ///
    /// # Errors
    /// If one of them depends on a linear value.
    pub fn primal(&mut self, block: Blk<'c>, yielded: &[usize]) -> Result<Vec<Val<'c>>> {
        let ops = block_ops(block);
        let Some((terminator, body)) = ops.split_last() else { return Ok(Vec::new()) };
        for op in body {
            if !self.touches_linear(*op) {
                let is_bound = |value| self.residuals.get(&key(value)).is_some();
                if op.result_count() == 0 || !results(*op).into_iter().all(is_bound) {
                    self.copy(*op);
                }
            } else if !self.is_known_extent(*op) {
                self.note_linear(results(*op));
            }
        }
        let all = operands(*terminator);
        yielded.iter().map(|number| self.residual(all[*number])).collect()
    }

    /// Removes and returns the complete cotangent of a value.
    fn take(&mut self, value: Val<'c>) -> Result<Option<Val<'c>>> {
        self.gather_reads(value)?;
        Ok(self.cotangents.take(value))
    }

    /// Adds a pending cotangent of a read.
    pub(crate) fn note_read(&mut self, op: Op<'c>, of: Val<'c>, read: Read<'c>) {
        match self.reads.get_mut(of) {
            Some((last, reads)) => {
                *last = op;
                reads.push(read);
            }
            None => drop(self.reads.insert(of, (op, vec![read]))),
        }
    }

    /// Removes and returns the pending cotangents of reads.
    pub(crate) fn take_reads(&mut self, of: Val<'c>) -> Option<(Op<'c>, Vec<Read<'c>>)> {
        self.reads.remove(of)
    }

    fn operation(&mut self, op: Op<'c>) -> Result<()> {
        let cotangents = results(op).into_iter().map(|result| self.take(result)).collect::<Result<Vec<_>, _>>()?;
        if cotangents.iter().all(Option::is_none) {
            return Ok(());
        }
        self.rules.transpose(self, op, &cotangents)
    }

    fn note_linear(&mut self, values: impl IntoIterator<Item = Val<'c>>) {
        Rc::make_mut(&mut self.linear).extend(values);
    }

    pub(super) fn reads_extent(&self, op: Op<'c>) -> bool {
        OpKind::of(op).is_some_and(|kind| self.rules.reads_extents(kind))
    }

    fn touches_linear(&self, op: Op<'c>) -> bool {
        let mut touches = false;
        walk(op, &mut |inner| touches = touches || inner.operands().any(|operand| self.is_linear(operand)));
        touches
    }

    /// Copies an operation that does not involve linear values.
    fn copy(&mut self, op: Op<'c>) {
        let mut replaced = Vec::new();
        walk(op, &mut |inner| {
            for operand in operands(inner) {
                if let Some(copy) = self.residuals.get(&key(operand)) {
                    replaced.push((operand, *copy));
                }
            }
        });
        let copy = self.builder.clone_op(op, &replaced);
        for (result, copy) in results(op).into_iter().zip(results(copy)) {
            self.residuals.insert(key(result), copy);
        }
    }

    /// A builder with the location of an operation of the region.
    pub fn at(&self, op: Op<'c>) -> Builder<'c> {
        self.builder.located(op.location())
    }

    /// The transposes of functions.
    pub fn transposes(&self) -> Rc<dyn FunctionTransposes<'c> + 'c> {
        Rc::clone(&self.transposes)
    }

    /// Whether a value is linear: depends on the region's arguments.
    pub fn is_linear(&self, value: Val<'c>) -> bool {
        self.linear.contains(value)
    }

    /// The value in the transposed program for a value of the region or from outside; `None` for linear values and
    /// others that do not exist there.
    pub fn available(&self, value: Val<'c>) -> Option<Val<'c>> {
        match self.residuals.get(&key(value)) {
            Some(copy) => Some(*copy),
            None => (!self.local.contains(value)).then_some(value),
        }
    }

    /// The value in the transposed program for a value that is not linear.
    ///
    /// # Errors
    /// If the value does not exist there, because the operation that defines it depends on tangents.
    pub fn residual(&self, value: Val<'c>) -> Result<Val<'c>> {
        let diagnostic = || {
            let name = defining_op(value).map(|op| op.name().as_string_ref().as_str().unwrap_or("?").to_string());
            let message = match name {
                Some(name) => {
                    format!("a residual that '{name}' gives is not there in the transpose: tangents flow into it")
                }
                None => "a residual that is an argument of a region is not there in the transpose".into(),
            };
            Diagnostic::unsupported(message).help("compute residuals by operations into which no tangent flows")
        };
        self.available(value).ok_or_else(diagnostic)
    }

    /// Maps a value of the region to one that exists in the transposed program.
    pub fn bind(&mut self, value: Val<'c>, available: Val<'c>) {
        self.residuals.insert(key(value), available);
    }

    /// The primal value at which an argument of the region was taken.
    pub fn primal_of(&self, value: Val<'c>) -> Option<Val<'c>> {
        self.primals.get(value).copied()
    }

    /// What has been accumulated for a value.
    ///
    /// # Errors
    /// If an operation cannot be created.
    pub fn accumulated(&mut self, value: Val<'c>) -> Result<Option<Val<'c>>> {
        self.gather_reads(value)?;
        Ok(self.cotangents.get(value).value())
    }

    /// For each value that is a tensor, what has been accumulated for it, to which regions then add in place.
    ///
    /// # Errors
    /// If an operation cannot be created.
    pub fn tensor_slots(&mut self, values: &[Val<'c>]) -> Result<Vec<Option<Val<'c>>>> {
        let is_tensor = |value: &Val| ValueType::of(value.r#type()).is_some_and(|r#type| r#type.is_tensor());
        values.iter().map(|value| if is_tensor(value) { self.accumulated(*value) } else { Ok(None) }).collect()
    }

    /// Adds to the cotangent of a value, if it is linear.
    ///
    /// # Errors
    /// If the sum cannot be created.
    pub fn accumulate(&mut self, value: Val<'c>, cotangent: Val<'c>) -> Result<()> {
        if !self.is_linear(value) {
            return Ok(());
        }
        let cotangent = self.typed_as(value, cotangent)?;
        let sum = match self.cotangents.get(value).value() {
            None => cotangent,
            Some(before) => self.sum(self.builder, before, cotangent)?,
        };
        self.cotangents.set(value, Acc::Value(sum));
        Ok(())
    }

    /// A cotangent cast to the type of its value: the result of a contraction may have more or fewer static extents.
    fn typed_as(&self, value: Val<'c>, cotangent: Val<'c>) -> Result<Val<'c>> {
        if cotangent.r#type() == value.r#type() {
            return Ok(cotangent);
        }
        self.builder.op(OpKind::TensorCast, &[cotangent], &[value.r#type()], &[], vec![]).map(result)
    }

    /// The cotangent of a tensor for an update in place: what has been accumulated, or zeros.
    ///
    /// # Errors
    /// If the extents are unknown.
    pub fn slot(&mut self, builder: Builder<'c>, value: Val<'c>) -> Result<Val<'c>> {
        if let Some(before) = self.accumulated(value)? {
            return Ok(before);
        }
        let r#type = ValueType::of_value(value)?;
        let extents = self.extents_of(builder, value)?;
        self.zeros(builder, &r#type, &extents)
    }

    /// Stores an updated slot.
    pub fn set_slot(&mut self, value: Val<'c>, slot: Val<'c>) {
        self.cotangents.set(value, Acc::Slot(slot));
    }

    /// Zeros of a type with the given extents.
    ///
    /// # Errors
    /// If an operation cannot be created.
    pub fn zeros(&self, builder: Builder<'c>, r#type: &ValueType, extents: &[Val<'c>]) -> Result<Val<'c>> {
        let zero = Number::of_f64(0.0, r#type.dtype);
        match r#type.extents().iter().copied().collect::<Option<Vec<u64>>>() {
            Some(shape) if r#type.is_tensor() => {
                builder.literal(dp_dialects::Literal::splat(r#type.dtype, shape, zero))
            }
            _ => {
                let number = builder.literal(dp_dialects::Literal::number(r#type.dtype, zero))?;
                if r#type.is_tensor() { builder.broadcast(number, &[], r#type, extents) } else { Ok(number) }
            }
        }
    }

    /// Zeros with the type and extents of an existing value.
    ///
    /// # Errors
    /// If an operation cannot be created.
    pub fn zero_like(&self, builder: Builder<'c>, like: Val<'c>) -> Result<Val<'c>> {
        let r#type = ValueType::of_value(like)?;
        self.zeros(builder, &r#type, &builder.extents(like)?)
    }

    /// Zeros with the type and extents of a linear value.
    ///
    /// # Errors
    /// If the extents are unknown.
    pub fn zero_of(&mut self, builder: Builder<'c>, value: Val<'c>) -> Result<Val<'c>> {
        let r#type = ValueType::of_value(value)?;
        let extents = self.extents_of(builder, value)?;
        self.zeros(builder, &r#type, &extents)
    }
}

/// The values that the regions of an operation define.
pub fn defined(region: Op) -> ValueSet {
    let mut defined = ValueSet::default();
    walk(region, &mut |op| {
        if op != region {
            defined.extend(results(op));
        }
        for region in op.regions() {
            if let Some(block) = melior::ir::RegionLike::first_block(&region) {
                defined.extend(block_args(block));
            }
        }
    });
    defined
}
