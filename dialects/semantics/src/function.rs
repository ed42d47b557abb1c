//! Functions of numbers, and tables that give each operation its function.

use dp_dialects::{Number, OpKind};

/// A function of numbers. Its result is not yet rounded to its type.
pub type Function = Box<dyn Fn(&[Number]) -> Number + Send + Sync>;

/// A table with a row for each operation of a group.
pub type Rows<T> = &'static [(OpKind, T)];

/// The row of an operation in a table.
pub fn find<T: Copy>(table: Rows<T>, kind: OpKind) -> Option<T> {
    table.iter().find(|(row, _)| *row == kind).map(|(_, entry)| *entry)
}
