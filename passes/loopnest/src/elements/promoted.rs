//! `promote-elements`: an element of a tensor that a loop builds is a number until it is final.
//!
//! The reverse sweep of a recurrence adds to an element of a cotangent in one round, or in rounds that follow each other, and
//! does not come back to it. Let the tensor start as one number everywhere, and let round `i` access it at `p ± i + c` for a
//! few constants `c` that are close together: a window, which moves by one element in each round. What enters the window is
//! the initial number, and what leaves it is final. So the elements in the window are carried as numbers, the tensor is not
//! read, and each element is stored: scalar replacement (Callahan, Carr and Kennedy, "Improving register allocation for
//! subscripted variables", PLDI 1990). `simplify-bounds` then finds that the tensor need not be filled before.

use super::{element, is_within};
use crate::bounds::form::Form;
use crate::bounds::rounds::Rounds;
use crate::rows::Fill;
use crate::structured::stepped_loop;
use dp_dialects::ir::{
    Blk, Op, Val, add_argument, block_args, block_ops, body_ops, defining_op, erase, operands, region_block,
    replace_all_uses, result, results, set_operands, take_blocks, users, value_block, walk,
};
use dp_dialects::parameters::Start;
use dp_dialects::{Builder, FloatModel, License, Number, OpKind, Parameters, Result, ValueType};
use dp_passes::{ErrorGuaranteed, Pass, pass_options};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::{Type, ValueLike};

/// The widest window, from its last element to its first: as many numbers are carried.
const WIDEST: i64 = 4;

/// `promote-elements`.
pub static PROMOTE_ELEMENTS: Pass<PromoteOptions> = Pass {
    flag: "promote-elements",
    summary: "keep elements of a tensor that a loop builds as numbers until they are final",
    description: "Takes functions on tensors, before `lower-array`. Where an `scf.for` carries a tensor with one dimension \
        that starts as the same number everywhere, and its round i accesses only elements at i plus a few constants, or \
        at minus i plus a few constants, it carries these elements as numbers and stores each of them, instead of \
        reading and adding to the tensor.",
    body: run,
};

pass_options! {
    /// Options of `promote-elements`.
    pub struct PromoteOptions {
        "fp" => fp: FloatModel = FloatModel::Reassociate, "the floating-point model";
    }
}

fn run<'c>(module: Op<'c>, options: &PromoteOptions) -> Result<(), ErrorGuaranteed> {
    let mut loops = Vec::new();
    for function in body_ops(module) {
        walk(function, &mut |op| loops.extend((OpKind::of(op) == Some(OpKind::ScfFor)).then_some(op)));
    }
    // Inner loops first: a loop that is made again has no other in it that is still to be looked at.
    for op in loops.into_iter().rev() {
        promote(op, options.fp).map_err(|diagnostic| diagnostic.report(op.location()))?;
    }
    Ok(())
}

fn promote(op: Op, fp: FloatModel) -> Result<()> {
    let windows: Vec<Window> = (0..results(op).len()).filter_map(|number| Window::of(op, number)).collect();
    let mut carried = Vec::new();
    for window in &windows {
        carried.extend(window.promote(op, fp)?);
    }
    if carried.is_empty() {
        return Ok(());
    }
    let all: Vec<Val> = operands(op).into_iter().chain(carried).collect();
    let types: Vec<Type> = all[3..].iter().map(|value| value.r#type()).collect();
    let regions = op.regions().map(take_blocks).collect();
    let made = results(Builder::before(op).remake(op, &all, &types, regions)?);
    let mut left = made[results(op).len()..].iter();
    let after = Builder::before(op);
    for window in &windows {
        let numbers: Vec<Val> = left.by_ref().take(window.width).copied().collect();
        let tensor = window.store_left(after, [all[0], all[1]], made[window.number], &numbers)?;
        replace_all_uses(results(op)[window.number], tensor);
    }
    results(op).into_iter().zip(made).for_each(|(old, new)| replace_all_uses(old, new));
    erase(op);
    Ok(())
}

/// What an operation does with an element.
#[derive(Clone, Copy)]
enum Access {
    Read,
    Store { accumulate: bool },
}

/// The accesses of a loop's rounds to a tensor that it carries.
struct Window<'c> {
    block: Blk<'c>,
    fill: Fill<'c>,
    /// The tensor at the beginning of a round.
    now: Val<'c>,
    /// Its number among the values that the terminator passes on.
    number: usize,
    /// In the order of the versions of the tensor that they read or replace, with the distance of the element from that
    /// which leaves the window.
    accesses: Vec<(Op<'c>, Access, usize)>,
    /// The position of the element that leaves the window, and by how much positions grow with the distance.
    last: Val<'c>,
    step: i64,
    width: usize,
}

impl<'c> Window<'c> {
    fn of(op: Op<'c>, number: usize) -> Option<Window<'c>> {
        Rounds::of(op)?;
        let block = region_block(op, 0)?;
        let first = operands(op)[3 + number];
        let fill = Fill::of(first)?;
        let (arguments, yielded) = (block_args(block), block.terminator().map(operands)?);
        let now = arguments[1 + number];
        let found = accesses(block, now, *yielded.get(number)?)?;
        let is_useful = |(_, access, _): &(Op, Access, Val)| !matches!(access, Access::Store { accumulate: false });
        let is_stored = |(_, access, _): &(Op, Access, Val)| matches!(access, Access::Store { .. });
        if !found.iter().any(is_useful) || !found.iter().any(is_stored) {
            return None;
        }
        // All positions are p + i + c, or all are p - i + c.
        let forms: Vec<Form> = found.iter().map(|(_, _, position)| Form::of(*position)).collect();
        let induction = Some(arguments[0]);
        let like = *forms.first()?;
        let step = if like.plus == induction { 1 } else { -1 };
        let is_outside = |value| value_block(value) != Some(block);
        let moves = match like.minus {
            None => like.plus == induction,
            Some(minus) => Some(minus) == induction && like.plus.is_none_or(is_outside),
        };
        if !moves || forms.iter().any(|form| (form.plus, form.minus) != (like.plus, like.minus)) {
            return None;
        }
        let leaving = forms.iter().map(|form| form.constant * step).min()?;
        let distance = |form: &Form| form.constant * step - leaving;
        let width = forms.iter().map(distance).max().filter(|width| *width <= WIDEST)?;
        let at = |wanted| forms.iter().position(|form| distance(form) == wanted).map(|index| found[index].2);
        let (last, entering) = (at(0)?, at(width)?);
        // Reads of tensors that start like this one may go away as its own do, and their checks with them.
        let stays = |tensor| Fill::of(tensor).is_none();
        if !is_within(found[0].0, last, first, &stays) || !is_within(found[0].0, entering, first, &stays) {
            return None;
        }
        let accesses =
            found.iter().zip(&forms).map(|((op, access, _), form)| (*op, *access, distance(form) as usize)).collect();
        Some(Window { block, fill, now, number, accesses, last, step, width: width as usize })
    }

    /// Replaces the accesses, and returns the initial values of the numbers that the loop carries in addition. Their
    /// arguments are added to the block, and their next values to its terminator.
    fn promote(&self, op: Op<'c>, fp: FloatModel) -> Result<Vec<Val<'c>>> {
        let dtype = ValueType::of_value(self.now)?.dtype;
        let outside = Builder::before(op);
        let mut carried = Vec::new();
        let mut numbers = Vec::new();
        for _ in 0..self.width {
            let number = self.fill.number(outside)?;
            numbers.push(add_argument(self.block, number.r#type(), op.location()));
            carried.push(number);
        }
        let Some(start) = block_ops(self.block).first().copied() else { return Ok(Vec::new()) };
        numbers.push(self.fill.number(Builder::before(start))?);
        for (access, kind, distance) in &self.accesses {
            let b = Builder::before(*access);
            match kind {
                Access::Read => read_instead(*access, numbers[*distance])?,
                Access::Store { accumulate } => {
                    let row = operands(*access)[1];
                    let value = match element(row) {
                        Some(value) => value,
                        None => {
                            let zero = b.index(0)?;
                            let r#type = ValueType::number(dtype);
                            b.emit_typed(OpKind::TensorExtract, &Parameters::None, &[row, zero], &r#type)?
                        }
                    };
                    let number = numbers[*distance];
                    numbers[*distance] = match accumulate {
                        true if fp.may(License::ZeroSign) && is_zero(number) => value,
                        true => b.scalar(OpKind::ScalarAdd, &[number, value])?,
                        false => value,
                    };
                }
            }
        }
        let Some(end) = block_ops(self.block).last().copied() else { return Ok(Vec::new()) };
        let tensor = self.store(Builder::before(end), self.now, numbers[0], self.last)?;
        let mut next = operands(end);
        next[self.number] = tensor;
        next.extend(&numbers[1..]);
        set_operands(end, &next);
        for (access, _, _) in self.accesses.iter().rev() {
            erase(*access);
        }
        Ok(carried)
    }

    /// Stores a number in a tensor.
    fn store(&self, b: Builder<'c>, tensor: Val<'c>, number: Val<'c>, position: Val<'c>) -> Result<Val<'c>> {
        let row = ValueType::tensor(ValueType::of_value(tensor)?.dtype, vec![Some(1)]);
        let value = b.broadcast(number, &[], &row, &[])?;
        let update = Parameters::Update { starts: vec![Start::Operand], accumulate: false };
        b.emit(OpKind::ArrayUpdateSlice, &update, &[tensor, value, position])
    }

    /// Stores the numbers that are in the window after the last round, if there is one: a loop of at most one round.
    fn store_left(&self, b: Builder<'c>, range: [Val<'c>; 2], tensor: Val<'c>, left: &[Val<'c>]) -> Result<Val<'c>> {
        if left.is_empty() {
            return Ok(tensor);
        }
        let [first, end] = range;
        let (one, last) = (b.index(1)?, Form::of(self.last));
        let before = index(b, OpKind::ArithSubI, end, one)?;
        let from = index(b, OpKind::ArithMaxSI, before, first)?;
        let built = stepped_loop(&b, [from, end, one], &[tensor], |b, round, carried| {
            let mut tensor = carried[0];
            for (distance, number) in (1..).zip(left) {
                let constant = b.index(last.constant + self.step * distance)?;
                let position = match (self.step > 0, last.plus) {
                    (true, _) => index(*b, OpKind::ArithAddI, round, constant)?,
                    (false, None) => index(*b, OpKind::ArithSubI, constant, round)?,
                    (false, Some(plus)) => {
                        let difference = index(*b, OpKind::ArithSubI, plus, round)?;
                        index(*b, OpKind::ArithAddI, difference, constant)?
                    }
                };
                tensor = self.store(*b, tensor, *number, position)?;
            }
            Ok(vec![tensor])
        })?;
        Ok(built[0])
    }
}

/// Whether a number is the constant zero.
fn is_zero(number: Val) -> bool {
    let literal = defining_op(number).and_then(|op| match Parameters::of(OpKind::of(op)?, op)? {
        Parameters::Constant(literal) => literal.splat_value().map(|value| (value, literal.dtype)),
        _ => None,
    });
    literal.is_some_and(|(value, dtype)| value == Number::of_f64(0.0, dtype))
}

/// An operation on two indices.
fn index<'c>(b: Builder<'c>, kind: OpKind, x: Val<'c>, y: Val<'c>) -> Result<Val<'c>> {
    b.op(kind, &[x, y], &[x.r#type()], &[], vec![]).map(result)
}

/// The accesses to elements of a tensor and of what it becomes by them in a block, with their positions, if these are all
/// uses but the last, which passes it on.
fn accesses<'c>(block: Blk<'c>, now: Val<'c>, next: Val<'c>) -> Option<Vec<(Op<'c>, Access, Val<'c>)>> {
    let (mut found, mut tensor) = (Vec::new(), now);
    let end = operands(block.terminator()?);
    loop {
        let mut update = None;
        for user in users(tensor) {
            if user.block() != Some(block) {
                return None;
            }
            match (OpKind::of(user)?, Parameters::of(OpKind::of(user)?, user)) {
                (OpKind::ArrayUpdateSlice, Some(Parameters::Update { starts, accumulate })) => {
                    let all = operands(user);
                    let is_element = starts[..] == [Start::Operand]
                        && ValueType::of(all[1].r#type())?.extents() == [Some(1)]
                        && all[1] != tensor;
                    if !is_element || update.replace((user, Access::Store { accumulate }, all[2])).is_some() {
                        return None;
                    }
                }
                (OpKind::ArraySlice, Some(Parameters::Slice { starts, .. })) => {
                    let is_element =
                        starts[..] == [Start::Operand] && ValueType::of(result(user).r#type())?.extents() == [Some(1)];
                    found.push((user, Access::Read, is_element.then(|| operands(user)[1])?));
                }
                (OpKind::TensorExtract, _) => found.push((user, Access::Read, *operands(user).get(1)?)),
                _ if tensor == next && Some(user) == block_ops(block).last().copied() => {}
                _ => return None,
            }
        }
        let Some(update) = update else { break };
        tensor = result(update.0);
        found.push(update);
    }
    (tensor == next && end.iter().filter(|value| **value == next).count() == 1).then_some(found)
}

/// Replaces an element, or a slice of one element, by a number.
fn read_instead<'c>(read: Op<'c>, number: Val<'c>) -> Result<()> {
    let value = result(read);
    if OpKind::of(read) == Some(OpKind::TensorExtract) {
        replace_all_uses(value, number);
        return Ok(());
    }
    // What takes the slice as a number, without the tensor in between.
    for user in users(value) {
        let is_reshape = OpKind::of(user) == Some(OpKind::ArrayReshape);
        for inner in is_reshape.then(|| users(result(user))).into_iter().flatten() {
            if OpKind::of(inner) == Some(OpKind::TensorExtract) && operands(inner).len() == 1 {
                replace_all_uses(result(inner), number);
            }
        }
    }
    let b = Builder::before(read);
    let slice = b.broadcast(number, &[], &ValueType::of_value(value)?, &[])?;
    replace_all_uses(value, slice);
    Ok(())
}
