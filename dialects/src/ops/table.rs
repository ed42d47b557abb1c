//! Tables over operations: derivatives, evaluations, lowerings.

use crate::OpKind;

/// A table with one row per operation of a set. A missing row panics when the table is first used; a test does so for
/// every table.
pub struct Table<T> {
    rows: Vec<Option<T>>,
}

impl<T> Table<T> {
    /// Makes the table `name`, with one row for exactly the operations for which `covers` holds.
    ///
    /// # Panics
    /// If an operation has no row, two rows, or a row that it must not have.
    pub fn new(name: &str, covers: fn(OpKind) -> bool, rows: impl IntoIterator<Item = (OpKind, T)>) -> Table<T> {
        let mut table = Table { rows: OpKind::ALL.iter().map(|_| None).collect() };
        for (kind, row) in rows {
            let known = table.rows[kind as usize].replace(row).is_some();
            assert!(!known, "{name}: '{}' has two rows", kind.name());
            assert!(covers(kind), "{name}: '{}' has a row that is not used", kind.name());
        }
        for kind in OpKind::ALL.iter().filter(|kind| covers(**kind)) {
            assert!(table.rows[*kind as usize].is_some(), "{name}: no row for '{}'", kind.name());
        }
        table
    }

    /// The row of an operation; `None` if the table does not cover it.
    pub fn get(&self, kind: OpKind) -> Option<&T> {
        self.rows[kind as usize].as_ref()
    }

    /// All rows, in the order of [`OpKind::ALL`].
    pub fn rows(&self) -> impl Iterator<Item = (OpKind, &T)> {
        OpKind::ALL.iter().filter_map(|kind| Some((*kind, self.get(*kind)?)))
    }
}
