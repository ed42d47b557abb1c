//! Factorizations of matrices and triangular systems, of each type and form, of few rows and of several blocks.

use super::arrays::tensor;
use super::differential::Contest;
use dp_dialects::{Literal, Number, ScalarType};
use num_complex::Complex64;

const TYPES: [ScalarType; 4] = [ScalarType::F32, ScalarType::F64, ScalarType::Complex64, ScalarType::Complex128];

/// Extents of matrices: batches, and rows.
const EXTENTS: [(u64, u64); 6] = [(1, 0), (0, 2), (2, 1), (3, 2), (2, 5), (1, 50)];

/// Numbers between -1 and 1 without a pattern: matrices of them are far from singular, and pivots have no ties.
pub(super) fn number(dtype: ScalarType, place: u64) -> Number {
    let part = |place: u64| {
        let mixed = (place + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    };
    let number = match dtype.is_complex() {
        true => Number::Complex(Complex64::new(part(place), part(place + 100_000))),
        false => Number::Real(part(place)),
    };
    number.round(dtype)
}

/// Matrices whose diagonals are greater than all else in their rows, and positive: any triangle is far from singular, and
/// what the lower one says is positive definite.
pub fn dominant(dtype: ScalarType, extents: &[u64]) -> Literal {
    let rows = extents.last().copied().unwrap_or_default();
    let element = |place: u64| {
        let (row, column) = (place / rows.max(1) % rows.max(1), place % rows.max(1));
        let number = number(dtype, place);
        match row == column {
            true => Number::of_f64(2.0 * rows as f64 + number.complex().re, dtype),
            false => number,
        }
    };
    Literal::tensor(dtype, extents.to_vec(), (0..extents.iter().product()).map(element).collect())
}

fn suffix(dtype: ScalarType) -> String {
    dtype.name().replace(['<', '>'], "")
}

#[test]
fn cholesky_factors() {
    let text = |dtype: ScalarType| {
        format!(
            "func.func @{}(%x: tensor<?x?x?x{dtype}>) -> tensor<?x?x?x{dtype}> {{\n  \
             %y = array.cholesky %x : tensor<?x?x?x{dtype}>\n  return %y : tensor<?x?x?x{dtype}>\n}}\n",
            suffix(dtype)
        )
    };
    let contest = Contest::new(&TYPES.map(text).concat());
    for dtype in TYPES {
        for (batch, rows) in EXTENTS {
            contest.check_whole(&suffix(dtype), &[dominant(dtype, &[batch, rows, rows])], 64.0);
        }
        // The second matrix is not positive definite. XLA's complex NaN has the imaginary part 0.
        if dtype.is_complex() {
            continue;
        }
        let of = dominant(dtype, &[3, 4, 4]);
        let negative = |place: usize| if place == 16 + 10 { Number::of_f64(-1.0, dtype) } else { of.element(place) };
        let elements = (0..of.len()).map(negative).collect();
        contest.check_whole(&suffix(dtype), &[Literal::tensor(dtype, vec![3, 4, 4], elements)], 64.0);
    }
}

#[test]
fn triangular_systems() {
    let mut text = String::new();
    let mut cases = Vec::new();
    for dtype in TYPES {
        // All forms of one type, and some of the others.
        let forms = (0..32).filter(|form| dtype == ScalarType::F64 || [0, 11, 22, 24].contains(form));
        for form in forms {
            let is = |bit: u32| form >> bit & 1 == 1;
            let words = ["right", "upper", "unit", "transposed", "conjugated"];
            let flags: String = (0..5).filter(|bit| is(*bit)).map(|bit| format!("{} ", words[bit as usize])).collect();
            let name = format!("{}_{form}", suffix(dtype));
            let of = format!("tensor<?x?x?x{dtype}>");
            text += &format!(
                "func.func @{name}(%a: {of}, %b: {of}) -> {of} {{\n  %y = array.triangular_solve {flags}%a, %b : {of}, {of}\n  \
                 return %y : {of}\n}}\n"
            );
            cases.push((name, dtype, is(0), form));
        }
    }
    let contest = Contest::new(&text);
    for (name, dtype, right, form) in cases {
        let extents = match form {
            0 | 11 | 22 => &[(1, 0, 2), (0, 2, 3), (2, 1, 1), (2, 5, 3), (2, 5, 1), (1, 50, 3)][..],
            _ => &[(2, 3, 2)],
        };
        for (batch, rows, sides) in extents.iter().copied() {
            let a = dominant(dtype, &[batch, rows, rows]);
            let extents = if right { [batch, sides, rows] } else { [batch, rows, sides] };
            contest.check_whole(&name, &[a, tensor(dtype, &extents)], 64.0);
        }
    }
}

#[test]
fn lu_factors() {
    let text = |dtype: ScalarType| {
        let (of, pivots) = (format!("tensor<?x?x?x{dtype}>"), "tensor<?x?xi32>");
        format!(
            "func.func @{}(%x: {of}) -> ({pivots}, {of}, {of}, {of}) {{
  %p = array.lu_pivots %x : {of}
  %f = array.lu %x, %p : {of}, {pivots}
  %s = array.swap_rows %x, %p : {of}, {pivots}
  %r = array.swap_rows reverse %s, %p : {of}, {pivots}
  return %p, %f, %s, %r : {pivots}, {of}, {of}, {of}
}}\n",
            suffix(dtype)
        )
    };
    let contest = Contest::new(&TYPES.map(text).concat());
    for dtype in TYPES {
        let mut extents = vec![(1, 0, 2), (0, 2, 2), (2, 1, 1), (3, 3, 3), (2, 5, 3), (2, 3, 5)];
        if dtype == ScalarType::F64 {
            extents.push((1, 50, 70));
        }
        for (batch, rows, columns) in extents {
            let count = batch * rows * columns;
            let elements = (0..count).map(|place| number(dtype, place)).collect();
            let x = Literal::tensor(dtype, vec![batch, rows, columns], elements);
            contest.check_whole(&suffix(dtype), &[x], 4096.0);
        }
        let zeros = Literal::splat(dtype, vec![2, 3, 3], Number::of_f64(0.0, dtype));
        contest.check_whole(&suffix(dtype), &[zeros], 1.0);
    }
}

#[test]
fn given_pivots() {
    let contest = Contest::new(
        r#"
func.func @f(%x: tensor<2x3x2xf64>, %p: tensor<2x2xi64>) -> (tensor<2x3x2xf64>, tensor<2x3x2xf64>) {
  %f = array.lu %x, %p : tensor<2x3x2xf64>, tensor<2x2xi64>
  %s = array.swap_rows %x, %p : tensor<2x3x2xf64>, tensor<2x2xi64>
  return %f, %s : tensor<2x3x2xf64>, tensor<2x3x2xf64>
}
"#,
    );
    // Pivots are clamped to the rows.
    for pivots in [[0, 1, 2, 2], [2, 0, -3, 7], [1, 1, 0, 2]] {
        let pivots = Literal::tensor(ScalarType::I64, vec![2, 2], pivots.map(Number::Integer).to_vec());
        let x = (1..13).map(|place| number(ScalarType::F64, place)).collect();
        let x = Literal::tensor(ScalarType::F64, vec![2, 3, 2], x);
        contest.check_whole("f", &[x, pivots], 64.0);
    }
}
