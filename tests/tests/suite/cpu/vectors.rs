//! Loops of vectors: rows longer and shorter than vectors, whole and in part, for CPUs with
//! vectors of each width, with masks and without.

use super::library::Pair;
use dp_dialects::FloatModel;
use dp_dialects::{Literal, Number, ScalarType};

const PROGRAM: &str = r#"
func.func @chain(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %s = scalar.mul %x, %y : tensor<?xf32>
  %t = scalar.tanh %s : tensor<?xf32>
  %u = scalar.div %t, %y : tensor<?xf32>
  return %u : tensor<?xf32>
}
func.func @sum(%x: tensor<?xf32>) -> tensor<f32> {
  %s = array.reduce add %x dims [0] : tensor<?xf32>
  return %s : tensor<f32>
}
func.func @product_of_wide(%x: tensor<?xf64>) -> tensor<f64> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %c = scalar.constant 0.125 : f64
  %cs = array.broadcast %c dims [] extents(%n) : f64 to tensor<?xf64>
  %one = scalar.constant 1.0 : f64
  %ones = array.broadcast %one dims [] extents(%n) : f64 to tensor<?xf64>
  %small = scalar.mul %x, %cs : tensor<?xf64>
  %near = scalar.add %small, %ones : tensor<?xf64>
  %s = array.reduce mul %near dims [0] : tensor<?xf64>
  return %s : tensor<f64>
}
func.func @greatest(%x: tensor<?xf32>) -> (tensor<f32>, tensor<f32>) {
  %a = array.reduce max %x dims [0] : tensor<?xf32>
  %b = array.reduce min %x dims [0] : tensor<?xf32>
  return %a, %b : tensor<f32>, tensor<f32>
}
func.func @rows_of_ten(%x: tensor<?x10xf32>, %b: tensor<10xf32>) -> (tensor<?xf32>, tensor<10xf32>, tensor<?x10xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x10xf32>
  %bs = array.broadcast %b dims [1] extents(%n) : tensor<10xf32> to tensor<?x10xf32>
  %y = scalar.sub %x, %bs : tensor<?x10xf32>
  %e = scalar.exp %y : tensor<?x10xf32>
  %r = array.reduce add %e dims [1] : tensor<?x10xf32>
  %c = array.reduce add %e dims [0] : tensor<?x10xf32>
  %rs = array.broadcast %r dims [0] extents(%n) : tensor<?xf32> to tensor<?x10xf32>
  %z = scalar.div %e, %rs : tensor<?x10xf32>
  return %r, %c, %z : tensor<?xf32>, tensor<10xf32>, tensor<?x10xf32>
}
func.func @known(%x: tensor<3x100xf64>) -> (tensor<3xf64>, tensor<100xf64>, tensor<f64>, tensor<100x3xf64>) {
  %r = array.reduce add %x dims [1] : tensor<3x100xf64>
  %c = array.reduce max %x dims [0] : tensor<3x100xf64>
  %s = array.reduce add %x dims [0, 1] : tensor<3x100xf64>
  %t = array.transpose %x permutation [1, 0] : tensor<3x100xf64>
  %u = scalar.sqrt %t : tensor<100x3xf64>
  return %r, %c, %s, %u : tensor<3xf64>, tensor<100xf64>, tensor<f64>, tensor<100x3xf64>
}
func.func @positions(%n: index) -> (tensor<?x5xi64>, tensor<?xi32>, tensor<?x5xf32>) {
  %i = array.iota dim 0 extents(%n) : tensor<?x5xi64>
  %j = array.iota dim 1 extents(%n) : tensor<?x5xi64>
  %k = scalar.mul %i, %j : tensor<?x5xi64>
  %h = scalar.convert %k : tensor<?x5xi64> to tensor<?x5xf32>
  %l = array.iota dim 0 extents(%n) : tensor<?xi32>
  %m = scalar.xor %l, %l : tensor<?xi32>
  %o = scalar.sub %m, %l : tensor<?xi32>
  return %k, %o, %h : tensor<?x5xi64>, tensor<?xi32>, tensor<?x5xf32>
}
func.func @integers(%x: tensor<?xi32>, %y: tensor<?xi32>) -> (tensor<?xi32>, tensor<i32>, tensor<i32>, tensor<?xi1>, tensor<i1>) {
  %q = scalar.div %x, %y : tensor<?xi32>
  %s = array.reduce add %q dims [0] : tensor<?xi32>
  %m = array.reduce min %y dims [0] : tensor<?xi32>
  %c = scalar.compare lt %x, %y : tensor<?xi32>
  %a = array.reduce and %c dims [0] : tensor<?xi1>
  return %q, %s, %m, %c, %a : tensor<?xi32>, tensor<i32>, tensor<i32>, tensor<?xi1>, tensor<i1>
}
"#;

fn numbers(dtype: ScalarType, shape: &[u64]) -> Literal {
    let value = |index: u64| {
        let value = ((index * 13 + 5) % 31) as f64 / 8.0 + 0.125;
        if dtype.is_float() { Number::Real(value) } else { Number::Integer((8.0 * value) as i64 - 9) }
    };
    Literal::tensor(dtype, shape.to_vec(), (0..shape.iter().product()).map(value).collect())
}

fn check(cpu: &str, fp: FloatModel) {
    let options = dp_cpu::Options { cpu: cpu.into(), fp, ..dp_cpu::Options::default() };
    let pair = Pair::with(PROGRAM, &options);
    for n in [0, 1, 3, 4, 7, 8, 15, 16, 17, 31, 33, 64, 100, 127, 128, 129, 1000] {
        let (f32s, f64s) = (numbers(ScalarType::F32, &[n]), numbers(ScalarType::F64, &[n]));
        pair.check("chain", &[f32s.clone(), f32s.clone()], 8.0);
        // What differs is the order, and n roundings.
        let sums = 4.0 + n as f64;
        pair.check("sum", std::slice::from_ref(&f32s), sums);
        pair.check("product_of_wide", &[f64s], sums);
        pair.check("greatest", &[f32s], 0.0);
        pair.check("rows_of_ten", &[numbers(ScalarType::F32, &[n, 10]), numbers(ScalarType::F32, &[10])], sums + 16.0);
        pair.check("positions", &[Literal::number(ScalarType::Index, Number::Integer(n as i64))], 0.0);
        let i32s = numbers(ScalarType::I32, &[n]);
        pair.check("integers", &[i32s.clone(), i32s], 0.0);
    }
    pair.check("known", &[numbers(ScalarType::F64, &[3, 100])], 300.0);
}

#[test]
fn on_this_processor() {
    check("native", FloatModel::Reassociate);
}

#[test]
fn without_masks() {
    check("x86-64-v3", FloatModel::Fast);
}

#[test]
fn of_sixteen_bytes() {
    check("x86-64", FloatModel::Reassociate);
}

/// Sums from first to last, to the bit.
#[test]
fn in_the_order_that_the_program_says() {
    let options = dp_cpu::Options { fp: FloatModel::Strict, ..dp_cpu::Options::default() };
    let pair = Pair::with(PROGRAM, &options);
    for n in [0, 5, 16, 100, 1000] {
        pair.check("sum", &[numbers(ScalarType::F32, &[n])], 0.0);
        pair.check("product_of_wide", &[numbers(ScalarType::F64, &[n])], 0.0);
    }
}

/// Operands that run along different loops: transposes of each size of elements, alone, of some dimensions of several,
/// with another operand, and with positions.
const TURNED: &str = r#"
func.func @plain(%x: tensor<?x?xT>) -> tensor<?x?xT> {
  %y = array.transpose %x permutation [1, 0] : tensor<?x?xT>
  return %y : tensor<?x?xT>
}
func.func @pairs(%x: tensor<?x?x3xT>, %y: tensor<?x?x3xT>) -> (tensor<?x3x?xT>, tensor<3x?x?xT>) {
  %s = scalar.add %x, %y : tensor<?x?x3xT>
  %t = array.transpose %s permutation [0, 2, 1] : tensor<?x?x3xT>
  %u = array.transpose %s permutation [2, 0, 1] : tensor<?x?x3xT>
  return %t, %u : tensor<?x3x?xT>, tensor<3x?x?xT>
}
func.func @mixed(%x: tensor<?x?xT>, %y: tensor<?x?xT>) -> tensor<?x?xT> {
  %t = array.transpose %y permutation [1, 0] : tensor<?x?xT>
  %s = scalar.mul %x, %t : tensor<?x?xT>
  %d = scalar.sub %s, %x : tensor<?x?xT>
  return %d : tensor<?x?xT>
}
func.func @known(%x: tensor<35x19xT>) -> tensor<19x35xT> {
  %y = array.transpose %x permutation [1, 0] : tensor<35x19xT>
  return %y : tensor<19x35xT>
}
"#;

#[test]
fn squares_are_turned_whatever_is_left_of_them() {
    for cpu in ["native", "x86-64-v3", "x86-64"] {
        for dtype in
            [ScalarType::F32, ScalarType::F64, ScalarType::F16, ScalarType::I8, ScalarType::I64, ScalarType::I1]
        {
            let program = TURNED.replace("xT>", &format!("x{}>", dtype.name()));
            let program = if dtype == ScalarType::I1 {
                program
                    .replace("scalar.add", "scalar.or")
                    .replace("scalar.mul", "scalar.and")
                    .replace("scalar.sub", "scalar.xor")
            } else {
                program
            };
            let pair = Pair::with(&program, &dp_cpu::Options { cpu: cpu.into(), ..dp_cpu::Options::default() });
            let of = |extents: &[u64]| {
                let value = |index: u64| match dtype {
                    ScalarType::I1 => Number::Integer((index * 7 % 3 % 2) as i64),
                    _ if dtype.is_float() => Number::Real((index * 13 % 127) as f64 / 8.0),
                    _ => Number::Integer((index * 13 % 127) as i64),
                };
                Literal::tensor(dtype, extents.to_vec(), (0..extents.iter().product()).map(value).collect())
            };
            for (rows, columns) in [(0, 5), (1, 1), (1, 40), (3, 70), (8, 8), (16, 33), (17, 15), (40, 64), (65, 37)] {
                pair.check("plain", &[of(&[rows, columns])], 0.0);
                pair.check("pairs", &[of(&[rows, columns, 3]), of(&[rows, columns, 3])], 0.0);
                pair.check("mixed", &[of(&[rows, columns]), of(&[columns, rows])], 1.0);
            }
            pair.check("known", &[of(&[35, 19])], 0.0);
        }
    }
}
