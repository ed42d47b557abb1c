//! Loops: their carried values, and whether they terminate normally.

use super::{Search, forwarded, rules};
use crate::normalize::UNSIGNED;
use dp_dialects::ir::{Op, block_args, is_set, operands, region_block, results};

impl<'c> Search<'c> {
    /// A loop that may be known to have one iteration or none.
    pub(super) fn counted(&mut self, op: Op<'c>) -> bool {
        let of = operands(op);
        let Some(block) = region_block(op, 0) else { return false };
        let ([from, to, step], carried) = (&of[..3], &of[3..]) else { return false };
        let range = [*from, *to, *step].map(|bound| self.facts.integer(bound));
        let rounds = match range {
            _ if is_set(op, UNSIGNED) => None,
            [Some(from), Some(to), _] if from >= to => Some(0),
            [Some(from), Some(to), Some(step)] if step > 0 => {
                Some((i128::from(to) - i128::from(from) - 1) / i128::from(step) + 1)
            }
            _ => None,
        };
        let arguments = block_args(block);
        if let (Some(1), Some(number)) = (rounds, arguments.first()) {
            self.facts.same(*number, *from);
        }
        let given = forwarded(block);
        let kept: Vec<bool> = (0..carried.len())
            .map(|position| match (arguments.get(position + 1), given.get(position)) {
                (Some(argument), Some(given)) => {
                    rounds == Some(1) || *given == carried[position] || rules::preserves(*given, *argument)
                }
                _ => false,
            })
            .collect();
        for (position, first) in carried.iter().enumerate().filter(|(position, _)| kept[*position]) {
            // Extents of tensors are preserved; a scalar only if it is yielded unchanged.
            self.facts.same(arguments[position + 1], *first);
        }
        let is_stuck = self.block(block);
        for (position, value) in results(op).into_iter().enumerate() {
            match rounds {
                Some(0) => self.facts.same(value, carried[position]),
                Some(1) => self.facts.same(value, given[position]),
                _ if kept[position] => self.facts.same(value, carried[position]),
                _ => {}
            }
        }
        is_stuck && rounds.is_some_and(|rounds| rounds > 0)
    }

    /// A loop whose first region runs at least once.
    pub(super) fn conditional(&mut self, op: Op<'c>) -> bool {
        let (Some(before), Some(after)) = (region_block(op, 0), region_block(op, 1)) else { return false };
        let (decided, given) = (forwarded(before), forwarded(after));
        let (arguments, inner) = (block_args(before), block_args(after));
        let handed = decided.get(1..).unwrap_or_default();
        for (position, first) in operands(op).into_iter().enumerate() {
            let (Some(argument), Some(given)) = (arguments.get(position), given.get(position)) else { continue };
            let same = inner.iter().position(|argument| argument == given).and_then(|at| handed.get(at));
            if *given == first || same == Some(argument) {
                self.facts.same(*argument, first);
            }
        }
        let is_stuck = self.block(before);
        for (position, value) in handed.iter().enumerate() {
            let values = [inner.get(position).copied(), results(op).get(position).copied()];
            values.into_iter().flatten().for_each(|to| self.facts.same(to, *value));
        }
        self.block(after);
        is_stuck
    }
}
