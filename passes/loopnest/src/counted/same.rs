//! Which values of one loop body are values of another.
//!
//! Carried values that start equal are assumed to be equal in each round; then operations of the same kind on equal
//! operands have equal results. If the next values are equal too, the assumption holds, by induction over the rounds.

use dp_dialects::ir::{
    Blk, Op, Val, ValueMap, block_args, block_ops, defining_op, is_pure, key, operands, results, walk,
};
use dp_extents::loops::Loop;
use melior::ir::operation::OperationLike;
use melior::ir::{RegionLike, ValueLike};
use std::collections::HashMap;

/// An operation with its operands: equal keys mean equal results.
type Key = Vec<usize>;

/// How many assumptions are tried.
const TRIES: usize = 64;

/// The values of an `scf.while`, under the names that another loop gives to its values.
pub(super) struct Same<'c> {
    /// The operations of the loop.
    table: HashMap<Key, Op<'c>>,
    /// One value for each constant.
    constants: HashMap<Key, Val<'c>>,
    /// Equal values of the loop: for an argument of the second block the value that the first passes to it, and for a
    /// result of an operation that of an earlier one that does the same.
    equal: ValueMap<Val<'c>>,
    /// Values of the other loop, and those that equal them.
    known: ValueMap<Val<'c>>,
}

impl<'c> Same<'c> {
    /// The values of a loop.
    pub(super) fn of(looped: &Loop<'c>) -> Self {
        let mut same =
            Same { table: HashMap::new(), constants: HashMap::new(), equal: ValueMap::new(), known: ValueMap::new() };
        for (own, passed) in &looped.passed {
            same.equal.insert(*own, *passed);
        }
        for op in looped.blocks.iter().flat_map(|block| block_ops(*block)) {
            let key = same.key(op);
            let earlier = same.table.entry(key).or_insert(op).to_owned();
            for (own, equal) in results(op).into_iter().zip(results(earlier)).filter(|_| earlier != op && is_pure(op)) {
                same.equal.insert(own, equal);
            }
        }
        same
    }

    /// Assumes that some of the values that a counted loop carries are carried by this one, and proves it. Returns, for
    /// each value of `carried`, the number of the value of this loop.
    pub(super) fn match_carried(
        &mut self,
        looped: &Loop<'c>,
        (counter, body): (Val<'c>, Blk<'c>),
        carried: &[dp_extents::loops::Carried<'c>],
    ) -> Option<Vec<usize>> {
        looped.carried.iter().chain(carried).for_each(|value| self.enter(value.initial));
        let mut candidates = Vec::new();
        for value in carried {
            let start = self.name(value.initial);
            let like = |number: &usize| self.name(looped.carried[*number].initial) == start;
            candidates.push((0..looped.carried.len()).filter(like).collect::<Vec<usize>>());
        }
        let mut chosen = vec![0; carried.len()];
        for _ in 0..TRIES {
            self.known = ValueMap::new();
            self.known.insert(*block_args(body).first()?, counter);
            for ((value, of), chosen) in carried.iter().zip(&candidates).zip(&chosen) {
                self.known.insert(value.argument, looped.carried[*of.get(*chosen)?].argument);
            }
            for op in block_ops(body) {
                self.learn(op);
            }
            let next = |place: usize| looped.carried[candidates[place][chosen[place]]].next;
            let wrong = (0..carried.len()).find(|place| self.name(carried[*place].next) != self.name(next(*place)));
            match wrong {
                None => return Some((0..carried.len()).map(|place| candidates[place][chosen[place]]).collect()),
                Some(place) => chosen[place] += 1,
            }
        }
        None
    }

    /// The value of this loop that equals a value of the other; not for constants.
    pub(super) fn value(&self, value: Val<'c>) -> Option<Val<'c>> {
        self.known.get(value).copied()
    }

    /// Whether the loop has an operation that does the same.
    pub(super) fn has(&self, op: Op<'c>) -> bool {
        self.table.contains_key(&self.key_of(op))
    }

    fn learn(&mut self, op: Op<'c>) {
        let key = self.key(op);
        if is_constant(op) {
            return;
        }
        if let Some(own) = self.table.get(&key).copied() {
            for (value, own) in results(op).into_iter().zip(results(own)) {
                self.known.insert(value, own);
            }
        }
    }

    /// The name of a value: equal names mean equal values.
    fn name(&self, value: Val<'c>) -> usize {
        let mut value = value;
        loop {
            let next = self.equal.get(value).or_else(|| self.known.get(value)).copied();
            match next {
                Some(next) => value = next,
                None => break,
            }
        }
        let constant = defining_op(value).filter(|op| is_constant(*op));
        constant.and_then(|op| self.constants.get(&self.key_of(op)).copied()).map_or(key(value), key)
    }

    /// Enters a value that is a constant.
    fn enter(&mut self, value: Val<'c>) {
        if let Some(op) = defining_op(value).filter(|op| is_constant(*op)) {
            let key = self.key_of(op);
            self.constants.entry(key).or_insert(value);
        }
    }

    /// The key of an operation, whose constants are entered.
    fn key(&mut self, op: Op<'c>) -> Key {
        walk(op, &mut |inner| operands(inner).into_iter().chain(results(inner)).for_each(|value| self.enter(value)));
        self.key_of(op)
    }

    fn key_of(&self, op: Op<'c>) -> Key {
        let mut key = Vec::new();
        self.write(op, &mut ValueMap::new(), &mut key);
        key
    }

    /// Values that the operation defines itself are numbered.
    fn write(&self, op: Op<'c>, own: &mut ValueMap<usize>, key: &mut Key) {
        key.push(op.name().to_raw().ptr as usize);
        for (name, attribute) in op.attributes() {
            key.extend([
                name.to_raw().ptr as usize,
                melior::ir::attribute::AttributeLike::to_raw(&attribute).ptr as usize,
            ]);
        }
        key.push(usize::MAX);
        for value in operands(op) {
            match own.get(value) {
                Some(number) => key.push(*number),
                None => key.push(self.name(value)),
            }
        }
        key.push(usize::MAX);
        let define = |value: Val<'c>, own: &mut ValueMap<usize>, key: &mut Key| {
            // The number of a value is the place of its type in the key. Names are addresses, which are greater.
            own.insert(value, key.len());
            key.push(melior::ir::TypeLike::to_raw(&value.r#type()).ptr as usize);
        };
        for region in op.regions() {
            let mut next = region.first_block();
            while let Some(block) = next {
                // SAFETY: the block lives as long as its operation.
                let block: Blk<'c> = unsafe { melior::ir::BlockRef::from_raw(block.to_raw()) };
                block_args(block).into_iter().for_each(|argument| define(argument, own, key));
                for inner in block_ops(block) {
                    self.write(inner, own, key);
                }
                key.push(usize::MAX);
                next = melior::ir::BlockLike::next_in_region(&block);
            }
        }
        results(op).into_iter().for_each(|result| define(result, own, key));
    }
}

/// Whether an operation is a constant.
pub(super) fn is_constant(op: Op) -> bool {
    op.operand_count() == 0 && op.region_count() == 0 && op.result_count() == 1 && is_pure(op)
}
