//! `--fp=strict` from end to end: programs that are simplified, fused, vectorized and compiled give the bits that the
//! interpreter gives for them as they were written. `DP_PROGRAMS` is how many are tried.

use super::library::{compile_by, reference};
use crate::derivatives::Random;
use dp_compiler::driver::crossing;
use dp_compiler::pipelines::{self, SIMPLIFY, Settings};
use dp_dialects::{DType, FloatModel, Literal, Number};
use dp_passes::manager;
use dp_runtime::Library;
use melior::ir::Module;

/// How many programs are tried.
fn programs() -> usize {
    std::env::var("DP_PROGRAMS").ok().and_then(|count| count.parse().ok()).unwrap_or(40)
}

/// Lines that make the 5×7 matrix `%v{new}` of two others, in operations that round to the nearest.
fn step(choice: usize, new: usize, a: &str, b: &str, dtype: DType) -> String {
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
    let dtypes = [DType::F64, DType::F32];
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
        // The interpreter sums a dot up in f64.
        let dot = dtype == DType::F64;
        let made = format!("%d = array.dot {last}, %x contract [1] with [1] : {t}, {t}");
        lines.push(format!("  {}", if dot { made } else { format!("%d = scalar.add {last}, %x : {t}") }));
        let d = if dot { "tensor<5x5xf64>".to_string() } else { t.clone() };
        text += &format!(
            "func.func @f{function}(%x: {t}, %y: {t}) -> ({t}, {d}) {{\n{}\n  return {last}, %d : {t}, {d}\n}}\n",
            lines.join("\n")
        );
    }
    let context = dp_compiler::registry::context();
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let options = dp_cpu::Options { fp: FloatModel::Strict, ..dp_cpu::Options::default() };
    let path = compile_by(&context, &text, &options, folder.path(), |module, options| {
        let settings = Settings { fp: FloatModel::Strict, level: 3, extents: Vec::new(), fixed: false };
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
            let arrays = arguments.each_ref().map(|argument| crossing::array(argument).expect("is well-formed"));
            let found = library.function(&name).unwrap_or_else(|error| panic!("{error}")).call(&arrays);
            for (expected, found) in expected.iter().zip(found.unwrap_or_else(|error| panic!("{error}"))) {
                for (want, have) in expected.iter().zip(crossing::literal(&found, true).iter()) {
                    let same = want == have || want.re().is_nan() && have.re().is_nan();
                    assert!(same, "{name}: {have:?} is not {want:?}\n{arguments:?}\n{text}");
                }
            }
        }
    }
}
