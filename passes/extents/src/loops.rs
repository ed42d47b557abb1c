//! A common view of `scf.for` and `scf.while`: their carried values.

use dp_dialects::OpKind;
use dp_dialects::ir::{Blk, Op, Val, block_args, defining_op, operands, region_block, value_index};
use dp_dialects::marks::PLACEHOLDER;
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;

/// A value that a loop carries.
#[derive(Clone, Copy, Debug)]
pub struct Carried<'c> {
    /// The initial value.
    pub initial: Val<'c>,
    /// The value at the beginning of an iteration, an argument of the first block.
    pub argument: Val<'c>,
    /// The value for the next iteration.
    pub next: Val<'c>,
}

/// A loop.
pub struct Loop<'c> {
    /// The blocks of an iteration, in order.
    pub blocks: Vec<Blk<'c>>,
    /// The carried values.
    pub carried: Vec<Carried<'c>>,
    /// The arguments of the second block, and the values that the first block passes to them.
    pub passed: Vec<(Val<'c>, Val<'c>)>,
    /// For each result, the value in the last execution of the first block that becomes this result.
    pub results: Vec<Val<'c>>,
}

impl<'c> Loop<'c> {
    /// The view of an operation; `None` if it is not a loop.
    pub fn of(op: Op<'c>) -> Option<Loop<'c>> {
        let yielded = |block: Blk<'c>| block.terminator().map(operands);
        let carry = |initial: &[Val<'c>], arguments: &[Val<'c>], next: Vec<Val<'c>>| {
            let rounds = initial.iter().zip(arguments).zip(next);
            rounds.map(|((initial, argument), next)| Carried { initial: *initial, argument: *argument, next }).collect()
        };
        match OpKind::of(op)? {
            OpKind::ScfFor => {
                let body = region_block(op, 0)?;
                let carried: Vec<Carried> = carry(operands(op).get(3..)?, block_args(body).get(1..)?, yielded(body)?);
                let results = carried.iter().map(|carried| carried.argument).collect();
                Some(Loop { blocks: vec![body], carried, passed: Vec::new(), results })
            }
            OpKind::ScfWhile => {
                let (before, after) = (region_block(op, 0)?, region_block(op, 1)?);
                let carried = carry(&operands(op), &block_args(before), yielded(after)?);
                // The first operand is the condition.
                let passed = yielded(before)?.split_off(1);
                let links = block_args(after).into_iter().zip(passed.iter().copied()).collect();
                Some(Loop { blocks: vec![before, after], carried, passed: links, results: passed })
            }
            _ => None,
        }
    }

    /// The initial value of the carried value that becomes a result. It has the result's extents if the loop preserves
    /// extents.
    pub fn initial_of(&self, result: usize) -> Option<Val<'c>> {
        let value = self.results.get(result)?;
        self.carried.iter().find(|carried| carried.argument == *value).map(|carried| carried.initial)
    }

    /// The initial value of the carried value from which a result seems to have its extents: through updates, inner
    /// loops and branches. This is a guess, to be proved.
    pub fn origin_of(&self, result: usize) -> Option<Val<'c>> {
        let mut value = *self.results.get(result)?;
        loop {
            if let Some(carried) = self.carried.iter().find(|carried| carried.argument == value) {
                return Some(carried.initial);
            }
            let (op, number) = (defining_op(value)?, value_index(value));
            value = match (Loop::of(op), OpKind::of(op)) {
                (Some(inner), _) => inner.origin_of(number)?,
                (None, Some(OpKind::ScfIf | OpKind::ScfIndexSwitch | OpKind::AdCheckpoint)) => {
                    let yielded = |region| operands(region_block(op, region)?.terminator()?).get(number).copied();
                    let is_used = |value: &Val<'c>| !defining_op(*value).is_some_and(|op| PLACEHOLDER.is_on(op));
                    (0..op.region_count()).filter_map(yielded).find(is_used)?
                }
                (None, Some(_) | None) => *operands(op).first().filter(|first| first.r#type() == value.r#type())?,
            };
        }
    }
}
