//! Pullbacks of libraries: `f_vjp` and `f_pull` compute what one program of both computes.

use super::case::{Case, Request, Topic, cases};
use super::{PREPARED, as_tensor, carries, close, like, pullback};
use super::{control, decompositions, elementwise, loops, products, shapes, tensors};
use crate::cpu::library::Pair;
use crate::programs::{Program, run};
use dp_dialects::Literal;
use dp_driver::conversion;

/// Compares the two functions of a library with the interpretation of the program that is divided into them.
pub fn check(case: &Case, passes: &[&str]) {
    let Request { wrt, primal, .. } = case.request();
    let arguments: Vec<String> = case.arguments.iter().map(|argument| argument.r#type.clone()).collect();
    let text = primal + &pullback("f", &arguments, &case.results, &wrt).text;
    let program = Program::new(&case.name, &text, &[&PREPARED[..], &["ad"], passes].concat());
    let mut random = case.random();
    let at: Vec<Literal> = case.arguments.iter().map(|argument| argument.draw(&mut random)).collect();
    let outputs = run(&program, "f", at.clone());
    let c = like(&outputs.iter().filter(|value| carries(value)).cloned().collect::<Vec<_>>(), &mut random);
    let expected = run(&program, "f_vjp", [&at[..], &c].concat());
    let pair = Pair::new(&program.text());
    let found = pair.pull("f", &at, &c).unwrap_or_else(|error| panic!("{}: {error}", case.name));
    let found: Vec<Literal> = found.iter().map(|array| conversion::literal(array, true)).filter(carries).collect();
    let expected: Vec<Literal> = expected.iter().filter(|value| carries(value)).map(as_tensor).collect();
    close(&format!("{}: the pullback", case.name), &found, &expected, 1e-12);
}

/// A sample of the cases, since each is compiled; all of them, and without simplification too, with `DP_ALL_PULLBACKS`.
fn check_all(topics: &[Topic]) {
    let every = std::env::var_os("DP_ALL_PULLBACKS").is_some();
    let chosen = |case: &Case| case.is_compiled || every;
    let cases = topics.iter().flat_map(|topic| cases(*topic)).filter(chosen);
    for case in cases.step_by(if every { 1 } else { 5 }) {
        check(&case, &["inline-calls", "simplify"]);
        if every {
            check(&case, &[]);
        }
    }
}

#[test]
fn of_operations() {
    check_all(elementwise::TOPICS);
    check_all(products::TOPICS);
}

#[test]
fn of_tensors() {
    check_all(tensors::TOPICS);
    check_all(decompositions::TOPICS);
    check_all(shapes::TOPICS);
}

#[test]
fn of_control_flow() {
    check_all(control::TOPICS);
    check_all(loops::TOPICS);
}
