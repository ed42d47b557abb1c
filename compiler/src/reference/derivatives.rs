//! The derivatives page, from the table in `dp_ad`.

use super::markdown::{code, table};
use dp_ad::rules::{Derivative, DerivativeRule, rows};

const FOREWORD: &str = "# Derivatives

The derivative of each operation. In a tangent, operands are named as in ODS, `da` is the tangent of operand `a`, and `y`
is the result. The expression is linear in tangents, and reverse mode is its transpose. The tangent of a *linear*
operation is the operation itself, applied to tangents; that of a *bilinear* one is the sum of the operation on (tangent,
primal) and on (primal, tangent). If the tangents over the real and the complex numbers differ, both are given.

Linear regions consist of the operations with a transpose.
";

pub(super) fn page() -> String {
    let header = ["Operation", "Tangent", "Transpose", "At nondifferentiable points"];
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
        Derivative::Region(_) => "by its region handler".into(),
        Derivative::Unsupported(reason) => format!("not supported: {reason}"),
    }
}
