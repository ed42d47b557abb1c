//! Derivatives of the second and third order at points where a rule is guarded, in
//! every nesting of modes: they agree, and are finite where the function's are.

use crate::programs::{Program, run};
use dp_dialects::{Literal, Number, ScalarType};

/// An operation, and a point with the derivatives there: of which order they are,
/// by the arguments that are differentiated one after another. Those that a choice
/// fixes are as the rows state it; `NaN` leaves a value open that has no limit.
type Known = (&'static str, &'static [f64], &'static [(&'static [usize], f64)]);

const INF: f64 = f64::INFINITY;
const OPEN: f64 = f64::NAN;
/// Stands for no finite number: an infinity, or the NaN that an infinite factor makes of 0.
const POLE: f64 = f64::MAX;

const TABLE: &[Known] = &[
    ("scalar.abs %0", &[0.0], &[(&[0], 0.0), (&[0, 0], 0.0), (&[0, 0, 0], 0.0)]),
    ("scalar.sign %0", &[0.0], &[(&[0], 0.0), (&[0, 0], 0.0), (&[0, 0, 0], 0.0)]),
    ("scalar.sqrt %0", &[0.0], &[(&[0], INF), (&[0, 0], -INF), (&[0, 0, 0], OPEN)]),
    ("scalar.rsqrt %0", &[0.0], &[(&[0], -INF), (&[0, 0], OPEN)]),
    ("scalar.log %0", &[0.0], &[(&[0], INF), (&[0, 0], -INF), (&[0, 0, 0], INF)]),
    ("scalar.log1p %0", &[-1.0], &[(&[0], INF), (&[0, 0], -INF), (&[0, 0, 0], INF)]),
    ("scalar.log1p %0", &[0.0], &[(&[0], 1.0), (&[0, 0], -1.0), (&[0, 0, 0], 2.0)]),
    ("scalar.tan %0", &[0.0], &[(&[0], 1.0), (&[0, 0], 0.0), (&[0, 0, 0], 2.0)]),
    ("scalar.tanh %0", &[0.0], &[(&[0], 1.0), (&[0, 0], 0.0), (&[0, 0, 0], -2.0)]),
    ("scalar.logistic %0", &[0.0], &[(&[0], 0.25), (&[0, 0], 0.0), (&[0, 0, 0], -0.125)]),
    ("scalar.logistic %0", &[900.0], &[(&[0], 0.0), (&[0, 0], 0.0), (&[0, 0, 0], 0.0)]),
    (
        "scalar.div %0, %1",
        &[0.0, 2.0],
        &[(&[0], 0.5), (&[1], 0.0), (&[0, 1], -0.25), (&[1, 1], 0.0), (&[0, 1, 1], 0.25)],
    ),
    ("scalar.max %0, %1", &[2.0, 2.0], &[(&[0], 0.5), (&[1], 0.5), (&[0, 0], 0.0), (&[0, 1], 0.0), (&[0, 1, 1], 0.0)]),
    ("scalar.min %0, %1", &[2.0, 2.0], &[(&[0], 0.5), (&[1], 0.5), (&[0, 0], 0.0), (&[0, 1], 0.0), (&[0, 1, 1], 0.0)]),
    // a²: 2 a, 2; nothing along b, where it is 0 for every b > 0.
    (
        "scalar.pow %0, %1",
        &[0.0, 2.0],
        &[
            (&[0], 0.0),
            (&[1], 0.0),
            (&[0, 0], 2.0),
            (&[0, 1], 0.0),
            (&[1, 0], 0.0),
            (&[1, 1], 0.0),
            (&[0, 0, 0], 0.0),
            (&[1, 1, 1], 0.0),
        ],
    ),
    ("scalar.pow %0, %1", &[0.0, 3.0], &[(&[0], 0.0), (&[0, 0], 0.0), (&[0, 0, 0], 6.0), (&[1, 1], 0.0)]),
    ("scalar.pow %0, %1", &[0.0, 1.0], &[(&[0], 1.0), (&[0, 0], 0.0), (&[0, 0, 0], 0.0), (&[1], 0.0), (&[1, 1], 0.0)]),
    ("scalar.pow %0, %1", &[0.0, 0.5], &[(&[0], INF), (&[1], 0.0), (&[1, 1], 0.0), (&[1, 0], 0.0)]),
    ("scalar.pow %0, %1", &[0.0, 0.0], &[(&[0], 0.0), (&[1], 0.0), (&[0, 0], 0.0), (&[0, 1], 0.0), (&[1, 1], 0.0)]),
    // 3^b: log 3, log² 3; along a: b a^(b-1), of which the derivative along b is 1/a.
    (
        "scalar.pow %0, %1",
        &[3.0, 0.0],
        &[
            (&[0], 0.0),
            (&[1], 1.0986122886681098),
            (&[0, 0], 0.0),
            (&[0, 1], 1.0 / 3.0),
            (&[1, 0], 1.0 / 3.0),
            (&[1, 1], 1.206948960812582),
            (&[0, 0, 1], -1.0 / 9.0),
        ],
    ),
    // -1^b is not real around b = 2, but a² is.
    ("scalar.pow %0, %1", &[-1.0, 2.0], &[(&[0], -2.0), (&[0, 0], 2.0), (&[0, 0, 0], 0.0)]),
    (
        "scalar.atan2 %0, %1",
        &[0.0, 0.0],
        &[(&[0], 0.0), (&[1], 0.0), (&[0, 0], 0.0), (&[0, 1], 0.0), (&[1, 0], 0.0), (&[0, 1, 1], 0.0)],
    ),
    (
        "scalar.atan2 %0, %1",
        &[0.0, 2.0],
        &[(&[0], 0.5), (&[1], 0.0), (&[0, 0], 0.0), (&[0, 1], -0.25), (&[1, 0], -0.25)],
    ),
    (
        "scalar.hypot %0, %1",
        &[0.0, 0.0],
        &[(&[0], 0.0), (&[1], 0.0), (&[0, 0], 0.0), (&[0, 1], 0.0), (&[1, 1], 0.0), (&[0, 1, 1], 0.0)],
    ),
    ("scalar.hypot %0, %1", &[0.0, 2.0], &[(&[0], 0.0), (&[1], 1.0), (&[0, 0], 0.5), (&[0, 1], 0.0), (&[1, 1], 0.0)]),
    ("scalar.copysign %0, %1", &[0.0, -3.0], &[(&[0], 0.0), (&[1], 0.0), (&[0, 0], 0.0), (&[0, 1], 0.0)]),
    ("scalar.copysign %0, %1", &[-2.0, 3.0], &[(&[0], -1.0), (&[1], 0.0), (&[0, 0], 0.0), (&[0, 1], 0.0)]),
    ("scalar.fma %0, %1, %0", &[0.0, 0.0], &[(&[0], 1.0), (&[1], 0.0), (&[0, 1], 1.0), (&[0, 0], 0.0)]),
    ("scalar.cbrt %0", &[0.0], &[(&[0], INF), (&[0, 0], -INF), (&[0, 0, 0], OPEN)]),
    ("scalar.asin %0", &[1.0], &[(&[0], INF), (&[0, 0], POLE)]),
    ("scalar.acos %0", &[1.0], &[(&[0], -INF), (&[0, 0], POLE)]),
    ("scalar.acosh %0", &[1.0], &[(&[0], INF), (&[0, 0], POLE)]),
    ("scalar.atanh %0", &[1.0], &[(&[0], INF), (&[0, 0], POLE)]),
    ("scalar.log2 %0", &[0.0], &[(&[0], INF), (&[0, 0], -INF), (&[0, 0, 0], INF)]),
    ("scalar.log10 %0", &[0.0], &[(&[0], INF), (&[0, 0], -INF), (&[0, 0, 0], INF)]),
    ("scalar.atan %0", &[0.0], &[(&[0], 1.0), (&[0, 0], 0.0), (&[0, 0, 0], -2.0)]),
    ("scalar.asinh %0", &[0.0], &[(&[0], 1.0), (&[0, 0], 0.0), (&[0, 0, 0], -1.0)]),
    ("scalar.sinh %0", &[0.0], &[(&[0], 1.0), (&[0, 0], 0.0), (&[0, 0, 0], 1.0)]),
    ("scalar.cosh %0", &[0.0], &[(&[0], 0.0), (&[0, 0], 1.0), (&[0, 0, 0], 0.0)]),
    (
        "|x + i y|",
        &[0.0, 0.0],
        &[(&[0], 0.0), (&[1], 0.0), (&[0, 0], 0.0), (&[0, 1], 0.0), (&[1, 1], 0.0), (&[0, 1, 1], 0.0)],
    ),
    ("|x + i y|", &[0.0, 2.0], &[(&[0], 0.0), (&[1], 1.0), (&[0, 0], 0.5), (&[0, 1], 0.0), (&[1, 1], 0.0)]),
    (
        "re sign(x + i y)",
        &[0.0, 0.0],
        &[(&[0], 0.0), (&[1], 0.0), (&[0, 0], 0.0), (&[0, 1], 0.0), (&[1, 1], 0.0), (&[0, 0, 0], 0.0)],
    ),
    ("product", &[0.0, 0.0], &[(&[0], 0.0), (&[0, 1], 5.0), (&[1, 0], 5.0), (&[0, 0], 0.0), (&[0, 1, 1], 0.0)]),
    ("greatest", &[2.0, 2.0], &[(&[0], 0.5), (&[1], 0.5), (&[0, 1], 0.0), (&[0, 0], 0.0)]),
];

fn body(name: &str) -> String {
    let complex = "%z = scalar.complex %a0, %a1 : f64\n  ";
    let tensor = "%k = scalar.constant 5.0 : f64\n  %t = tensor.from_elements";
    match name {
        "|x + i y|" => format!("{complex}%y = scalar.abs %z : complex<f64>"),
        "re sign(x + i y)" => {
            format!("{complex}%s = scalar.sign %z : complex<f64>\n  %y = scalar.real %s : complex<f64>")
        }
        "product" => format!(
            "{tensor} %a0, %k, %a1 : tensor<3xf64>\n  %p = array.reduce mul %t dims [0] : tensor<3xf64>\n  %y = tensor.extract %p[] : tensor<f64>"
        ),
        "greatest" => format!(
            "{tensor} %a0, %a1 : tensor<2xf64>\n  %p = array.reduce max %t dims [0] : tensor<2xf64>\n  %y = tensor.extract %p[] : tensor<f64>"
        ),
        _ => format!("%y = {} : f64", name.replace('%', "%a")),
    }
}

/// The derivative along each of `along` in turn, the first innermost; bit `n` of
/// `modes` says whether the `n`th is taken in reverse.
fn derivative(count: usize, along: &[usize], modes: usize) -> (String, String) {
    let parameters = (0..count).map(|i| format!("%a{i}: f64")).collect::<Vec<_>>().join(", ");
    let passed = (0..count).map(|i| format!("%a{i}")).collect::<Vec<_>>().join(", ");
    let types = vec!["f64"; count].join(", ");
    let (mut text, mut name) = (String::new(), "f".to_string());
    for (level, argument) in along.iter().enumerate() {
        let below = name.clone();
        let is_reverse = modes >> level & 1 == 1;
        name = format!("{below}{}{argument}", if is_reverse { "r" } else { "f" });
        let request = match is_reverse {
            true => format!("ad.grad @{below}({passed}) wrt [{argument}] : ({types}) -> (f64, f64)"),
            false => format!("ad.jvp @{below}({passed}, %one) wrt [{argument}] : ({types}, f64) -> (f64, f64)"),
        };
        text += &format!(
            "func.func @{name}({parameters}) -> f64 {{
  %one = scalar.constant 1.0 : f64
  %d:2 = {request}
  return %d#1 : f64
}}
"
        );
    }
    (name, text)
}

#[test]
fn at_guarded_points_in_every_nesting() {
    let mut wrong = Vec::new();
    for (name, at, derivatives) in TABLE {
        let count = at.len();
        let parameters = (0..count).map(|i| format!("%a{i}: f64")).collect::<Vec<_>>().join(", ");
        let mut text = format!("func.func @f({parameters}) -> f64 {{\n  {}\n  return %y : f64\n}}\n", body(name));
        let mut calls = Vec::new();
        let mut made = std::collections::HashSet::new();
        for (along, expected) in *derivatives {
            for modes in 0..1 << along.len() {
                for length in 1..=along.len() {
                    let (function, _) = derivative(count, &along[..length], modes);
                    if made.insert(function) {
                        // The text of the last level alone: those below are there.
                        let (_, all) = derivative(count, &along[..length], modes);
                        text += &all[all.rfind("func.func").expect("there is a function")..];
                    }
                }
                calls.push((derivative(count, along, modes).0, *expected));
            }
        }
        let program = Program::new(name, &text, &["ad"]);
        let simplified = Program::new(name, &program.text(), &["simplify"]);
        for (function, expected) in calls {
            let arguments =
                || at.iter().map(|x| Literal::number(ScalarType::F64, Number::Real(*x))).collect::<Vec<_>>();
            for program in [&program, &simplified] {
                let found = run(program, &function, arguments())[0].element(0).re();
                let close = match expected == POLE {
                    true => !found.is_finite(),
                    false => found == expected || (found - expected).abs() <= 1e-12 * (1.0 + expected.abs()),
                };
                if !close && !expected.is_nan() {
                    wrong.push(format!("{name} at {at:?}: @{function} is {found}, not {expected}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `f_g`, the gradient by all arguments, and `f_j`, the derivative along tangents of all.
fn both_modes(count: usize) -> String {
    let list = |name: &str, of: &str| (0..count).map(|i| format!("%{name}{i}{of}")).collect::<Vec<_>>().join(", ");
    let (types, wrt) =
        (vec!["f64"; count].join(", "), (0..count).map(|i| i.to_string()).collect::<Vec<_>>().join(", "));
    let given = (1..=count).map(|i| format!("%g#{i}")).collect::<Vec<_>>().join(", ");
    format!(
        "func.func @f_g({parameters}) -> ({types}) {{
  %g:{results} = ad.grad @f({passed}) wrt [{wrt}] : ({types}) -> (f64, {types})
  return {given} : {types}
}}
func.func @f_j({parameters}, {tangents}) -> f64 {{
  %j:2 = ad.jvp @f({passed}, {along}) wrt [{wrt}] : ({types}, {types}) -> (f64, f64)
  return %j#1 : f64
}}
",
        parameters = list("a", ": f64"),
        passed = list("a", ""),
        tangents = list("d", ": f64"),
        along = list("d", ""),
        results = count + 1,
    )
}

/// Forward mode gives the inner product of the gradient and the tangent, also where a derivative is infinite: there a
/// tangent of 0 gives NaN in both.
#[test]
fn forward_mode_is_the_gradient_along_the_tangent() {
    let poles: &[(&str, &[f64])] = &[
        ("scalar.pow %0, %1", &[0.0, -1.0]),
        ("scalar.pow %0, %1", &[-2.0, 0.5]),
        ("scalar.div %0, %1", &[1.0, 0.0]),
        ("scalar.rem %0, %1", &[4.0, 2.0]),
        ("scalar.hypot %0, %1", &[INF, 1.0]),
        ("scalar.atan2 %0, %1", &[INF, 1.0]),
        ("scalar.lgamma %0", &[0.0]),
        ("scalar.digamma %0", &[-1.0]),
        ("scalar.acosh %0", &[0.5]),
        ("scalar.log %0", &[-1.0]),
        ("scalar.sqrt %0", &[-1.0]),
    ];
    let mut wrong = Vec::new();
    for (name, at) in TABLE.iter().map(|(name, at, _)| (name, at)).chain(poles.iter().map(|(name, at)| (name, at))) {
        let count = at.len();
        let parameters = (0..count).map(|i| format!("%a{i}: f64")).collect::<Vec<_>>().join(", ");
        let mut text = format!("func.func @f({parameters}) -> f64 {{\n  {}\n  return %y : f64\n}}\n", body(name));
        text += &both_modes(count);
        let program = Program::new(name, &text, &["ad"]);
        let simplified = Program::new(name, &program.text(), &["simplify"]);
        let numbers = |values: &[f64]| -> Vec<Literal> {
            values.iter().map(|x| Literal::number(ScalarType::F64, Number::Real(*x))).collect()
        };
        let unit = |along: usize| (0..count).map(|i| f64::from(u8::from(i == along))).collect::<Vec<f64>>();
        let skew: Vec<f64> = (0..count).map(|i| 3.0 - 5.0 * i as f64).collect();
        for tangent in (0..count).map(unit).chain([skew]) {
            for program in [&program, &simplified] {
                let gradient = run(program, "f_g", numbers(at));
                let expected: f64 = gradient.iter().zip(&tangent).map(|(part, d)| part.element(0).re() * d).sum();
                let found = run(program, "f_j", numbers(&[at, &tangent[..]].concat()))[0].element(0).re();
                // Two infinities have no distance, and NaN has none from anything.
                let is_near = (found - expected).abs() <= 1e-12 * (1.0 + expected.abs());
                let alike = found == expected || found.is_nan() && expected.is_nan() || is_near;
                if !alike {
                    wrong
                        .push(format!("{name} at {at:?} along {tangent:?}: {found}, but the gradient says {expected}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
