//! Tests with XLA's CPU plugin.

use std::path::PathBuf;
use std::sync::OnceLock;

use dp_runtime::pjrt::{ArrayType, Client, Code, Error, Executable, Plugin, Signature};
use dp_runtime::{Array, Element};
use half::{bf16, f16};
use num_complex::Complex;

use crate::mock::open;

/// The plugin in `DP_PJRT_PLUGIN`, or the one that `./x plugins` stores in the target directory. Without a plugin these
/// tests fail; they are never skipped.
fn plugin() -> &'static Plugin {
    static PLUGIN: OnceLock<Plugin> = OnceLock::new();
    PLUGIN.get_or_init(|| {
        let path = std::env::var_os("DP_PJRT_PLUGIN").map(PathBuf::from).or_else(unpacked).expect(
            "no plugin found: run `./x plugins`, or set DP_PJRT_PLUGIN to the path of a PJRT plugin for the CPU",
        );
        open(&path).unwrap_or_else(|error| panic!("{error}"))
    })
}

/// target/plugins/pjrt-cpu-VERSION.so, relative to target/PROFILE/deps/THIS.
fn unpacked() -> Option<PathBuf> {
    let this = std::env::current_exe().ok()?;
    let plugins = this.ancestors().nth(3)?.join("plugins");
    let paths = std::fs::read_dir(plugins).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let mut found: Vec<PathBuf> = paths
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("pjrt-cpu-") && name.ends_with(".so")
        })
        .collect();
    found.sort();
    found.pop()
}

fn client() -> &'static Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    CLIENT.get_or_init(|| plugin().client().unwrap_or_else(|error| panic!("{error}")))
}

fn compile(text: &str, arguments: Vec<ArrayType>, results: Vec<ArrayType>) -> Executable {
    let signature = Signature { arguments, results };
    client().compile(text, signature).unwrap_or_else(|error| panic!("{error}"))
}

fn tensor<T: Element>(shape: &[usize], elements: &[T]) -> Array {
    Array::new(shape, elements.to_vec()).expect("an array")
}

#[test]
fn it_is_the_cpu() {
    assert_eq!(client().platform(), "cpu");
    assert_eq!(plugin().version().0, 0);
}

/// Tests `x + x` for one element type.
fn twice<T: Element + std::fmt::Debug + PartialEq>(mlir: &str, x: [T; 3], expected: [T; 3]) {
    let r#type = ArrayType::of::<T>(&[3]);
    let text = format!(
        "func.func @main(%x: tensor<3x{mlir}>) -> tensor<3x{mlir}> {{
           %y = stablehlo.add %x, %x : tensor<3x{mlir}>
           return %y : tensor<3x{mlir}>
         }}"
    );
    let program = compile(&text, vec![r#type.clone()], vec![r#type]);
    let results = program.run(&[tensor(&[3], &x)]).unwrap_or_else(|error| panic!("{mlir}: {error}"));
    assert_eq!(results[0].as_slice::<T>(), Some(&expected[..]), "{mlir}");
}

#[test]
fn every_element_type() {
    twice::<i8>("i8", [1, -2, 100], [2, -4, -56]);
    twice::<i16>("i16", [1, -2, 300], [2, -4, 600]);
    twice::<i32>("i32", [1, -2, 1 << 20], [2, -4, 1 << 21]);
    twice::<i64>("i64", [1, -2, 1 << 40], [2, -4, 1 << 41]);
    twice("f16", [0.5, -2.0, 1.0].map(f16::from_f32), [1.0, -4.0, 2.0].map(f16::from_f32));
    twice("bf16", [0.5, -2.0, 1.0].map(bf16::from_f32), [1.0, -4.0, 2.0].map(bf16::from_f32));
    twice::<f32>("f32", [0.1, -2.0, f32::INFINITY], [0.2, -4.0, f32::INFINITY]);
    twice::<f64>("f64", [0.1, -2.0, 1e300], [0.2, -4.0, 2e300]);
    twice("complex<f32>", [(1.0, 2.0), (0.0, -1.0), (0.5, 0.0)].map(|(re, im)| Complex::new(re, im)), {
        [(2.0_f32, 4.0_f32), (0.0, -2.0), (1.0, 0.0)].map(|(re, im)| Complex::new(re, im))
    });
    twice("complex<f64>", [(1.0, 2.0), (0.0, -1.0), (0.1, 0.0)].map(|(re, im)| Complex::new(re, im)), {
        [(2.0_f64, 4.0_f64), (0.0, -2.0), (0.2, 0.0)].map(|(re, im)| Complex::new(re, im))
    });
    // On booleans, addition is `or`.
    twice("i1", [true, false, true], [true, false, true]);
}

#[test]
fn extents_are_integers_of_64_bits() {
    let index = ArrayType { number: dp_abi::ScalarType::Index, shape: vec![] };
    let text = "func.func @main(%n: tensor<i64>) -> tensor<i64> {
                  %m = stablehlo.multiply %n, %n : tensor<i64>
                  return %m : tensor<i64>
                }";
    let program = compile(text, vec![index.clone()], vec![index]);
    for argument in [Array::number(7_i64), Array::number(7_i64).into_index()] {
        let results = program.run(&[argument]).expect("results");
        assert_eq!(results, [Array::number(49_i64).into_index()]);
    }
}

#[test]
fn several_results_in_generic_form() {
    let (matrix, number) = (ArrayType::of::<f64>(&[2, 3]), ArrayType::of::<f64>(&[]));
    let text = r#"
        "func.func"() <{function_type = (tensor<2x3xf64>, tensor<f64>) -> (tensor<3x2xf64>, tensor<2x3xi1>, tensor<f64>),
                        sym_name = "main"}> ({
        ^bb0(%x: tensor<2x3xf64>, %a: tensor<f64>):
          %t = "stablehlo.transpose"(%x) <{permutation = array<i64: 1, 0>}> : (tensor<2x3xf64>) -> tensor<3x2xf64>
          %b = "stablehlo.broadcast_in_dim"(%a) <{broadcast_dimensions = array<i64>}> : (tensor<f64>) -> tensor<2x3xf64>
          %c = "stablehlo.compare"(%x, %b) <{comparison_direction = #stablehlo<comparison_direction LT>}>
               : (tensor<2x3xf64>, tensor<2x3xf64>) -> tensor<2x3xi1>
          "func.return"(%t, %c, %a) : (tensor<3x2xf64>, tensor<2x3xi1>, tensor<f64>) -> ()
        }) : () -> ()"#;
    let results = vec![ArrayType::of::<f64>(&[3, 2]), ArrayType::of::<bool>(&[2, 3]), number.clone()];
    let program = compile(text, vec![matrix, number], results);
    let x = tensor(&[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let results = program.run(&[x, Array::number(3.5)]).expect("results");
    assert_eq!(results[0], tensor(&[3, 2], &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]));
    assert_eq!(results[1], tensor(&[2, 3], &[true, true, true, false, false, false]));
    assert_eq!(results[2], Array::number(3.5));
}

#[test]
fn a_loop_with_unknown_trip_count() {
    // The number of steps of Collatz's sequence.
    let text = "
        func.func @main(%n: tensor<i64>) -> tensor<i32> {
          %one = stablehlo.constant dense<1> : tensor<i64>
          %two = stablehlo.constant dense<2> : tensor<i64>
          %three = stablehlo.constant dense<3> : tensor<i64>
          %step = stablehlo.constant dense<1> : tensor<i32>
          %zero = stablehlo.constant dense<0> : tensor<i32>
          %r:2 = stablehlo.while(%x = %n, %i = %zero) : tensor<i64>, tensor<i32>
          cond {
            %more = stablehlo.compare NE, %x, %one : (tensor<i64>, tensor<i64>) -> tensor<i1>
            stablehlo.return %more : tensor<i1>
          } do {
            %half = stablehlo.divide %x, %two : tensor<i64>
            %rest = stablehlo.remainder %x, %two : tensor<i64>
            %odd = stablehlo.compare EQ, %rest, %one : (tensor<i64>, tensor<i64>) -> tensor<i1>
            %triple = stablehlo.multiply %x, %three : tensor<i64>
            %up = stablehlo.add %triple, %one : tensor<i64>
            %next = stablehlo.select %odd, %up, %half : (tensor<i1>, tensor<i64>, tensor<i64>) -> tensor<i64>
            %j = stablehlo.add %i, %step : tensor<i32>
            stablehlo.return %next, %j : tensor<i64>, tensor<i32>
          }
          return %r#1 : tensor<i32>
        }";
    let program = compile(text, vec![ArrayType::of::<i64>(&[])], vec![ArrayType::of::<i32>(&[])]);
    for (n, steps) in [(1_i64, 0), (6, 8), (27, 111)] {
        assert_eq!(program.run(&[Array::number(n)]).expect("results"), [Array::number(steps)]);
    }
}

const PRODUCT: &str = "
    func.func @main(%x: tensor<2x3xf32>, %y: tensor<3x2xf32>) -> tensor<2x2xf32> {
      %z = stablehlo.dot_general %x, %y, contracting_dims = [1] x [0] : (tensor<2x3xf32>, tensor<3x2xf32>) -> tensor<2x2xf32>
      return %z : tensor<2x2xf32>
    }";

fn product() -> Executable {
    let arguments = vec![ArrayType::of::<f32>(&[2, 3]), ArrayType::of::<f32>(&[3, 2])];
    compile(PRODUCT, arguments, vec![ArrayType::of::<f32>(&[2, 2])])
}

#[test]
fn arguments_that_do_not_match_the_signature() {
    let program = product();
    let (x, y) = (tensor(&[2, 3], &[1.0_f32; 6]), tensor(&[3, 2], &[1.0_f32; 6]));
    let refused = |arguments: &[&Array]| program.run(arguments).expect_err("refused").to_string();
    assert_eq!(refused(&[&x]), "the program takes 2 arguments, but got 1");
    assert_eq!(refused(&[&x, &y, &y]), "the program takes 2 arguments, but got 3");
    // Both have the size of the argument, so the plugin would accept them.
    assert_eq!(
        refused(&[&x, &tensor(&[3, 2], &[1_i32; 6])]),
        "argument 1 of the program has type tensor<3x2xf32>, but the value has type tensor<3x2xi32>"
    );
    assert_eq!(
        refused(&[&y, &y]),
        "argument 0 of the program has type tensor<2x3xf32>, but the value has type tensor<3x2xf32>"
    );
    let on_device = client().upload(&y).expect("a buffer");
    let error = program.run_on_device(&[&on_device, &on_device]).expect_err("refused");
    assert!(matches!(error, Error::Argument { index: 0, .. }), "{error}");
    let elsewhere = plugin().client().and_then(|client| client.upload(&x)).expect("a buffer");
    let error = program.run_on_device(&[elsewhere, on_device]).expect_err("refused");
    assert!(matches!(error, Error::OtherClient { index: 0 }), "{error}");
}

#[test]
fn results_that_do_not_match_the_signature() {
    let vector = ArrayType::of::<f32>(&[3]);
    let text = "func.func @main(%x: tensor<3xf32>) -> tensor<3xf32> { return %x : tensor<3xf32> }";
    for results in [vec![], vec![ArrayType::of::<f32>(&[4])], vec![ArrayType::of::<i32>(&[3])], vec![vector.clone(); 2]]
    {
        let signature = Signature { arguments: vec![vector.clone()], results };
        let error = client().compile(text, signature).expect_err("refused").to_string();
        assert!(error.starts_with("the program's results are (tensor<3xf32>), but its signature has ("), "{error}");
    }
    // The plugin compares the sizes of arguments with those in the program.
    let signature = Signature { arguments: vec![], results: vec![vector] };
    let program = client().compile(text, signature).expect("a program");
    assert!(matches!(program.run::<Array>(&[]), Err(Error::Plugin { code: Code::InvalidArgument, .. })));
}

#[test]
fn a_status_that_is_not_0_is_an_error() {
    let text = "module @m {
      // status 1: m.mlir:2:3: error: it is negative
      func.func public @main(%x: tensor<i32>) -> (tensor<i32>, tensor<i32>) {
        %y = stablehlo.negate %x : tensor<i32>
        return %y, %x : tensor<i32>, tensor<i32>
      }
    }";
    let number = ArrayType::of::<i32>(&[]);
    let program = compile(text, vec![number.clone()], vec![number.clone()]);
    let results = program.run(&[tensor(&[], &[0i32])]).expect("results");
    assert_eq!(results, [tensor(&[], &[0i32])]);
    let on_device = client().upload(&tensor(&[], &[1i32])).expect("a buffer");
    for (error, status) in [
        (program.run_on_device(&[on_device]).map(|_| ()).expect_err("it fails"), 1),
        (program.run(&[tensor(&[], &[7i32])]).map(|_| ()).expect_err("it fails"), 7),
    ] {
        let message = error.to_string();
        assert!(matches!(error, Error::Status { status: given, .. } if given == status), "{error:?}");
        let expected = ["m.mlir:2:3: error: it is negative", "the program returned the status 7"];
        assert!(expected.contains(&message.as_str()), "{message}");
    }
    // A host that reads the status itself lists it among the results.
    let program = compile(text, vec![number.clone()], vec![number; 2]);
    assert_eq!(program.run(&[tensor(&[], &[7i32])]).map(|results| results.len()).ok(), Some(2));
}

#[test]
fn a_program_that_does_not_parse_is_an_error_of_the_plugin() {
    let text = "func.func @main(%x: tensor<3xf32>) -> tensor<3xf32> {\n  %y = stablehlo.ad %x : tensor<3xf32>\n}";
    let error = client().compile(text, Signature::default()).expect_err("no program");
    let message = error.to_string();
    assert!(matches!(error, Error::Plugin { code: Code::Unknown, .. }), "{error:?}");
    assert!(message.starts_with("cannot compile the program: ") && message.contains(":2:8"), "{message}");
}

#[test]
fn arrays_that_stay_on_the_device() {
    let r#type = ArrayType::of::<f32>(&[2, 2]);
    let text = "func.func @main(%x: tensor<2x2xf32>) -> (tensor<2x2xf32>, tensor<2x2xf32>) {
                  %y = stablehlo.dot_general %x, %x, contracting_dims = [1] x [0]
                       : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
                  %z = stablehlo.transpose %x, dims = [1, 0] : (tensor<2x2xf32>) -> tensor<2x2xf32>
                  return %y, %z : tensor<2x2xf32>, tensor<2x2xf32>
                }";
    let program = compile(text, vec![r#type.clone()], vec![r#type.clone(), r#type.clone()]);
    let start = tensor(&[2, 2], &[1.0_f32, 1.0, 0.0, 1.0]);
    let mut x = client().upload(&start).expect("a buffer");
    assert_eq!(x.download().expect("an array"), start);
    for _ in 0..5 {
        x = program.run_on_device(&[&x]).expect("buffers").remove(0);
    }
    assert_eq!((x.shape(), x.number()), (&[2, 2][..], dp_abi::ScalarType::F32));
    assert_eq!(x.download().expect("an array"), tensor(&[2, 2], &[1.0_f32, 32.0, 0.0, 1.0]));
    let transposed = program.run_on_device(&[&x]).expect("buffers").remove(1);
    assert_eq!(transposed.download().expect("an array"), tensor(&[2, 2], &[1.0_f32, 0.0, 32.0, 1.0]));
}

#[test]
fn arguments_are_not_overwritten_by_aliased_results() {
    let r#type = ArrayType::of::<f32>(&[2]);
    let text = "func.func @main(%x: tensor<2xf32> {tf.aliasing_output = 0 : i32}) -> tensor<2xf32> {
                  %y = stablehlo.add %x, %x : tensor<2xf32>
                  return %y : tensor<2xf32>
                }";
    let program = compile(text, vec![r#type.clone()], vec![r#type]);
    let start = tensor(&[2], &[1.0_f32, 2.0]);
    let x = client().upload(&start).expect("a buffer");
    for _ in 0..2 {
        let y = program.run_on_device(&[&x]).expect("buffers").remove(0);
        assert_eq!(y.download().expect("an array"), tensor(&[2], &[2.0_f32, 4.0]));
        assert_eq!(x.download().expect("an array"), start);
    }
}

#[test]
fn arrays_without_elements() {
    let text = "func.func @main(%x: tensor<0x3xf64>) -> (tensor<0x3xf64>, tensor<f64>) {
                  %zero = stablehlo.constant dense<0.0> : tensor<f64>
                  %s = stablehlo.reduce(%x init: %zero) applies stablehlo.add across dimensions = [0, 1]
                       : (tensor<0x3xf64>, tensor<f64>) -> tensor<f64>
                  return %x, %s : tensor<0x3xf64>, tensor<f64>
                }";
    let (empty, number) = (ArrayType::of::<f64>(&[0, 3]), ArrayType::of::<f64>(&[]));
    let program = compile(text, vec![empty.clone()], vec![empty, number]);
    let x = tensor::<f64>(&[0, 3], &[]);
    assert_eq!(program.run(std::slice::from_ref(&x)).expect("results"), [x, Array::number(0.0)]);
}

#[test]
fn statistics_of_a_program() {
    let program = product();
    let memory = program.memory().expect("figures");
    assert_eq!((memory.arguments, memory.results), (48, 16));
    // The CPU plugin does not support cost analysis.
    let error = program.cost().expect_err("no figures");
    assert!(matches!(error, Error::Plugin { code: Code::Unimplemented, .. }), "{error}");
}

#[test]
fn many_threads_at_once() {
    let program = product();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let program = program.clone();
            scope.spawn(move || {
                for i in 0..100 {
                    let a = (100 * thread + i) as f32;
                    let x = tensor(&[2, 3], &[a, 0.0, 0.0, 0.0, 1.0, 0.0]);
                    let results =
                        program.run(&[x, tensor(&[3, 2], &[1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0])]).expect("results");
                    assert_eq!(results[0], tensor(&[2, 2], &[a, 2.0 * a, 3.0, 4.0]));
                }
            });
        }
    });
}
