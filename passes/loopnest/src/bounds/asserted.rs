//! What assertions say of indices: an access is checked before it is made, and its position lies below an extent then.

use super::form::{Form, is_natural};
use crate::checks::Order;
use dp_dialects::OpKind;
use dp_dialects::ir::{Blk, Op, Val, defining_op, i64_attribute, operands};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use std::collections::HashMap;

/// A position that is not negative and less than an extent.
pub(super) struct Below<'c> {
    position: Form<'c>,
    extent: Form<'c>,
}

impl<'c> Below<'c> {
    /// What an assertion shows.
    fn of(assertion: Op<'c>) -> Option<Below<'c>> {
        let compare = defining_op(*operands(assertion).first()?)?;
        let is_below = OpKind::of(compare) == Some(OpKind::ArithCmpI)
            && i64_attribute(compare, "predicate") == Some(Order::Ult as i64);
        let [position, extent] = operands(compare)[..] else { return None };
        // As unsigned numbers, a negative position is larger than any extent.
        (is_below && is_natural(extent)).then(|| Below { position: Form::of(position), extent: Form::of(extent) })
    }

    /// Whether an index is at most another: the position, and the extent less 1.
    pub(super) fn shows_at_most(&self, index: Val<'c>, most: Val<'c>) -> bool {
        let most = Form::of(most);
        Form::of(index) == self.position && Form { constant: most.constant + 1, ..most } == self.extent
    }
}

/// The assertions of blocks, in order.
#[derive(Default)]
pub(super) struct Asserted<'c>(HashMap<usize, Vec<Below<'c>>>);

impl<'c> Asserted<'c> {
    /// Notes an assertion, after those before it.
    pub(super) fn note(&mut self, assertion: Op<'c>) {
        if let (Some(block), Some(fact)) = (assertion.block(), Below::of(assertion)) {
            self.0.entry(key(block)).or_default().push(fact);
        }
    }

    /// The number of noted assertions of an operation's block.
    pub(super) fn before(&self, op: Op<'c>) -> usize {
        op.block().and_then(|block| self.0.get(&key(block))).map_or(0, Vec::len)
    }

    /// The first assertions of a block.
    pub(super) fn of(&self, block: Blk<'c>, count: usize) -> &[Below<'c>] {
        self.0.get(&key(block)).map_or(&[], |facts| &facts[..count.min(facts.len())])
    }
}

fn key(block: Blk) -> usize {
    block.to_raw().ptr as usize
}
