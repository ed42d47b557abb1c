//! Finds the region of a reduction in the body of a loop, after fusion has added other operations.
//!
//! A region is an associative function of two scalars, so it also combines partial results of threads. Lowering marks
//! its operations with their index and the roles of their operands. Only operations that match their marks are
//! accepted: if another pass rewrote a part of the region, nothing is found.

use dp_dialects::Builder;
use dp_dialects::ir::{Op, Val, defining_op, operands, result, results, users};
use dp_loopnest::tensors::combination::{Mark, Role};
use std::collections::BTreeMap;

/// The operations of a region, and its second argument; the first is the partial result.
pub(crate) struct Combination<'c> {
    /// By number, without those that the result does not need.
    ops: BTreeMap<usize, Op<'c>>,
    element: Option<Val<'c>>,
}

impl<'c> Combination<'c> {
    /// The region whose result an operation makes.
    pub(crate) fn of(last: Op<'c>, held: Val<'c>) -> Option<Self> {
        let count = Mark::of(last)?.count;
        let mut found = Combination { ops: BTreeMap::new(), element: None };
        (found.take(last, count.checked_sub(1)?, count, held)? && found.element.is_some()).then_some(found)
    }

    /// Collects an operation and its operands; returns whether all match their marks.
    fn take(&mut self, op: Op<'c>, index: usize, count: usize, held: Val<'c>) -> Option<bool> {
        let mark = Mark::of(op)?;
        let inputs = operands(op);
        if mark.index != index || mark.count != count || mark.roles.len() != inputs.len() {
            return Some(false);
        }
        if let Some(known) = self.ops.insert(index, op) {
            return Some(known == op);
        }
        for (role, input) in mark.roles.iter().zip(inputs) {
            let fits = match role {
                Role::Held => input == held,
                Role::Element => input != held && *self.element.get_or_insert(input) == input,
                Role::Result(of) if *of < index => self.take(defining_op(input)?, *of, count, held)?,
                Role::Result(_) => false,
            };
            if !fits {
                return Some(false);
            }
        }
        Some(true)
    }

    /// Whether nothing else uses the partial result or intermediate values of the region.
    pub(crate) fn is_alone(&self, held: Val<'c>) -> bool {
        let ops: Vec<Op> = self.ops.values().copied().collect();
        let mut moving = vec![held];
        for op in &ops {
            if operands(*op).iter().any(|operand| moving.contains(operand)) {
                moving.extend(results(*op));
            }
        }
        let last = ops.last().map(|op| result(*op));
        moving
            .iter()
            .filter(|value| Some(**value) != last)
            .all(|value| users(*value).iter().all(|user| ops.contains(user)))
    }

    /// Applies the region to two other values.
    pub(crate) fn apply(&self, b: &Builder<'c>, held: Val<'c>, x: Val<'c>, y: Val<'c>) -> Val<'c> {
        let mut pairs = vec![(held, x)];
        pairs.extend(self.element.map(|element| (element, y)));
        let mut made = x;
        for op in self.ops.values() {
            let copy = b.clone_op(*op, &pairs);
            made = result(copy);
            pairs.push((result(*op), made));
        }
        made
    }
}
