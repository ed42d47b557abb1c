//! Value numbering: equal names mean equal values.
//!
//! An operation without effects and regions names its results by its kind, its attributes, and the names of its operands.
//! All other values have names of their own, until they are said to equal another.

use crate::structured::all_blocks;
use dp_dialects::OpKind;
use dp_dialects::ir::{Op, Val, ValueMap, block_args, erase, is_pure, operands, results, walk};
use melior::ir::attribute::AttributeLike;
use melior::ir::operation::OperationLike;
use melior::ir::{TypeLike, ValueLike};
use std::collections::HashMap;

/// The name of a value.
pub type Name = usize;

/// The names of values that have been seen.
#[derive(Default)]
pub struct Names {
    of: ValueMap<Name>,
    /// The name of the first result of an operation, by what the operation computes. Further results have the next names.
    table: HashMap<Vec<usize>, Name>,
    next: Name,
}

impl Names {
    /// The name of a value.
    pub fn get(&mut self, value: Val) -> Name {
        if let Some(name) = self.of.get(value) {
            return *name;
        }
        let name = self.fresh(1);
        self.of.insert(value, name);
        name
    }

    /// Says that a value equals those of a name.
    pub fn set(&mut self, value: Val, name: Name) {
        self.of.insert(value, name);
    }

    /// Erases an operation, and the names of its values: another value may get the place of one in memory.
    pub fn erase(&mut self, op: Op) {
        walk(op, &mut |inner| {
            let arguments = all_blocks(inner).into_iter().flat_map(block_args);
            results(inner).into_iter().chain(arguments).for_each(|value| {
                self.of.remove(value);
            });
        });
        erase(op);
    }

    /// Names the results of an operation, whose operands have their names.
    pub fn learn(&mut self, op: Op) {
        let results = results(op);
        if results.is_empty() || op.region_count() > 0 || !is_pure(op) {
            return;
        }
        let key = self.key(op);
        let first = match self.table.get(&key) {
            Some(first) => *first,
            None => {
                let first = self.fresh(results.len());
                self.table.insert(key, first);
                first
            }
        };
        for (number, value) in results.into_iter().enumerate() {
            self.of.insert(value, first + number);
        }
    }

    /// What an operation computes.
    fn key(&mut self, op: Op) -> Vec<usize> {
        let mut key = vec![op.name().to_raw().ptr as usize];
        for (name, attribute) in op.attributes() {
            key.extend([name.to_raw().ptr as usize, attribute.to_raw().ptr as usize]);
        }
        key.extend(results(op).into_iter().map(|value| value.r#type().to_raw().ptr as usize));
        let start = key.len();
        key.extend(operands(op).into_iter().map(|value| self.get(value)));
        if OpKind::of(op).is_some_and(OpKind::is_commutative) {
            key[start..].sort_unstable();
        }
        key
    }

    fn fresh(&mut self, count: usize) -> Name {
        let name = self.next;
        self.next += count;
        name
    }
}
