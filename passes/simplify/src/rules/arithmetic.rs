//! Ring and field laws, on scalars and tensors.

use crate::rule::Rule;
use crate::rule::Soundness::{Exact, Finite, Real, Rounded};
use dp_dialects::Number;
use dp_terms::Graph;
use egg::Id;

const ALL: &[(&str, crate::rule::Soundness)] = &[("fci", Exact)];
const EXACT_BUT_COMPLEX: &[(&str, crate::rule::Soundness)] = &[("fi", Exact), ("c", Rounded)];
const ROUNDED: &[(&str, crate::rule::Soundness)] = &[("fc", Rounded), ("i", Exact)];
const FINITE: &[(&str, crate::rule::Soundness)] = &[("fc", Finite), ("i", Exact)];
const REAL: &[(&str, crate::rule::Soundness)] = &[("fc", Real), ("i", Exact)];
const FIELD: &[(&str, crate::rule::Soundness)] = &[("fc", Real)];

/// The second variable is a constant.
fn second_known(graph: &dyn Graph, bound: &[Id]) -> bool {
    graph.number(bound[1]).is_some()
}

/// The second and third variables are constants.
fn others_known(graph: &dyn Graph, bound: &[Id]) -> bool {
    bound[1..].iter().all(|id| graph.number(*id).is_some())
}

/// The second variable is a power of two whose reciprocal is normal.
fn second_power_of_two(graph: &dyn Graph, bound: &[Id]) -> bool {
    let Some(Number::Real(value)) = graph.number(bound[1]) else { return false };
    let mantissa = value.to_bits() & ((1 << 52) - 1);
    mantissa == 0 && (1e-4..=1e4).contains(&value.abs())
}

/// The second variable is a constant other than 0.
fn second_nonzero(graph: &dyn Graph, bound: &[Id]) -> bool {
    graph.number(bound[1]).is_some_and(|number| !number.is(0.0))
}

pub const RULES: &[Rule] = &[
    // Identities and annihilators.
    Rule::equation("add-zero", "x + 0 => x", ROUNDED).normal(),
    Rule::equation("add-negative-zero", "x + -0 => x", &[("f", Exact)]).normal(),
    Rule::equation("sub-zero", "x - 0 => x", ALL).normal(),
    Rule::equation("zero-sub", "0 - x => -x", ROUNDED).normal(),
    Rule::equation("mul-one", "x * 1 => x", EXACT_BUT_COMPLEX).normal(),
    Rule::equation("mul-minus-one", "x * -1 => -x", EXACT_BUT_COMPLEX).normal(),
    Rule::equation("mul-zero", "x * 0 => 0", FINITE).normal(),
    Rule::equation("div-one", "x / 1 => x", EXACT_BUT_COMPLEX).normal(),
    Rule::equation("zero-div", "0 / x => 0", FIELD),
    Rule::equation("sub-self", "x - x => 0", FINITE).normal(),
    Rule::equation("div-self", "x / x => 1", FIELD),
    // Signs move outward and into constants.
    Rule::equation("neg-neg", "-(-x) => x", ALL).normal(),
    Rule::equation("add-neg", "a + -b => a - b", ALL).normal(),
    Rule::equation("sub-neg", "a - -b => a + b", ALL).normal(),
    Rule::equation("neg-sub", "-(a - b) => b - a", ROUNDED).normal(),
    Rule::equation("neg-minus", "-a - b => -(a + b)", ROUNDED).normal(),
    Rule::equation("mul-neg-neg", "-a * -b => a * b", EXACT_BUT_COMPLEX).normal(),
    Rule::equation("mul-neg", "-a * b => -(a * b)", EXACT_BUT_COMPLEX).normal(),
    Rule::equation("div-neg", "-a / b => -(a / b)", &[("f", Exact), ("c", Rounded)]).normal(),
    Rule::equation("div-by-neg", "a / -b => -(a / b)", &[("f", Exact), ("c", Rounded)]).normal(),
    Rule::equation("neg-mul-known", "-(x * c) => x * -c", EXACT_BUT_COMPLEX).when(second_known).normal(),
    Rule::equation("neg-div-known", "-(x / c) => x / -c", &[("f", Exact)]).when(second_nonzero).normal(),
    Rule::equation("abs-neg", "abs(-x) => abs(x)", ALL).normal(),
    Rule::equation("abs-abs", "abs(abs(x)) => abs(x)", &[("fi", Exact)]).normal(),
    Rule::equation("abs-square", "abs(x) * abs(x) => x * x", &[("fi", Exact)]).normal(),
    Rule::equation("abs-of-square", "abs(x * x) => x * x", &[("f", Exact)]).normal(),
    Rule::equation("sign-times-abs", "sign(x) * abs(x) => x", &[("fi", Exact)]).normal(),
    Rule::equation("sign-times-self", "x * sign(x) => abs(x)", &[("fi", Exact)]).normal(),
    Rule::equation("sign-sign", "sign(sign(x)) => sign(x)", &[("fi", Exact)]).normal(),
    // Division by constants.
    Rule::equation("div-power-of-two", "x / c => x * (1 / c)", &[("f", Exact)]).when(second_power_of_two),
    Rule::equation("div-known", "x / c => x * (1 / c)", FIELD).when(second_nonzero),
    // Constants are combined; for products by default, as tensor compilers do.
    Rule::equation("double", "x + x => 2 * x", EXACT_BUT_COMPLEX),
    Rule::equation("mul-mul-known", "(x * a) * b => x * (a * b)", ROUNDED).when(others_known).normal(),
    Rule::equation("add-add-known", "(x + a) + b => x + (a + b)", REAL).when(others_known).normal(),
    // Factoring.
    Rule::equation("factor", "a * b + a * c => a * (b + c)", REAL),
    Rule::equation("factor-sub", "a * b - a * c => a * (b - c)", REAL),
    Rule::equation("factor-one", "a * b + a => a * (b + 1)", REAL),
    Rule::equation("factor-minus-one", "a - a * b => a * (1 - b)", REAL),
    Rule::equation("factor-quotient", "a / c + b / c => (a + b) / c", FIELD),
    Rule::equation("factor-quotient-sub", "a / c - b / c => (a - b) / c", FIELD),
    // Cancellation and quotients of quotients.
    Rule::equation("add-sub", "(a + b) - b => a", REAL),
    Rule::equation("sub-add", "(a - b) + b => a", REAL),
    Rule::equation("mul-div", "(a * b) / b => a", FIELD),
    Rule::equation("div-mul", "(a / b) * b => a", FIELD),
    Rule::equation("div-div", "(a / b) / c => a / (b * c)", FIELD),
    Rule::equation("div-by-div", "a / (b / c) => (a * c) / b", FIELD),
    Rule::equation("mul-reciprocal", "a * (1 / b) => a / b", FIELD),
    // Association; commutation is built into matching.
    Rule::equation("add-associate", "(a + b) + c => a + (b + c)", REAL),
    Rule::equation("mul-associate", "(a * b) * c => a * (b * c)", REAL),
    // Lattices and bits.
    Rule::equation("max-self", "max(x, x) => x", &[("fi", Exact)]).normal(),
    Rule::equation("min-self", "min(x, x) => x", &[("fi", Exact)]).normal(),
    Rule::equation("max-min", "max(a, min(a, b)) => a", &[("f", Finite), ("i", Exact)]).normal(),
    Rule::equation("min-max", "min(a, max(a, b)) => a", &[("f", Finite), ("i", Exact)]).normal(),
    Rule::equation("max-neg", "max(-a, -b) => -min(a, b)", &[("f", Exact)]).normal(),
    Rule::equation("floor-floor", "floor(floor(x)) => floor(x)", &[("f", Exact)]).normal(),
    Rule::equation("and-self", "and(x, x) => x", &[("ib", Exact)]).normal(),
    Rule::equation("and-zero", "and(x, 0) => 0", &[("ib", Exact)]).normal(),
    Rule::equation("and-true", "and(x, 1) => x", &[("b", Exact)]).normal(),
    Rule::equation("or-self", "or(x, x) => x", &[("ib", Exact)]).normal(),
    Rule::equation("or-zero", "or(x, 0) => x", &[("ib", Exact)]).normal(),
    Rule::equation("or-true", "or(x, 1) => 1", &[("b", Exact)]).normal(),
    Rule::equation("xor-self", "xor(x, x) => 0", &[("ib", Exact)]).normal(),
    Rule::equation("xor-zero", "xor(x, 0) => x", &[("ib", Exact)]).normal(),
    Rule::equation("not-not", "not(not(x)) => x", &[("ib", Exact)]).normal(),
];
