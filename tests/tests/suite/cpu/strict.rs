//! `--fp=strict` from end to end: programs that are simplified, fused, vectorized and compiled give the bits that the
//! interpreter gives for them as they were written. `DP_PROGRAMS` is how many are tried.

use super::library::{Pair, compile_by, reference};
use crate::derivatives::Random;
use dp_dialects::{FloatModel, Literal, Number, ScalarType};
use dp_driver::conversion;
use dp_driver::pipelines::{self, SIMPLIFY, Settings};
use dp_passes::manager;
use dp_runtime::Library;
use melior::ir::Module;

/// How many programs are tried.
fn programs() -> usize {
    std::env::var("DP_PROGRAMS").ok().and_then(|count| count.parse().ok()).unwrap_or(40)
}

/// Lines that make the 5×7 matrix `%v{new}` of two others, in operations that round to the nearest.
fn step(choice: usize, new: usize, a: &str, b: &str, dtype: ScalarType) -> String {
    let t = format!("tensor<5x7x{dtype}>");
    let constant = |value: &str, rest: String| format!("%c{new} = array.constant dense<{value}> : {t}\n  {rest}");
    let of = |operation: &str| format!("%v{new} = scalar.{operation} : {t}");
    let with_constant = |value: &str, operation: &str| constant(value, of(&format!("{operation} {a}, %c{new}")));
    match choice {
        0 => of(&format!("add {a}, {b}")),
        1 => of(&format!("sub {a}, {b}")),
        2 => of(&format!("mul {a}, {b}")),
        3 => of(&format!("div {a}, {b}")),
        4 => of(&format!("neg {a}")),
        5 => of(&format!("abs {a}")),
        6 => of(&format!("max {a}, {b}")),
        7 => of(&format!("min {a}, {b}")),
        8 => of(&format!("sqrt {a}")),
        9 => of(&format!("floor {a}")),
        // What algebra knows of finite numbers only.
        10 => with_constant("0.0", "add"),
        11 => with_constant("0.0", "mul"),
        12 => with_constant("1.0e-3", "mul"),
        13 => with_constant("3.0", "div"),
        14 => of(&format!("sub {a}, {a}")),
        15 => format!(
            "%p{new} = scalar.compare ne {a}, {a} : {t}\n  %v{new} = scalar.select %p{new}, {b}, {a} : tensor<5x7xi1>, {t}"
        ),
        16 => format!(
            "%p{new} = scalar.compare lt {a}, {b} : {t}\n  %v{new} = scalar.select %p{new}, {a}, {b} : tensor<5x7xi1>, {t}"
        ),
        17 => format!(
            "%r{new} = array.reduce add {a} dims [1] : {t}
  %v{new} = array.broadcast %r{new} dims [0] : tensor<5x{dtype}> to {t}"
        ),
        18 => format!(
            "%t{new} = array.transpose {a} permutation [1, 0] : {t}
  %r{new} = array.reduce add %t{new} dims [1] : tensor<7x5x{dtype}>
  %v{new} = array.broadcast %r{new} dims [1] : tensor<7x{dtype}> to {t}"
        ),
        _ => format!(
            "%r{new} = array.reduce add {a} dims [0] : {t}
  %s{new} = array.reduce add %r{new} dims [0] : tensor<7x{dtype}>
  %v{new} = array.broadcast %s{new} dims [] : tensor<{dtype}> to {t}"
        ),
    }
}

#[test]
fn compiled_programs_keep_every_bit() {
    let mut random = Random(23);
    let mut below = |count: usize| ((random.unit() * count as f64) as usize).min(count - 1);
    let dtypes = [ScalarType::F64, ScalarType::F32];
    let mut text = String::new();
    for function in 0..programs() {
        let dtype = dtypes[function % 2];
        let t = format!("tensor<5x7x{dtype}>");
        let mut values = vec!["%x".to_string(), "%y".to_string()];
        let mut lines = Vec::new();
        for new in 0..4 + below(8) {
            let (a, b) = (values[below(values.len())].clone(), values[below(values.len())].clone());
            lines.push(format!("  {}", step(below(20), new, &a, &b, dtype)));
            values.push(format!("%v{new}"));
        }
        let last = values.last().expect("there are values");
        lines.push(format!("  %d = array.dot {last}, %x contract [1] with [1] : {t}, {t}"));
        let d = format!("tensor<5x5x{dtype}>");
        text += &format!(
            "func.func @f{function}(%x: {t}, %y: {t}) -> ({t}, {d}) {{\n{}\n  return {last}, %d : {t}, {d}\n}}\n",
            lines.join("\n")
        );
    }
    let context = dp_driver::registry::context();
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let options = dp_cpu::Options { fp: FloatModel::Strict, ..dp_cpu::Options::default() };
    let path = compile_by(&context, &text, &options, folder.path(), |module, options| {
        let settings = Settings {
            fp: FloatModel::Strict,
            level: 3,
            max_tape: dp_passes::manager::ByteLimit::default(),
            inline: dp_passes::calls::InlineLimit::default(),
            bounds: Vec::new(),
            ad_report: false,
            extents: Vec::new(),
            fixed: false,
        };
        manager::run(SIMPLIFY, module, &settings, &mut ())?;
        pipelines::lower(module, options, dp_lower::Stage::Llvm, &mut ())
    });
    let library = Library::open(&path).unwrap_or_else(|error| panic!("{error}"));
    let module = Module::parse(&context, &text).expect("it has been parsed before");
    let special = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 1e-310, -1e-40, 1e300, -1e38, 1.0, 3.0];
    for function in 0..programs() {
        let dtype = dtypes[function % 2];
        for rare in [1, 3, 40] {
            let mut number = |_| {
                let value = if below(rare) == 0 && rare < 40 { special[below(special.len())] } else { 0.0 };
                Number::Real(if value == 0.0 && rare > 1 { below(2000) as f64 / 300.0 - 3.3 } else { value })
                    .round(dtype)
            };
            let arguments = [(); 2].map(|()| Literal::tensor(dtype, vec![5, 7], (0..35).map(&mut number).collect()));
            let name = format!("f{function}");
            let expected = dp_interp::run(reference(&module), &name, arguments.to_vec());
            let expected = expected.unwrap_or_else(|located| panic!("{name}: {}", located.diagnostic));
            let arrays = arguments.each_ref().map(|argument| conversion::array(argument).expect("is well-formed"));
            let found = library.function(&name).unwrap_or_else(|error| panic!("{error}")).call(&arrays);
            for (expected, found) in expected.iter().zip(found.unwrap_or_else(|error| panic!("{error}"))) {
                for (want, have) in expected.iter().zip(conversion::literal(&found, true).iter()) {
                    let same = want == have || want.re().is_nan() && have.re().is_nan();
                    assert!(same, "{name}: {have:?} is not {want:?}\n{arguments:?}\n{text}");
                }
            }
        }
    }
}

/// Dots of every type of numbers that round: a product of matrices, one of a matrix and a vector, batches, and sums
/// over two dimensions that do not lie beside one another.
const DOTS: &str = "
func.func @matrices_N(%a: tensor<7x40xT>, %b: tensor<40x9xT>) -> tensor<7x9xT> {
  %y = array.dot %a, %b contract [1] with [0] : tensor<7x40xT>, tensor<40x9xT>
  return %y : tensor<7x9xT>
}
func.func @vector_N(%a: tensor<7x40xT>, %b: tensor<40xT>) -> tensor<7xT> {
  %y = array.dot %a, %b contract [1] with [0] : tensor<7x40xT>, tensor<40xT>
  return %y : tensor<7xT>
}
func.func @batches_N(%a: tensor<3x5x40xT>, %b: tensor<3x40xT>) -> tensor<3x5xT> {
  %y = array.dot %a, %b batch [0] with [0] contract [2] with [1] : tensor<3x5x40xT>, tensor<3x40xT>
  return %y : tensor<3x5xT>
}
func.func @apart_N(%a: tensor<5x7x4xT>, %b: tensor<4x7x5xT>) -> tensor<7x7xT> {
  %y = array.dot %a, %b contract [0, 2] with [2, 0] : tensor<5x7x4xT>, tensor<4x7x5xT>
  return %y : tensor<7x7xT>
}
func.func @added_N(%a: tensor<40x3xT>, %b: tensor<40xT>) -> (tensor<3xT>, tensor<3xT>, tensor<T>) {
  %s = array.reduce add %a dims [0] : tensor<40x3xT>
  %p = array.reduce mul %a dims [0] : tensor<40x3xT>
  %t = array.reduce add %b dims [0] : tensor<40xT>
  return %s, %p, %t : tensor<3xT>, tensor<3xT>, tensor<T>
}
";

#[test]
fn dots_and_sums_of_every_type_have_the_interpreters_bits() {
    let types = [
        ScalarType::F16,
        ScalarType::BF16,
        ScalarType::F32,
        ScalarType::F64,
        ScalarType::Complex64,
        ScalarType::Complex128,
    ];
    let named = |dtype: ScalarType| match dtype {
        ScalarType::Complex64 => "c64".to_string(),
        ScalarType::Complex128 => "c128".to_string(),
        other => other.name().to_string(),
    };
    let text: String = types
        .iter()
        .map(|dtype| DOTS.replace("_N", &format!("_{}", named(*dtype))).replace("T>", &format!("{dtype}>")))
        .collect();
    let pair = Pair::with(&text, &dp_cpu::Options { fp: FloatModel::Strict, ..dp_cpu::Options::default() });
    let mut random = Random(5);
    for dtype in types {
        let mut tensor = |shape: &[u64]| {
            let mut part = || 4.0 * random.unit() - 1.5;
            let mut number = |_| match dtype.is_complex() {
                true => Number::Complex(num_complex::Complex64::new(part(), part())).round(dtype),
                false => Number::Real(part()).round(dtype),
            };
            Literal::tensor(dtype, shape.to_vec(), (0..shape.iter().product()).map(&mut number).collect())
        };
        let shapes: [(&str, [&[u64]; 2]); 5] = [
            ("matrices", [&[7, 40], &[40, 9]]),
            ("vector", [&[7, 40], &[40]]),
            ("batches", [&[3, 5, 40], &[3, 40]]),
            ("apart", [&[5, 7, 4], &[4, 7, 5]]),
            ("added", [&[40, 3], &[40]]),
        ];
        for (name, shapes) in shapes {
            let name = format!("{name}_{}", named(dtype));
            let arguments = shapes.map(&mut tensor);
            let expected = pair.interpret(&name, &arguments).expect("is interpreted");
            let found = pair.call(&name, &arguments).expect("is called");
            for (expected, found) in expected.iter().zip(found) {
                for (want, have) in expected.iter().zip(conversion::literal(&found, true).iter()) {
                    assert_eq!(&want, &have, "{name}");
                }
            }
        }
    }
}
