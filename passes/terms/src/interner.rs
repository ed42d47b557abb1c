//! Interning of the parameters and types of nodes.

use dp_dialects::{Parameters, ValueType};
use std::collections::HashMap;
use std::hash::Hash;

/// A set that assigns each element an index, in order of insertion.
#[derive(Clone, Debug)]
pub struct Table<T> {
    entries: Vec<T>,
    numbers: HashMap<T, u32>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Table { entries: Vec::new(), numbers: HashMap::new() }
    }
}

impl<T: Clone + Eq + Hash> Table<T> {
    /// The index of an entry, which is inserted if it is new.
    pub fn intern(&mut self, entry: &T) -> u32 {
        if let Some(number) = self.numbers.get(entry) {
            return *number;
        }
        let number = self.entries.len() as u32;
        self.entries.push(entry.clone());
        self.numbers.insert(entry.clone(), number);
        number
    }

    /// The entry with an index that [`Table::intern`] returned.
    pub fn get(&self, number: u32) -> &T {
        &self.entries[number as usize]
    }
}

/// The parameters and types that the nodes of a graph refer to by index.
#[derive(Clone, Debug, Default)]
pub struct Interner {
    /// Attributes.
    pub parameters: Table<Parameters>,
    /// Result types.
    pub types: Table<ValueType>,
}
