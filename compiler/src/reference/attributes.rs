//! The page of attributes: the table of marks.

use super::markdown::{code, table};
use dp_dialects::marks::{ALL, NAME, Place};

pub(super) fn page() -> String {
    let rows = ALL.iter().map(|row| {
        let place = match row.place {
            Place::Module => "module",
            Place::Function => "function",
            Place::Operation => "operation",
            Place::Parameter => "argument or result of a function",
        };
        vec![code(row.name), place.into(), row.holds.into(), row.summary.trim().into()]
    });
    let table = table(&["Attribute", "Of", "Holds", "Says"], rows);
    format!(
        "# Attributes\n\nAttributes of any operation. A program gives {} alone; the others are what passes leave for one \
        another, and stand in dumps of the program between passes. Each is verified wherever it stands.\n\n{table}",
        code(NAME.name)
    )
}
