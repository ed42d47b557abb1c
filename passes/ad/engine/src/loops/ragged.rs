//! Tensors whose extents differ from round to round, such as the tapes of an inner loop whose trip count is known only in
//! a round of the outer loop.
//!
//! The outer loop keeps their elements one after the other on a flat tape, a tensor of one dimension. So what is kept is
//! proportional to what all rounds keep together, whatever the counts are, and nests of any depth are flat. A copy of the
//! loop, executed before, adds up how long the tape is ([`Counted::totals`](super::varying::Counted::totals)). Each round
//! keeps where its elements begin. Tensors of one number of elements begin at the same place of their tapes.

use super::index::Index;
use dp_dialects::ir::{Op, Val, ValueMap, defining_op, operands, value_block, value_index, value_location};
use dp_dialects::ops::Source;
use dp_dialects::parameters::Start;
use dp_dialects::{Builder, Literal, Number, OpKind, Parameters, Result, ScalarType, ValueType};
use dp_extents::loops::Loop;
use dp_extents::proof::Extents;
use dp_extents::source;
use melior::ir::ValueLike;

/// Whether the result of an operation is kept if its extents differ: that of a loop or of a branch, which would be
/// executed again as a whole. Other operations are.
pub(super) fn is_construct(op: Op) -> bool {
    let constructs = [OpKind::ScfFor, OpKind::ScfWhile, OpKind::ScfIf, OpKind::ScfIndexSwitch];
    OpKind::of(op).is_some_and(|kind| constructs.contains(&kind))
}

/// A tensor, and its dynamic extents in a round.
#[derive(Clone)]
pub(super) struct Ragged<'c> {
    pub(super) value: Val<'c>,
    pub(super) extents: Vec<Val<'c>>,
}

impl<'c> Ragged<'c> {
    /// A tensor with elements that a tape can have. `b` creates operations that read its extents.
    ///
    /// # Errors
    /// If an operation cannot be created.
    pub(super) fn of(b: Builder<'c>, value: Val<'c>) -> Result<Option<Self>> {
        let Some(r#type) = ValueType::of(value.r#type()).filter(|r#type| r#type.dtype != ScalarType::Index) else {
            return Ok(None);
        };
        let extents = r#type.dynamic_dimensions().map(|dim| extent(b, value, dim)).collect::<Result<Vec<_>>>()?;
        Ok(Some(Ragged { value, extents }))
    }

    /// The number of elements, with these extents.
    fn count(&self, b: Builder<'c>, extents: &[Val<'c>]) -> Result<Val<'c>> {
        let known = self.known()?;
        let (first, rest) = match (extents, known) {
            ([first, rest @ ..], 1) => (*first, rest),
            _ => (b.index(known as i64)?, extents),
        };
        rest.iter().try_fold(first, |count, extent| Index(b).mul(count, *extent))
    }

    /// The product of the static extents.
    fn known(&self) -> Result<u64> {
        Ok(ValueType::of_value(self.value)?.extents().iter().flatten().product())
    }

    /// The type of the flat tape.
    pub(super) fn tape(&self) -> Result<ValueType> {
        Ok(ValueType::tensor(ValueType::of_value(self.value)?.dtype, vec![None]))
    }

    /// The tensor as it was kept, with these extents, from the place where it begins.
    ///
    /// # Errors
    /// If an operation cannot be created.
    pub(super) fn load(&self, b: Builder<'c>, tape: Val<'c>, begin: Val<'c>, extents: &[Val<'c>]) -> Result<Val<'c>> {
        let (flat, shape) = (self.tape()?, ValueType::of_value(self.value)?);
        let count = self.count(b, extents)?;
        let slice = Parameters::Slice { starts: vec![Start::Operand], strides: vec![1] };
        let elements = b.emit_typed(OpKind::ArraySlice, &slice, &[tape, begin, count], &flat)?;
        if shape == flat {
            return Ok(elements);
        }
        let operands: Vec<Val> = std::iter::once(elements).chain(extents.iter().copied()).collect();
        b.emit_typed(OpKind::ArrayReshape, &Parameters::None, &operands, &shape)
    }
}

/// Tensors of the same number of elements.
pub(super) struct Group<'c> {
    pub(super) members: Vec<Ragged<'c>>,
    /// The number of elements of each in a round.
    pub(super) count: Val<'c>,
}

/// Groups tensors by their numbers of elements, which `b` computes at the end of a round.
///
/// # Errors
/// If an operation cannot be created.
pub(super) fn groups<'c>(b: Builder<'c>, ragged: &[Ragged<'c>]) -> Result<Vec<Group<'c>>> {
    let mut groups: Vec<Group> = Vec::new();
    for tensor in ragged {
        let known = tensor.known()?;
        let is_alike = |group: &&mut Group<'c>| {
            let first = &group.members[0];
            first.extents == tensor.extents && first.known().is_ok_and(|other| other == known)
        };
        match groups.iter_mut().find(is_alike) {
            Some(group) => group.members.push(tensor.clone()),
            None => groups.push(Group { members: vec![tensor.clone()], count: tensor.count(b, &tensor.extents)? }),
        }
    }
    Ok(groups)
}

impl<'c> Group<'c> {
    /// An empty tape with this number of elements for each tensor, located where the tensor is: a target without dynamic
    /// extents says there that the number is not known.
    ///
    /// # Errors
    /// If an operation cannot be created.
    pub(super) fn empty(&self, b: Builder<'c>, total: Val<'c>) -> Result<Vec<Val<'c>>> {
        let empty = |tensor: &Ragged<'c>| {
            let (tape, b) = (tensor.tape()?, b.located(value_location(tensor.value)));
            let number = b.literal(Literal::number(tape.dtype, Number::of_f64(0.0, tape.dtype)))?;
            b.broadcast(number, &[], &tape, &[total])
        };
        self.members.iter().map(empty).collect()
    }

    /// A tape with a tensor stored from a place on.
    ///
    /// # Errors
    /// If an operation cannot be created.
    pub(super) fn store(&self, b: Builder<'c>, tape: Val<'c>, tensor: &Ragged<'c>, begin: Val<'c>) -> Result<Val<'c>> {
        let flat = tensor.tape()?;
        let elements = match ValueType::of_value(tensor.value)? == flat {
            true => tensor.value,
            false => b.emit_typed(OpKind::ArrayReshape, &Parameters::None, &[tensor.value, self.count], &flat)?,
        };
        let update = Parameters::Update { starts: vec![Start::Operand], accumulate: false };
        b.emit(OpKind::ArrayUpdateSlice, &update, &[tape, elements, begin])
    }
}

/// What the linear loop reads: flat tapes, each with the tensor, and the place where a round's elements begin, which is
/// a value of the primal round.
pub(super) struct Reads<'c> {
    pub(super) pending: Vec<(Ragged<'c>, Val<'c>, Val<'c>)>,
}

impl<'c> Reads<'c> {
    /// Reads the tensors whose places and extents the linear round has, in `there`.
    ///
    /// # Errors
    /// If an operation cannot be created.
    pub(super) fn load(&mut self, b: Builder<'c>, there: &mut ValueMap<Val<'c>>) -> Result<()> {
        let mut later = Vec::new();
        for (tensor, begin, tape) in std::mem::take(&mut self.pending) {
            let home = value_block(tensor.value);
            let find = |value: &Val<'c>| there.get(*value).copied().or((value_block(*value) != home).then_some(*value));
            let known: Option<Vec<Val>> = tensor.extents.iter().map(find).collect();
            match (known, there.get(begin).copied()) {
                (Some(extents), Some(begin)) => {
                    let loaded = tensor.load(b, tape, begin, &extents)?;
                    there.insert(tensor.value, loaded);
                }
                (_, _) => later.push((tensor, begin, tape)),
            }
        }
        self.pending = later;
        Ok(())
    }
}

/// An extent of a tensor: the index that it was made with, where that is known.
fn extent<'c>(b: Builder<'c>, tensor: Val<'c>, dim: usize) -> Result<Val<'c>> {
    let home = value_block(tensor);
    let mut value = tensor;
    while let Some((op, kind)) = defining_op(value).and_then(|op| Some((op, OpKind::of(op)?))) {
        let next = match (kind, ValueType::of(value.r#type())) {
            (OpKind::ScfFor, Some(_)) => Loop::of(op)
                .and_then(|looped| Extents::at(op).initial_of(op, &looped, value_index(value), dim))
                .filter(|initial| value_block(*initial) == home),
            (kind, Some(r#type)) => match source(kind, op, &r#type, dim) {
                Source::Index(operand) => return Ok(operands(op)[operand]),
                Source::Operand(..)
                | Source::Both(..)
                | Source::Agreed
                | Source::Carried
                | Source::Yielded
                | Source::Own
                | Source::Sum => None,
            },
            (_, None) => None,
        };
        match next {
            Some(initial) => value = initial,
            None => break,
        }
    }
    b.extent(tensor, dim)
}
