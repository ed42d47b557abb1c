//! The page of accuracy: the bounds by which `tests/math` measures.

use super::markdown::{code, table};

const BOUNDS: &str = include_str!("../../../tests/math/functions.inc");

const FOREWORD: &str = "# Accuracy of elementary functions

On processors, elementary and special functions are computed by expansions of the compiler's own
(`passes/lower/src/math`), which vectorize and need no library. These are the bounds of their errors, in units in the
last place of the exact result, against which `tests/math/run` measures them. With a scale, errors at arguments below
0, where terms of that size cancel, count in units of the scale where the result is smaller. In f16 and bf16, functions
are computed in f32 and rounded. The interpreter computes in f64 and rounds once.
";

pub(super) fn page() -> String {
    let rows = BOUNDS.lines().filter_map(|line| line.strip_prefix("ROW(")?.strip_suffix(')'));
    format!("{FOREWORD}\n{}", table(&["Function", "f32", "f64", "Scale below 0"], rows.filter_map(cells)))
}

/// Name, arity, four ends of intervals, two bounds, a scale.
fn cells(row: &str) -> Option<Vec<String>> {
    let fields: Vec<&str> = row.split(',').map(str::trim).collect();
    let [name, _, _, _, _, _, single, double, scale] = fields[..] else { return None };
    let scale = if scale == "0" { "" } else { scale };
    Some(vec![code(name), single.into(), double.into(), scale.into()])
}
