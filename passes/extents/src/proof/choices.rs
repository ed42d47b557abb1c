//! What follows from which region of an operation is executed: all operations with the same predicate execute the same.

use super::Extents;
use dp_dialects::ir::{Op, Val, block_ops, i64_array, operands, region_block, results, users, value_index};
use dp_dialects::{OpKind, ScalarType, ValueType};
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;

/// Whether an operation chooses one of its regions by its operand.
pub(super) fn is_choice(op: Op) -> bool {
    matches!(OpKind::of(op), Some(OpKind::ScfIf | OpKind::ScfIndexSwitch))
}

/// What a region yields for a result.
pub(super) fn yielded<'c>(op: Op<'c>, region: usize, result: usize) -> Option<Val<'c>> {
    operands(region_block(op, region)?.terminator()?).get(result).copied()
}

impl<'c> Extents<'c> {
    /// Whether a property holds for what each region yields, if that region is executed.
    pub(super) fn in_each_region(
        &self,
        op: Op<'c>,
        number: usize,
        mut holds: impl FnMut(&mut Self, Val<'c>) -> bool,
    ) -> bool {
        (0..op.region_count()).all(|region| {
            let mut inside = self.clone();
            inside.refuted.clear();
            inside.take(op, region);
            yielded(op, region, number).is_some_and(|yielded| holds(&mut inside, yielded))
        })
    }

    /// Assumes that a region of an operation is executed. Then so is that region of every operation with the same
    /// predicate, and the facts from these regions hold too.
    pub(super) fn take(&mut self, op: Op<'c>, region: usize) {
        let Ok(choice) = op.operand(0) else { return };
        let alike = |other: &Op<'c>| {
            is_choice(*other)
                && OpKind::of(*other) == OpKind::of(op)
                && i64_array(*other, "cases") == i64_array(op, "cases")
        };
        let choosing: Vec<Op> = self.aliases_of(choice).into_iter().flat_map(users).filter(alike).collect();
        for other in choosing {
            for op in region_block(other, region).map(block_ops).unwrap_or_default() {
                self.learn(op);
            }
            for result in results(other) {
                let Some(inner) = yielded(other, region, value_index(result)) else { continue };
                let Some(shape) = ValueType::of(result.r#type()) else { continue };
                (0..shape.rank()).for_each(|dim| self.agree((result, dim), (inner, dim)));
                if !shape.is_tensor() {
                    self.aliases.push((result, inner));
                }
                if shape == ValueType::number(ScalarType::Index) {
                    let (outside, inside) = (self.index(result), self.index(inner));
                    self.equations.equate(outside, inside);
                }
            }
        }
    }

    /// The value, and the scalars that equal it in the executed regions.
    fn aliases_of(&self, value: Val<'c>) -> Vec<Val<'c>> {
        let mut all = vec![value];
        let mut next = 0;
        while let Some(value) = all.get(next).copied() {
            for (a, b) in &self.aliases {
                let other = if *a == value { *b } else { *a };
                if (*a == value || *b == value) && !all.contains(&other) {
                    all.push(other);
                }
            }
            next += 1;
        }
        all
    }
}
