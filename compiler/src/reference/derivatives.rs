//! The page of derivatives: `dp_ad`'s rows.

use super::markdown::{code, table};
use dp_ad::rules::{Derivative, DerivativeRule, rows};

const FOREWORD: &str = "# Derivatives

What differentiation knows of each operation: a row. In a tangent, operands are named as in ODS, `da` is the tangent
of operand `a`, and `y` is the result; the expression is linear in tangents, and its transpose gives the reverse mode.
An operation that is *linear* is its own tangent, and one that is *bilinear* is the sum of itself on (tangent, primal)
and on (primal, tangent). Where the tangent over the complex numbers is another than over the reals, both stand.

Transposed directly are the operations that linear regions consist of; the others never stand in one.
";

pub(super) fn page() -> String {
    let header = ["Operation", "Tangent", "Transposed directly", "Where there is no derivative"];
    let cells = |row: &DerivativeRule| {
        let transposed = if row.transpose.is_some() { "yes" } else { "" };
        vec![
            code(row.kind.name()),
            tangent(&row.derivative),
            transposed.into(),
            row.nondifferentiable.unwrap_or_default().into(),
        ]
    };
    format!("{FOREWORD}\n{}", table(&header, rows().map(cells)))
}

fn tangent(derivative: &Derivative) -> String {
    match derivative {
        Derivative::Inactive(reason) => format!("none: {reason}"),
        Derivative::Tangent { real, complex, .. } if real == complex => code(real),
        Derivative::Tangent { real, complex: "", .. } => format!("{} (reals)", code(real)),
        Derivative::Tangent { real: "", complex, .. } => format!("0 (reals), {} (complex)", code(complex)),
        Derivative::Tangent { real, complex, .. } => format!("{} (reals), {} (complex)", code(real), code(complex)),
        Derivative::Linear => "linear".into(),
        Derivative::Bilinear => "bilinear".into(),
        Derivative::Special(_, words) => (*words).into(),
        Derivative::Region(_) => "by the handler of its regions".into(),
        Derivative::Unsupported(reason) => format!("not supported: {reason}"),
    }
}
