//! Every operation has exactly one row, and every row that computes something
//! is differentiated in a test.

use dp_ad::rules::{Derivative, row, rows};
use dp_dialects::OpKind;

/// What has no derivative yet. This list only shrinks.
const PENDING: &[&str] = &["scf.for", "scf.while", "arith.select"];

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

/// The tests beside this file name every operation that is differentiated.
#[test]
fn every_row_is_tested() {
    let tests = concat!(include_str!("elementwise.rs"), include_str!("tensors.rs"), include_str!("control.rs"));
    for row in rows() {
        if matches!(row.derivative, Derivative::Inactive(_) | Derivative::Unsupported(_)) {
            continue;
        }
        let named = tests.contains(row.kind.name()) || tests.contains(&format!("(\"{}\",", row.kind.mnemonic()));
        assert!(named, "no test differentiates '{}'", row.kind.name());
    }
}
