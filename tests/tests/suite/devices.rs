//! Training steps on several devices of XLA's CPU plugin: value and updated weights are those of one device and of the
//! interpreter, and the compiled program has the collectives that the shardings ask for.

use crate::targets::xla::plugin;
use dp_dialects::ScalarType;
use dp_driver::targets::{Interp, TargetDriver, Xla};
use dp_driver::{Arguments, CallRequest, DiagnosticRecord, Event, Request, Session, Source};
use dp_runtime::pjrt::{ArrayType, Collective, Error, Sharding, Shardings, Signature};
use dp_runtime::{Array, Elements};
use half::{bf16, f16};
use num_complex::Complex;
use std::num::NonZeroUsize;
use std::sync::Mutex;

/// How the values of a step are divided: the hidden layer, and the arguments, whose shardings are those of the results
/// that have their names.
struct Plan {
    mesh: &'static str,
    devices: usize,
    w1: &'static str,
    w2: &'static str,
    x: &'static str,
    y: &'static str,
    hidden: &'static str,
}

const DATA: Plan = Plan {
    mesh: r#"mesh <["data"=4]>"#,
    devices: 4,
    w1: "<@mesh, [{}, {}]>",
    w2: "<@mesh, [{}, {}]>",
    x: r#"<@mesh, [{"data"}, {}]>"#,
    y: r#"<@mesh, [{"data"}, {}]>"#,
    hidden: r#"<@mesh, [{"data"}, {}]>"#,
};

const TENSOR: Plan = Plan {
    mesh: r#"mesh <["model"=4]>"#,
    devices: 4,
    w1: r#"<@mesh, [{}, {"model"}]>"#,
    w2: r#"<@mesh, [{"model"}, {}]>"#,
    x: "<@mesh, [{}, {}]>",
    y: "<@mesh, [{}, {}]>",
    hidden: r#"<@mesh, [{}, {"model"}]>"#,
};

const BOTH: Plan = Plan {
    mesh: r#"mesh <["data"=2, "model"=2]>"#,
    x: r#"<@mesh, [{"data"}, {}]>"#,
    y: r#"<@mesh, [{"data"}, {}]>"#,
    hidden: r#"<@mesh, [{"data"}, {"model"}]>"#,
    ..TENSOR
};

/// A step of gradient descent, of a network with one hidden layer and a mean of squares, by our own operations.
fn step(dtype: ScalarType, plan: &Plan) -> String {
    let Plan { mesh, w1, w2, x, y, hidden, .. } = plan;
    let quoted = |text: &str| text.replace('"', "\\\"");
    let [mesh, w1, w2, x, y, hidden] = [mesh, w1, w2, x, y, hidden].map(|text| quoted(text));
    format!(
        r#"module attributes {{dp.meshes = ["{mesh}"]}} {{
  func.func private @loss(%w1: tensor<8x16x{dtype}>, %w2: tensor<16x4x{dtype}>, %x: tensor<32x8x{dtype}>, %y: tensor<32x4x{dtype}>) -> {dtype} {{
    %a = array.dot %x, %w1 contract [1] with [0] : tensor<32x8x{dtype}>, tensor<8x16x{dtype}>
    %b = array.shard %a "{hidden}" : tensor<32x16x{dtype}>
    %h = scalar.tanh %b : tensor<32x16x{dtype}>
    %p = array.dot %h, %w2 contract [1] with [0] : tensor<32x16x{dtype}>, tensor<16x4x{dtype}>
    %d = scalar.sub %p, %y : tensor<32x4x{dtype}>
    %s = scalar.mul %d, %d : tensor<32x4x{dtype}>
    %t = array.reduce add %s dims [0, 1] : tensor<32x4x{dtype}>
    %n = tensor.extract %t[] : tensor<{dtype}>
    %c = scalar.constant 7.8125e-3 : {dtype}
    %m = scalar.mul %n, %c : {dtype}
    return %m : {dtype}
  }}
  func.func @step(%w1: tensor<8x16x{dtype}> {{dp.name = "w1", dp.sharding = "{w1}"}},
                  %w2: tensor<16x4x{dtype}> {{dp.name = "w2", dp.sharding = "{w2}"}},
                  %x: tensor<32x8x{dtype}> {{dp.name = "x", dp.sharding = "{x}"}},
                  %y: tensor<32x4x{dtype}> {{dp.name = "y", dp.sharding = "{y}"}})
      -> ({dtype} {{dp.name = "loss"}}, tensor<8x16x{dtype}> {{dp.name = "d_w1", dp.sharding = "{w1}"}},
          tensor<8x16x{dtype}> {{dp.name = "new_w1", dp.sharding = "{w1}"}},
          tensor<16x4x{dtype}> {{dp.name = "new_w2", dp.sharding = "{w2}"}}) {{
    %l, %g1, %g2 = ad.grad @loss(%w1, %w2, %x, %y) wrt [0, 1]
      : (tensor<8x16x{dtype}>, tensor<16x4x{dtype}>, tensor<32x8x{dtype}>, tensor<32x4x{dtype}>)
        -> ({dtype}, tensor<8x16x{dtype}>, tensor<16x4x{dtype}>)
    %r = scalar.constant 0.25 : {dtype}
    %r1 = array.broadcast %r dims [] : {dtype} to tensor<8x16x{dtype}>
    %r2 = array.broadcast %r dims [] : {dtype} to tensor<16x4x{dtype}>
    %u1 = scalar.mul %r1, %g1 : tensor<8x16x{dtype}>
    %u2 = scalar.mul %r2, %g2 : tensor<16x4x{dtype}>
    %n1 = scalar.sub %w1, %u1 : tensor<8x16x{dtype}>
    %n2 = scalar.sub %w2, %u2 : tensor<16x4x{dtype}>
    return %l, %g1, %n1, %n2 : {dtype}, tensor<8x16x{dtype}>, tensor<8x16x{dtype}>, tensor<16x4x{dtype}>
  }}
}}
"#
    )
}

/// The arguments of a step, in [-1, 1].
fn arguments(dtype: ScalarType) -> Vec<Array> {
    let shapes = [[8, 16], [16, 4], [32, 8], [32, 4]];
    let array = |(salt, shape): (usize, &[usize; 2])| {
        let numbers = (0..shape[0] * shape[1]).map(|index| ((index * 37 + salt * 11) as f64 * 0.61).sin());
        let elements = match dtype {
            ScalarType::F64 => Elements::F64(numbers.collect()),
            ScalarType::F32 => Elements::F32(numbers.map(|number| number as f32).collect()),
            ScalarType::F16 => Elements::F16(numbers.map(f16::from_f64).collect()),
            ScalarType::BF16 => Elements::BF16(numbers.map(bf16::from_f64).collect()),
            other => panic!("no arguments of type {other}"),
        };
        Array::from_elements(shape, elements).expect("they fit")
    };
    shapes.iter().enumerate().map(array).collect()
}

/// The elements of an array of floats.
fn numbers(array: &Array) -> Vec<f64> {
    match array.elements() {
        Elements::F64(items) => items.clone(),
        Elements::F32(items) => items.iter().map(|item| f64::from(*item)).collect(),
        Elements::F16(items) => items.iter().map(|item| item.to_f64()).collect(),
        Elements::BF16(items) => items.iter().map(|item| item.to_f64()).collect(),
        Elements::Complex128(items) => items.iter().flat_map(|Complex { re, im }| [*re, *im]).collect(),
        other => panic!("no floats: {other:?}"),
    }
}

fn on(devices: usize) -> Xla {
    let devices = NonZeroUsize::new(devices).expect("there are devices");
    Xla { plugin: Some(plugin()), devices, ..Xla::default() }
}

/// The results of a call, and the collectives of the compiled program if it is for several devices.
type Called = (Vec<Array>, Option<Vec<Collective>>);

/// Calls a function of a program.
fn call(
    program: &str,
    target: &dyn TargetDriver,
    function: &str,
    arguments: Vec<Array>,
) -> Result<Called, Vec<DiagnosticRecord>> {
    let collectives = Mutex::new(None);
    let request = Request {
        call: Some(CallRequest { function: function.into(), arguments: Arguments::Arrays(arguments) }),
        ..Request::default()
    };
    let session = Session::new().on_event(|event| {
        if let Event::Collectives(found) = event {
            *collectives.lock().expect("no thread has failed") = Some(found.to_vec());
        }
        Ok(())
    });
    let results = session.compile(&Source::new("step.mlir", program), target, &request)?.results.expect("a call");
    drop(session);
    Ok((results.arrays, collectives.into_inner().expect("no thread has failed")))
}

/// Fails unless arrays agree up to a relative error.
fn agree(found: &[Array], expected: &[Array], bound: f64, about: &str) {
    assert_eq!(found.len(), expected.len(), "{about}");
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert_eq!(found.shape(), expected.shape(), "{about}: result {index}");
        let (found, expected) = (numbers(found), numbers(expected));
        let scale = expected.iter().fold(0.0_f64, |most, number| most.max(number.abs()));
        assert!(scale > 1e-3, "{about}: result {index} is zero, which shows nothing");
        for (found, expected) in found.iter().zip(expected) {
            // Also false for NaN.
            assert!((found - expected).abs() <= bound * scale, "{about}: result {index}: {found}, not {expected}");
        }
    }
}

/// The names of collectives, in order.
fn names(collectives: &[Collective]) -> Vec<&str> {
    let mut names: Vec<&str> = collectives.iter().map(|collective| collective.name.as_str()).collect();
    names.sort_unstable();
    names
}

/// Runs a step on several devices, on one, and with the interpreter; returns the collectives.
fn check(dtype: ScalarType, plan: &Plan, bound: f64) -> Vec<Collective> {
    let (program, about) = (step(dtype, plan), format!("{dtype} on {}", plan.mesh));
    let run = |target: &dyn TargetDriver| {
        call(&program, target, "step", arguments(dtype)).unwrap_or_else(|errors| panic!("{about}: {errors:?}"))
    };
    let (expected, _) = run(&Interp);
    let (one, none) = run(&on(1));
    assert_eq!(none, None, "one device exchanges nothing");
    let (several, collectives) = run(&on(plan.devices));
    agree(&one, &expected, bound, &format!("{about}, one device"));
    agree(&several, &expected, bound, &about);
    agree(&several, &one, bound, &about);
    collectives.expect("there are several devices")
}

#[test]
fn a_data_parallel_step_adds_up_its_loss_and_gradients() {
    for (dtype, bound) in [(ScalarType::F64, 1e-14), (ScalarType::F32, 4e-6), (ScalarType::F16, 2e-2)] {
        let collectives = check(dtype, &DATA, bound);
        assert!(names(&collectives).iter().all(|name| *name == "all-reduce"), "{collectives:?}");
        // The loss, and the gradients of 8·16 and of 16·4 weights, each once.
        let elements: u64 = collectives.iter().map(|collective| collective.elements).sum();
        assert_eq!(elements, 1 + 8 * 16 + 16 * 4, "{collectives:?}");
    }
}

#[test]
fn a_tensor_parallel_step_adds_up_its_output() {
    for (dtype, bound) in [(ScalarType::F64, 1e-14), (ScalarType::F32, 4e-6), (ScalarType::BF16, 1e-1)] {
        let collectives = check(dtype, &TENSOR, bound);
        // The output of the second layer: 32 rows of 4.
        let expected = Collective { name: "all-reduce".into(), elements: 32 * 4 };
        assert_eq!(collectives, [expected], "{dtype}");
    }
}

#[test]
fn a_step_may_be_parallel_in_data_and_tensors() {
    let collectives = check(ScalarType::F32, &BOTH, 4e-6);
    assert!(names(&collectives).iter().all(|name| *name == "all-reduce"), "{collectives:?}");
    // Per device: its rows of the output, the loss, and its part of both gradients.
    let elements: u64 = collectives.iter().map(|collective| collective.elements).sum();
    assert_eq!(elements, 16 * 4 + 1 + 8 * 16 / 2 + 16 * 4 / 2, "{collectives:?}");
}

#[test]
fn meshes_have_axes_in_any_order_and_shardings_divide_them() {
    let orders = [
        Plan { mesh: r#"mesh <["data"=2, "model"=2], device_ids=[0, 1, 2, 3]>"#, ..BOTH },
        Plan { mesh: r#"mesh <["model"=2, "data"=2]>"#, ..BOTH },
        // Axes of both for one dimension, and factors of one axis.
        Plan { x: r#"<@mesh, [{"model", "data"}, {}]>"#, ..BOTH },
        Plan {
            mesh: r#"mesh <["all"=8]>"#,
            devices: 8,
            w1: r#"<@mesh, [{}, {"all":(2)4}]>"#,
            w2: r#"<@mesh, [{"all":(2)4}, {}]>"#,
            x: r#"<@mesh, [{"all":(1)2}, {}]>"#,
            y: r#"<@mesh, [{"all":(1)2}, {?}]>"#,
            hidden: r#"<@mesh, [{"all":(1)2}, {"all":(2)4}]>"#,
        },
        // More devices than the plugin has by default, and a dimension of each tensor that has one.
        Plan {
            mesh: r#"mesh <["all"=16]>"#,
            devices: 16,
            w1: r#"<@mesh, [{}, {"all"}]>"#,
            w2: r#"<@mesh, [{"all"}, {}]>"#,
            x: r#"<@mesh, [{"all"}, {}]>"#,
            y: r#"<@mesh, [{"all"}, {}]>"#,
            hidden: r#"<@mesh, [{}, {"all"}]>"#,
        },
    ];
    for plan in orders {
        check(ScalarType::F64, &plan, 1e-14);
    }
}

/// The parts of a matrix of 4 by 6 that devices hold come back at their places, for each form of a sharding.
#[test]
fn parts_come_back_at_their_places() {
    let shardings = [
        ("", "{devices=[2,2]<=[4]}"),
        ("", "{devices=[2,2]<=[2,2]T(1,0)}"),
        ("", "{devices=[1,2,2]<=[4] last_tile_dim_replicate}"),
        ("", "{devices=[4,1]0,1,2,3}"),
        ("", "{replicated}"),
        (r#"mesh <["a"=2, "b"=2]>"#, r#"<@mesh, [{"b"}, {"a"}]>"#),
        (r#"mesh <["a"=2, "b"=2]>"#, r#"<@mesh, [{"b", "a"}, {}]>"#),
        (r#"mesh <["b"=2, "a"=2]>"#, r#"<@mesh, [{"a"}, {"b"}]>"#),
        (r#"mesh <["a"=4]>"#, r#"<@mesh, [{"a":(2)2}, {"a":(1)2}]>"#),
        (r#"mesh <["a"=4]>"#, r#"<@mesh, [{}, {"a":(2)2}], replicated={"a":(1)2}>"#),
    ];
    let matrix = Array::new(&[4, 6], (0..24).map(|index| Complex::new(index.into(), 0.5)).collect()).expect("it fits");
    let whole = Array::new(&[4, 6], (0..24).map(|index| Complex::new(f64::from(index) * 2.0, 1.0)).collect::<Vec<_>>());
    let whole = whole.expect("it fits");
    for (mesh, sharding) in shardings {
        let [mesh, sharding] = [mesh, sharding].map(|text| text.replace('"', "\\\""));
        let meshes = if mesh.is_empty() { String::new() } else { format!("dp.meshes = [\"{mesh}\"]") };
        // One argument and one result of the sharding, one of each whole.
        let program = format!(
            r#"module attributes {{{meshes}}} {{
  func.func @f(%x: tensor<4x6xcomplex<f64>> {{dp.sharding = "{sharding}"}}, %y: tensor<4x6xcomplex<f64>>, %n: i64)
      -> (tensor<4x6xcomplex<f64>>, tensor<4x6xcomplex<f64>> {{dp.sharding = "{sharding}"}}, i64) {{
    %z = scalar.add %x, %y : tensor<4x6xcomplex<f64>>
    return %z, %z, %n : tensor<4x6xcomplex<f64>>, tensor<4x6xcomplex<f64>>, i64
  }}
}}"#
        );
        let given = vec![matrix.clone(), matrix.clone(), Array::number(7_i64)];
        let (found, _) = call(&program, &on(4), "f", given).unwrap_or_else(|errors| panic!("{sharding}: {errors:?}"));
        assert_eq!(found, [whole.clone(), whole.clone(), Array::number(7_i64)], "{sharding}");
    }
}

/// A check that fails on one device only fails the call, on all.
#[test]
fn a_status_of_several_devices_is_one() {
    let program = r#"module attributes {dp.meshes = ["mesh <[\"a\"=4]>"]} {
  func.func @f(%x: tensor<8xf64> {dp.sharding = "<@mesh, [{\"a\"}]>"}) -> (tensor<8xf64> {dp.sharding = "<@mesh, [{\"a\"}]>"}) {
    %least = array.reduce min %x dims [0] : tensor<8xf64>
    %m = tensor.extract %least[] : tensor<f64>
    %zero = scalar.constant 0.0 : f64
    %ok = scalar.compare ge %m, %zero : f64
    cf.assert %ok, "it is negative"
    %y = scalar.sqrt %x : tensor<8xf64>
    return %y : tensor<8xf64>
  }
}"#;
    let squares =
        |last: f64| vec![Array::new(&[8], vec![1.0, 4.0, 9.0, 16.0, 25.0, 36.0, 49.0, last]).expect("it fits")];
    let (found, _) = call(program, &on(4), "f", squares(64.0)).expect("it runs");
    assert_eq!(found[0].as_slice::<f64>(), Some(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0][..]));
    let errors = call(program, &on(4), "f", squares(-1.0)).expect_err("it fails");
    assert!(errors[0].message.contains("it is negative"), "{errors:?}");
}

/// A device that is given a part of another shape than XLA expects would leave the others waiting for ever.
#[test]
fn shardings_that_are_not_those_of_the_program_are_refused() {
    let program = r#"sdy.mesh @mesh = <["a"=2]>
func.func @main(%x: tensor<4xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"a"}]>}) -> (tensor<4xf32> {sdy.sharding = #sdy.sharding<@mesh, [{}]>}) {
  %y = stablehlo.add %x, %x : tensor<4xf32>
  return %y : tensor<4xf32>
}"#;
    let client = dp_xla::plugin(&plugin()).and_then(|plugin| plugin.client_of(2)).expect("there is a client");
    let vector = ArrayType::of::<f32>(&[4]);
    let compile = |argument: Sharding, result: Sharding| {
        let signature = Signature { arguments: vec![vector.clone()], results: vec![vector.clone()] };
        let shardings = Shardings { devices: 2, arguments: vec![argument], results: vec![result] };
        client.compile_divided(program, signature, shardings)
    };
    let (halves, whole) = (Sharding { parts: vec![2], positions: vec![vec![0], vec![1]] }, Sharding::replicated(1, 2));
    let x = Array::new(&[4], vec![1.0_f32, 2.0, 3.0, 4.0]).expect("it fits");
    let divided = compile(halves.clone(), whole.clone()).expect("these are the shardings");
    let results = divided.run(std::slice::from_ref(&x)).expect("it runs");
    assert_eq!(results[0].as_slice::<f32>(), Some(&[2.0, 4.0, 6.0, 8.0][..]));
    let buffer = client.upload(&x).expect("there is memory");
    assert!(matches!(divided.run_on_device(&[buffer]), Err(Error::Divided { devices: 2 })));

    let error = compile(whole.clone(), whole.clone()).expect_err("the argument is in halves").to_string();
    assert!(error.contains("[[2]] on each device, expected [[4]]"), "{error}");
    let error = compile(halves.clone(), halves).expect_err("the result is whole").to_string();
    assert!(error.contains("results are (tensor<4xf32>), but its signature has (tensor<2xf32>)"), "{error}");
    let thirds = Sharding { parts: vec![3], positions: vec![vec![0], vec![1]] };
    assert!(matches!(compile(thirds, whole), Err(Error::Indivisible { index: 0, .. })));
}
