//! `--check-each`: right passes agree, and planted wrong ones are found.

use dp_dialects::OpKind;
use dp_dialects::ir::{Op, operands, set_operand, walk};
use dp_driver::check_each::{CheckEach, Points};
use dp_driver::{DiagnosticCode, DiagnosticRecord};
use dp_passes::manager::{self, Action, Halt, Run, Step};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use std::num::NonZeroU32;

/// Functions of several types, and one that is not checked.
const PROGRAM: &str = r#"
func.func @f(%x: tensor<?xf64> {dp.name = "x"}, %y: f64 {dp.name = "y"}) -> (tensor<?xf64> {dp.name = "z"}) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %b = array.broadcast %y dims [] extents(%n) : f64 to tensor<?xf64>
  %s = scalar.sub %x, %b : tensor<?xf64>
  %t = scalar.mul %s, %x : tensor<?xf64>
  return %t : tensor<?xf64>
}
func.func @quotient(%n: index {dp.name = "n"}) -> index {
  %c0 = arith.constant 0 : index
  %q = arith.divsi %c0, %n : index
  return %q : index
}
func.func @integers(%a: tensor<2xi32>, %b: tensor<2xi32>) -> tensor<2xi32> {
  %c = scalar.max %a, %b : tensor<2xi32>
  return %c : tensor<2xi32>
}
func.func @nan(%x: f32 {dp.range = [-2.0, -1.0]}) -> f32 {
  %s = scalar.sqrt %x : f32
  %t = scalar.mul %s, %x : f32
  return %t : f32
}
func.func private @hidden(%x: f64, %y: f64) -> f64 {
  %s = scalar.sub %x, %y : f64
  return %s : f64
}
"#;

/// Swaps the two operands of every operation of a kind.
fn swap(module: Op, kind: OpKind) -> Result<(), ErrorGuaranteed> {
    walk(module, &mut |op| {
        if let (Some(of), [a, b]) = (OpKind::of(op), &operands(op)[..])
            && of == kind
        {
            set_operand(op, 0, *b);
            set_operand(op, 1, *a);
        }
    });
    Ok(())
}

/// A pass that swaps the operands of a kind of operation.
macro_rules! swapping {
    ($name:ident, $flag:literal, $kind:ident) => {
        static $name: Pass = Pass {
            flag: $flag,
            summary: "swap operands",
            description: "For a test.",
            body: |module, _: &NoOptions| swap(module, OpKind::$kind),
        };
    };
}

swapping!(SWAP_PRODUCTS, "swap-products", ScalarMul);
swapping!(SWAP_MAXIMA, "swap-maxima", ScalarMax);
swapping!(SWAP_DIFFERENCES, "swap-differences", ScalarSub);
swapping!(SWAP_QUOTIENTS, "swap-quotients", ArithDivSI);

/// Runs passes under a check, and returns its notes and the difference that it finds.
fn check(passes: &[&'static Pass]) -> (Vec<String>, Option<DiagnosticRecord>) {
    let context = dp_driver::registry::context();
    let module = dp_dialects::context::parse(&context, PROGRAM, "f.mlir").expect("it parses");
    let actions: Vec<Run> = passes.iter().map(|pass| Run(pass)).collect();
    let steps = passes.iter().zip(actions.leak());
    let steps: Vec<Step<()>> =
        steps.map(|(pass, action)| Step { name: pass.flag, action: action as &'static dyn Action<()> }).collect();
    let (mut notes, mut difference) = (Vec::new(), None);
    let points = Points::new(NonZeroU32::new(4).expect("it is positive"));
    let mut each = CheckEach::new(points, |note| notes.push(note.to_string()));
    // SAFETY: the module lives longer than the reference to its operation.
    let op = unsafe { melior::ir::operation::OperationRef::from_raw(module.as_operation().to_raw()) };
    let outcome = manager::run(&steps, op, &(), &mut each);
    each.end();
    difference.clone_from(&each.difference().cloned());
    assert_eq!(outcome, if difference.is_some() { Err(Halt::Stopped) } else { Ok(()) });
    drop(each);
    (notes, difference)
}

#[test]
fn right_passes_agree() {
    let (notes, difference) = check(&[&SWAP_PRODUCTS, &SWAP_MAXIMA, &SWAP_PRODUCTS]);
    assert_eq!(difference, None);
    // Four functions at four points after three passes; NaN equals NaN.
    let expected = "48 of 48 comparisons agree, 0 could not be compared (passes: 3, points of each function: 4)";
    assert_eq!(notes, [expected]);
}

#[test]
fn the_first_wrong_pass_is_named() {
    let (notes, difference) = check(&[&SWAP_PRODUCTS, &SWAP_DIFFERENCES, &SWAP_DIFFERENCES]);
    assert_eq!(notes, [] as [&str; 0]);
    let error = difference.expect("a pass is wrong");
    assert_eq!(error.code, Some(DiagnosticCode::RunTime));
    assert_eq!(error.position.as_ref().map(|position| position.line), Some(2));
    let message = error.message.as_str();
    assert!(message.starts_with("pass 'swap-differences' changes 'f': element [0] of 'z' is "), "{message}");
    assert!(message.ends_with(" (point 1 of 4)"), "{message}");
    let notes: Vec<&str> = error.notes.iter().map(|note| note.message.as_str()).collect();
    let [at, before, after] = notes[..] else { panic!("{notes:?}") };
    assert!(at.starts_with("at x = [") && at.contains("], y = "), "{at}");
    assert!(before.starts_with("before: z = [") && after.starts_with("after: z = ["), "{before} {after}");
    assert_ne!(before.trim_start_matches("before"), after.trim_start_matches("after"));
}

#[test]
fn a_new_failure_is_a_difference() {
    let (_, difference) = check(&[&SWAP_QUOTIENTS]);
    let message = difference.expect("a pass is wrong").message;
    let expected = "pass 'swap-quotients' changes 'quotient': it fails after the pass only: the quotient is undefined";
    assert!(message.starts_with(expected), "{message}");
}
