//! Powers and roots.

use crate::rule::Rule;
use crate::rule::Soundness::{Exact, Finite, Real, Rounded};
use dp_terms::Graph;
use egg::Id;

/// The base is not negative. For infinity, roots agree with `pow`.
fn nonnegative(graph: &dyn Graph, bound: &[Id]) -> bool {
    graph.facts(bound[0]).range.is_nonnegative()
}

pub const RULES: &[Rule] = &[
    // Small exponents. Tensor compilers do these by default: the right side is at least as accurate as any
    // implementation of `pow`.
    Rule::equation("pow-zero", "pow(x, 0) => 1", &[("fi", Exact)]).normal(),
    Rule::equation("pow-one", "pow(x, 1) => x", &[("fi", Exact)]).normal(),
    Rule::equation("pow-two", "pow(x, 2) => x * x", &[("f", Rounded), ("i", Exact)]).normal(),
    Rule::equation("pow-three", "pow(x, 3) => x * x * x", &[("f", Rounded), ("i", Exact)]).normal(),
    Rule::equation("pow-minus-one", "pow(x, -1) => 1 / x", &[("f", Rounded)]).normal(),
    Rule::equation("pow-half", "pow(x, 0.5) => sqrt(x)", &[("f", Finite)]).normal(),
    Rule::equation("pow-half-nonnegative", "pow(x, 0.5) => sqrt(x)", &[("f", Rounded)]).when(nonnegative).normal(),
    Rule::equation("pow-minus-half", "pow(x, -0.5) => rsqrt(x)", &[("f", Finite)]).normal(),
    Rule::equation("pow-minus-half-nonnegative", "pow(x, -0.5) => rsqrt(x)", &[("f", Rounded)])
        .when(nonnegative)
        .normal(),
    Rule::equation("pow-mul-pow", "pow(x, a) * pow(x, b) => pow(x, a + b)", &[("f", Real)]),
    Rule::equation("pow-times-base", "pow(x, a) * x => pow(x, a + 1)", &[("f", Real)]),
    Rule::equation("pow-over-base", "pow(x, a) / x => pow(x, a - 1)", &[("f", Real)]),
    Rule::equation("pow-exp", "pow(exp(x), y) => exp(x * y)", &[("f", Real)]),
    // Roots.
    Rule::equation("sqrt-square", "sqrt(x) * sqrt(x) => x", &[("f", Real)]),
    Rule::equation("sqrt-of-square", "sqrt(x * x) => abs(x)", &[("f", Real)]),
    Rule::equation("one-over-sqrt", "1 / sqrt(x) => rsqrt(x)", &[("f", Rounded)]).normal(),
    Rule::equation("over-sqrt", "a / sqrt(x) => a * rsqrt(x)", &[("f", Real)]),
    Rule::equation("one-over-rsqrt", "1 / rsqrt(x) => sqrt(x)", &[("f", Real)]),
    Rule::equation("rsqrt-square", "rsqrt(x) * rsqrt(x) => 1 / x", &[("f", Real)]),
    Rule::equation("times-rsqrt", "x * rsqrt(x) => sqrt(x)", &[("f", Real)]),
];
