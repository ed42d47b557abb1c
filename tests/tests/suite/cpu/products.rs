//! Products of matrices of every kind of number, on CPUs with vectors of each width: what they are, and that
//! those that are linked in are those that would be written into the module, bit for bit.

use super::library::{Pair, Tolerance, difference};
use dp_cpu::{Cpu, Options, Target};
use dp_dialects::{FloatModel, Literal, Number, ScalarType};
use num_complex::Complex64;

const PROGRAM: &str = r#"
func.func @plain(%a: tensor<?x?xT>, %b: tensor<?x?xT>) -> tensor<?x?xT> {
  %c = array.dot %a, %b contract [1] with [0] : tensor<?x?xT>, tensor<?x?xT>
  return %c : tensor<?x?xT>
}
func.func @transposed(%a: tensor<?x?xT>, %b: tensor<?x?xT>) -> tensor<?x?xT> {
  %c = array.dot %b, %a contract [1] with [0] : tensor<?x?xT>, tensor<?x?xT>
  %d = array.dot %a, %c contract [0] with [0] : tensor<?x?xT>, tensor<?x?xT>
  return %d : tensor<?x?xT>
}
"#;

/// Numbers of both signs, none of which is short in binary.
fn matrix(dtype: ScalarType, rows: u64, columns: u64) -> Literal {
    let numbers = (0..rows * columns).map(|index| {
        let part = |index: u64| f64::from((index * 7919 % 1009) as u32) / 1009.0 - 0.5;
        if dtype.is_complex() {
            let rounded = |x: f64| f64::from(x as f32);
            Number::Complex(Complex64::new(rounded(part(index)), rounded(part(index + 500))))
        } else if dtype.is_float() {
            Number::of_f64(part(index), dtype)
        } else {
            // Large ones, so that sums wrap.
            Number::Integer(((index * 7919 % 251) as i64 - 125) << (dtype.bits() - 8))
        }
    });
    Literal::tensor(dtype, vec![rows, columns], numbers.collect())
}

#[test]
fn linked_products_are_those_that_are_written() {
    // Rows, depth and columns: less than a tile, tiles and rests, several blocks, and the packed way.
    const EXTENTS: [(u64, u64, u64); 6] =
        [(1, 1, 1), (3, 5, 10), (8, 0, 7), (33, 130, 37), (64, 64, 10), (450, 20, 97)];
    for cpu in ["native", "x86-64", "x86-64-v3"] {
        for dtype in [
            ScalarType::F32,
            ScalarType::F64,
            ScalarType::F16,
            ScalarType::BF16,
            ScalarType::I8,
            ScalarType::I32,
            ScalarType::Complex64,
        ] {
            let text = PROGRAM.replace("xT>", &format!("x{}>", dtype.name()));
            let options = Options { cpu: cpu.into(), ..Options::default() };
            let written = Pair::with(&text, &options);
            let linked = Pair::with(&text, &Options { kernels: dp_kernels::KERNELS, ..options });
            for (rows, depth, columns) in EXTENTS {
                let (a, b) = (matrix(dtype, rows, depth), matrix(dtype, depth, columns));
                let arguments = [a.clone(), b];
                let expected = written.call("plain", &arguments);
                assert_eq!(linked.call("plain", &arguments), expected, "{cpu}, {rows}x{depth}x{columns}");
                let arguments = [a, matrix(dtype, rows, rows)];
                let expected = written.call("transposed", &arguments);
                assert_eq!(linked.call("transposed", &arguments), expected, "{cpu}, transposed, {rows}x{depth}");
            }
        }
    }
}

/// What is linked in for vectors of 64 bytes takes integers of every width, which the first CPU with such vectors
/// has not: for it, products are written into the module.
#[test]
fn products_are_linked_for_processors_that_have_what_they_take() {
    for (cpu, are_linked) in
        [("x86-64", true), ("x86-64-v3", true), ("x86-64-v4", true), ("znver4", true), ("knl", false)]
    {
        let options = Options { cpu: cpu.into(), kernels: dp_kernels::KERNELS, ..Options::default() };
        let linked = Cpu::new(options).expect("LLVM knows it").pipeline().linked;
        assert_eq!(!linked.is_empty(), are_linked, "{cpu}");
    }
}

/// The product in its four layouts, and of batches.
const LAYOUTS: &str = r#"
func.func @nn(%a: tensor<?x?xT>, %b: tensor<?x?xT>) -> tensor<?x?xT> {
  %y = array.dot %a, %b contract [1] with [0] : tensor<?x?xT>, tensor<?x?xT>
  return %y : tensor<?x?xT>
}
func.func @tn(%a: tensor<?x?xT>, %b: tensor<?x?xT>) -> tensor<?x?xT> {
  %y = array.dot %a, %b contract [0] with [0] : tensor<?x?xT>, tensor<?x?xT>
  return %y : tensor<?x?xT>
}
func.func @nt(%a: tensor<?x?xT>, %b: tensor<?x?xT>) -> tensor<?x?xT> {
  %y = array.dot %a, %b contract [1] with [1] : tensor<?x?xT>, tensor<?x?xT>
  return %y : tensor<?x?xT>
}
func.func @tt(%a: tensor<?x?xT>, %b: tensor<?x?xT>) -> tensor<?x?xT> {
  %y = array.dot %a, %b contract [0] with [1] : tensor<?x?xT>, tensor<?x?xT>
  return %y : tensor<?x?xT>
}
func.func @rows(%a: tensor<?x?xT>, %b: tensor<?x?xT>) -> tensor<?xT> {
  %y = array.dot %a, %b batch [0] with [0] contract [1] with [1] : tensor<?x?xT>, tensor<?x?xT>
  return %y : tensor<?xT>
}
func.func @columns(%a: tensor<?x?xT>, %b: tensor<?x?xT>) -> tensor<?xT> {
  %y = array.dot %a, %b batch [1] with [1] contract [0] with [0] : tensor<?x?xT>, tensor<?x?xT>
  return %y : tensor<?xT>
}
func.func @trace(%a: tensor<?x?xT>, %b: tensor<?x?xT>) -> tensor<T> {
  %y = array.dot %a, %b contract [0, 1] with [1, 0] : tensor<?x?xT>, tensor<?x?xT>
  return %y : tensor<T>
}
"#;

/// Rows, depth and columns: nothing, one of each, less than a vector, more than one, tiles and rests, several blocks, rows
/// that all begin at one place of a page.
const EXTENTS: [(u64, u64, u64); 20] = [
    (0, 3, 2),
    (3, 0, 2),
    (1, 1, 1),
    (1, 40, 1),
    (1, 37, 19),
    (1, 300, 35),
    (19, 37, 1),
    (35, 300, 1),
    (9, 1100, 1),
    (1, 1100, 7),
    (5000, 9, 1),
    (4096, 9, 1),
    (9, 4096, 1),
    (3, 5, 4),
    (8, 16, 32),
    (17, 1, 33),
    (9, 31, 10),
    (5, 130, 3),
    (33, 65, 17),
    (65, 129, 18),
];

/// Each product against its interpretation.
fn check_layouts(dtype: ScalarType, cpu: &str, fp: FloatModel, special: bool) {
    let options = Options { cpu: cpu.into(), fp, kernels: dp_kernels::KERNELS, ..Options::default() };
    let pair = Pair::with(&LAYOUTS.replace("T>", &format!("{}>", dtype.name())), &options);
    for (rows, depth, columns) in EXTENTS {
        let mark = |literal: Literal| if special && dtype.is_float() { with_specials(literal) } else { literal };
        let of = |rows, columns| mark(matrix(dtype, rows, columns));
        for (function, a, b) in [
            ("nn", of(rows, depth), of(depth, columns)),
            ("tn", of(depth, rows), of(depth, columns)),
            ("nt", of(rows, depth), of(columns, depth)),
            ("tt", of(depth, rows), of(columns, depth)),
            ("rows", of(rows, depth), of(rows, depth)),
            ("columns", of(rows, depth), of(rows, depth)),
            ("trace", of(rows, depth), of(depth, rows)),
        ] {
            let arguments = [a, b];
            let expected = pair.interpret(function, &arguments).unwrap_or_else(|error| panic!("{error}"));
            // Halves are summed in f32, so that they are rounded once.
            let length = match function {
                "columns" => rows,
                "trace" => rows * depth,
                _ => depth,
            };
            let units = if dtype.bits() == 16 { 1.0 } else { 8.0 + length as f64 / 4.0 };
            let tolerance = Tolerance { units, flushes: false, of_greatest: true };
            let found = pair.call(function, &arguments);
            if let Some(difference) = difference(cpu, function, &arguments, &expected, found, tolerance) {
                panic!("{}, {fp}, {rows}x{depth}x{columns}: {difference}", dtype.name());
            }
        }
    }
}

/// Sums over two dimensions of parts of matrices, whose rows do not follow one another in memory.
const PARTS: &str = "
func.func @parts(%a: tensor<20x40xT>, %b: tensor<20x40xT>) -> tensor<T> {
  %x = array.slice %a starts [1, 3] strides [1, 1] : tensor<20x40xT> to tensor<19x37xT>
  %y = array.slice %b starts [0, 1] strides [1, 1] : tensor<20x40xT> to tensor<19x37xT>
  %s = array.dot %x, %y contract [0, 1] with [0, 1] : tensor<19x37xT>, tensor<19x37xT>
  return %s : tensor<T>
}";

#[test]
fn halves_are_rounded_once_over_parts_of_matrices() {
    for dtype in [ScalarType::F16, ScalarType::BF16] {
        let pair = Pair::new(&PARTS.replace("T>", &format!("{}>", dtype.name())));
        let arguments = [matrix(dtype, 20, 40), matrix(dtype, 20, 40)];
        let expected = pair.interpret("parts", &arguments).unwrap_or_else(|error| panic!("{error}"));
        let tolerance = Tolerance { units: 1.0, flushes: false, of_greatest: true };
        let found = pair.call("parts", &arguments);
        if let Some(difference) = difference("cpu", "parts", &arguments, &expected, found, tolerance) {
            panic!("{}: {difference}", dtype.name());
        }
    }
}

#[test]
fn halves_are_rounded_once_where_sums_keep_their_order() {
    for cpu in ["native", "x86-64", "x86-64-v3"] {
        for dtype in [ScalarType::F16, ScalarType::BF16] {
            check_layouts(dtype, cpu, FloatModel::Strict, false);
        }
    }
}

/// Products that are made where their elements do not lie beside one another.
const APART: &str = "
func.func @matrix(%a: tensor<9x40xT>, %b: tensor<40x11xT>, %z: T) -> tensor<9x32xT> {
  %y = array.dot %a, %b contract [1] with [0] : tensor<9x40xT>, tensor<40x11xT>
  %p = array.pad %y, %z low [0, 1] high [0, 0] interior [0, 2] : tensor<9x11xT>, T to tensor<9x32xT>
  return %p : tensor<9x32xT>
}
func.func @vector(%a: tensor<9x40xT>, %b: tensor<40xT>, %z: T) -> tensor<18xT> {
  %y = array.dot %a, %b contract [1] with [0] : tensor<9x40xT>, tensor<40xT>
  %p = array.pad %y, %z low [0] high [1] interior [1] : tensor<9xT>, T to tensor<18xT>
  return %p : tensor<18xT>
}
func.func @batches(%a: tensor<9x40xT>, %b: tensor<9x40xT>, %z: T) -> tensor<18xT> {
  %y = array.dot %a, %b batch [0] with [0] contract [1] with [1] : tensor<9x40xT>, tensor<9x40xT>
  %p = array.pad %y, %z low [1] high [0] interior [1] : tensor<9xT>, T to tensor<18xT>
  return %p : tensor<18xT>
}";

#[test]
fn products_are_right_where_results_are_apart() {
    for dtype in ScalarType::ALL.into_iter().filter(|dtype| !matches!(dtype, ScalarType::I1 | ScalarType::Index)) {
        for fp in FloatModel::ALL {
            let options = Options { fp, ..Options::default() };
            let pair = Pair::with(
                &APART
                    .replace("T>", &format!("{dtype}>"))
                    .replace("T)", &format!("{dtype})"))
                    .replace("T to", &format!("{dtype} to")),
                &options,
            );
            for (function, b) in [("matrix", vec![40, 11]), ("vector", vec![40]), ("batches", vec![9, 40])] {
                let count = b.iter().product();
                let numbers = matrix(dtype, 1, count).iter().collect();
                let padding = Literal::number(dtype, matrix(dtype, 1, 1).element(0));
                let arguments = [matrix(dtype, 9, 40), Literal::tensor(dtype, b, numbers), padding];
                let expected = pair.interpret(function, &arguments).unwrap_or_else(|error| panic!("{error}"));
                let units = if dtype.bits() == 16 { 1.0 } else { 18.0 };
                let tolerance = Tolerance { units, flushes: false, of_greatest: true };
                let found = pair.call(function, &arguments);
                if let Some(difference) = difference("cpu", function, &arguments, &expected, found, tolerance) {
                    panic!("{dtype}, {fp}: {difference}");
                }
            }
        }
    }
}

/// An infinity in the first place and not-a-number in the last: what stands beside them must not be touched.
fn with_specials(literal: Literal) -> Literal {
    let extents = literal.extents().to_vec();
    let last = literal.len().saturating_sub(1);
    let numbers = literal.iter().enumerate().map(|(index, number)| match index {
        0 => Number::Real(f64::INFINITY),
        index if index == last => Number::Real(f64::NAN),
        _ => number,
    });
    Literal::tensor(literal.dtype, extents, numbers.collect())
}

#[test]
fn products_are_right_in_every_layout_for_every_number() {
    for dtype in ScalarType::ALL.into_iter().filter(|dtype| !matches!(dtype, ScalarType::I1 | ScalarType::Index)) {
        check_layouts(dtype, "native", FloatModel::Reassociate, false);
    }
}

#[test]
fn products_are_right_with_vectors_of_each_width() {
    for cpu in ["x86-64", "x86-64-v3"] {
        for dtype in [
            ScalarType::F32,
            ScalarType::F64,
            ScalarType::F16,
            ScalarType::BF16,
            ScalarType::I8,
            ScalarType::I64,
            ScalarType::Complex64,
        ] {
            check_layouts(dtype, cpu, FloatModel::Reassociate, false);
        }
    }
}

#[test]
fn infinities_and_nans_stay_in_their_rows_and_columns() {
    for cpu in ["native", "x86-64-v3"] {
        for dtype in [ScalarType::F32, ScalarType::F64, ScalarType::F16, ScalarType::BF16] {
            check_layouts(dtype, cpu, FloatModel::Reassociate, true);
        }
    }
}
