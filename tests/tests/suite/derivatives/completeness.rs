//! Every operation has exactly one row, and every row that computes something is differentiated in a test.

use super::case::{Case, Request, Topic, cases};
use super::{
    PREPARED, carries, checkpoints, control, decompositions, elementwise, like, loops, products, recursion, scans,
    shapes, size, sorts, tensors,
};
use crate::programs::{Program, run};
use dp_ad::rules::{Derivative, DerivativeRule, row, rows};
use dp_dialects::ir::{functions, walk};
use dp_dialects::{Literal, OpKind};
use melior::ir::operation::OperationLike;
use std::collections::BTreeSet;

/// What has no derivative yet. This list only shrinks.
const PENDING: &[&str] = &["ad.record", "ad.recall", "ad.reserve", "ad.release", "arith.select"];

/// The table asserts it as it is made.
#[test]
fn every_operation_has_one_row() {
    for kind in OpKind::ALL {
        assert_eq!(row(*kind).is_some(), !kind.entry().is_structure, "'{}'", kind.name());
    }
}

/// What is transposed is linear in some operands, and the check of regions that programs write knows in which.
#[test]
fn what_is_transposed_is_linear() {
    for row in rows().filter(|row| row.transpose.is_some()) {
        assert!(
            row.linearity.is_some(),
            "'{}' is transposed, and in which operands it is linear is not said",
            row.kind.name()
        );
    }
}

#[test]
fn what_is_pending_is_listed() {
    let pending: Vec<&str> =
        rows().filter(|row| matches!(row.derivative, Derivative::Unsupported(_))).map(|row| row.kind.name()).collect();
    assert_eq!(pending, PENDING);
}

#[test]
fn every_rule_parses() {
    for row in rows() {
        if let Derivative::Tangent { real, complex, names } = &row.derivative {
            assert!(!real.is_empty() || !complex.is_empty(), "'{}' says nothing", row.kind.name());
            for text in [real, complex].into_iter().filter(|text| !text.is_empty()) {
                let expr = dp_terms::parse(text);
                let expr = expr.unwrap_or_else(|error| panic!("'{}': {text}: {error}", row.kind.name()));
                for name in expr.variables() {
                    let known = name == "y" || names.contains(&name) || names.contains(&name.trim_start_matches('d'));
                    assert!(known, "'{}' mentions '{name}'", row.kind.name());
                }
            }
        }
    }
}

/// The topics whose cases the tests beside this file check, in values and in both modes.
pub const TOPICS: [&[Topic]; 11] = [
    elementwise::TOPICS,
    tensors::TOPICS,
    control::TOPICS,
    decompositions::TOPICS,
    products::TOPICS,
    scans::TOPICS,
    sorts::TOPICS,
    shapes::TOPICS,
    loops::TOPICS,
    recursion::TOPICS,
    checkpoints::TOPICS,
];

/// Each rule has made operations of a tangent that a test compares with differences, and with a cotangent.
#[test]
fn every_row_is_tested() {
    let computes = |row: &&DerivativeRule| match row.derivative {
        Derivative::Inactive(_) | Derivative::Unsupported(_) => false,
        Derivative::Tangent { .. }
        | Derivative::Linear
        | Derivative::Bilinear
        | Derivative::Special(..)
        | Derivative::Region(_) => true,
    };
    // Forward mode sees through these two: their rules make no operation of a tangent.
    let is_transparent = |row: &DerivativeRule| matches!(row.kind, OpKind::AdCheckpoint | OpKind::AdBarrier);
    let makes = |row: &&DerivativeRule| computes(row) && !is_transparent(row);
    let mut missing: BTreeSet<&str> = rows().filter(makes).map(|row| row.kind.name()).collect();
    for case in TOPICS.iter().flat_map(|topics| topics.iter()).flat_map(|topic| cases(*topic)) {
        // Compiling is left to the cases that may say something new.
        if missing.iter().any(|name| case.body.contains(name) || case.helpers.contains(name)) {
            let found = applied_rules(&case);
            missing.retain(|name| !found.contains(*name));
        }
    }
    assert!(missing.is_empty(), "no test differentiates {missing:?}");
}

/// The names of the rules that the tangent of a case is made by, where neither it nor the cotangent vanishes. Of
/// cotangents, locations say less: a transpose may pass on what it is given, and make no operation.
fn applied_rules(case: &Case) -> BTreeSet<String> {
    let Request { wrt, primal, jvp, vjp, .. } = case.request();
    let text = format!("{primal}{}{}", jvp.text, vjp.text);
    let program = Program::new(&case.name, &text, &[&PREPARED[..], &["ad"]].concat());
    let mut random = case.random();
    let at: Vec<Literal> = case.arguments.iter().map(|argument| argument.draw(&mut random)).collect();
    let point: Vec<Literal> = wrt.iter().map(|index| at[*index].clone()).collect();
    let tangents = like(&point, &mut random);
    let forward = run(&program, &jvp.name, [&at[..], &tangents].concat());
    let (outputs, tangents) = forward.split_at(case.results.len());
    let carrying: Vec<Literal> = outputs.iter().filter(|output| carries(output)).cloned().collect();
    let cotangents = like(&carrying, &mut random);
    let gradients = run(&program, &vjp.name, [&at[..], &cotangents].concat());
    if size(tangents) == 0.0 || size(&gradients) == 0.0 {
        return BTreeSet::new();
    }
    rules_of(&program, &jvp.name)
}

/// The names of the rules by which operations of a function are made, as their locations say.
fn rules_of(program: &Program, function: &str) -> BTreeSet<String> {
    let mut rules = BTreeSet::new();
    walk(functions(program.operation())[function], &mut |op| {
        let location = op.location().to_string();
        let name = location.split_once("#ad.origin<\"").and_then(|(_, rest)| rest.split_once('"'));
        rules.extend(name.map(|(name, _)| name.to_string()));
    });
    rules
}
