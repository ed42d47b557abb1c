//! A loop that counts its rounds, and a loop that repeats them.

use super::same::{Same, is_constant};
use super::tapes::{Reverse, Tape, is_count};
use crate::wider::Wider;
use dp_dialects::ir::{
    Blk, Op, Val, ValueMap, add_argument, ancestors, block_args, block_ops, constant_integer, defining_op, erase,
    is_pure, is_set, operands, region_block, replace_all_uses, result, results, set_operands, string_attribute,
    take_blocks, users, value_block, walk,
};
use dp_dialects::{Builder, Diagnostic, MlirType, OpKind, Parameters, Result, ScalarType, ValueType};
use dp_extents::loops::{Carried, Loop};
use dp_passes::copies::copy_ops;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::{Type, ValueLike};

/// The two loops.
pub(super) struct Pair<'c> {
    first: Op<'c>,
    second: Op<'c>,
    same: Same<'c>,
    /// What the second loop returns, and the number of the equal value that the first carries.
    carried: Vec<(Val<'c>, usize)>,
    tapes: Vec<Tape<'c>>,
    reverse: Vec<Reverse<'c>>,
    /// The operations of the second loop that the first does not have, and that tapes need.
    more: Vec<Op<'c>>,
}

impl<'c> Pair<'c> {
    /// A loop that repeats `first`, if `first` can do its work.
    pub(super) fn of(first: Op<'c>, with_records: bool) -> Option<Pair<'c>> {
        let looped = Loop::of(first)?;
        let counters = results(first).into_iter().zip(&looped.results).filter(|(_, own)| counts(&looped, **own));
        counters.into_iter().find_map(|(counter, own)| {
            let bounds = users(counter);
            let maxima = bounds.iter().filter(|op| OpKind::of(**op) == Some(OpKind::ArithMaxSI)).map(|op| result(*op));
            let mut loops: Vec<Op> = maxima.flat_map(users).collect();
            loops.extend(bounds.iter().copied());
            loops.retain(|op| OpKind::of(*op) == Some(OpKind::ScfFor) && op.block() == first.block());
            loops.into_iter().find_map(|second| Pair::with(&looped, first, second, (counter, *own), with_records))
        })
    }

    fn with(
        looped: &Loop<'c>,
        first: Op<'c>,
        second: Op<'c>,
        (counter, own): (Val<'c>, Val<'c>),
        with_records: bool,
    ) -> Option<Pair<'c>> {
        let bounds = operands(second);
        let is_plain = constant_integer(bounds[0]) == Some(0)
            && constant_integer(bounds[2]) == Some(1)
            && is_count(bounds[1], counter)
            && !is_set(second, "unsignedCmp");
        let body = region_block(second, 0).filter(|_| is_plain)?;
        let induction = *block_args(body).first()?;
        let (mut carried, mut tapes) = (Vec::new(), Vec::new());
        for (value, result) in Loop::of(second)?.carried.into_iter().zip(results(second)) {
            match Tape::of(&value, result, induction, counter) {
                Some(tape) => tapes.push(tape),
                None => carried.push((value, result)),
            }
        }
        tapes.retain(Tape::is_read);
        if !tapes.is_empty() && !with_records {
            return None;
        }
        let mut same = Same::of(looped);
        let values: Vec<Carried> = carried.iter().map(|(value, _)| *value).collect();
        let numbers = same.match_carried(looped, (own, body), &values)?;
        let reverse = Reverse::of(&tapes, first, counter)?;
        let more = more(&same, first, body, &tapes)?;
        let carried = carried.into_iter().map(|(_, result)| result).zip(numbers).collect();
        let pair = Pair { first, second, same, carried, tapes, reverse, more };
        (!pair.releases() || pair.is_alone() && pair.reverse.iter().all(Reverse::keeps_inside)).then_some(pair)
    }

    /// Whether the records are taken off the tape behind the last loop that reads them. Else they would add up in a loop
    /// around this one, or in a function that is called often. What a public function keeps is freed when it returns.
    fn releases(&self) -> bool {
        let is_function = |op: &Op<'c>| OpKind::of(*op) == Some(OpKind::FuncFunc);
        let Some(function) = ancestors(self.first).find(is_function) else { return false };
        let is_branch = |op: Op<'c>| matches!(OpKind::of(op), Some(OpKind::ScfIf | OpKind::ScfIndexSwitch));
        let is_private = string_attribute(function, "sym_visibility") == Some("private");
        let is_repeated = is_private || !ancestors(self.first).take_while(|op| !is_function(op)).all(is_branch);
        !self.tapes.is_empty() && is_repeated
    }

    /// Whether nothing else is recorded before the last loop has read its tapes.
    fn is_alone(&self) -> bool {
        let records = |op: Op<'c>| {
            let mut found = false;
            walk(op, &mut |inner| {
                found |= matches!(OpKind::of(inner), Some(OpKind::AdRecord | OpKind::FuncCall));
            });
            found
        };
        let is_last = |op: Op<'c>| self.last_reader() == Some(op);
        let from = std::iter::successors(Some(self.first), |op| following(*op).filter(|_| !is_last(*op)));
        from.into_iter().all(|op| !records(op))
    }

    fn last_reader(&self) -> Option<Op<'c>> {
        let is_reader = |op: &Op<'c>| self.reverse.iter().any(|reverse| reverse.op == *op);
        std::iter::successors(Some(self.first), |op| following(*op)).filter(is_reader).last()
    }

    /// Makes the first loop do what the second does, and returns it.
    ///
    /// # Errors
    /// If MLIR rejects an operation.
    pub(super) fn merge(mut self) -> Result<Op<'c>> {
        let b = Builder::before(self.first);
        let broken = || Diagnostic::internal("internal error: a loop without a body");
        let index = ScalarType::Index.to_type(b.context());
        let mut wider = Wider::of(self.first).ok_or_else(broken)?;
        let mut ends = Vec::new();
        for (_, number) in &self.carried {
            let argument = wider.argument(*number);
            ends.push(wider.pass(argument));
        }
        let mut kept = None;
        if !self.tapes.is_empty() {
            // A record of nothing, behind which the others stand.
            let mark = match self.releases() {
                true => Some(result(b.op(OpKind::AdRecord, &[], &[index], &[], vec![])?)),
                false => None,
            };
            let position = wider.carry(mark.map_or_else(|| b.index(0), Ok)?);
            let end = wider.end().ok_or_else(broken)?;
            let values = self.stored(&mut wider, Builder::before(end));
            let before = wider.inside(position);
            let all: Vec<Val> = values.into_iter().chain([before]).collect();
            let record = result(Builder::before(end).op(OpKind::AdRecord, &all, &[index], &[], vec![])?);
            let next: Vec<Val> = operands(end).into_iter().chain([record]).collect();
            set_operands(end, &next);
            kept = Some((wider.pass(position), mark));
        }
        let made = wider.finish()?;
        self.first = made;
        let all = results(made);
        for ((old, _), end) in self.carried.iter().zip(ends) {
            replace_all_uses(*old, all[end]);
        }
        if let Some((last, mark)) = kept {
            self.read(all[last], mark)?;
        }
        erase(self.second);
        Ok(made)
    }

    /// What a round stores, at the end of the second block of the first loop.
    fn stored(&self, wider: &mut Wider<'c>, end: Builder<'c>) -> Vec<Val<'c>> {
        let mut copies = ValueMap::new();
        let mut find = |value: Val<'c>, copies: &mut ValueMap<Val<'c>>| {
            if copies.contains(value) {
                return;
            }
            match (self.same.value(value), defining_op(value).filter(|op| is_constant(*op))) {
                (Some(own), _) => copies.insert(value, wider.inside(own)),
                (None, Some(constant)) => copies.insert(value, result(end.clone_op(constant, &[]))),
                (None, None) => None,
            };
        };
        for op in &self.more {
            used(*op).into_iter().for_each(|value| find(value, &mut copies));
            copy_ops(end, &[*op], &mut copies);
        }
        let mut all = Vec::new();
        for tape in &self.tapes {
            find(tape.stored, &mut copies);
            all.push(copies.get(tape.stored).copied().unwrap_or(tape.stored));
        }
        all
    }

    /// The loops that read tapes carry the position of a record instead.
    fn read(&mut self, last: Val<'c>, mark: Option<Val<'c>>) -> Result<()> {
        let index = last.r#type();
        let types: Vec<Type> = self.tapes.iter().map(|tape| tape.stored.r#type()).chain([index]).collect();
        for reverse in &mut self.reverse {
            let op = reverse.op;
            let Some(body) = region_block(op, 0) else { continue };
            let position = add_argument(body, index, op.location());
            let start = Builder::before(block_ops(body)[0]).located(op.location());
            let kept = results(start.op(OpKind::AdRecall, &[position], &types, &[], vec![])?);
            for (read, tape) in &reverse.reads {
                replace_all_uses(result(*read), shaped(*read, kept[*tape])?);
                erase(*read);
            }
            if let Some(end) = block_ops(body).pop() {
                let next: Vec<Val> = operands(end).into_iter().chain(kept.last().copied()).collect();
                set_operands(end, &next);
            }
            let given: Vec<Val> = operands(op).into_iter().chain([last]).collect();
            let types: Vec<Type> = results(op).iter().map(|value| value.r#type()).chain([index]).collect();
            let made = Builder::before(op).remake(op, &given, &types, op.regions().map(take_blocks).collect())?;
            results(op).into_iter().zip(results(made)).for_each(|(old, new)| replace_all_uses(old, new));
            erase(op);
            reverse.op = made;
        }
        if let (Some(mark), Some(next)) = (mark, self.last_reader().and_then(following)) {
            Builder::before(next).op(OpKind::AdRelease, &[mark], &[], &[], vec![])?;
        }
        Ok(())
    }
}

/// What was read from a record, in the shape in which an operation reads it from a tape: a tensor has one dimension less.
fn shaped<'c>(read: Op<'c>, value: Val<'c>) -> Result<Val<'c>> {
    let (is, wanted) = (ValueType::of_value(value)?, ValueType::of_value(result(read))?);
    if is == wanted && is.is_static() {
        return Ok(value);
    }
    // The operands after the tape and the place are the extents.
    let given: Vec<Val> = std::iter::once(value).chain(operands(read).split_off(2)).collect();
    Builder::before(read).emit_typed(OpKind::ArrayReshape, &Parameters::None, &given, &wanted)
}

/// The next operation of the block.
fn following(op: Op<'_>) -> Option<Op<'_>> {
    // SAFETY: the operation lives as long as its block, which lives for the pass.
    op.next_in_block().map(|next| unsafe { melior::ir::operation::OperationRef::from_raw(next.to_raw()) })
}

/// Whether a carried value of a loop is the number of the round.
fn counts<'c>(looped: &Loop<'c>, value: Val<'c>) -> bool {
    let carried = looped.carried.iter().find(|carried| carried.argument == value);
    let Some(carried) = carried.filter(|carried| constant_integer(carried.initial) == Some(0)) else { return false };
    let is_index = ValueType::of(carried.argument.r#type()) == Some(ValueType::number(ScalarType::Index));
    let sum =
        defining_op(carried.next).filter(|op| is_index && OpKind::of(*op) == Some(OpKind::ArithAddI)).map(operands);
    let is_own = |own: Val<'c>| looped.passed.iter().any(|(inner, passed)| *inner == own && *passed == value);
    let with_one = |own, one| is_own(own) && constant_integer(one) == Some(1);
    sum.is_some_and(|all| with_one(all[0], all[1]) || with_one(all[1], all[0]))
}

/// The values from outside that an operation and its regions use.
fn used<'c>(op: Op<'c>) -> Vec<Val<'c>> {
    let mut found = Vec::new();
    let is_inside = |value: Val<'c>| {
        let home = value_block(value).and_then(|block| block.parent_operation());
        home.is_some_and(|home| home == op || ancestors(home).any(|outer| outer == op))
    };
    walk(op, &mut |inner| found.extend(operands(inner).into_iter().filter(|value| !is_inside(*value))));
    found
}

/// The operations of a body that compute what is stored and that the first loop does not have. `None` if they need
/// values that are not there before the first loop, or if the body does anything else.
fn more<'c>(same: &Same<'c>, first: Op<'c>, body: Blk<'c>, tapes: &[Tape<'c>]) -> Option<Vec<Op<'c>>> {
    let all = block_ops(body);
    let (_, computed) = all.split_last()?;
    if !computed.iter().all(|op| is_pure(*op) || same.has(*op)) {
        return None;
    }
    let mut needed: Vec<Val> = tapes.iter().map(|tape| tape.stored).collect();
    let mut again = dp_dialects::ir::ValueSet::default();
    while let Some(value) = needed.pop() {
        if same.value(value).is_some() || defining_op(value).is_some_and(is_constant) {
            continue;
        }
        match defining_op(value) {
            Some(op) if value_block(value) == Some(body) => {
                if results(op).into_iter().all(|result| again.insert(result)) {
                    needed.extend(used(op));
                }
            }
            _ if value_block(value) != Some(body) && is_before(value, first) => {}
            _ => return None,
        }
    }
    let is_again = |op: &&Op<'c>| results(**op).into_iter().any(|result| again.contains(result));
    Some(computed.iter().filter(is_again).copied().collect())
}

/// Whether a value from outside of a loop beside `op` is there before `op`.
fn is_before<'c>(value: Val<'c>, op: Op<'c>) -> bool {
    let Some(maker) = defining_op(value).filter(|_| value_block(value) == op.block()) else { return true };
    std::iter::successors(following(op), |next| following(*next)).all(|next| next != maker) && maker != op
}
