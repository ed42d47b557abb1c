//! Elementwise operations, on numbers and on tensors of every kind of shape.

use super::{Argument, Case};
use dp_dialects::ScalarType;

super::topics!(same_type, other_types);

/// The shapes: a number, rank 0, extents 0 and 1, static and dynamic ones.
fn shapes() -> Vec<Option<(Vec<u64>, Vec<usize>)>> {
    vec![
        None,
        Some((vec![], vec![])),
        Some((vec![0], vec![])),
        Some((vec![1], vec![0])),
        Some((vec![3], vec![])),
        Some((vec![2, 3], vec![1])),
        Some((vec![2, 1], vec![0, 1])),
    ]
}

fn argument(dtype: ScalarType, shape: &Option<(Vec<u64>, Vec<usize>)>, range: (f64, f64)) -> Argument {
    match shape {
        None => Argument::number(dtype, range),
        Some((shape, dynamic)) => Argument::tensor(dtype, shape, dynamic, range),
    }
}

const WIDE: (f64, f64) = (-1.4, 1.4);
const POSITIVE: (f64, f64) = (0.4, 1.8);

/// Operation, number of operands, range of the operands, whether complex too.
const OPERATIONS: &[(&str, usize, (f64, f64), bool)] = &[
    ("add", 2, WIDE, true),
    ("sub", 2, WIDE, true),
    ("mul", 2, WIDE, true),
    ("div", 2, POSITIVE, true),
    ("rem", 2, (1.1, 1.9), false),
    ("pow", 2, POSITIVE, true),
    ("atan2", 2, POSITIVE, false),
    ("max", 2, WIDE, false),
    ("min", 2, WIDE, false),
    ("neg", 1, WIDE, true),
    ("exp", 1, WIDE, true),
    ("expm1", 1, WIDE, true),
    ("log", 1, POSITIVE, true),
    ("log1p", 1, POSITIVE, true),
    ("sqrt", 1, POSITIVE, true),
    ("rsqrt", 1, POSITIVE, true),
    ("sin", 1, WIDE, true),
    ("cos", 1, WIDE, true),
    ("tan", 1, (-0.9, 0.9), true),
    ("tanh", 1, (-0.9, 0.9), true),
    ("logistic", 1, WIDE, true),
    ("exp2", 1, WIDE, true),
    ("log2", 1, POSITIVE, true),
    ("log10", 1, POSITIVE, true),
    ("cbrt", 1, POSITIVE, false),
    ("sinh", 1, WIDE, true),
    ("cosh", 1, WIDE, true),
    ("asin", 1, (-0.8, 0.8), true),
    ("acos", 1, (-0.8, 0.8), true),
    ("atan", 1, WIDE, true),
    ("asinh", 1, WIDE, true),
    ("acosh", 1, (1.2, 2.8), true),
    ("atanh", 1, (-0.8, 0.8), true),
    ("hypot", 2, POSITIVE, false),
    ("copysign", 2, POSITIVE, false),
    ("fma", 3, WIDE, false),
    ("erf", 1, WIDE, false),
    ("erfc", 1, WIDE, false),
    ("erf_inv", 1, (-0.8, 0.8), false),
    ("lgamma", 1, (0.6, 3.4), false),
    ("digamma", 1, (0.6, 3.4), false),
    ("floor", 1, (0.1, 0.9), false),
    ("ceil", 1, (0.1, 0.9), false),
    ("round", 1, (0.1, 0.4), false),
];

fn same_type(cases: &mut Vec<Case>) {
    for (name, count, range, complex) in OPERATIONS {
        for dtype in [ScalarType::F64, ScalarType::Complex128] {
            if dtype.is_complex() && !complex {
                continue;
            }
            for (index, shape) in shapes().iter().enumerate() {
                let arguments: Vec<Argument> = (0..*count).map(|_| argument(dtype, shape, *range)).collect();
                let t = arguments[0].r#type.clone();
                let operands = (0..*count).map(|i| format!("%a{i}")).collect::<Vec<_>>().join(", ");
                cases.push(Case {
                    name: format!("{name} {dtype} shape {index}"),
                    arguments,
                    results: vec![t.clone()],
                    body: format!("  %y = scalar.{name} {operands} : {t}\n  return %y : {t}"),
                    helpers: String::new(),
                    is_compiled: false,
                });
            }
        }
    }
}

/// Operations whose text or types differ from one operation to the other.
fn other_types(cases: &mut Vec<Case>) {
    for (index, shape) in shapes().iter().enumerate() {
        let real = argument(ScalarType::F64, shape, (0.3, 1.6));
        let complex = argument(ScalarType::Complex128, shape, (0.3, 1.6));
        let boolean = argument(ScalarType::I1, shape, (0.0, 1.0));
        let (r, c, b) = (real.r#type.clone(), complex.r#type.clone(), boolean.r#type.clone());
        let single = argument(ScalarType::F32, shape, (0.3, 1.6)).r#type;
        let bodies = [
            ("abs", vec![real.clone()], &r, format!("%y = scalar.abs %a0 : {r}")),
            ("abs complex", vec![complex.clone()], &r, format!("%y = scalar.abs %a0 : {c}")),
            ("sign complex", vec![complex.clone()], &c, format!("%y = scalar.sign %a0 : {c}")),
            ("sign", vec![real.clone()], &r, format!("%y = scalar.sign %a0 : {r}")),
            ("conj", vec![complex.clone()], &c, format!("%y = scalar.conj %a0 : {c}")),
            ("real", vec![complex.clone()], &r, format!("%y = scalar.real %a0 : {c}")),
            ("imag", vec![complex.clone()], &r, format!("%y = scalar.imag %a0 : {c}")),
            ("complex", vec![real.clone(), real.clone()], &c, format!("%y = scalar.complex %a0, %a1 : {r}")),
            ("convert to complex", vec![real.clone()], &c, format!("%y = scalar.convert %a0 : {r} to {c}")),
            (
                "reduce precision to all digits",
                vec![real.clone()],
                &r,
                format!("%y = scalar.reduce_precision exponent 11 mantissa 52 %a0 : {r}"),
            ),
            ("bits of the same type", vec![real.clone()], &r, format!("%y = scalar.bitcast %a0 : {r} to {r}")),
            ("polygamma", vec![real.clone()], &r, format!("%y = scalar.polygamma 2, %a0 : {r}")),
            (
                "select",
                vec![boolean.clone(), real.clone(), real.clone()],
                &r,
                format!("%y = scalar.select %a0, %a1, %a2 : {b}, {r}"),
            ),
            (
                "compare and select",
                vec![real.clone(), real.clone()],
                &r,
                format!(
                    "%p = scalar.compare lt %a0, %a1 : {r}\n  %m = scalar.mul %a0, %a1 : {r}\n  %y = scalar.select %p, %m, %a1 : {b}, {r}"
                ),
            ),
            (
                "stop_gradient",
                vec![real.clone()],
                &r,
                // x sg(x) - x sg(x) + sin x: what is stopped does not contribute.
                format!(
                    "%s = ad.stop_gradient %a0 : {r}\n  %d = scalar.sub %s, %s : {r}\n  %m = scalar.mul %a0, %d : {r}\n  %n = scalar.sin %a0 : {r}\n  %y = scalar.add %m, %n : {r}"
                ),
            ),
            (
                "round trip through f32 counted as linear",
                vec![real.clone()],
                &r,
                // Differences cannot see through f32: its share is scaled away.
                format!(
                    "%s = scalar.convert %a0 : {r} to {single}\n  %b = scalar.convert %s : {single} to {r}\n  %z = scalar.sub %b, %b : {r}\n  %q = scalar.mul %a0, %a0 : {r}\n  %y = scalar.add %z, %q : {r}"
                ),
            ),
        ];
        for (name, arguments, result, body) in bodies {
            cases.push(Case {
                name: format!("{name} shape {index}"),
                arguments,
                results: vec![result.clone()],
                body: format!("  {body}\n  return %y : {result}"),
                helpers: String::new(),
                is_compiled: false,
            });
        }
    }
}
