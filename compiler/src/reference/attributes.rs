//! The attributes page, from the table of `dp.*` attributes.

use super::markdown::{code, table};
use dp_dialects::marks::{ALL, BOUND, CHECKPOINT, MAIN, MESHES, NAME, Place, RANGE, SHARDING};

pub(super) fn page() -> String {
    let rows = ALL.iter().map(|row| {
        let place = match row.place {
            Place::Module => "module",
            Place::Function => "function",
            Place::Code => "function or operation",
            Place::Loop => "`scf.for` or `scf.while`",
            Place::Operation => "operation",
            Place::Parameter => "argument or result of a function",
            Place::Argument => "argument of a function",
        };
        vec![code(row.name), place.into(), row.holds.into(), row.summary.trim().into()]
    });
    let table = table(&["Attribute", "On", "Type", "Meaning"], rows);
    format!(
        "# Attributes\n\nAttributes on operations of any dialect. Programs set {}, {}, {}, {}, {}, {} and {}. Passes set the others for one \
        another, so they appear in dumps of the program between passes. All are verified.\n\n{table}",
        code(NAME.name),
        code(RANGE.name),
        code(CHECKPOINT.name),
        code(BOUND.name),
        code(SHARDING.name),
        code(MESHES.name),
        code(MAIN.name)
    )
}
