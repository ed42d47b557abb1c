//! `build-rows-in-place`: a row of a tensor that an inner loop builds is built where it belongs.
//!
//! Derivatives of nested loops have this form: the inner loop stores on a tape, which becomes a row of the outer loop's
//! tape. Without this pass, each row is stored twice and has memory of its own.

use crate::bounds::form::Form;
use crate::bounds::rounds::Rounds;
use dp_dialects::ir::{
    Op, Val, block_args, body_ops, constant_integer, defining_op, erase, is_pure, is_unused, operands,
    replace_all_uses, result, set_operand, set_type, users, value_block, value_index, walk,
};
use dp_dialects::parameters::Start;
use dp_dialects::{Builder, Literal, Number, OpKind, Parameters, Result, ValueType};
use dp_extents::loops::Loop;
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;

/// `build-rows-in-place`.
pub static BUILD_ROWS_IN_PLACE: Pass = Pass {
    flag: "build-rows-in-place",
    summary: "build the rows of a tensor in it instead of copying them to it",
    description: "Takes functions on tensors, before `lower-array`. Where round i of an `scf.for` stores as row i of a tensor \
        what an inner loop has built by updates, the inner loop updates the tensor itself. Both tensors must start as the \
        same number everywhere, and the extents of a row must be known to be equal.",
    body: run,
};

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let mut updates = Vec::new();
    for function in body_ops(module) {
        walk(function, &mut |op| updates.extend((OpKind::of(op) == Some(OpKind::ArrayUpdateSlice)).then_some(op)));
    }
    // In this order, which has the rows of an inner loop before those of the loops around it.
    for update in updates {
        if let Some(row) = Row::of(update) {
            row.build_in_place().map_err(|diagnostic| diagnostic.report(update.location()))?;
        }
    }
    Ok(())
}

/// A tensor with the same number everywhere, as it is made.
pub(crate) struct Fill<'c> {
    number: Number,
    r#type: ValueType,
    extents: Vec<Val<'c>>,
}

impl<'c> Fill<'c> {
    /// The fill that makes a tensor.
    pub(crate) fn of(tensor: Val<'c>) -> Option<Fill<'c>> {
        let r#type = ValueType::of(tensor.r#type())?;
        let maker = defining_op(tensor)?;
        let literal = |op| match Parameters::of(OpKind::of(op)?, op)? {
            Parameters::Constant(literal) => literal.splat_value(),
            _ => None,
        };
        match OpKind::of(maker)? {
            OpKind::ArrayBroadcast => {
                let all = operands(maker);
                Some(Fill { number: literal(defining_op(all[0])?)?, r#type, extents: all[1..].to_vec() })
            }
            OpKind::ArrayConstant => Some(Fill { number: literal(maker)?, r#type, extents: Vec::new() }),
            _ => None,
        }
    }

    /// The number.
    ///
    /// # Errors
    /// If MLIR rejects the operation.
    pub(crate) fn number(&self, b: Builder<'c>) -> Result<Val<'c>> {
        b.literal(Literal::number(self.r#type.dtype, self.number))
    }

    /// The extents, of which those that are open in the type are operands.
    pub(crate) fn forms(&self) -> Vec<Form<'c>> {
        let mut open = self.extents.iter();
        let form = |extent: &Option<u64>| match extent {
            Some(extent) => Some(Form::constant(i64::try_from(*extent).ok()?)),
            None => open.next().map(|extent| Form::of(*extent)),
        };
        self.r#type.extents().iter().filter_map(form).collect()
    }

    /// Whether a tensor has the extents and the number of a row of this one.
    fn has_rows_like(&self, row: &Fill<'c>) -> bool {
        // Compared as bits: a zero has a sign.
        Literal::number(self.r#type.dtype, self.number) == Literal::number(row.r#type.dtype, row.number)
            && self.forms().get(1..).is_some_and(|extents| extents == row.forms())
    }
}

/// What happens to a tensor between the start of a loop and its result: updates and inner loops, each the only use of
/// the one before.
#[derive(Default)]
struct Thread<'c> {
    updates: Vec<Op<'c>>,
    /// The arguments and results of loops.
    values: Vec<Val<'c>>,
}

impl<'c> Thread<'c> {
    /// Follows a result of a loop back to the operand that is its initial value; returns the number of the operand.
    fn through(&mut self, op: Op<'c>, result: usize) -> Option<usize> {
        let looped = Loop::of(op)?;
        let position = |arguments: &[Val<'c>], value| arguments.iter().position(|argument| *argument == value);
        let first = block_args(looped.blocks[0]);
        let (next, start) = if OpKind::of(op) == Some(OpKind::ScfFor) {
            (looped.carried.get(result)?.next, 3)
        } else {
            (*looped.results.get(result)?, 0)
        };
        let argument = self.back(next, looped.blocks[0])?;
        let carried = looped.carried.iter().position(|carried| carried.argument == argument)?;
        self.values.push(argument);
        if let Some(after) = looped.blocks.get(1) {
            let passed = self.back(looped.carried[carried].next, *after)?;
            if position(&block_args(*after), passed) != Some(result) {
                return None;
            }
            self.values.push(passed);
        } else if position(&first, argument) != Some(1 + result) {
            return None;
        }
        self.values.push(op.result(result).ok()?.into());
        Some(start + carried)
    }

    /// Follows a value of a block, used once, back to an argument of the block, used once.
    fn back(&mut self, value: Val<'c>, block: dp_dialects::ir::Blk<'c>) -> Option<Val<'c>> {
        let mut value = value;
        loop {
            if users(value).len() != 1 || value_block(value) != Some(block) {
                return None;
            }
            let Some(op) = defining_op(value) else { return Some(value) };
            value = match OpKind::of(op)? {
                OpKind::ArrayUpdateSlice => {
                    self.updates.push(op);
                    operands(op)[0]
                }
                OpKind::ScfFor | OpKind::ScfWhile => operands(op)[self.through(op, value_index(value))?],
                _ => return None,
            };
        }
    }
}

/// A row of a tensor that a loop carries, built by an inner loop.
struct Row<'c> {
    /// Stores the row.
    update: Op<'c>,
    /// Gives the row its leading dimension.
    lifted: Op<'c>,
    /// The row, a result of the inner loop.
    row: Val<'c>,
    /// The inner loop's operand that is the row's initial value.
    initial: usize,
    /// How the inner loop builds it.
    thread: Thread<'c>,
}

impl<'c> Row<'c> {
    fn of(update: Op<'c>) -> Option<Row<'c>> {
        let Parameters::Update { starts, accumulate: false } = Parameters::of(OpKind::ArrayUpdateSlice, update)? else {
            return None;
        };
        let is_row = starts.first() == Some(&Start::Operand) && starts[1..].iter().all(|start| *start == Start::At(0));
        let [tensor, lifted, start] = operands(update)[..] else { return None };
        let block = update.block()?;
        let outer = block.parent_operation().filter(|_| is_row)?;
        let rounds = Rounds::of(outer)?;
        let carried = block_args(block).iter().skip(1).position(|argument| *argument == tensor)?;
        let yielded = *operands(block.terminator()?).get(carried)?;
        if yielded != result(update) || users(yielded).len() != 1 || users(tensor).len() != 1 {
            return None;
        }
        let lifted = defining_op(lifted).filter(|op| op.block() == Some(block) && users(result(*op)).len() == 1)?;
        let row = lifts(lifted)?;
        let inner = defining_op(row).filter(|op| op.block() == Some(block))?;
        if !users(row).into_iter().all(|user| user == lifted || OpKind::of(user) == Some(OpKind::TensorDim)) {
            return None;
        }
        let mut thread = Thread::default();
        let initial = thread.through(inner, value_index(row))?;
        let (all, of_row) = (Fill::of(operands(outer)[3 + carried])?, Fill::of(operands(inner)[initial])?);
        let is_distinct = rounds.is_number(start) && rounds.is_count(*all.forms().first()?);
        let is_before = is_available(start, inner);
        (is_distinct && is_before && all.has_rows_like(&of_row)).then_some(Row { update, lifted, row, initial, thread })
    }

    fn build_in_place(self) -> Result<()> {
        let Some(inner) = defining_op(self.row) else { return Ok(()) };
        let [tensor, _, start] = operands(self.update)[..] else { return Ok(()) };
        // The extents of the row, before its type changes.
        let fill = operands(inner)[self.initial];
        for user in users(self.row).into_iter().filter(|user| *user != self.lifted) {
            set_operand(user, 0, fill);
        }
        let start = repeated(Builder::before(inner), start, inner)?;
        replace_all_uses(result(self.update), self.row);
        erase(self.update);
        erase(self.lifted);
        self.thread.values.iter().for_each(|value| set_type(*value, tensor.r#type()));
        set_operand(inner, self.initial, tensor);
        // From the innermost value outward: an update has the type of what it updates.
        for update in self.thread.updates.into_iter().rev() {
            let all = operands(update);
            let Some(Parameters::Update { mut starts, accumulate }) = Parameters::of(OpKind::ArrayUpdateSlice, update)
            else {
                continue;
            };
            starts.insert(0, Start::Operand);
            let b = Builder::before(update);
            let mut given = vec![all[0], lift(b, all[1])?, start];
            given.extend(&all[2..]);
            let made = b.emit(OpKind::ArrayUpdateSlice, &Parameters::Update { starts, accumulate }, &given)?;
            replace_all_uses(result(update), made);
            erase(update);
            if let Some(unused) = defining_op(all[1]).filter(|op| is_pure(*op) && is_unused(all[1])) {
                erase(unused);
            }
        }
        Ok(())
    }
}

/// The tensor to which an operation only adds a leading dimension of extent 1.
fn lifts(op: Op) -> Option<Val> {
    let x = *operands(op).first()?;
    let (from, to) = (ValueType::of(x.r#type())?, ValueType::of(result(op).r#type())?);
    let is_lifted = to.extents().first() == Some(&Some(1)) && to.extents().get(1..) == Some(from.extents());
    let keeps = match (OpKind::of(op)?, Parameters::of(OpKind::of(op)?, op)?) {
        (OpKind::ArrayBroadcast, Parameters::Broadcast(dims)) => dims.into_iter().eq(1..=from.rank()),
        // Extents that follow each other: at most one of them is open.
        (OpKind::ArrayReshape, _) => from.extents().iter().filter(|extent| extent.is_none()).count() <= 1,
        _ => false,
    };
    (is_lifted && keeps && from.is_tensor()).then_some(x)
}

/// A tensor with a leading dimension of extent 1.
fn lift<'c>(b: Builder<'c>, x: Val<'c>) -> Result<Val<'c>> {
    let of = ValueType::of_value(x)?;
    let shape = std::iter::once(Some(1)).chain(of.extents().iter().copied()).collect();
    let to = ValueType::tensor(of.dtype, shape);
    let broadcast = defining_op(x).filter(|op| OpKind::of(*op) == Some(OpKind::ArrayBroadcast));
    match broadcast.map(|op| (Parameters::of(OpKind::ArrayBroadcast, op), operands(op))) {
        Some((Some(Parameters::Broadcast(dims)), all)) => {
            let dims: Vec<usize> = dims.into_iter().map(|dim| dim + 1).collect();
            b.broadcast(all[0], &dims, &to, &all[1..])
        }
        Some(_) | None => {
            let dims: Vec<usize> = (1..=of.rank()).collect();
            b.broadcast(x, &dims, &to, &b.extents(x)?)
        }
    }
}

/// Whether an index can be computed before an operation of a loop's body.
fn is_available(index: Val, place: Op) -> bool {
    let Some(maker) = defining_op(index).filter(|maker| maker.block() == place.block()) else { return true };
    let is_given =
        |x: Val| constant_integer(x).is_some() || defining_op(x).is_none_or(|op| op.block() != place.block());
    is_pure(maker) && operands(maker).into_iter().all(is_given)
}

/// An available index, computed once more before an operation of a loop's body: it may be defined after that.
fn repeated<'c>(b: Builder<'c>, index: Val<'c>, place: Op<'c>) -> Result<Val<'c>> {
    let is_inside = |x: Val<'c>| defining_op(x).filter(|op| op.block() == place.block());
    let Some(maker) = is_inside(index) else { return Ok(index) };
    let mut replaced = Vec::new();
    for x in operands(maker) {
        if let Some(number) = is_inside(x).and_then(|_| constant_integer(x)) {
            replaced.push((x, b.index(number)?));
        }
    }
    Ok(result(b.clone_op(maker, &replaced)))
}
