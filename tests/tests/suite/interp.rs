//! The interpreter itself: regions, recursion, and diagnostics at their places.
//! What operations compute is tested with their kernels and in `lit/targets`.

use dp_dialects::{Diagnostic, Literal, Number, ScalarType, context};
use melior::ir::Module;
use melior::ir::operation::{OperationLike, OperationRef};

/// Runs `@f` of a program. What fails does so at a line of the text, counted from 1.
fn run(text: &str, arguments: &[f64]) -> Result<Vec<f64>, (Diagnostic, String)> {
    let context = context::context(&context::registry());
    let Some(module) = Module::parse(&context, text) else { panic!("does not parse:\n{text}") };
    // SAFETY: the reference is not kept.
    let op = unsafe { OperationRef::from_raw(OperationLike::to_raw(&module.as_operation())) };
    let arguments = arguments.iter().map(|value| Literal::number(ScalarType::F64, Number::Real(*value))).collect();
    match dp_interp::run(op, "f", arguments) {
        Ok(results) => {
            Ok(results.iter().flat_map(|result| result.iter().map(Number::re).collect::<Vec<_>>()).collect())
        }
        Err(located) => Err((located.diagnostic, located.location.to_string())),
    }
}

/// Why `@f` fails, and where.
#[track_caller]
fn fails(text: &str, arguments: &[f64]) -> (Diagnostic, String) {
    run(text, arguments).expect_err("the program fails")
}

#[test]
fn a_linear_map_is_applied() {
    let text = r#"
        func.func @f(%x: f64, %dx: f64) -> f64 {
          %cos = scalar.cos %x : f64
          %dy = ad.linear (%dx : f64) at(%x : f64) -> f64 {
          ^bb0(%d: f64):
            %r = scalar.mul %cos, %d : f64
            ad.yield %r : f64
          }
          return %dy : f64
        }"#;
    assert_eq!(run(text, &[0.0, 3.0]), Ok(vec![3.0]));
    let (diagnostic, place) = fails(&text.replace("ad.linear", "ad.linear transpose"), &[0.0, 3.0]);
    assert_eq!(diagnostic.help.as_deref(), Some("run the pass 'ad-transpose' first"));
    assert!(place.contains(":4:"), "{place}");
}

#[test]
fn deep_recursion_needs_no_deep_stack() {
    let text = r#"
        func.func @f(%n: f64) -> f64 {
          %one = scalar.constant 1.0 : f64
          %last = scalar.compare le %n, %one : f64
          %y = scf.if %last -> f64 {
            scf.yield %n : f64
          } else {
            %less = scalar.sub %n, %one : f64
            %rest = func.call @f(%less) : (f64) -> f64
            %sum = scalar.add %n, %rest : f64
            scf.yield %sum : f64
          }
          return %y : f64
        }"#;
    let deepest = dp_interp::MAX_DEPTH as f64;
    assert_eq!(run(text, &[deepest]), Ok(vec![deepest * (deepest + 1.0) / 2.0]));
    let (diagnostic, _) = fails(text, &[deepest + 1.0]);
    assert_eq!(diagnostic.message, format!("calls of 'f' are nested more than {} deep", dp_interp::MAX_DEPTH));
}

#[test]
fn what_fails_within_a_region_is_located_there() {
    let text = r#"
        func.func @f(%x: f64) -> tensor<1xf64> {
          %t = tensor.from_elements %x : tensor<1xf64>
          %y = array.map(%t) : (tensor<1xf64>) -> tensor<1xf64> {
          ^bb0(%p: f64):
            %q = math.cbrt %p : f64
            array.yield %q : f64
          }
          return %y : tensor<1xf64>
        }"#;
    let (diagnostic, place) = fails(text, &[8.0]);
    assert_eq!(diagnostic.message, "the interpreter does not execute 'math.cbrt'");
    assert!(place.contains(":6:"), "{place}");
}

#[test]
fn arguments_must_fit() {
    let text = "func.func @f(%x: f64, %y: tensor<?xf64>) -> f64 { return %x : f64 }";
    let (diagnostic, _) = fails(text, &[1.0]);
    assert_eq!(diagnostic.message, "'f' takes 2 arguments, but got 1");
    let (diagnostic, place) = fails(text, &[1.0, 2.0]);
    assert_eq!(diagnostic.message, "argument 1 of 'f' has type tensor<?xf64>, but the value has type f64");
    assert!(place.contains(":1:"), "{place}");
}

#[test]
fn functions_must_exist_and_have_bodies() {
    let (diagnostic, _) = fails("func.func @g() { return }", &[]);
    assert_eq!(diagnostic.message, "no function 'f'");
    let (diagnostic, _) = fails("func.func private @f()", &[]);
    assert_eq!(diagnostic.message, "'f' is declared but not defined");
}

#[test]
fn a_loop_counts_upwards() {
    let text = |step: &str| {
        format!(
            "func.func @f(%x: f64) -> f64 {{
               %c0 = arith.constant 0 : i8
               %c100 = arith.constant 100 : i8
               %step = arith.constant {step} : i8
               %y = scf.for %i = %c0 to %c100 step %step iter_args(%s = %x) -> (f64) : i8 {{
                 %t = scalar.add %s, %x : f64
                 scf.yield %t : f64
               }}
               return %y : f64
             }}"
        )
    };
    for step in ["0", "-1"] {
        let (diagnostic, place) = fails(&text(step), &[1.0]);
        assert_eq!(diagnostic.message, format!("the step of the loop is {step}"));
        assert_eq!(diagnostic.help.as_deref(), Some("the step must be positive"));
        assert!(place.contains(":5:"), "{place}");
    }
    // Where the next number does not fit in the type, the loop is at its end.
    assert_eq!(run(&text("90"), &[1.0]), Ok(vec![3.0]));
}

#[test]
fn what_fails_in_an_iteration_is_located_there() {
    let text = r#"
        func.func @f(%x: f64) -> f64 {
          %c0 = arith.constant 0 : index
          %c1 = arith.constant 1 : index
          %c3 = arith.constant 3 : index
          %t = tensor.from_elements %x, %x : tensor<2xf64>
          %y = scf.for %i = %c0 to %c3 step %c1 iter_args(%s = %x) -> f64 {
            %e = tensor.extract %t[%i] : tensor<2xf64>
            scf.yield %e : f64
          }
          return %y : f64
        }"#;
    let (diagnostic, place) = fails(text, &[1.0]);
    assert_eq!(diagnostic.message, "index 2 is out of bounds for dimension 0 of extent 2");
    assert!(place.contains(":8:"), "{place}");
}
