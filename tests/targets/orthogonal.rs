//! QR factors, eigenvalues and singular values, of each type: what is determined is compared, vectors by what they make up.

use super::differential::Contest;
use super::matrices::number;
use dp_dialects::{Literal, Number, ScalarType};

const TYPES: [ScalarType; 4] = [ScalarType::F32, ScalarType::F64, ScalarType::Complex64, ScalarType::Complex128];

fn matrices(dtype: ScalarType, shape: [u64; 3]) -> Literal {
    let elements = (0..shape.iter().product()).map(|place| number(dtype, place)).collect();
    Literal::tensor(dtype, shape.to_vec(), elements)
}

fn suffix(dtype: ScalarType) -> String {
    dtype.name().replace(['<', '>'], "")
}

/// Functions of matrices of static extents, for which XLA and singular values ask; of most types, the first ones alone.
fn functions(
    shapes: &[[u64; 3]],
    text: impl Fn(&str, [u64; 3], ScalarType) -> String,
) -> (String, Vec<(String, Literal)>) {
    let mut made = (String::new(), Vec::new());
    for dtype in TYPES {
        // All extents of one type.
        let few = if dtype == ScalarType::F64 { shapes } else { &shapes[..1] };
        for [batch, rows, columns] in few.iter().copied() {
            let name = format!("{}_{batch}_{rows}_{columns}", suffix(dtype));
            made.0 += &text(&name, [batch, rows, columns], dtype);
            made.1.push((name, matrices(dtype, [batch, rows, columns])));
        }
    }
    made
}

fn of(dtype: ScalarType, shape: &[u64]) -> String {
    let extents: Vec<String> = shape.iter().map(u64::to_string).collect();
    format!("tensor<{}x{dtype}>", extents.join("x"))
}

#[test]
fn qr_factors() {
    let shapes = [[2, 5, 2], [1, 0, 2], [2, 3, 0], [2, 1, 1], [2, 3, 3], [1, 2, 5]];
    let (mut text, mut cases) = functions(&shapes, |name, shape, dtype| {
        let (x, taus) = (of(dtype, &shape), of(dtype, &[shape[0], shape[1].min(shape[2])]));
        format!(
            "func.func @{name}(%x: {x}) -> ({x}, {taus}) {{\n  %y = array.qr %x : {x}\n  %t = array.qr_taus %x : {x}\n  \
             return %y, %t : {x}, {taus}\n}}\n"
        )
    });
    // Several blocks.
    for [rows, columns] in [[70, 50], [50, 70]] {
        let (x, taus) = (of(ScalarType::F64, &[rows, columns]), of(ScalarType::F64, &[50]));
        text += &format!(
            "func.func @blocks_{rows}(%x: {x}) -> ({x}, {taus}) {{\n  %y = array.qr %x : {x}\n  %t = array.qr_taus %x : {x}\n  \
             return %y, %t : {x}, {taus}\n}}\n"
        );
        let elements = (0..rows * columns).map(|place| number(ScalarType::F64, place)).collect();
        let x = Literal::tensor(ScalarType::F64, vec![rows, columns], elements);
        cases.push((format!("blocks_{rows}"), x));
    }
    let contest = Contest::new(&text);
    for (name, x) in &cases {
        contest.check_whole(name, std::slice::from_ref(x), 4096.0);
        let zeros = Literal::splat(x.dtype, x.extents().to_vec(), Number::of_f64(0.0, x.dtype));
        contest.check_whole(name, &[zeros], 1.0);
    }
}

#[test]
fn eigenvalues() {
    let (text, cases) = functions(&[[2, 5, 5], [0, 2, 2], [2, 0, 0], [2, 1, 1], [2, 2, 2]], |name, shape, dtype| {
        let (x, w) = (of(dtype, &shape), of(dtype.real(), &shape[..2]));
        let (real, adjoint) =
            (of(dtype.real(), &shape), if dtype.is_complex() { "scalar.conj %v" } else { "scalar.add %v, %zero" });
        let promoted = match dtype.is_complex() {
            true => format!("scalar.complex %s, %none : {real}"),
            false => format!("scalar.add %s, %none : {real}"),
        };
        let zero = if dtype.is_complex() { "(0.0, 0.0)" } else { "0.0" };
        format!(
            "func.func @{name}(%x: {x}) -> ({w}, {x}, {x}) {{
  %w = array.eigh_values %x : {x}
  %v = array.eigh_vectors %x : {x}
  %zero = array.constant dense<{zero}> : {x}
  %none = array.constant dense<0.0> : {real}
  %a = {adjoint} : {x}
  %s = array.broadcast %w dims [0, 2] : {w} to {real}
  %c = {promoted}
  %vs = scalar.mul %v, %c : {x}
  %y = array.dot %vs, %a batch [0] with [0] contract [2] with [2] : {x}, {x}
  %i = array.dot %a, %v batch [0] with [0] contract [1] with [1] : {x}, {x}
  return %w, %y, %i : {w}, {x}, {x}
}}\n"
        )
    });
    let contest = Contest::new(&text);
    for (name, x) in &cases {
        contest.check_whole(name, std::slice::from_ref(x), 256.0);
        let zeros = Literal::splat(x.dtype, x.extents().to_vec(), Number::of_f64(0.0, x.dtype));
        contest.check_whole(name, &[zeros], 1.0);
        // All eigenvalues but one are equal.
        let ones = Literal::splat(x.dtype, x.extents().to_vec(), Number::of_f64(1.0, x.dtype));
        contest.check_whole(name, &[ones], 256.0);
    }
}

#[test]
fn singular_values() {
    let shapes = [[1, 2, 4], [0, 2, 3], [1, 1, 1], [2, 3, 3], [1, 5, 2]];
    let (text, cases) = functions(&shapes, |name, [batch, rows, columns], dtype| {
        let count = rows.min(columns);
        let (x, s) = (of(dtype, &[batch, rows, columns]), of(dtype.real(), &[batch, count]));
        let (u, v) = (of(dtype, &[batch, rows, count]), of(dtype, &[batch, count, columns]));
        let real = of(dtype.real(), &[batch, rows, count]);
        let promoted = if dtype.is_complex() { "scalar.complex %b, %none" } else { "scalar.add %b, %none" };
        format!(
            "func.func @{name}(%x: {x}) -> ({s}, {x}) {{
  %s = array.svd_values %x : {x}
  %u = array.svd_left %x : {x}
  %v = array.svd_right %x : {x}
  %none = array.constant dense<0.0> : {real}
  %b = array.broadcast %s dims [0, 2] : {s} to {real}
  %c = {promoted} : {real}
  %us = scalar.mul %u, %c : {u}
  %y = array.dot %us, %v batch [0] with [0] contract [2] with [1] : {u}, {v}
  return %s, %y : {s}, {x}
}}\n"
        )
    });
    let contest = Contest::new(&text);
    for (name, x) in &cases {
        contest.check_whole(name, std::slice::from_ref(x), 1024.0);
        let zeros = Literal::splat(x.dtype, x.extents().to_vec(), Number::of_f64(0.0, x.dtype));
        contest.check_whole(name, &[zeros], 1.0);
        let ones = Literal::splat(x.dtype, x.extents().to_vec(), Number::of_f64(1.0, x.dtype));
        contest.check_whole(name, &[ones], 1024.0);
    }
}
