//! Tapes: for each saved residual of a loop, a tensor with a row for each iteration.

use dp_dialects::ir::{Val, result};
use dp_dialects::parameters::Start;
use dp_dialects::{Builder, Diagnostic, Literal, MlirType, Number, OpKind, Parameters, Result, ScalarType, ValueType};

/// A tape.
#[derive(Clone, Debug)]
pub struct Tape {
    /// The type of the saved value.
    value: ValueType,
    /// The type of the tape. Indices are stored as integers.
    pub r#type: ValueType,
}

impl Tape {
    /// The tape for a value, with the trip count, if known.
    ///
    /// # Errors
    /// If the value is neither a scalar nor a tensor, or the tape is too large.
    pub fn new(value: Val, rounds: Option<u64>) -> Result<Tape> {
        let value = ValueType::of_value(value)?;
        let dtype = if value.dtype == ScalarType::Index { ScalarType::I64 } else { value.dtype };
        let shape: Vec<Option<u64>> = std::iter::once(rounds).chain(value.extents().iter().copied()).collect();
        let known = || shape.iter().flatten();
        let count = known().try_fold(1_i64, |count, extent| count.checked_mul(i64::try_from(*extent).ok()?));
        if count.is_none() && known().all(|extent| *extent > 0) {
            let message = "the derivative of this loop saves more elements than can be counted";
            return Err(Diagnostic::limit(message).help("use smaller tensors, or fewer iterations"));
        }
        Ok(Tape { r#type: ValueType::tensor(dtype, shape), value })
    }

    /// An empty tape with this number of rows, for values with these dynamic extents.
    ///
    /// # Errors
    /// If an operation cannot be created.
    pub fn empty<'c>(&self, b: Builder<'c>, rounds: Val<'c>, extents: &[Val<'c>]) -> Result<Val<'c>> {
        let zero = Number::of_f64(0.0, self.r#type.dtype);
        let number = b.literal(Literal::number(self.r#type.dtype, zero))?;
        let open = self.r#type.extents()[0].is_none();
        let all: Vec<Val> = open.then_some(rounds).into_iter().chain(extents.iter().copied()).collect();
        b.broadcast(number, &[], &self.r#type, &all)
    }

    /// The tape with a value stored for one iteration.
    ///
    /// # Errors
    /// If an operation cannot be created.
    pub fn store<'c>(&self, b: Builder<'c>, tape: Val<'c>, round: Val<'c>, value: Val<'c>) -> Result<Val<'c>> {
        let value = match self.value.dtype {
            ScalarType::Index => cast(b, value, ScalarType::I64)?,
            _ => value,
        };
        let shape = std::iter::once(Some(1)).chain(self.value.extents().iter().copied()).collect();
        let row = ValueType::tensor(self.r#type.dtype, shape);
        let dims: Vec<usize> = (1..=self.value.rank()).collect();
        let extents = if self.value.is_tensor() { b.extents(value)? } else { Vec::new() };
        let row = b.broadcast(value, &dims, &row, &extents)?;
        let starts = std::iter::once(Start::Operand).chain(dims.iter().map(|_| Start::At(0))).collect();
        b.emit(OpKind::ArrayUpdateSlice, &Parameters::Update { starts, accumulate: false }, &[tape, row, round])
    }

    /// The value of one iteration; `extents` are its dynamic extents.
    ///
    /// # Errors
    /// If an operation cannot be created.
    pub fn load<'c>(&self, b: Builder<'c>, tape: Val<'c>, round: Val<'c>, extents: &[Val<'c>]) -> Result<Val<'c>> {
        if !self.value.is_tensor() {
            return self.number(b, tape, round);
        }
        self.row(b, tape, round, extents)
    }

    /// The value of one iteration, whose number is clamped: XLA has no other access to an element at a run-time position.
    ///
    /// # Errors
    /// If an operation cannot be created.
    pub fn load_clamped<'c>(
        &self,
        b: Builder<'c>,
        tape: Val<'c>,
        round: Val<'c>,
        extents: &[Val<'c>],
    ) -> Result<Val<'c>> {
        if self.value.is_tensor() {
            return self.row(b, tape, round, extents);
        }
        let slice = Parameters::Slice { starts: vec![Start::Operand], strides: vec![1] };
        let row = ValueType::tensor(self.r#type.dtype, vec![Some(1)]);
        let row = b.emit_typed(OpKind::ArraySlice, &slice, &[tape, round], &row)?;
        self.number(b, row, b.index(0)?)
    }

    /// An element of a tape of scalars.
    fn number<'c>(&self, b: Builder<'c>, tape: Val<'c>, round: Val<'c>) -> Result<Val<'c>> {
        let number = self.r#type.dtype.to_type(b.context());
        let value = result(b.op(OpKind::TensorExtract, &[tape, round], &[number], &[], vec![])?);
        if self.value.dtype == ScalarType::Index { cast(b, value, ScalarType::Index) } else { Ok(value) }
    }

    /// A row of a tape of tensors.
    fn row<'c>(&self, b: Builder<'c>, tape: Val<'c>, round: Val<'c>, extents: &[Val<'c>]) -> Result<Val<'c>> {
        let shape: Vec<Option<u64>> = std::iter::once(Some(1)).chain(self.value.extents().iter().copied()).collect();
        let row = ValueType::tensor(self.r#type.dtype, shape);
        let starts = std::iter::once(Start::Operand).chain((0..self.value.rank()).map(|_| Start::At(0))).collect();
        let slice = Parameters::Slice { starts, strides: vec![1; self.value.rank() + 1] };
        let operands: Vec<Val> = [tape, round].into_iter().chain(extents.iter().copied()).collect();
        let row = b.emit_typed(OpKind::ArraySlice, &slice, &operands, &row)?;
        let operands: Vec<Val> = std::iter::once(row).chain(extents.iter().copied()).collect();
        b.emit_typed(OpKind::ArrayReshape, &Parameters::None, &operands, &self.value)
    }
}

fn cast<'c>(b: Builder<'c>, value: Val<'c>, to: ScalarType) -> Result<Val<'c>> {
    b.op(OpKind::ArithIndexCast, &[value], &[to.to_type(b.context())], &[], vec![]).map(result)
}
