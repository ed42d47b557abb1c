//! Training on the digits: compares the losses on every target with the interpreter's.

use super::differential::Contest;
use crate::classifier::{MODEL, asking};
use crate::programs::{Program, run};
use dp_dialects::Literal;
use dp_digits::{Rows, Training};
use dp_driver::conversion;
use dp_runtime::Array;
use std::path::Path;

/// The number of training steps.
const STEPS: usize = 20;

fn literals(arrays: &[&Array]) -> Vec<Literal> {
    arrays.iter().map(|array| conversion::literal(array, true)).collect()
}

/// The losses of the first training steps, with the given gradient function.
fn losses(rows: &Rows, mut gradient: impl FnMut(&[Literal]) -> Vec<Array>) -> Vec<f32> {
    let mut training = Training::new(rows.count(), 2026).expect("the shapes fit");
    let mut step = || {
        let loss = training.step(rows, |arguments| Ok::<_, std::io::Error>(gradient(&literals(arguments))));
        loss.expect("is called")
    };
    (0..STEPS).map(|_| step()).collect()
}

/// The losses of the first 20 steps agree to a relative 1e-5 between the interpreted gradient and that of each target.
/// Each training uses its own parameters, so differences accumulate.
#[test]
fn the_first_steps_of_training() {
    let program = Program::new("digits", &format!("{MODEL}{}", asking("loss_grad")), &["ad"]);
    let simplified = Program::new("digits", &program.text(), &["simplify"]);
    let differential = Contest::new(&simplified.text());
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/digits/digits.csv.gz");
    let (rows, _) = Rows::read(&data).expect("the digits are there");
    let expected = losses(&rows, |arguments| {
        let results = run(&program, "loss_grad", arguments.to_vec());
        results.iter().map(conversion::array).collect::<Result<Vec<Array>, _>>().expect("well-formed results")
    });
    for target in Contest::targets() {
        let found = losses(&rows, |arguments| {
            differential.call(target, "loss_grad", arguments).unwrap_or_else(|error| panic!("{target}: {error}"))
        });
        for (step, (expected, found)) in expected.iter().zip(&found).enumerate() {
            let near = (expected - found).abs() <= 1e-5 * expected.abs();
            assert!(near, "{target}, step {step}: {found} against {expected}");
        }
    }
}
