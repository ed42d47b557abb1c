//! Training on the digits: the library's losses against the interpreter's.

use crate::classifier::{MODEL, asking};
use crate::cpu::library::Pair;
use crate::programs::{Program, run};
use dp_compiler::driver::crossing;
use dp_dialects::Literal;
use dp_digits::{Rows, Training};
use dp_runtime::Array;
use std::path::Path;

fn literals(arrays: &[&Array]) -> Vec<Literal> {
    arrays.iter().map(|array| crossing::literal(array, true)).collect()
}

/// The first 20 steps of training give the same losses, to 1e-5 of each, with
/// the interpreted gradient and with the compiled one. Each training goes its
/// own way, so that differences would grow.
#[test]
fn the_first_steps_of_training() {
    let program = Program::new("digits", &format!("{MODEL}{}", asking("loss_grad")), &["ad"]);
    let simplified = Program::new("digits", &program.text(), &["simplify"]);
    let compiled = Pair::new(&simplified.text());
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/digits/digits.csv.gz");
    let (rows, _) = Rows::read(&data).expect("the digits are there");
    let start = || Training::new(rows.count(), 2026).expect("the shapes fit");
    let (mut interpreting, mut calling) = (start(), start());
    for step in 1..=20 {
        let expected = interpreting.step(&rows, |arguments| {
            let results = run(&program, "loss_grad", literals(arguments));
            results.iter().map(crossing::array).collect::<Result<Vec<Array>, _>>()
        });
        let found = calling
            .step(&rows, |arguments| compiled.call("loss_grad", &literals(arguments)).map_err(std::io::Error::other));
        let (expected, found) = (expected.expect("is interpreted"), found.expect("is called"));
        assert!((expected - found).abs() <= 1e-5 * expected.abs(), "step {step}: {found} against {expected}");
    }
}
