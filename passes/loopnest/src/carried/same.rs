//! Carried values that never change, or that always equal another, and branches that return the same value in each case.

use super::is_loop;
use crate::branches::is_branch;
use crate::names::{Name, Names};
use dp_dialects::OpKind;
use dp_dialects::ir::{
    Blk, Op, Val, ValueMap, ancestors, block_ops, defining_op, operands, region_block, replace_all_uses, results,
    value_block, value_index,
};
use dp_extents::loops::{Carried, Loop};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use std::collections::HashMap;
use std::hash::Hash;

/// How often the classes of equal carried values are refined.
const ROUNDS: usize = 32;

/// Replaces, in a construct and after it, values that are known to be others.
pub(super) fn replace(op: Op) {
    if is_loop(op) {
        carried(op);
        passed(op);
    } else {
        branches(op);
    }
}

/// A branch that returns a value from outside, the same in each case.
fn branches(op: Op) {
    let blocks: Vec<_> = (0..op.region_count()).map(|index| region_block(op, index)).collect();
    for result in results(op) {
        let yielded = |index: usize| {
            blocks[index].and_then(|block| operands(block.terminator()?).get(value_index(result)).copied())
        };
        let Some(first) = yielded(0).filter(|first| is_outside(*first, op)) else { continue };
        if (1..blocks.len()).all(|index| yielded(index) == Some(first)) {
            replace_all_uses(result, first);
        }
    }
}

/// Whether a value is defined outside of an operation that uses it.
fn is_outside<'c>(value: Val<'c>, op: Op<'c>) -> bool {
    let owner = value_block(value).and_then(|block| block.parent_operation());
    owner.is_some_and(|owner| owner != op && ancestors(owner).all(|outer| outer != op))
}

/// Carried values that never change, or that always equal another.
fn carried(op: Op) {
    let Some(looped) = Loop::of(op) else { return };
    let Some(classes) = Classes::of(&looped) else { return };
    let results = if OpKind::of(op) == Some(OpKind::ScfFor) { results(op) } else { Vec::new() };
    let mut firsts = Vec::new();
    for (number, carried) in looped.carried.iter().enumerate() {
        if classes.class[number] == firsts.len() {
            firsts.push(number);
        }
        let first = firsts[classes.class[number]];
        let equal = match classes.unchanged[number] {
            true => (carried.initial, Some(carried.initial)),
            false if first < number => (looped.carried[first].argument, results.get(first).copied()),
            false => continue,
        };
        replace_all_uses(carried.argument, equal.0);
        if let (Some(result), Some(equal)) = (results.get(number), equal.1) {
            replace_all_uses(*result, equal);
        }
    }
}

/// What a `while` passes on from outside, or twice.
fn passed(op: Op) {
    let Some(looped) = Loop::of(op) else { return };
    let mut firsts: ValueMap<usize> = ValueMap::new();
    for (number, ((own, passed), result)) in looped.passed.iter().zip(results(op)).enumerate() {
        if is_outside(*passed, op) {
            replace_all_uses(*own, *passed);
            replace_all_uses(result, *passed);
        } else if let Some(first) = firsts.get(*passed).copied() {
            replace_all_uses(*own, looped.passed[first].0);
            replace_all_uses(result, results(op)[first]);
        } else {
            firsts.insert(*passed, number);
        }
    }
}

/// Which values that a loop carries are equal in each iteration. All with equal initial values are assumed to be equal and
/// not to change, until an iteration shows otherwise: what remains holds by induction over the iterations.
#[derive(PartialEq)]
struct Classes {
    /// For each carried value the number of its class, in the order of the first ones.
    class: Vec<usize>,
    /// Whether it always is its initial value.
    unchanged: Vec<bool>,
}

impl Classes {
    /// `None` if the assumption is wrong in too many ways.
    fn of(looped: &Loop) -> Option<Classes> {
        let mut names = Names::default();
        let initial = looped.carried.iter().map(|carried| initial(&mut names, carried)).collect();
        let mut classes = Classes { class: numbered(initial), unchanged: vec![true; looped.carried.len()] };
        for _ in 0..ROUNDS {
            let refined = classes.refine(looped);
            if refined == classes {
                return Some(classes);
            }
            classes = refined;
        }
        None
    }

    /// The classes after an iteration that begins with these.
    fn refine(&self, looped: &Loop) -> Classes {
        let mut names = Names::default();
        let initial: Vec<Name> = looped.carried.iter().map(|carried| initial(&mut names, carried)).collect();
        let own = names.fresh(looped.carried.len());
        for (number, carried) in looped.carried.iter().enumerate() {
            let name = if self.unchanged[number] { initial[number] } else { own + self.class[number] };
            names.set(carried.argument, name);
        }
        for block in &looped.blocks {
            for (own, passed) in &looped.passed {
                if value_block(*own) == Some(*block) {
                    let name = names.get(*passed);
                    names.set(*own, name);
                }
            }
            evaluate(&mut names, *block);
        }
        let next: Vec<Name> = looped.carried.iter().map(|carried| names.get(carried.next)).collect();
        let unchanged: Vec<bool> =
            (0..next.len()).map(|number| self.unchanged[number] && next[number] == initial[number]).collect();
        let keys = (0..next.len()).map(|number| (self.class[number], unchanged[number], next[number])).collect();
        Classes { class: numbered(keys), unchanged }
    }
}

/// The name of an initial value.
fn initial(names: &mut Names, carried: &Carried) -> Name {
    if let Some(op) = defining_op(carried.initial) {
        names.learn(op);
    }
    names.get(carried.initial)
}

/// Numbers for keys, in the order of the first ones.
fn numbered<K: Eq + Hash>(keys: Vec<K>) -> Vec<usize> {
    let mut numbers = HashMap::new();
    let number = |key| {
        let next = numbers.len();
        *numbers.entry(key).or_insert(next)
    };
    keys.into_iter().map(number).collect()
}

/// Names what a block computes, branches included.
fn evaluate<'c>(names: &mut Names, block: Blk<'c>) {
    for op in block_ops(block) {
        names.learn(op);
        if !is_branch(op) {
            continue;
        }
        let blocks: Vec<Blk> = (0..op.region_count()).filter_map(|region| region_block(op, region)).collect();
        blocks.iter().for_each(|block| evaluate(names, *block));
        let ends: Vec<Vec<Val>> =
            blocks.iter().map(|block| block.terminator().map(operands).unwrap_or_default()).collect();
        let selector = names.get(operands(op)[0]);
        for (number, result) in results(op).into_iter().enumerate() {
            let cases: Vec<Name> =
                ends.iter().filter_map(|end| end.get(number).copied()).map(|value| names.get(value)).collect();
            names.choose(op, result, selector, &cases);
        }
    }
}
