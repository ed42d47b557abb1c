//! Branches of a block on the same value.
//!
//! The second of two moves to the first, with the operations between them that it needs. This is possible if none of
//! those needs a result of the first. What only the second needed of the first is then not passed on any more.

use super::is_branch;
use crate::names::{Name, Names};
use crate::structured::{address, all_blocks};
use dp_dialects::ir::{
    Blk, Op, Val, ValueMap, ValueSet, block_args, block_ops, defining_op, i64_array, is_pure, is_unused, move_before,
    operands, region_block, replace_all_uses, results, set_operand, set_operands, take_blocks, value_block, walk,
};
use dp_dialects::marks::PULLBACK;
use dp_dialects::{Builder, OpKind, Result};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::{Region, Type, ValueLike};
use std::collections::{BTreeSet, HashMap};

/// How many operations between two branches are looked at, so that the time is linear in the size of a program.
const BETWEEN: usize = 256;

/// Merges the branches in the blocks of an operation, outer ones first: their inner ones may then be in one block.
pub(super) fn merge(function: Op) -> Result<()> {
    let mut names = Names::default();
    let mut late = Late::of(function);
    let mut pending = all_blocks(function);
    while let Some(block) = pending.pop() {
        Block::of(block, &mut names, &late).merge()?;
        pending.extend(block_ops(block).into_iter().flat_map(all_blocks));
        // The other blocks are not divided.
        late = Late::default();
    }
    Ok(())
}

/// The values that depend on the cotangents of a function that is divided into two: the first half, which computes the
/// results, has no branch of the second.
#[derive(Default)]
struct Late(ValueSet);

impl Late {
    fn of(function: Op) -> Late {
        let mut late = Late::default();
        let (Some(mark), Some(block)) = (PULLBACK.of(function), region_block(function, 0)) else { return late };
        // The carriers among the results have a cotangent each, which are the last arguments.
        let count = mark.first().and_then(|count| usize::try_from(*count).ok()).unwrap_or_default();
        let outputs = block.terminator().map(operands).unwrap_or_default();
        let is_carrier =
            |value: &&Val| dp_dialects::ValueType::of(value.r#type()).is_some_and(|of| of.dtype.is_differentiable());
        let carriers = outputs.iter().take(count).filter(is_carrier).count();
        let arguments = block_args(block);
        late.0.extend(arguments.into_iter().rev().take(carriers));
        for op in block_ops(block) {
            if late.depends(op) {
                late.0.extend(results(op));
            }
        }
        late
    }

    /// Whether an operation uses such a value.
    fn depends(&self, op: Op) -> bool {
        let mut found = false;
        walk(op, &mut |inner| found |= operands(inner).into_iter().any(|value| self.0.contains(value)));
        found
    }
}

/// Branches on one value that become one.
struct Group<'c> {
    branches: Vec<Op<'c>>,
    is_late: bool,
}

/// A block, and the groups in it.
struct Block<'a, 'c> {
    block: Blk<'c>,
    names: &'a mut Names,
    late: &'a Late,
    groups: Vec<Group<'c>>,
    /// The last group on a value.
    last: HashMap<Name, usize>,
    /// The places of operations, in the order of the program.
    order: HashMap<usize, usize>,
    /// Their places now: what moves to a branch has the place of the branch.
    places: HashMap<usize, usize>,
    /// The places of operations that may fail or have effects.
    checks: BTreeSet<usize>,
}

impl<'a, 'c> Block<'a, 'c> {
    fn of(block: Blk<'c>, names: &'a mut Names, late: &'a Late) -> Self {
        Block {
            block,
            names,
            late,
            groups: Vec::new(),
            last: HashMap::new(),
            order: HashMap::new(),
            places: HashMap::new(),
            checks: BTreeSet::new(),
        }
    }

    fn merge(mut self) -> Result<()> {
        let all = block_ops(self.block);
        if all.iter().filter(|op| is_branch(**op)).nth(1).is_none() {
            all.into_iter().for_each(|op| self.names.learn(op));
            return Ok(());
        }
        for (place, op) in all.into_iter().enumerate() {
            self.order.insert(address(op), place);
            self.places.insert(address(op), place);
            if is_branch(op) {
                self.join(op);
            }
            self.names.learn(op);
            if !is_certain(op) {
                self.checks.insert(self.places[&address(op)]);
            }
        }
        let merged = self.groups.iter().filter(|group| group.branches.len() > 1);
        merged.into_iter().try_for_each(|group| build(&group.branches, self.names))
    }

    /// Adds a branch to the group on its value, if it can move there.
    fn join(&mut self, op: Op<'c>) {
        let name = self.names.get(operands(op)[0]);
        let is_late = self.late.depends(op);
        let group = self.last.get(&name).copied().filter(|group| self.groups[*group].is_late == is_late);
        if let Some((group, slice)) = group.and_then(|group| Some((group, self.slice(group, op)?))) {
            let first = self.groups[group].branches[0];
            let place = self.places[&address(first)];
            for needed in slice {
                move_before(needed, first);
                self.places.insert(address(needed), place);
            }
            self.places.insert(address(op), place);
            self.groups[group].branches.push(op);
            return;
        }
        self.last.insert(name, self.groups.len());
        self.groups.push(Group { branches: vec![op], is_late });
    }

    /// The operations that move with a branch to the first one of a group, in order; `None` if it cannot move.
    fn slice(&self, group: usize, op: Op<'c>) -> Option<Vec<Op<'c>>> {
        let branches = &self.groups[group].branches;
        let first = branches[0];
        if i64_array(first, "cases") != i64_array(op, "cases") || !is_pure(op) {
            return None;
        }
        let (from, to) = (self.places[&address(first)], self.places[&address(op)]);
        let mut slice: HashMap<usize, Op<'c>> = HashMap::new();
        let mut pending = vec![op];
        let mut moves_checks = false;
        while let Some(user) = pending.pop() {
            for value in used(user) {
                let Some(maker) = defining_op(value).filter(|_| value_block(value) == Some(self.block)) else {
                    continue;
                };
                let place = *self.places.get(&address(maker))?;
                if is_branch(maker) && place == from {
                    // The branch itself may use the others.
                    if user == op {
                        continue;
                    }
                    return None;
                }
                if place <= from || slice.contains_key(&address(maker)) {
                    continue;
                }
                let is_barrier = OpKind::of(maker).is_some_and(|kind| kind.dialect() == "ad");
                if is_barrier || maker.region_count() > 0 || !is_pure(maker) || slice.len() == BETWEEN {
                    return None;
                }
                moves_checks |= !is_certain(maker);
                slice.insert(address(maker), maker);
                pending.push(maker);
            }
        }
        let mut slice: Vec<Op> = slice.into_values().collect();
        slice.sort_unstable_by_key(|op| self.order[&address(*op)]);
        // Checks fail in the order of the program.
        let passed = match (moves_checks, is_certain(op)) {
            (true, _) => Some(from..to),
            (false, false) => Some(from + 1..to),
            (false, true) => None,
        };
        let moves = |place: &usize| slice.binary_search_by_key(place, |op| self.order[&address(*op)]).is_ok();
        let is_in_order = passed.is_none_or(|passed| self.checks.range(passed).all(moves));
        is_in_order.then_some(slice)
    }
}

/// Whether an operation has no effects and cannot fail.
fn is_certain(op: Op) -> bool {
    let mut is_certain = true;
    walk(op, &mut |inner| {
        is_certain &= is_branch(inner)
            || matches!(OpKind::of(inner), Some(OpKind::ScfYield | OpKind::ScfFor))
            || super::is_movable(inner);
    });
    is_certain
}

/// The values that an operation and its regions use.
fn used<'c>(op: Op<'c>) -> Vec<Val<'c>> {
    let mut all = Vec::new();
    walk(op, &mut |inner| all.extend(operands(inner)));
    all
}

/// Makes one branch of several, at the place of the first.
fn build<'c>(branches: &[Op<'c>], names: &mut Names) -> Result<()> {
    let first = branches[0];
    let mut ends: Vec<Vec<Val>> = Vec::new();
    let mut regions: Vec<Region> = Vec::new();
    for region in 0..first.region_count() {
        // What the branches so far pass on from this region.
        let mut passed: ValueMap<Val> = ValueMap::new();
        let mut target: Option<Blk> = None;
        let mut ends_here = Vec::new();
        for branch in branches {
            let Some(block) = region_block(*branch, region) else { continue };
            let Some(end) = block.terminator() else { continue };
            for op in block_ops(block) {
                walk(op, &mut |inner| {
                    for (index, value) in operands(inner).into_iter().enumerate() {
                        if let Some(passed) = passed.get(value) {
                            set_operand(inner, index, *passed);
                        }
                    }
                });
            }
            let values = operands(end);
            results(*branch).into_iter().zip(&values).for_each(|(result, value)| {
                passed.insert(result, *value);
            });
            ends_here.extend(values);
            match target.and_then(|target| target.terminator()) {
                None => target = Some(block),
                Some(last) => {
                    for op in block_ops(block).into_iter().filter(|op| *op != end) {
                        move_before(op, last);
                    }
                }
            }
        }
        ends.push(ends_here);
        match target {
            None => regions.push(Region::new()),
            Some(target) => {
                let owner = target.parent_operation().unwrap_or(first);
                regions.push(owner.region(region).map(take_blocks).unwrap_or_default());
            }
        }
    }
    let all: Vec<Val> = branches.iter().flat_map(|branch| results(*branch)).collect();
    // What was passed to the other branches alone is not passed on.
    let kept: Vec<usize> = (0..all.len()).filter(|number| !is_unused(all[*number])).collect();
    let types: Vec<Type> = kept.iter().map(|number| all[*number].r#type()).collect();
    for (region, ends) in regions.iter().zip(&ends) {
        let block = melior::ir::RegionLike::first_block(region);
        // SAFETY: the terminator lives as long as its block, which is moved into the new branch.
        let end = block.and_then(|block| block.terminator()).map(|end| unsafe { Op::from_raw(end.to_raw()) });
        if let Some(end) = end {
            set_operands(end, &kept.iter().map(|number| ends[*number]).collect::<Vec<Val>>());
        }
    }
    let made = Builder::before(first).remake(first, &operands(first), &types, regions)?;
    kept.iter().zip(results(made)).for_each(|(number, new)| replace_all_uses(all[*number], new));
    branches.iter().rev().for_each(|branch| names.erase(*branch));
    Ok(())
}
