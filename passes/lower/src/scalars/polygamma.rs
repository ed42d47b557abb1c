//! The polygamma functions, as MLIR text for a given order.
//!
//! For x > 0, ψₙ(x) = (-1)ⁿ⁺¹ n! Σ_{k≥0} (x + k)⁻ⁿ⁻¹. The first terms are summed until
//! y = x + k is at least `10 + n`, where the asymptotic series
//!
//! (-1)ⁿ⁺¹ [ (n-1)! y⁻ⁿ + n!/2 y⁻ⁿ⁻¹ + Σ_j B₂ⱼ (2j+n-1)!/(2j)! y⁻²ʲ⁻ⁿ ]
//!
//! takes over. For x ≤ 0 the reflection ψₙ(x) = (-1)ⁿ ψₙ(1 - x) - π dⁿ/dxⁿ cot πx does, where
//! dⁿ/dxⁿ cot πx = πⁿ Pₙ(cot πx) with P₀(c) = c and Pₙ₊₁ = -(1 + c²) Pₙ′. For n = 0 the same holds
//! with ln y in place of the series' first term.

use crate::structured::Made;
use dp_dialects::{Complaint, DType};
use std::f64::consts::PI;
use std::fmt::Write as _;

/// B₂, B₄, …
const BERNOULLI: [f64; 8] = [
    1.0 / 6.0,
    -1.0 / 30.0,
    1.0 / 42.0,
    -1.0 / 30.0,
    5.0 / 66.0,
    -691.0 / 2730.0,
    7.0 / 6.0,
    -3617.0 / 510.0,
];

/// The greatest order: beyond it, factorials overflow.
const GREATEST: i64 = 100;

/// Straight-line code on f64, a value a line.
#[derive(Default)]
struct Lines {
    text: String,
    count: usize,
}

impl Lines {
    fn value(&mut self, what: &str, r#type: &str) -> String {
        self.count += 1;
        let name = format!("%v{}", self.count);
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "  {name} = {what} : {type}");
        name
    }

    fn constant(&mut self, value: f64) -> String {
        self.value(&format!("arith.constant 0x{:016X}", value.to_bits()), "f64")
    }

    fn binary(&mut self, op: &str, a: &str, b: &str) -> String {
        self.value(&format!("arith.{op} {a}, {b}"), "f64")
    }

    /// The polynomial with these coefficients, lowest first, at a value.
    fn horner(&mut self, coefficients: &[f64], at: &str) -> String {
        let mut sum = self.constant(coefficients.last().copied().unwrap_or_default());
        for coefficient in coefficients.iter().rev().skip(1) {
            let coefficient = self.constant(*coefficient);
            let product = self.binary("mulf", &sum, at);
            sum = self.binary("addf", &product, &coefficient);
        }
        sum
    }
}

fn factorial(n: i64) -> f64 {
    (1..=n).map(|k| k as f64).product()
}

/// The coefficients of Pₙ, lowest first.
fn cotangent_polynomial(n: i64) -> Vec<f64> {
    let mut p = vec![0.0, 1.0];
    for _ in 0..n {
        let derivative: Vec<f64> = p.iter().enumerate().skip(1).map(|(k, c)| c * k as f64).collect();
        p = vec![0.0; derivative.len() + 2];
        for (k, c) in derivative.iter().enumerate() {
            p[k] -= c;
            p[k + 2] -= c;
        }
    }
    p
}

/// The function `dp_polygammaN_TYPE`; `dp_digamma_TYPE` for order 0. In f32 it is computed in f64.
pub(super) fn render(name: &str, n: i64, dtype: DType) -> Made<String> {
    if n > GREATEST {
        let complaint = Complaint::new(format!("'scalar.polygamma' of order {n} is not supported by this target"));
        return Err(complaint.hint(format!("orders up to {GREATEST} are")));
    }
    let mut t = Lines::default();
    let x = match dtype {
        DType::F32 => t.value("arith.extf %x", "f32 to f64"),
        _ => "%x".to_string(),
    };
    let (zero, one, half) = (t.constant(0.0), t.constant(1.0), t.constant(0.5));
    let reflects = t.value(&format!("arith.cmpf ole, {x}, {zero}"), "f64");
    let mirrored = t.binary("subf", &one, &x);
    let start = t.value(&format!("arith.select {reflects}, {mirrored}, {x}"), "f64");
    let (enough, power) = (t.constant(10.0 + n as f64), t.constant(-(n as f64) - 1.0));
    let term = |y: &str| if n == 0 { format!("arith.divf {one}, {y}") } else { format!("math.powf {y}, {power}") };
    let _ = write!(
        t.text,
        "  %far:2 = scf.while (%y = {start}, %sum = {zero}) : (f64, f64) -> (f64, f64) {{
    %near = arith.cmpf olt, %y, {enough} : f64
    scf.condition(%near) %y, %sum : f64, f64
  }} do {{
  ^bb0(%y: f64, %sum: f64):
    %term = {} : f64
    %next = arith.addf %sum, %term : f64
    %beyond = arith.addf %y, {one} : f64
    scf.yield %beyond, %next : f64, f64
  }}\n",
        term("%y")
    );
    // Of the bracket: everything over n! for the terms that were summed, so that the parts add.
    let inverse = t.binary("divf", &one, "%far#0");
    let square = t.binary("mulf", &inverse, &inverse);
    let scale = factorial(n);
    let mut coefficients = vec![0.0];
    coefficients.extend(BERNOULLI.iter().enumerate().map(|(j, bernoulli)| {
        let even = 2 * (j as i64 + 1);
        bernoulli * (1..n).fold(1.0, |product, k| product * (even + k) as f64) / if n == 0 { even as f64 } else { 1.0 }
    }));
    let tail = t.horner(&coefficients, &square);
    let sign = if n % 2 == 0 { -1.0 } else { 1.0 };
    let positive = if n == 0 {
        // ψ(y) = ln y - 1/(2y) - Σ_j B₂ⱼ/(2j) y⁻²ʲ
        let log = t.value("math.log %far#0", "f64");
        let middle = t.binary("mulf", &half, &inverse);
        let less = t.binary("subf", &log, &middle);
        let less = t.binary("subf", &less, &tail);
        t.binary("subf", &less, "%far#1")
    } else {
        let exponent = t.constant(-(n as f64));
        let scaling = t.value(&format!("math.powf %far#0, {exponent}"), "f64");
        let first = t.constant(factorial(n - 1));
        let second = t.constant(scale / 2.0);
        let second = t.binary("mulf", &second, &inverse);
        let bracket = t.binary("addf", &first, &second);
        let bracket = t.binary("addf", &bracket, &tail);
        let bracket = t.binary("mulf", &bracket, &scaling);
        let (scale, sign) = (t.constant(scale), t.constant(sign));
        let summed = t.binary("mulf", &scale, "%far#1");
        let total = t.binary("addf", &bracket, &summed);
        t.binary("mulf", &sign, &total)
    };
    // cot πx from the distance to the nearest integer, which is exact.
    let nearest = t.value(&format!("math.roundeven {x}"), "f64");
    let distance = t.binary("subf", &x, &nearest);
    let pi = t.constant(PI);
    let angle = t.binary("mulf", &pi, &distance);
    let (sine, cosine) = (t.value(&format!("math.sin {angle}"), "f64"), t.value(&format!("math.cos {angle}"), "f64"));
    let cotangent = t.binary("divf", &cosine, &sine);
    let derivative = t.horner(&cotangent_polynomial(n), &cotangent);
    let scale = t.constant(PI.powi(n as i32 + 1));
    let derivative = t.binary("mulf", &scale, &derivative);
    let parity = t.constant(if n % 2 == 0 { 1.0 } else { -1.0 });
    let mirrored = t.binary("mulf", &parity, &positive);
    let reflected = t.binary("subf", &mirrored, &derivative);
    let value = t.value(&format!("arith.select {reflects}, {reflected}, {positive}"), "f64");
    let is_integer = t.value(&format!("arith.cmpf oeq, {x}, {nearest}"), "f64");
    let pole = t.value(&format!("arith.andi {is_integer}, {reflects}"), "i1");
    let at_pole = t.constant(if n % 2 == 0 { f64::NAN } else { f64::INFINITY });
    let mut y = t.value(&format!("arith.select {pole}, {at_pole}, {value}"), "f64");
    if dtype == DType::F32 {
        y = t.value(&format!("arith.truncf {y}"), "f64 to f32");
    }
    Ok(format!(
        "func.func private @{name}(%x: {dtype}) -> {dtype}\n    \
         attributes {{llvm.linkage = #llvm.linkage<internal>}} {{\n{}  return {y} : {dtype}\n}}\n",
        t.text
    ))
}
