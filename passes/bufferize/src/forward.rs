//! `forward-buffers`: the blocks of a loop pass buffers to one another, with copies where they are needed.
//!
//! Bufferization copies what the condition of an `scf.while` passes to the body, and what a round of `scf.for` yields at
//! another place than the one at which it is given it. A copy is not needed if nothing else has the memory of its source:
//! the loop owns it. What a round allocates is its own, and what it is given is its own if each round yields buffers that
//! it owns, at one place each. The places at which this holds are found as a greatest fixed point: all are assumed to be
//! owned, then those that contradict are removed.
//!
//! But bufferization yields a tensor from outside of an `scf.while`, or one tensor at two places, as it is, even where the
//! first block updates it in place. There a copy is yielded.

use crate::copies::saved;
use crate::rounds::Part;
use crate::views::{VIEWS, origins};
use dp_dialects::ir::{
    Op, Val, ancestors, block_ops, defining_op, erase, is_pure, operands, results, users, value_block, walk,
};
use dp_dialects::{Builder, OpKind, Result};
use dp_loopnest::structured::{is_buffer, is_named};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass, dce};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;

/// `forward-buffers`.
pub static FORWARD_BUFFERS: Pass = Pass {
    flag: "forward-buffers",
    summary: "pass buffers between the blocks of loops without copies",
    description: "Takes functions on buffers, after bufferization and before `rotate-buffers`. Where the condition of \
        `scf.while` passes a copy of a buffer to the body, or a round of `scf.for` to the next round, and only the loop \
        has the memory of that buffer, it passes the buffer itself. Where the body of `scf.while` yields a buffer that \
        is used elsewhere, and the first block writes to it, the body yields a copy.",
    body: run,
};

/// Whether an operation is a loop whose blocks pass values to one another.
pub fn is_loop(op: Op) -> bool {
    matches!(OpKind::of(op), Some(OpKind::ScfFor | OpKind::ScfWhile))
}

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let mut found = Vec::new();
    walk(module, &mut |op| found.extend(is_loop(op).then_some(op)));
    for op in found {
        if let Some(mut forwarded) = Forwarded::of(op) {
            forwarded.settle();
            forwarded.apply().map_err(|diagnostic| diagnostic.report(op.location()))?;
        }
    }
    Ok(())
}

/// What the blocks of a loop pass to one another.
struct Forwarded<'c> {
    op: Op<'c>,
    first: Part<'c>,
    /// The block after the condition.
    second: Option<Part<'c>>,
    /// What the first block passes on.
    passed: Vec<Passed<'c>>,
    /// Whether the loop owns the buffer that a round is given at a place.
    is_given: Vec<bool>,
    /// Whether the second block yields a copy at a place.
    is_copied: Vec<bool>,
}

/// A value that the first block passes on.
struct Passed<'c> {
    value: Val<'c>,
    /// The copy that makes it, and the source of the copy, while the source may be passed instead.
    copy: Option<(Op<'c>, Val<'c>)>,
}

impl<'c> Passed<'c> {
    fn of(value: Val<'c>, last: Op<'c>) -> Self {
        let copy = || {
            let [one, other] = users(value)[..] else { return None };
            let copy = if one == last { other } else { one };
            let alloc = defining_op(value).filter(|op| is_named(*op, "memref.alloc") && op.block() == last.block())?;
            let [from, to] = operands(copy)[..] else { return None };
            let is_copy = is_named(copy, "memref.copy") && to == value && from != value;
            let is_used = copy.block() == last.block() && (one == last || other == last);
            // Nothing is written in between but memory that is allocated here.
            let between = block_ops(last.block()?).into_iter().skip_while(|op| *op != alloc).filter(|op| *op != last);
            let is_final = is_used && between.into_iter().all(|op| is_local(op, from));
            (is_copy && is_final && from.r#type() == value.r#type()).then_some((copy, from))
        };
        Passed { value, copy: copy() }
    }

    /// The buffer that is passed on in the end.
    fn source(&self) -> Val<'c> {
        self.copy.map_or(self.value, |(_, from)| from)
    }
}

impl<'c> Forwarded<'c> {
    /// The first assumption: the loop owns all buffers that nothing outside uses during the loop or later.
    fn of(op: Op<'c>) -> Option<Self> {
        let (first, second) = (Part::of(op, 0)?, Part::of(op, 1));
        let passed = first.passed().into_iter().map(|value| Passed::of(value, first.last)).collect();
        let given = operands(op).split_off(operands(op).len() - first.given().len());
        let is_given = given.iter().map(|value| is_buffer(*value) && is_last_use(*value, op)).collect();
        let is_copied = vec![false; given.len()];
        Some(Forwarded { op, first, second, passed, is_given, is_copied })
    }

    /// Removes assumptions until none contradicts.
    fn settle(&mut self) {
        let may_write = |value: &Val<'c>| self.second.is_some() && is_buffer(*value) && is_written(*value);
        let is_written: Vec<bool> = self.first.given().iter().map(may_write).collect();
        loop {
            let sources: Vec<Vec<Val>> = self.passed.iter().map(|passed| self.origins(passed.source())).collect();
            let is_copy = |place: usize| self.passed[place].copy.is_some();
            // Of several places that pass one buffer, one gets it: one that is not a copy, or the first.
            let is_passed: Vec<bool> = (0..sources.len())
                .map(|place| {
                    let comes_first = |other: usize| !is_copy(place) || !is_copy(other) || other < place;
                    let others = || (0..sources.len()).filter(|other| *other != place && comes_first(*other));
                    sources[place].iter().all(|source| {
                        self.is_own(*source, self.first, &self.is_given)
                            && !others().any(|other| sources[other].contains(source))
                    })
                })
                .collect();
            if let Some(place) = (0..sources.len()).find(|place| is_copy(*place) && !is_passed[*place]) {
                self.passed[place].copy = None;
                continue;
            }
            let is_kept = self.second.map_or_else(|| is_passed.clone(), |second| self.kept(second, &is_passed));
            let is_wrong = |place: &usize| (self.is_given[*place] || is_written[*place]) && !is_kept[*place];
            let Some(place) = (0..is_kept.len()).find(is_wrong) else { return };
            match is_written[place] {
                true => self.is_copied[place] = true,
                false => self.is_given[place] = false,
            }
        }
    }

    /// Whether the loop owns what the second block yields, at each place.
    fn kept(&self, second: Part<'c>, is_passed: &[bool]) -> Vec<bool> {
        let of_place = |(place, value)| if self.is_copied[place] { Vec::new() } else { self.origins(value) };
        let yielded: Vec<Vec<Val>> = second.passed().into_iter().enumerate().map(of_place).collect();
        let is_shared = |source: &Val<'c>| yielded.iter().filter(|others| others.contains(source)).count() > 1;
        let is_kept =
            |of: &Vec<Val<'c>>| of.iter().all(|source| self.is_own(*source, second, is_passed) && !is_shared(source));
        yielded.iter().map(is_kept).collect()
    }

    fn origins(&self, value: Val<'c>) -> Vec<Val<'c>> {
        if is_buffer(value) { origins(value, self.op) } else { Vec::new() }
    }

    /// Whether a buffer is one that the round allocates, or one that the loop owns and gives to a block.
    fn is_own(&self, buffer: Val<'c>, part: Part<'c>, is_given: &[bool]) -> bool {
        match defining_op(buffer) {
            Some(op) => is_named(op, "memref.alloc") && ancestors(op).any(|outer| outer == self.op),
            None => part.given().iter().zip(is_given).any(|(given, is_own)| *given == buffer && *is_own),
        }
    }

    fn apply(self) -> Result<()> {
        self.first.pass(self.passed.iter().map(Passed::source).collect());
        for passed in &self.passed {
            if let (Some((copy, _)), Some(alloc)) = (passed.copy, defining_op(passed.value)) {
                erase(copy);
                erase(alloc);
            }
        }
        // The extents of what was allocated.
        dce::eliminate(self.first.block);
        let Some(second) = self.second else { return Ok(()) };
        let b = Builder::before(second.last).located(self.op.location());
        let copied = |(value, is_copied)| if is_copied { saved(&b, value, value) } else { Ok(value) };
        second.pass(second.passed().into_iter().zip(self.is_copied).map(copied).collect::<Result<Vec<_>>>()?);
        Ok(())
    }
}

/// Whether an operation writes at most to other memory than a buffer's, that its block allocates.
fn is_local(op: Op, buffer: Val) -> bool {
    let is_allocated = |value: &Val| {
        let maker = defining_op(*value).filter(|maker| is_named(*maker, "memref.alloc"));
        *value != buffer && maker.is_some_and(|maker| maker.block() == op.block())
    };
    let is_copy = is_named(op, "memref.copy") && operands(op).get(1).is_some_and(is_allocated);
    is_copy || is_pure(op) || is_named(op, "memref.alloc")
}

/// Whether a loop is given a buffer at one place, and nothing else uses this buffer in the loop or later.
fn is_last_use<'c>(given: Val<'c>, op: Op<'c>) -> bool {
    let buffer = crate::views::buffer(given);
    let (mut names, mut uses) = (vec![buffer], Vec::new());
    while let Some(name) = names.pop() {
        for user in users(name).into_iter().filter(|user| !is_named(*user, "memref.dim")) {
            match VIEWS.iter().any(|view| is_named(user, view)) {
                true => names.extend(results(user)),
                false => uses.push(user),
            }
        }
    }
    let (own, others): (Vec<Op>, Vec<Op>) = uses.into_iter().partition(|user| *user == op);
    let Some(block) = op.block().filter(|block| value_block(buffer) == Some(*block) && own.len() == 1) else {
        return false;
    };
    let earlier: Vec<Op> = block_ops(block).into_iter().take_while(|other| *other != op).collect();
    let is_earlier = |user: Op<'c>| std::iter::once(user).chain(ancestors(user)).any(|user| earlier.contains(&user));
    others.into_iter().all(is_earlier)
}

/// Whether a block may write to a buffer that it is given.
fn is_written(given: Val) -> bool {
    users(given).into_iter().any(|user| {
        let is_read = match operands(user)[..] {
            [from, to] if is_named(user, "memref.copy") => from == given && to != given,
            _ => ["memref.dim", "memref.load", "scf.condition"].iter().any(|name| is_named(user, name)),
        };
        let is_view = VIEWS.iter().any(|name| is_named(user, name));
        !(is_read || is_view && results(user).into_iter().all(|view| !is_written(view)))
    })
}
