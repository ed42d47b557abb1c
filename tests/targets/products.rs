//! Matmuls with extents for which GPU kernels use large tiles, and other ways to load and store them.

use super::differential::Contest;
use dp_dialects::{Literal, Number, ScalarType};

/// A tensor of small numbers whose products are exact in every type.
fn tensor(dtype: ScalarType, shape: &[u64]) -> Literal {
    let count: u64 = shape.iter().product();
    let value = |index: u64| {
        let value = ((index * 7 + index / 13 + 3) % 5) as f64 - 2.0;
        let number = if dtype.is_float() { Number::Real(value) } else { Number::Integer(value as i64) };
        number.round(dtype)
    };
    Literal::tensor(dtype, shape.to_vec(), (0..count).map(value).collect())
}

/// A batch of matmuls with each operand transposed or not, for the given types.
fn product(name: &str, (left, right): (usize, usize), [a, b, y]: [&str; 3]) -> String {
    format!(
        "func.func @{name}(%a: {a}, %b: {b}) -> {y} {{\n  %y = array.dot %a, %b batch [0] with [0] contract [{left}] with \
         [{right}] : {a}, {b}\n  return %y : {y}\n}}\n"
    )
}

/// Matmuls with dynamic extents.
fn program(dtype: ScalarType, forms: &[(usize, usize)]) -> String {
    let any = format!("tensor<?x?x?x{dtype}>");
    forms.iter().map(|form| product(&format!("dot_{}{}_{dtype}", form.0, form.1), *form, [&any; 3])).collect()
}

/// The shapes of the operands of `batch` matmuls of `m × k` by `k × n`.
fn shapes((left, right): (usize, usize), [batch, m, n, k]: [u64; 4]) -> [[u64; 3]; 2] {
    let a = if left == 2 { [batch, m, k] } else { [batch, k, m] };
    let b = if right == 1 { [batch, k, n] } else { [batch, n, k] };
    [a, b]
}

fn arguments(dtype: ScalarType, form: (usize, usize), extents: [u64; 4]) -> [Literal; 2] {
    shapes(form, extents).map(|shape| tensor(dtype, &shape))
}

const FORMS: [(usize, usize); 4] = [(2, 1), (1, 1), (2, 2), (1, 2)];

/// Matmuls that fill the device and thus use large tiles. Rows, columns and the contracted dimension end within a tile;
/// if all extents are multiples of four, loads and stores are vectorized.
#[test]
fn large_tiles() {
    let others = [ScalarType::F16, ScalarType::I8];
    let differential =
        Contest::new(&(program(ScalarType::F32, &FORMS) + &others.map(|dtype| program(dtype, &FORMS[..1])).concat()));
    for (left, right) in FORMS {
        differential.check(
            &format!("dot_{left}{right}_f32"),
            &arguments(ScalarType::F32, (left, right), [64, 97, 131, 9]),
            0.0,
        );
    }
    for (left, right) in [(2, 1), (1, 2)] {
        differential.check(
            &format!("dot_{left}{right}_f32"),
            &arguments(ScalarType::F32, (left, right), [64, 100, 132, 8]),
            0.0,
        );
    }
    for dtype in others {
        differential.check(&format!("dot_21_{dtype}"), &arguments(dtype, (2, 1), [64, 97, 131, 5]), 0.0);
    }
}

/// Small matmuls with a long contracted dimension, which use split-K, and extents that end within small tiles.
#[test]
fn small_tiles() {
    let types = [ScalarType::F64, ScalarType::I32];
    let differential = Contest::new(&types.map(|dtype| program(dtype, &FORMS)).concat());
    for dtype in types {
        for (left, right) in FORMS {
            for extents in [[1, 5, 7, 300], [2, 8, 68, 260], [1, 66, 3, 17]] {
                let name = format!("dot_{left}{right}_{dtype}");
                differential.check(&name, &arguments(dtype, (left, right), extents), 0.0);
            }
        }
    }
}

/// The same with static extents, for which tile size and split-K factor are chosen at compile time.
#[test]
fn static_extents() {
    let of = |dtype: ScalarType, shape: [u64; 3]| format!("tensor<{}x{}x{}x{dtype}>", shape[0], shape[1], shape[2]);
    let few = [ScalarType::F32, ScalarType::F64, ScalarType::I32].map(|dtype| (dtype, [2, 5, 68, 300]));
    // One iteration over the contracted dimension, and large tiles.
    let cases = [few.as_slice(), &[(ScalarType::F32, [1, 33, 37, 10]), (ScalarType::F32, [64, 100, 132, 8])]].concat();
    let name = |case: usize, form: (usize, usize)| format!("known_{case}_{}{}", form.0, form.1);
    let mut text = String::new();
    for (case, (dtype, extents)) in cases.iter().enumerate() {
        for form in FORMS {
            let [a, b] = shapes(form, *extents).map(|shape| of(*dtype, shape));
            let y = of(*dtype, [extents[0], extents[1], extents[2]]);
            text += &product(&name(case, form), form, [&a, &b, &y]);
        }
    }
    let differential = Contest::new(&text);
    for (case, (dtype, extents)) in cases.iter().enumerate() {
        let forms = if extents[0] == 64 { &FORMS[..1] } else { &FORMS[..] };
        for form in forms {
            differential.check(&name(case, *form), &arguments(*dtype, *form, *extents), 0.0);
        }
    }
}

/// Calls that share kernels with different parameters: partial tiles and vectorized rows, with and without split-K,
/// host scalars, strided rows.
#[test]
fn shared_kernels() {
    let differential = Contest::new(
        "func.func @chain(%a: tensor<?x?xf32>, %b: tensor<?x?xf32>, %c: tensor<?x?xf32>, %d: tensor<?x?xf32>)
            -> (tensor<?x?xf32>, tensor<?x?xf32>) {
          %x = array.dot %a, %b contract [1] with [0] : tensor<?x?xf32>, tensor<?x?xf32>
          %y = array.dot %x, %c contract [1] with [0] : tensor<?x?xf32>, tensor<?x?xf32>
          %z = array.dot %y, %d contract [1] with [0] : tensor<?x?xf32>, tensor<?x?xf32>
          return %x, %z : tensor<?x?xf32>, tensor<?x?xf32>
        }
        func.func @scaled(%x: tensor<?x?xf32>, %p: f32, %q: f32)
            -> (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) {
          %c0 = arith.constant 0 : index
          %c1 = arith.constant 1 : index
          %n = tensor.dim %x, %c0 : tensor<?x?xf32>
          %m = tensor.dim %x, %c1 : tensor<?x?xf32>
          %t = array.transpose %x permutation [1, 0] : tensor<?x?xf32>
          %ps = array.broadcast %p dims [] extents(%n, %m) : f32 to tensor<?x?xf32>
          %qs = array.broadcast %q dims [] extents(%m, %n) : f32 to tensor<?x?xf32>
          %y = scalar.mul %x, %ps : tensor<?x?xf32>
          %z = scalar.mul %t, %qs : tensor<?x?xf32>
          %u = array.reduce add %y dims [1] : tensor<?x?xf32>
          %v = array.reduce add %z dims [1] : tensor<?x?xf32>
          return %y, %z, %u, %v : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>
        }",
    );
    let matrix = |rows: u64, columns: u64| tensor(ScalarType::F32, &[rows, columns]);
    for [m, k, n, o, p] in [[3, 300, 5, 7, 66], [8, 4, 64, 260, 12], [1, 1, 1, 1, 1], [130, 9, 4, 130, 3]] {
        differential.check("chain", &[matrix(m, k), matrix(k, n), matrix(n, o), matrix(o, p)], 0.0);
    }
    let number = |value: f64| Literal::number(ScalarType::F32, Number::Real(value));
    for [n, m] in [[3, 5], [40, 4], [1, 700]] {
        differential.check("scaled", &[matrix(n, m), number(2.0), number(-3.0)], 0.0);
    }
}
