//! Selects whose other operand has an infinite derivative: reverse mode drops it, as forward mode does.

use super::iterations::{expect, real};
use dp_dialects::ScalarType::{F32, F64};

/// `f(x, y)` and its gradient, of numbers.
fn program(body: &str) -> String {
    format!(
        "func.func @f(%x: f64, %y: f64) -> f64 {{
  %zero = scalar.constant 0.0 : f64
  %has_x = scalar.compare gt %x, %zero : f64
  %has_y = scalar.compare gt %y, %zero : f64
{body}
}}
func.func @g(%x: f64, %y: f64) -> (f64, f64, f64) {{
  %r:3 = ad.grad @f(%x, %y) wrt [0, 1] : (f64, f64) -> (f64, f64, f64)
  return %r#0, %r#1, %r#2 : f64, f64, f64
}}
"
    )
}

fn check(name: &str, body: &str, points: &[([f64; 2], [f64; 3])]) {
    for (at, expected) in points {
        for dtype in [F32, F64] {
            expect(name, &program(body), dtype, "g", &at.map(|number| real(dtype, number)), expected);
        }
    }
}

/// y √x log x where x is positive, and y elsewhere.
#[test]
fn of_functions_of_both_arguments() {
    let body = "  %root = scalar.sqrt %x : f64
  %log = scalar.log %x : f64
  %product = scalar.mul %root, %log : f64
  %scaled = scalar.mul %product, %y : f64
  %r = scalar.select %has_x, %scaled, %y : i1, f64
  return %r : f64";
    let log = 4f64.ln();
    let inside = [6.0 * log, 3.0 * (log / 4.0 + 0.5), 2.0 * log];
    check("a root and a logarithm", body, &[([0.0, 3.0], [3.0, 0.0, 1.0]), ([4.0, 3.0], inside)]);
}

/// Where y is positive, (x / y where x is positive, and y / x elsewhere) / y; 2 x elsewhere.
#[test]
fn within_one_another() {
    let body = "  %two = scalar.constant 2.0 : f64
  %a = scalar.div %x, %y : f64
  %b = scalar.div %y, %x : f64
  %inner = scalar.select %has_x, %a, %b : i1, f64
  %scaled = scalar.div %inner, %y : f64
  %double = scalar.mul %two, %x : f64
  %r = scalar.select %has_y, %scaled, %double : i1, f64
  return %r : f64";
    check(
        "quotients",
        body,
        &[
            ([3.0, 2.0], [0.75, 0.25, -0.75]),
            ([-4.0, 2.0], [-0.25, -0.0625, 0.0]),
            ([0.0, 0.0], [0.0, 2.0, 0.0]),
            ([3.0, 0.0], [6.0, 2.0, 0.0]),
        ],
    );
}

/// Both operands depend on x: the sum of what they give is one choice.
#[test]
fn of_one_argument() {
    let body = "  %log = scalar.log %x : f64
  %shifted = scalar.add %log, %x : f64
  %root = scalar.sqrt %x : f64
  %lower = scalar.mul %root, %y : f64
  %r = scalar.select %has_x, %shifted, %y : i1, f64
  %s = scalar.select %has_x, %lower, %x : i1, f64
  %t = scalar.add %r, %s : f64
  return %t : f64";
    let inside = [4f64.ln() + 4.0 + 6.0, 0.25 + 1.0 + 0.75, 2.0];
    check("a sum of choices", body, &[([4.0, 3.0], inside), ([0.0, 3.0], [3.0, 1.0, 1.0])]);
}

/// The second derivative of x³ log x where x is positive, and 0 elsewhere.
#[test]
fn twice() {
    let text = "func.func @f(%x: f64) -> f64 {
  %zero = scalar.constant 0.0 : f64
  %p = scalar.compare gt %x, %zero : f64
  %log = scalar.log %x : f64
  %two = scalar.mul %x, %x : f64
  %three = scalar.mul %two, %x : f64
  %y = scalar.mul %three, %log : f64
  %r = scalar.select %p, %y, %zero : i1, f64
  return %r : f64
}
func.func @d(%x: f64) -> f64 {
  %r:2 = ad.grad @f(%x) wrt [0] : (f64) -> (f64, f64)
  return %r#1 : f64
}
func.func @g(%x: f64) -> (f64, f64) {
  %r:2 = ad.grad @d(%x) wrt [0] : (f64) -> (f64, f64)
  return %r#0, %r#1 : f64, f64
}
";
    let log = 2f64.ln();
    let inside = [3.0 * 4.0 * log + 4.0, 6.0 * 2.0 * log + 5.0 * 2.0];
    for (x, expected) in [(0.0, [0.0, 0.0]), (2.0, inside)] {
        for dtype in [F32, F64] {
            expect("a second derivative", text, dtype, "g", &[real(dtype, x)], &expected);
        }
    }
}
