//! Values that are available at the entry of a function.

use dp_dialects::ir::{Blk, Op, Val, ValueMap, block_args, block_ops, defining_op, operands};
use dp_loopnest::checks::{is_assertion, is_light};
use dp_loopnest::structured::{address, is_named};
use std::collections::HashSet;

/// Scalars computed from arguments only.
pub(super) struct Early<'c> {
    block: Blk<'c>,
    known: ValueMap<bool>,
    /// Operations before the allocation.
    placed: HashSet<usize>,
}

impl<'c> Early<'c> {
    /// For a function body.
    pub(super) fn new(block: Blk<'c>) -> Self {
        let mut known = ValueMap::new();
        for argument in block_args(block) {
            known.insert(argument, true);
        }
        Early { block, known, placed: HashSet::new() }
    }

    /// Whether a value can be computed at the entry.
    pub(super) fn has(&mut self, value: Val<'c>) -> bool {
        if let Some(known) = self.known.get(value) {
            return *known;
        }
        let known = defining_op(value).is_some_and(|op| is_light(op) && self.has_all(op));
        self.known.insert(value, known);
        known
    }

    fn has_all(&mut self, op: Op<'c>) -> bool {
        operands(op).into_iter().all(|operand| self.has(operand))
    }

    /// The first operation that is not a computation or check of such scalars.
    pub(super) fn end(&mut self) -> Option<Op<'c>> {
        for op in block_ops(self.block) {
            let is_early = (is_light(op) || is_assertion(op)) && self.has_all(op);
            if !is_early && !is_named(op, "memref.alloc") {
                return Some(op);
            }
            self.placed.insert(address(op));
        }
        None
    }

    /// Moves the computation of a value before the allocation.
    pub(super) fn move_before(&mut self, value: Val<'c>, before: Op<'c>) {
        let Some(op) = defining_op(value) else { return };
        if self.placed.insert(address(op)) {
            operands(op).into_iter().for_each(|operand| self.move_before(operand, before));
            // SAFETY: both operations are live; the operands of the first one are already before the second one.
            unsafe { mlir_sys::mlirOperationMoveBefore(op.to_raw(), before.to_raw()) };
        }
    }
}
