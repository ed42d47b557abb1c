//! Signs, hypot, fma and classification of floats.

use crate::rule::Rule;
use crate::rule::Soundness::{Exact, Finite, Real, Rounded};

const EXACT: &[(&str, crate::rule::Soundness)] = &[("f", Exact)];
const FINITE: &[(&str, crate::rule::Soundness)] = &[("f", Finite)];
const ROUNDED: &[(&str, crate::rule::Soundness)] = &[("f", Rounded)];
const REAL: &[(&str, crate::rule::Soundness)] = &[("f", Real)];

pub const RULES: &[Rule] = &[
    // The first operand's sign is ignored.
    Rule::equation("copysign-of-neg", "copysign(-a, b) => copysign(a, b)", EXACT).normal(),
    Rule::equation("copysign-of-abs", "copysign(abs(a), b) => copysign(a, b)", EXACT).normal(),
    Rule::equation("copysign-of-copysign", "copysign(copysign(a, b), c) => copysign(a, c)", EXACT).normal(),
    Rule::equation("copysign-from-copysign", "copysign(a, copysign(b, c)) => copysign(a, c)", EXACT).normal(),
    Rule::equation("copysign-itself", "copysign(x, x) => x", EXACT).normal(),
    Rule::equation("abs-copysign", "abs(copysign(a, b)) => abs(a)", EXACT).normal(),
    // The result does not depend on signs.
    Rule::equation("hypot-neg", "hypot(-a, b) => hypot(a, b)", EXACT).normal(),
    Rule::equation("hypot-abs", "hypot(abs(a), b) => hypot(a, b)", EXACT).normal(),
    Rule::equation("hypot-zero", "hypot(x, 0) => abs(x)", ROUNDED).normal(),
    Rule::equation("hypot-squared", "hypot(a, b) * hypot(a, b) => a * a + b * b", REAL),
    // Multiply-adds in which one operation is trivial.
    Rule::equation("fma-neg-neg", "fma(-a, -b, c) => fma(a, b, c)", EXACT).normal(),
    Rule::equation("fma-one", "fma(1, b, c) => b + c", EXACT).normal(),
    Rule::equation("fma-times-one", "fma(a, 1, c) => a + c", EXACT).normal(),
    Rule::equation("fma-zero", "fma(0, b, c) => c", FINITE).normal(),
    Rule::equation("fma-times-zero", "fma(a, 0, c) => c", FINITE).normal(),
    Rule::equation("fma-plus-zero", "fma(a, b, 0) => a * b", ROUNDED).normal(),
    // Classification ignores signs.
    Rule::equation("is-nan-neg", "is_nan(-x) => is_nan(x)", EXACT).normal(),
    Rule::equation("is-nan-abs", "is_nan(abs(x)) => is_nan(x)", EXACT).normal(),
    Rule::equation("is-nan-copysign", "is_nan(copysign(a, b)) => is_nan(a)", EXACT).normal(),
    Rule::equation("is-finite-neg", "is_finite(-x) => is_finite(x)", EXACT).normal(),
    Rule::equation("is-finite-abs", "is_finite(abs(x)) => is_finite(x)", EXACT).normal(),
    Rule::equation("is-finite-copysign", "is_finite(copysign(a, b)) => is_finite(a)", EXACT).normal(),
    Rule::equation("is-nan-of-finite", "is_nan(x) => 0", FINITE).normal(),
    Rule::equation("is-finite-of-finite", "is_finite(x) => 1", FINITE).normal(),
    // Cube roots are odd, and invert cubes.
    Rule::equation("cbrt-neg", "cbrt(-x) => -cbrt(x)", ROUNDED).normal(),
    Rule::equation("cbrt-of-cube", "cbrt(x * x * x) => x", REAL),
    Rule::equation("cube-of-cbrt", "cbrt(x) * cbrt(x) * cbrt(x) => x", REAL),
];
