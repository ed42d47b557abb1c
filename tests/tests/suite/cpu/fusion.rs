//! Fused loops: the same numbers as from the interpreter, whatever the extents are, and the same bits
//! as from loops that are not fused where the model of floating point is strict.

use super::library::{Pair, compile_by};
use dp_cpu::Options;
use dp_dialects::FloatModel;
use dp_dialects::{Literal, Number, ScalarType};
use dp_driver::pipelines;
use dp_lower::Stage;
use dp_runtime::{Array, Library};

/// Functions of two matrices, whose types are `$T`, `$U` transposed, `$R` and `$C` for a number for each
/// row and for each column.
const PROGRAM: &str = r#"
func.func @several_uses(%x: $T, %y: $T) -> ($T, $T, $R, $C, tensor<f32>) {
  %s = scalar.sub %x, %y : $T
  %t = scalar.tanh %s : $T
  %u = scalar.mul %t, %y : $T
  %r = array.reduce add %t dims [1] : $T
  %c = array.reduce add %u dims [0] : $T
  %a = array.reduce mul %t dims [0, 1] : $T
  return %t, %u, %r, %c, %a : $T, $T, $R, $C, tensor<f32>
}
func.func @softmax(%x: $T, %y: $T) -> ($T, $C, $R) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = $N
  %m = $M
  %z = scalar.add %x, %y : $T
  %g = array.reduce max %z dims [1] : $T
  %gs = array.broadcast %g dims [0] $E : $R to $T
  %h = scalar.sub %z, %gs : $T
  %e = scalar.exp %h : $T
  %s = array.reduce add %e dims [1] : $T
  %ss = array.broadcast %s dims [0] $E : $R to $T
  %p = scalar.div %e, %ss : $T
  %c = array.reduce add %p dims [0] : $T
  %l = scalar.log %s : $R
  return %p, %c, %l : $T, $C, $R
}
func.func @transposed(%x: $T, %y: $T) -> ($U, $C, $R, tensor<f32>, $T) {
  %e = scalar.exp %x : $T
  %t = array.transpose %e permutation [1, 0] : $T
  %u = array.transpose %y permutation [1, 0] : $T
  %v = scalar.add %t, %u : $U
  %c = array.reduce add %v dims [1] : $U
  %r = array.reduce max %v dims [0] : $U
  %a = array.reduce add %t dims [0, 1] : $U
  return %v, %c, %r, %a, %e : $U, $C, $R, tensor<f32>, $T
}
func.func @two_results(%x: $T, %y: $T) -> ($T, $R, $C) {
  %p, %q = array.map(%x, %y) : ($T, $T) -> ($T, $T) {
  ^bb0(%a: f32, %b: f32):
    %s = scalar.add %a, %b : f32
    %d = scalar.mul %a, %b : f32
    array.yield %s, %d : f32, f32
  }
  %z = scalar.sub %p, %q : $T
  %r = array.reduce min %q dims [1] : $T
  %c = array.reduce add %z dims [0] : $T
  return %z, %r, %c : $T, $R, $C
}
func.func @positions(%x: $T, %y: $T) -> ($R, $T) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = $N
  %m = $M
  %i = array.iota dim 0 $E : tensor<$Xi32>
  %j = array.iota dim 1 $E : tensor<$Xi32>
  %d = scalar.compare le %i, %j : tensor<$Xi32>
  %s = scalar.select %d, %x, %y : tensor<$Xi1>, $T
  %r = array.reduce add %s dims [1] : $T
  %t = array.transpose %s permutation [1, 0] : $T
  %u = array.transpose %t permutation [1, 0] : $U
  %k = scalar.select %d, %y, %u : tensor<$Xi1>, $T
  return %r, %k : $R, $T
}
func.func @kept(%x: $T, %y: $T) -> ($R, $C, $T) {
  %r = array.reduce add %x dims [1] : $T
  %c = array.reduce add %x dims [0] : $T
  %a = array.update_slice accumulate %x, %y starts [0, 0] : $T, $T
  return %r, %c, %a : $R, $C, $T
}
"#;

const FUNCTIONS: [&str; 6] = ["several_uses", "softmax", "transposed", "two_results", "positions", "kept"];

/// The program on matrices of some rows and columns, or of any.
fn program(shape: Option<(u64, u64)>) -> String {
    let written = |extent: Option<u64>| extent.map_or("?".to_owned(), |extent| extent.to_string());
    let (n, m) = (written(shape.map(|shape| shape.0)), written(shape.map(|shape| shape.1)));
    let extent = |dim: &str| match shape {
        None => format!("tensor.dim %x, {dim} : $T"),
        Some(_) => format!("arith.addi {dim}, {dim} : index"),
    };
    let extents = if shape.is_none() { "extents(%n, %m)" } else { "" };
    PROGRAM
        .replace("$N", &extent("%c0"))
        .replace("$M", &extent("%c1"))
        .replace("$E", extents)
        .replace("$T", &format!("tensor<{n}x{m}xf32>"))
        .replace("$U", &format!("tensor<{m}x{n}xf32>"))
        .replace("$X", &format!("{n}x{m}x"))
        .replace("$R", &format!("tensor<{n}xf32>"))
        .replace("$C", &format!("tensor<{m}xf32>"))
}

fn matrix(n: u64, m: u64, seed: u64) -> Literal {
    let element = |index: u64| Number::Real(((index * 29 + seed) % 37) as f64 / 16.0 - 1.0);
    Literal::tensor(ScalarType::F32, vec![n, m], (0..n * m).map(element).collect())
}

fn agrees(pair: &Pair, n: u64, m: u64) {
    for function in FUNCTIONS {
        // Sums may go in any order; a product of many hyperbolic tangents loses a bit with each.
        let tolerance = 64.0 + 8.0 * (n * m) as f64;
        pair.check(function, &[matrix(n, m, 3), matrix(n, m, 20)], tolerance);
    }
}

#[test]
fn of_any_extents() {
    for cpu in ["native", "x86-64-v3", "x86-64"] {
        let pair = Pair::with(&program(None), &Options { cpu: cpu.into(), ..Options::default() });
        for (n, m) in [(0, 0), (0, 5), (5, 0), (1, 1), (1, 9), (9, 1), (3, 3), (8, 10), (33, 7), (4, 64)] {
            agrees(&pair, n, m);
        }
    }
}

#[test]
fn of_known_extents() {
    for (n, m) in [(5, 1), (1, 5), (6, 3), (4, 7), (5, 10), (3, 16), (2, 19)] {
        for cpu in ["native", "x86-64-v3"] {
            agrees(&Pair::with(&program(Some((n, m))), &Options { cpu: cpu.into(), ..Options::default() }), n, m);
        }
    }
}

/// Each operation rounds as it stands, and sums keep their order, whether they share their loops or not.
#[test]
fn to_the_bit() {
    let options = Options { fp: FloatModel::Strict, ..Options::default() };
    let context = dp_driver::registry::context();
    for shape in [None, Some((5, 10)), Some((4, 3))] {
        let folders = [(); 2].map(|()| tempfile::tempdir().expect("there is a folder for temporary files"));
        let text = program(shape);
        let fused = compile_by(&context, &text, &options, folders[0].path(), |module, options| {
            pipelines::lower(module, options, Stage::Llvm, &mut ())
        });
        let apart = compile_by(&context, &text, &options, folders[1].path(), |module, options| {
            let mut lowered = dp_lower::to_linalg(module, options, &mut ())?;
            dp_lower::to_llvm(module, options, &mut ())?;
            lowered.note_workspaces(module)?;
            Ok(lowered)
        });
        let [fused, apart] = [fused, apart].map(|path| Library::open(&path).expect("a library"));
        for (n, m) in shape.map_or(vec![(0, 3), (1, 1), (7, 10), (33, 19)], |shape| vec![shape]) {
            for function in FUNCTIONS {
                let arguments = [matrix(n, m, 3), matrix(n, m, 20)];
                assert_eq!(
                    bits(&fused, function, &arguments),
                    bits(&apart, function, &arguments),
                    "@{function} {n}x{m}"
                );
            }
        }
    }
}

fn bits(library: &Library, function: &str, arguments: &[Literal]) -> Vec<Vec<u32>> {
    let arguments: Vec<Array> = arguments
        .iter()
        .map(|argument| dp_driver::conversion::array(argument).expect("a well-formed argument"))
        .collect();
    let function = library.function(function).expect("the function is there");
    let results = function.call(&arguments).expect("the function succeeds");
    let numbers = |result: &Array| result.as_slice::<f32>().expect("numbers of f32").to_vec();
    results.iter().map(|result| numbers(result).into_iter().map(f32::to_bits).collect()).collect()
}
