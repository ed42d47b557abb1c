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

    /// Names a choice: equal names are equal choices between equal values.
    pub fn choose(&mut self, op: Op, result: Val, selector: Name, cases: &[Name]) {
        let name = match cases.split_first() {
            Some((first, rest)) if rest.iter().all(|name| name == first) => *first,
            Some(_) | None => {
                let mut key = Names::kind(op);
                key.push(result.r#type().to_raw().ptr as usize);
                key.push(selector);
                key.extend(cases);
                self.named(key, 1)
            }
        };
        self.set(result, name);
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
        let first = self.named(key, results.len());
        for (number, value) in results.into_iter().enumerate() {
            self.of.insert(value, first + number);
        }
    }

    /// What an operation computes.
    fn key(&mut self, op: Op) -> Vec<usize> {
        let mut key = Names::kind(op);
        key.extend(results(op).into_iter().map(|value| value.r#type().to_raw().ptr as usize));
        let start = key.len();
        key.extend(operands(op).into_iter().map(|value| self.get(value)));
        if OpKind::of(op).is_some_and(OpKind::is_commutative) {
            key[start..].sort_unstable();
        }
        key
    }

    /// The name and the attributes of an operation.
    fn kind(op: Op) -> Vec<usize> {
        let mut key = vec![op.name().to_raw().ptr as usize];
        for (name, attribute) in op.attributes() {
            key.extend([name.to_raw().ptr as usize, attribute.to_raw().ptr as usize]);
        }
        key
    }

    /// The first of the names for what an operation computes.
    fn named(&mut self, key: Vec<usize>, count: usize) -> Name {
        match self.table.get(&key) {
            Some(first) => *first,
            None => {
                let first = self.fresh(count);
                self.table.insert(key, first);
                first
            }
        }
    }

    /// The first of some names that no value has.
    pub fn fresh(&mut self, count: usize) -> Name {
        let name = self.next;
        self.next += count;
        name
    }
}
