//! `--check-gradients`: right derivatives pass, on every kind of argument, and wrong ones are found.

use dp_driver::diagnostics::render::{DiagnosticFormat, render};
use dp_driver::failure::Failure;
use dp_driver::job::Job;
use dp_driver::targets::{Cpu, Interp, TargetDriver};
use dp_driver::{Arguments, DiagnosticCode, DiagnosticRecord, Emit, Event, GradientCheck, Request, Session, Source};
use std::num::NonZeroU32;
use std::sync::Mutex;

/// Functions with arguments and constructs of several kinds.
const PROGRAM: &str = r#"
func.func @dot(%x: tensor<?xf64> {dp.name = "x"}, %y: tensor<?xf64> {dp.name = "y"}) -> (f64 {dp.name = "dot"}) {
  %s = scalar.sin %x : tensor<?xf64>
  %p = scalar.mul %s, %y : tensor<?xf64>
  %t = array.reduce add %p dims [0] : tensor<?xf64>
  %d = tensor.extract %t[] : tensor<f64>
  return %d : f64
}
func.func @parts(%z: complex<f64> {dp.name = "z"}, %w: tensor<2xcomplex<f64>> {dp.name = "w"}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = tensor.extract %w[%c0] : tensor<2xcomplex<f64>>
  %b = tensor.extract %w[%c1] : tensor<2xcomplex<f64>>
  %e = scalar.exp %z : complex<f64>
  %p = scalar.mul %e, %a : complex<f64>
  %q = scalar.div %p, %b : complex<f64>
  %re = scalar.real %q : complex<f64>
  %im = scalar.imag %q : complex<f64>
  %r = scalar.mul %re, %im : f64
  %f = scalar.add %r, %re : f64
  return %f : f64
}
func.func @holomorphic(%z: complex<f64>) -> complex<f64> {
  %e = scalar.sin %z : complex<f64>
  return %e : complex<f64>
}
func.func @single(%x: tensor<2x3xf32> {dp.range = [-1.0, 1.0]}) -> f32 {
  %e = scalar.exp %x : tensor<2x3xf32>
  %t = array.reduce add %e dims [0, 1] : tensor<2x3xf32>
  %s = tensor.extract %t[] : tensor<f32>
  %l = scalar.log %s : f32
  return %l : f32
}
func.func @branch(%x: f64, %flag: i1, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %p = scf.for %i = %c0 to %n step %c1 iter_args(%y = %x) -> f64 {
    %z = scalar.mul %y, %x : f64
    scf.yield %z : f64
  }
  %r = scf.if %flag -> f64 {
    %q = scalar.sqrt %p : f64
    scf.yield %q : f64
  } else {
    scf.yield %p : f64
  }
  return %r : f64
}
func.func @small(%x: f64 {dp.range = [1.0e-3, 2.0e-3]}, %y: f64 {dp.range = [1.0e6, 2.0e6]}) -> f64 {
  %s = scalar.add %x, %y : f64
  return %s : f64
}
func.func @halves(%x: tensor<4xf16>, %y: bf16) -> (tensor<4xf16>, bf16) {
  %a = scalar.tanh %x : tensor<4xf16>
  %b = scalar.sqrt %y : bf16
  return %a, %b : tensor<4xf16>, bf16
}
"#;

/// Numbers of a check: comparisons, and the inconclusive ones.
type Checked = (usize, usize);

fn check(request: Request, target: &dyn TargetDriver) -> Result<Checked, Vec<DiagnosticRecord>> {
    check_program(PROGRAM, request, target)
}

fn check_program(text: &str, request: Request, target: &dyn TargetDriver) -> Result<Checked, Vec<DiagnosticRecord>> {
    let heard = Mutex::new(None);
    let session = Session::new().on_event(|event| {
        if let Event::GradientCheck { comparisons, inconclusive, .. } = event {
            *heard.lock().expect("no thread panicked") = Some((*comparisons, *inconclusive));
        }
        Ok(())
    });
    let points = NonZeroU32::new(3).expect("it is positive");
    let near = request.check_gradients.as_ref().and_then(|check| check.near.clone());
    let check_gradients = Some(GradientCheck { points, near });
    let request = Request { emit: Some(Emit::Mlir), check_gradients, ..request };
    session.compile(&Source::new("f.mlir", text), target, &request)?;
    drop(session);
    Ok(heard.into_inner().expect("no thread panicked").expect("it was checked"))
}

fn grad(function: &str) -> Request {
    Request { grad: vec![function.parse().expect("a request")], ..Request::default() }
}

fn jvp(function: &str) -> Request {
    Request { jvp: vec![function.parse().expect("a request")], ..Request::default() }
}

fn vjp(function: &str) -> Request {
    Request { vjp: vec![function.parse().expect("a request")], ..Request::default() }
}

/// A pullback is compared for each result that carries a derivative, along each argument.
#[test]
fn right_pullbacks_pass() {
    for (request, comparisons) in [
        (vjp("dot"), 6),
        (vjp("dot:wrt=1"), 3),
        (vjp("parts"), 6),
        (vjp("holomorphic"), 3),
        (vjp("single"), 3),
        (vjp("branch"), 3),
        (vjp("halves"), 6),
        (Request { vjp: vjp("dot_grad").vjp, ..grad("dot") }, 12),
        (Request { vjp: vjp("dot:wrt=1").vjp, ..grad("dot:wrt=0") }, 6),
        (Request { vjp: vjp("dot").vjp, ..jvp("dot:wrt=0") }, 9),
    ] {
        for target in [&Interp as &dyn TargetDriver, &Cpu::default()] {
            let checked = check(request.clone(), target);
            assert_eq!(checked, Ok((comparisons, 0)), "{:?} {:?} by {}", request.vjp, request.grad, target.name());
        }
    }
}

#[test]
fn wrong_pullbacks_are_found() {
    for factor in [-1.0, 1.001] {
        // The elements of d_y but the first.
        let target = Mistaken { function: "dot_vjp", result: 2, factor };
        let errors = check(vjp("dot"), &target).expect_err("a derivative is wrong");
        let [error] = &errors[..] else { panic!("{errors:?}") };
        let message = error.message.as_str();
        assert!(message.starts_with("dot_vjp: the derivative of 'dot' along a direction of 'y' is "), "{message}");
        assert!(message.contains("forward mode gives "), "{message}");
    }
}

#[test]
fn right_derivatives_pass() {
    for (request, comparisons) in [
        (grad("dot"), 6),
        (grad("dot:wrt=1"), 3),
        (jvp("dot"), 6),
        (grad("parts"), 6),
        (jvp("parts"), 6),
        (jvp("holomorphic"), 3),
        (grad("single"), 3),
        (jvp("single"), 3),
        (grad("branch"), 3),
        (grad("small"), 6),
        (jvp("halves"), 6),
        (Request { jvp: jvp("dot_grad").jvp, ..grad("dot") }, 12),
        (Request { grad: grad("dot_jvp").grad, ..jvp("dot") }, 18),
    ] {
        for target in [&Interp as &dyn TargetDriver, &Cpu::default()] {
            let checked = check(request.clone(), target);
            assert_eq!(checked, Ok((comparisons, 0)), "{:?} {:?} by {}", request.grad, request.jvp, target.name());
        }
    }
}

/// Evaluates in the interpreter, and makes a mistake in one result.
#[derive(Clone, Copy, Debug)]
struct Mistaken {
    function: &'static str,
    result: usize,
    /// The factor by which the result is wrong.
    factor: f64,
}

impl TargetDriver for Mistaken {
    fn name(&self) -> &'static str {
        "mistaken"
    }

    fn emits(&self) -> &'static [Emit] {
        &[Emit::Mlir]
    }

    fn takes(&self) -> Emit {
        Emit::Mlir
    }

    fn evaluator(&self) -> Option<Box<dyn TargetDriver>> {
        Some(Box::new(*self))
    }

    fn make(&self, job: &mut Job) -> Result<(), Failure> {
        Interp.make(job)?;
        let called = job.call.as_ref().is_some_and(|call| call.name() == self.function);
        let results = job.artifact.results.as_mut().filter(|_| called);
        if let Some(array) = results.and_then(|results| results.arrays.get_mut(self.result)) {
            for item in array.as_mut_slice::<f64>().expect("it has type f64").iter_mut().skip(1) {
                *item *= self.factor;
            }
        }
        Ok(())
    }
}

#[test]
fn wrong_derivatives_are_found() {
    for factor in [-1.0, 0.0, 1.001, f64::NAN] {
        // The elements of d_y but the first: neither the value nor d_x.
        let target = Mistaken { function: "dot_grad", result: 2, factor };
        let errors = check(grad("dot"), &target).expect_err("a derivative is wrong");
        let [error] = &errors[..] else { panic!("{errors:?}") };
        assert_eq!(error.code, Some(DiagnosticCode::RunTime));
        assert_eq!(error.position.as_ref().map(|position| position.line), Some(2));
        let message = error.message.as_str();
        assert!(message.starts_with("dot_grad: the derivative of 'dot' along a direction of 'y' is "), "{message}");
        assert!(message.ends_with("(point 1 of 3)"), "{message}");
        let against = if factor.is_nan() { "differences give " } else { "forward mode gives " };
        assert!(message.contains(against), "{message}");
        assert!(error.help.as_ref().is_some_and(|help| help.contains("dp.range")), "{error:?}");
        assert!(error.notes[0].message.starts_with("at x = ["), "{error:?}");

        let target = Mistaken { function: "dot_jvp", result: 1, factor: 1.0 };
        assert_eq!(check(jvp("dot"), &target), Ok((6, 0)));
    }
}

#[test]
fn both_values_are_told() {
    // The derivative of x² is 2x; here it is 3x in forward mode, and right in reverse mode.
    let text = "func.func @f(%x: tensor<2xf64> {dp.name = \"x\"}) -> tensor<2xf64> {
  %y = scalar.mul %x, %x : tensor<2xf64>
  return %y : tensor<2xf64>
}
";
    let target = Mistaken { function: "f_jvp", result: 1, factor: 1.5 };
    let errors = check_program(text, jvp("f"), &target).expect_err("a derivative is wrong");
    let [error] = &errors[..] else { panic!("{errors:?}") };
    let (before, after) = error.message.split_once(", but differences give ").expect("it gives both");
    let derivative: f64 = before.rsplit(' ').next().expect("a word").parse().expect("a number");
    let difference: f64 = after.split(' ').next().expect("a word").parse().expect("a number");
    assert!((derivative - difference).abs() > 1e-3, "{}", error.message);
    assert_eq!(check_program(text, jvp("f"), &Interp), Ok((3, 0)));
}

#[test]
fn values_must_fit_a_function() {
    let near = |text: &str| {
        let points = NonZeroU32::MIN;
        Request {
            check_gradients: Some(GradientCheck { points, near: Some(Arguments::Text(text.into())) }),
            ..grad("dot")
        }
    };
    assert_eq!(check(near("[1,2,3,4],[1,2,3,4]"), &Cpu::default()), Ok((6, 0)));
    let errors = check(near("1"), &Cpu::default()).expect_err("refused");
    assert_eq!(errors[0].code, Some(DiagnosticCode::Request));
    assert_eq!(errors[0].help.as_deref(), Some("'dot' takes x: tensor<?xf64>, y: tensor<?xf64>"));
    let errors = check(near("[1,2,3],[1,2]"), &Cpu::default()).expect_err("refused");
    assert_eq!(errors[0].help.as_deref(), Some("give arguments that the function accepts with --args"));
}

/// Twenty lines, with an operation in a loop and a branch, and others around. The derivative of `ad.stop_gradient` is
/// not that of differences: it stands for a wrong rule.
const PLANTED: &str = r#"func.func @f(%x: tensor<4xf64> {dp.name = "x"}, %n: index {dp.name = "n"}) -> (f64 {dp.name = "y"}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = scalar.constant 1.0 : f64
  %e = scalar.exp %x : tensor<4xf64>
  %s = scalar.IN_LINE %e : tensor<4xf64>
  %first = tensor.extract %s[%c0] : tensor<4xf64>
  %total = scf.for %i = %c0 to %n step %c1 iter_args(%sum = %first) -> f64 {
    %a = tensor.extract %e[%i] : tensor<4xf64>
    %b = scalar.IN_LOOP %a : f64
    %q = scalar.mul %b, %sum : f64
    %large = scalar.compare gt %q, %one : f64
    %w = scf.if %large -> f64 {
      %t = scalar.IN_BRANCH %q : f64
      scf.yield %t : f64
    } else {
      scf.yield %q : f64
    }
    scf.yield %w : f64
  }
  return %total : f64
}
"#;

/// The note that locates what differs, for a program in which some operations are replaced.
fn located(request: &Request, wrong: &[&str]) -> String {
    let mut text = PLANTED.to_owned();
    for place in ["IN_LINE", "IN_LOOP", "IN_BRANCH"] {
        text = match wrong.contains(&place) {
            true => text.replace(&format!("scalar.{place}"), "ad.stop_gradient"),
            false => text.replace(place, "tanh"),
        };
    }
    if wrong.contains(&"IN_BRANCH") {
        // So that the branch is taken.
        text = text.replace("scalar.constant 1.0", "scalar.constant 0.0");
    }
    let errors = check_program(&text, request.clone(), &Interp).expect_err("a derivative differs");
    let note = errors[0].notes.last().expect("it has a note");
    let source = Source::new("f.mlir", text);
    render(note, DiagnosticFormat::Text, Some(&source)).trim_end().to_owned()
}

#[test]
fn the_operation_that_contributes_most_is_told() {
    let said = |wrong: &[&str]| {
        let notes = [grad("f:wrt=0"), jvp("f:wrt=0")].map(|request| located(&request, wrong));
        notes.map(|note| {
            let (place, text) = note.split_once(": note: ").expect("it is a note at a place");
            assert!(text.starts_with("the derivative of 'ad.stop_gradient' contributes most"), "{note}");
            place.to_owned()
        })
    };
    assert_eq!(said(&["IN_LINE"]), ["f.mlir:6:8", "f.mlir:6:8"]);
    assert_eq!(said(&["IN_LOOP"]), ["f.mlir:10:10", "f.mlir:10:10"]);
    assert_eq!(said(&["IN_BRANCH"]), ["f.mlir:14:12", "f.mlir:14:12"]);
    insta::assert_snapshot!(located(&jvp("f:wrt=0"), &["IN_LOOP"]), @r"
    f.mlir:10:10: note: the derivative of 'ad.stop_gradient' contributes most to the difference: its size is 0 here, but differences of this operation give 1.572648
        %b = ad.stop_gradient %a : f64
             ^
    ");
}

/// The target computes something else than the rules say: no operation is at fault.
#[test]
fn an_error_of_the_target_is_no_operation_s() {
    let target = Mistaken { function: "dot_grad", result: 2, factor: -1.0 };
    let errors = check(grad("dot"), &target).expect_err("a derivative is wrong");
    let note = errors[0].notes.last().expect("it has a note");
    assert!(note.message.starts_with("the derivative of each operation is right by itself"), "{note:?}");
}
