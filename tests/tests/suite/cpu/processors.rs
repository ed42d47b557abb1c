//! Every operation on every type of numbers, for CPUs with much and with little: the library links, as it calls
//! nothing but libc and libm, and where this machine has what it takes, it computes what the interpreter does.

use super::library::{Pair, reference};
use dp_compiler::reference::programs;
use dp_cpu::{Beside, Cpu, Level, Target};
use dp_dialects::{FloatModel, Literal, Number, ScalarType};
use dp_driver::pipelines;
use dp_lower::Stage;
use melior::ir::Module;

/// How long the tensors are: no multiple of a vector's length, and longer than each.
const LENGTH: u64 = 37;

const TYPES: [ScalarType; 11] = [
    ScalarType::BF16,
    ScalarType::F16,
    ScalarType::F32,
    ScalarType::F64,
    ScalarType::Complex64,
    ScalarType::Complex128,
    ScalarType::I1,
    ScalarType::I8,
    ScalarType::I16,
    ScalarType::I32,
    ScalarType::I64,
];

/// Operations on rows and matrices: `R` and `M` are their types, `T` that of numbers, and the others those of results
/// whose extents are known, but for `W`, which is as a row is.
const ON_TENSORS: [(&str, &str); 22] = [
    ("array.slice %x starts [3] strides [2] : R to H", "H"),
    ("array.pad %x, %s low [1] high [2] interior [1] : R, T to P", "P"),
    ("array.concatenate %x, %y dim 0 : R, R", "W"),
    ("array.broadcast %x dims [1] : R to B", "B"),
    ("array.iota dim 0 : K", "K"),
    ("array.reshape %m : M to L", "L"),
    ("array.reduce add %m dims [0] : M", "R"),
    ("array.reduce add %m dims [1] : M", "R"),
    ("array.reduce max %m dims [1] : M", "R"),
    ("array.reduce mul %m dims [0] : M", "R"),
    ("array.reduce and %m dims [1] : M", "R"),
    ("array.transpose %m permutation [1, 0] : M", "M"),
    (
        "array.reduce region %m dims [1] init(%s : T) : M {
  ^bb0(%q: T, %r: T):
    %u = scalar.mul %q, %r : T
    array.yield %u : T
  }",
        "R",
    ),
    ("array.dot %m, %m contract [1] with [0] : M, M", "M"),
    ("array.dot %m, %x contract [0] with [0] : M, R", "R"),
    ("array.dot %m, %m batch [0] with [0] contract [1] with [1] : M, M", "R"),
    ("array.dot %m, %m contract [0, 1] with [1, 0] : M, M", "S"),
    ("array.gather %m, %i : M, tensor<3xi32>", "G"),
    ("array.scatter %m, %i, %g : M, tensor<3xi32>, G", "M"),
    ("array.update_slice accumulate %x, %x starts [0] : R, R", "R"),
    ("array.map(%x, %y) : (R, R) -> R {\n  ^bb0(%q: T, %r: T):\n    array.yield %q : T\n  }", "R"),
    (
        "array.map(%x, %y) : (R, R) -> R {
  ^bb0(%q: T, %r: T):
    %u = scalar.mul %q, %r : T
    %v = scalar.add %u, %q : T
    array.yield %v : T
  }",
        "R",
    ),
];

/// `scalar.add %a, %b : T` on tensors; nothing for other operations.
fn elementwise(program: &str, of: &dyn Fn(&str) -> String) -> Option<(String, String)> {
    let line = program.lines().find(|line| line.contains("%y = scalar."))?;
    let (operation, types) = line.trim().strip_prefix("%y = ")?.rsplit_once(" : ")?;
    let operation = operation.replace("%a", "%x").replace("%b", "%y").replace("%p", "%c");
    let types = |separator: &str| types.split(separator).map(of).collect::<Vec<_>>().join(separator);
    let types = if types(", ").contains(" to ") { types(" to ") } else { types(", ") };
    let result = program.split(" -> ").nth(1)?.split(' ').next()?;
    (operation != "scalar.constant").then(|| (format!("{operation} : {types}"), of(result)))
}

/// A module with a function for each operation that the verifier admits on a type.
fn module(context: &melior::Context, dtype: ScalarType, extent: &str) -> (String, usize) {
    let name = dtype.name();
    let row = |of: &str| format!("tensor<{extent}x{of}>");
    let (matrix, picked) = (format!("tensor<{extent}x{extent}x{name}>"), format!("tensor<3x{extent}x{name}>"));
    let arguments = format!(
        "%x: {0}, %y: {0}, %c: {1}, %m: {matrix}, %g: {picked}, %i: tensor<3xi32>, %s: {name}",
        row(name),
        row("i1")
    );
    // As names of programs are written: `complex_f32`.
    let ending = format!("_{}", name.to_lowercase().replace('<', "_").trim_end_matches('>'));
    let mut operations: Vec<(String, String)> = programs()
        .iter()
        .filter(|program| program.name.to_lowercase().ends_with(&ending))
        .filter_map(|program| elementwise(&program.text, &|of| row(of)))
        .collect();
    // Signed integers where extents are known, and unsigned ones where they are not: one of each is enough.
    let unsigned = if extent == "?" { "unsigned " } else { "" };
    for to in TYPES.iter().map(|to| row(to.name())) {
        operations.push((format!("scalar.convert {unsigned}%x : {} to {to}", row(name)), to));
    }
    let of = |extents: &[u64]| {
        let extents: String = extents.iter().map(|extent| format!("{extent}x")).collect();
        format!("tensor<{extents}{name}>")
    };
    for (operation, result) in ON_TENSORS {
        let typed = |text: &str| {
            let words = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
            let word = |word: &str| {
                let (stem, rest) = word.split_at(word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()).len());
                let stem = match stem {
                    "R" => row(name),
                    "M" => matrix.clone(),
                    "G" => picked.clone(),
                    "T" => name.into(),
                    "W" if extent == "?" => row(name),
                    "W" => of(&[2 * LENGTH]),
                    "H" => of(&[LENGTH / 2 - 1]),
                    "P" => of(&[2 * LENGTH + 2]),
                    "B" => of(&[3, LENGTH]),
                    "K" => of(&[LENGTH]),
                    "L" => of(&[LENGTH * LENGTH]),
                    "S" => of(&[]),
                    other => other.into(),
                };
                stem + rest
            };
            words.map(word).collect::<String>()
        };
        operations.push((typed(operation), typed(result)));
    }
    let mut text = String::new();
    let mut count = 0;
    for (operation, result) in operations {
        let function = format!(
            "func.func @f{count}({arguments}) -> {result} {{\n  %z = {operation}\n  return %z : {result}\n}}\n"
        );
        if Module::parse(context, &function).is_some() {
            text.push_str(&function);
            count += 1;
        }
    }
    (text, count)
}

/// Numbers that are small, large and special; of every one there is a position. Complex ones are ordinary: where theirs
/// is no finite number, targets differ in which part says so.
fn numbers(dtype: ScalarType, shape: Vec<u64>, from: usize) -> Literal {
    const SOME: [f64; 12] = [1.0, -2.5, 0.75, 0.0, f64::INFINITY, 3.0, 1e-40, f64::NAN, -0.5, 6e-8, -0.0, 2.0];
    let count = shape.iter().product::<u64>() as usize;
    let number = |index: usize| {
        let value = SOME[(index * 5 + from) % SOME.len()];
        if dtype.is_complex() {
            let part = ((index * 5 + from) % 12) as f64 / 4.0 - 1.1;
            return Number::Complex(num_complex::Complex64::new(part, 0.7 - part / 3.0)).round(dtype);
        }
        Number::of_f64(if dtype.is_float() || dtype.is_complex() { value } else { value.clamp(-3.0, 3.0) }, dtype)
    };
    Literal::tensor(dtype, shape, (0..count).map(number).collect())
}

fn arguments(dtype: ScalarType) -> Vec<Literal> {
    vec![
        numbers(dtype, vec![LENGTH], 0),
        numbers(dtype, vec![LENGTH], 3),
        numbers(ScalarType::I1, vec![LENGTH], 0),
        numbers(dtype, vec![LENGTH, LENGTH], 1),
        numbers(dtype, vec![3, LENGTH], 2),
        numbers(ScalarType::I32, vec![3], 1),
        Literal::number(dtype, numbers(dtype, vec![1], 4).element(0)),
    ]
}

/// Whether this machine executes code for a CPU.
fn runs(cpu: &str) -> bool {
    match cpu {
        "x86-64-v3" => {
            std::arch::is_x86_feature_detected!("avx2")
                && std::arch::is_x86_feature_detected!("fma")
                && std::arch::is_x86_feature_detected!("f16c")
        }
        "x86-64-v4" => {
            std::arch::is_x86_feature_detected!("avx512f")
                && std::arch::is_x86_feature_detected!("avx512bw")
                && std::arch::is_x86_feature_detected!("avx512dq")
                && std::arch::is_x86_feature_detected!("avx512vl")
                && std::arch::is_x86_feature_detected!("avx512cd")
        }
        _ => true,
    }
}

fn check(cpu: &str, fp: FloatModel, level: Level) {
    let context = dp_driver::registry::context();
    context.attach_diagnostic_handler(|_| true);
    let options = dp_cpu::Options { cpu: cpu.into(), level, fp, ..dp_cpu::Options::default() };
    for dtype in TYPES {
        for extent in [LENGTH.to_string(), "?".to_string()] {
            let (text, count) = module(&context, dtype, &extent);
            assert!(count >= 25, "{dtype} has {count} operations alone");
            let pair = Pair::with(&text, &options);
            let arguments = arguments(dtype);
            // How exact functions are near their zeros is a matter of other tests.
            let units = if matches!(dtype, ScalarType::F16 | ScalarType::BF16) { 4.0 } else { 1e4 };
            for function in (0..count).filter(|_| runs(cpu)) {
                let found = pair.difference(&format!("f{function}"), &arguments, units);
                if let Some(difference) = found {
                    let function = text.split("func.func").nth(function + 1).unwrap_or_default();
                    panic!("{cpu}, {fp}, {dtype}, {extent}: {difference}\n{function}");
                }
            }
        }
    }
}

#[test]
fn one_of_the_first_of_64_bits() {
    check("x86-64", FloatModel::Reassociate, Level::O2);
}

#[test]
fn one_of_the_first_of_64_bits_strictly() {
    check("x86-64", FloatModel::Strict, Level::O0);
}

#[test]
fn one_with_vectors_of_32_bytes() {
    check("x86-64-v3", FloatModel::Reassociate, Level::O2);
}

#[test]
fn one_with_vectors_of_32_bytes_strictly() {
    check("x86-64-v3", FloatModel::Strict, Level::O0);
}

#[test]
fn one_with_vectors_of_64_bytes() {
    check("x86-64-v4", FloatModel::Reassociate, Level::O2);
}

#[test]
fn one_with_vectors_of_64_bytes_strictly() {
    check("x86-64-v4", FloatModel::Strict, Level::O0);
}

#[test]
fn this_one() {
    check("native", FloatModel::Reassociate, Level::O2);
}

#[test]
fn this_one_strictly() {
    check("native", FloatModel::Strict, Level::O0);
}

/// What a library must not need is named when it is compiled, and not by the linker or when it is loaded.
#[test]
fn a_function_of_no_library_is_refused() {
    let context = dp_driver::registry::context();
    let cpu = Cpu::new(dp_cpu::Options::default()).expect("this CPU");
    let text = "func.func @f(%x: f64) -> f64 {\n  return %x : f64\n}";
    let module = Module::parse(&context, text).expect("parses");
    let model =
        pipelines::lower(reference(&module), &cpu.pipeline(), Stage::Llvm, &mut ()).expect("is lowered").library;
    let more = "llvm.func @__truncsfbf2(f32) -> bf16
        llvm.func @outside(%x: f32) -> bf16 { %y = llvm.call @__truncsfbf2(%x) : (f32) -> bf16 llvm.return %y : bf16 }";
    let more = Module::parse(&context, more).expect("parses");
    let beside = Beside { exported: &["outside".into()], ..Beside::default() };
    let refused = dp_cpu::shared_library(reference(&more), &model, &dp_cpu::Options::default(), beside);
    let message = refused.expect_err("__truncsfbf2 is in no library").to_string();
    assert!(message.contains("'__truncsfbf2'"), "{message}");
}
