//! Derivatives whose values are known.

use crate::programs::{Program, run};
use dp_dialects::{Literal, Number, ScalarType};
use num_complex::Complex64;

fn real(value: f64) -> Literal {
    Literal::number(ScalarType::F64, Number::Real(value))
}

fn value(literal: &Literal) -> f64 {
    literal.element(0).re()
}

/// The fifth derivative of x⁵ is 120, whichever way each one is taken.
#[test]
fn fifth_derivative_of_the_fifth_power() {
    let power = "func.func @d0(%x: f64) -> f64 {
  %2 = scalar.mul %x, %x : f64
  %4 = scalar.mul %2, %2 : f64
  %5 = scalar.mul %4, %x : f64
  return %5 : f64
}
";
    for ways in 0..32u32 {
        let mut text = power.to_string();
        for level in 1..=5 {
            let below = level - 1;
            text += &if ways >> below & 1 == 0 {
                format!(
                    "func.func @d{level}(%x: f64) -> f64 {{
  %one = scalar.constant 1.0 : f64
  %y:2 = ad.jvp @d{below}(%x, %one) wrt [0] : (f64, f64) -> (f64, f64)
  return %y#1 : f64
}}
"
                )
            } else {
                format!(
                    "func.func @d{level}(%x: f64) -> f64 {{
  %y:2 = ad.grad @d{below}(%x) wrt [0] : (f64) -> (f64, f64)
  return %y#1 : f64
}}
"
                )
            };
        }
        let program = Program::new("fifth derivative", &text, &["ad"]);
        let found = value(&run(&program, "d5", vec![real(1.7)])[0]);
        assert!((found - 120.0).abs() < 1e-9, "{ways:05b}: {found}");
    }
}

/// d/dx (x d/dy (x y)) at any y is 2 x: an inner derivative does not see the
/// tangent of an outer one.
#[test]
fn no_perturbation_confusion() {
    let text = "func.func @product(%x: f64, %y: f64) -> f64 {
  %m = scalar.mul %x, %y : f64
  return %m : f64
}
func.func @outer(%x: f64) -> f64 {
  %one = scalar.constant 1.0 : f64
  %d:2 = ad.jvp @product(%x, %one, %one) wrt [1] : (f64, f64, f64) -> (f64, f64)
  %y = scalar.mul %x, %d#1 : f64
  return %y : f64
}
func.func @answer(%x: f64) -> f64 {
  %one = scalar.constant 1.0 : f64
  %d:2 = ad.jvp @outer(%x, %one) wrt [0] : (f64, f64) -> (f64, f64)
  return %d#1 : f64
}
";
    let program = Program::new("perturbations", text, &["ad"]);
    assert_eq!(value(&run(&program, "answer", vec![real(3.0)])[0]), 6.0);
}

/// The gradient of |z|² is 2 z: the direction of steepest ascent, not its
/// conjugate.
#[test]
fn a_complex_gradient_is_the_direction_of_ascent() {
    let text = "func.func @f(%z: complex<f64>) -> f64 {
  %c = scalar.conj %z : complex<f64>
  %m = scalar.mul %z, %c : complex<f64>
  %y = scalar.real %m : complex<f64>
  return %y : f64
}
func.func @g(%z: complex<f64>) -> complex<f64> {
  %y, %g = ad.grad @f(%z) wrt [0] : (complex<f64>) -> (f64, complex<f64>)
  return %g : complex<f64>
}
";
    let program = Program::new("complex gradient", text, &["ad"]);
    let z = Complex64::new(0.75, -1.25);
    let found = run(&program, "g", vec![Literal::number(ScalarType::Complex128, Number::Complex(z))]);
    assert_eq!(found[0].element(0).complex(), 2.0 * z);
}

/// A pullback may be pulled twice, and gives the same both times.
#[test]
fn a_pullback_is_pulled_twice() {
    let text = "func.func @f(%x: f64) -> f64 {
  %y = scalar.sin %x : f64
  return %y : f64
}
func.func @g(%x: f64, %c: f64) -> (f64, f64, f64) {
  %y, %back = ad.vjp @f(%x) wrt [0] : (f64) -> (f64, !ad.pullback<(f64) -> f64>)
  %a = ad.pull %back(%c) : !ad.pullback<(f64) -> f64>
  %b = ad.pull %back(%c) : !ad.pullback<(f64) -> f64>
  %d = ad.pull %back(%y) : !ad.pullback<(f64) -> f64>
  return %a, %b, %d : f64, f64, f64
}
";
    let program = Program::new("two pulls", text, &["ad"]);
    let x = 0.6f64;
    let found = run(&program, "g", vec![real(x), real(2.0)]);
    assert_eq!(found[0], found[1]);
    assert!((value(&found[0]) - 2.0 * x.cos()).abs() < 1e-15);
    assert!((value(&found[2]) - x.sin() * x.cos()).abs() < 1e-15);
}

/// The choices at nondifferentiable points, as the rows document them.
#[test]
fn nondifferentiable_points() {
    let at = |body: &str, arguments: &[f64]| -> Vec<f64> {
        let parameters: Vec<String> = (0..arguments.len()).map(|i| format!("%a{i}: f64")).collect();
        let passed: Vec<String> = (0..arguments.len()).map(|i| format!("%a{i}")).collect();
        let wrt: Vec<usize> = (0..arguments.len()).collect();
        let types = vec!["f64"; arguments.len()].join(", ");
        let (parameters, passed, count) = (parameters.join(", "), passed.join(", "), arguments.len() + 1);
        let returned: Vec<String> = (1..count).map(|i| format!("%g#{i}")).collect();
        let text = format!(
            "func.func @f({parameters}) -> f64 {{ {body}\n return %y : f64 }}
func.func @g({parameters}) -> ({types}) {{
  %g:{count} = ad.grad @f({passed}) wrt {wrt:?} : ({types}) -> (f64, {types})
  return {} : {types}
}}",
            returned.join(", ")
        );
        let program = Program::new(body, &text, &["ad"]);
        run(&program, "g", arguments.iter().copied().map(real).collect()).iter().map(value).collect()
    };
    assert_eq!(at("%y = scalar.abs %a0 : f64", &[0.0]), [0.0]);
    assert_eq!(at("%y = scalar.max %a0, %a1 : f64", &[2.0, 2.0]), [0.5, 0.5]);
    assert_eq!(at("%y = scalar.min %a0, %a1 : f64", &[2.0, 2.0]), [0.5, 0.5]);
    assert_eq!(at("%y = scalar.max %a0, %a1 : f64", &[f64::INFINITY, f64::INFINITY]), [0.5, 0.5]);
    assert_eq!(at("%y = scalar.sqrt %a0 : f64", &[0.0]), [f64::INFINITY]);
    assert_eq!(at("%y = scalar.pow %a0, %a1 : f64", &[0.0, 2.0]), [0.0, 0.0]);
    assert_eq!(at("%y = scalar.pow %a0, %a1 : f64", &[0.0, 0.0]), [0.0, 0.0]);
    let slope = at("%y = scalar.pow %a0, %a1 : f64", &[3.0, 0.0]);
    assert!(slope[0] == 0.0 && (slope[1] - 3f64.ln()).abs() < 1e-15, "{slope:?}");
    for name in ["cbrt", "acosh", "atanh", "asin"] {
        let point = if name == "cbrt" { 0.0 } else { 1.0 };
        assert_eq!(at(&format!("%y = scalar.{name} %a0 : f64"), &[point]), [f64::INFINITY], "{name}");
    }
    assert_eq!(at("%y = scalar.acos %a0 : f64", &[-1.0]), [f64::NEG_INFINITY]);
    assert_eq!(at("%y = scalar.hypot %a0, %a1 : f64", &[0.0, 0.0]), [0.0, 0.0]);
    assert_eq!(at("%y = scalar.copysign %a0, %a1 : f64", &[-2.0, 3.0]), [-1.0, 0.0]);
    assert_eq!(at("%y = scalar.copysign %a0, %a1 : f64", &[0.0, -3.0]), [0.0, 0.0]);
    // Far out, where squares of the operands overflow.
    assert_eq!(at("%y = scalar.hypot %a0, %a1 : f64", &[3e300, -4e300]), [0.6, -0.8]);
    assert_eq!(at("%y = scalar.asinh %a0 : f64", &[1e300]), [1e-300]);
    let tie = "%t = tensor.from_elements %a0, %a1, %a2 : tensor<3xf64>
 %m = array.reduce max %t dims [0] : tensor<3xf64>
 %y = tensor.extract %m[] : tensor<f64>";
    assert_eq!(at(tie, &[1.0, 5.0, 5.0]), [0.0, 0.5, 0.5]);
    // Smooth functions that are written with extrema.
    let softplus = "%z = scalar.sub %a0, %a0 : f64
 %m = scalar.max %a0, %z : f64
 %d = scalar.sub %a0, %z : f64
 %b = scalar.abs %d : f64
 %n = scalar.neg %b : f64
 %e = scalar.exp %n : f64
 %l = scalar.log1p %e : f64
 %y = scalar.add %m, %l : f64";
    assert_eq!(at(softplus, &[0.0]), [0.5]);
    let hypot = "%g = scalar.max %a0, %a1 : f64
 %l = scalar.min %a0, %a1 : f64
 %q = scalar.div %l, %g : f64
 %s = scalar.mul %q, %q : f64
 %one = scalar.constant 1.0 : f64
 %t = scalar.add %s, %one : f64
 %r = scalar.sqrt %t : f64
 %y = scalar.mul %g, %r : f64";
    let slope = at(hypot, &[3.0, 3.0]);
    assert!(slope.iter().all(|d| (d - 0.5f64.sqrt()).abs() < 1e-15), "{slope:?}");
}
