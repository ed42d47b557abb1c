//! Trigonometric and hyperbolic functions: symmetry and Pythagoras.

use crate::rule::Rule;
use crate::rule::Soundness::{Real, Rounded};

const ROUNDED: &[(&str, crate::rule::Soundness)] = &[("f", Rounded)];
const REAL: &[(&str, crate::rule::Soundness)] = &[("f", Real)];

pub const RULES: &[Rule] = &[
    // Odd and even functions; implementations are, too, bit for bit.
    Rule::equation("sin-neg", "sin(-x) => -sin(x)", ROUNDED).normal(),
    Rule::equation("cos-neg", "cos(-x) => cos(x)", ROUNDED).normal(),
    Rule::equation("cos-abs", "cos(abs(x)) => cos(x)", ROUNDED).normal(),
    Rule::equation("tan-neg", "tan(-x) => -tan(x)", ROUNDED).normal(),
    Rule::equation("tanh-neg", "tanh(-x) => -tanh(x)", ROUNDED).normal(),
    Rule::equation("erf-neg", "erf(-x) => -erf(x)", ROUNDED).normal(),
    Rule::equation("sinh-neg", "sinh(-x) => -sinh(x)", ROUNDED).normal(),
    Rule::equation("cosh-neg", "cosh(-x) => cosh(x)", ROUNDED).normal(),
    Rule::equation("cosh-abs", "cosh(abs(x)) => cosh(x)", ROUNDED).normal(),
    Rule::equation("asin-neg", "asin(-x) => -asin(x)", ROUNDED).normal(),
    Rule::equation("atan-neg", "atan(-x) => -atan(x)", ROUNDED).normal(),
    Rule::equation("asinh-neg", "asinh(-x) => -asinh(x)", ROUNDED).normal(),
    Rule::equation("atanh-neg", "atanh(-x) => -atanh(x)", ROUNDED).normal(),
    // Inverses, where the inner function is defined.
    Rule::equation("sin-asin", "sin(asin(x)) => x", REAL),
    Rule::equation("cos-acos", "cos(acos(x)) => x", REAL),
    Rule::equation("tan-atan", "tan(atan(x)) => x", REAL),
    Rule::equation("sinh-asinh", "sinh(asinh(x)) => x", REAL),
    Rule::equation("cosh-acosh", "cosh(acosh(x)) => x", REAL),
    Rule::equation("tanh-atanh", "tanh(atanh(x)) => x", REAL),
    Rule::equation("asinh-sinh", "asinh(sinh(x)) => x", REAL),
    Rule::equation("acosh-cosh", "acosh(cosh(x)) => abs(x)", REAL),
    Rule::equation("atanh-tanh", "atanh(tanh(x)) => x", REAL),
    Rule::equation("sinh-over-cosh", "sinh(x) / cosh(x) => tanh(x)", REAL),
    Rule::equation("tanh-times-cosh", "tanh(x) * cosh(x) => sinh(x)", REAL),
    Rule::equation("one-minus-erf", "1 - erf(x) => erfc(x)", REAL),
    Rule::equation("one-minus-erfc", "1 - erfc(x) => erf(x)", REAL),
    Rule::equation("sin-squared-plus-cos-squared", "sin(x) * sin(x) + cos(x) * cos(x) => 1", REAL),
    Rule::equation("one-minus-sin-squared", "1 - sin(x) * sin(x) => cos(x) * cos(x)", REAL),
    Rule::equation("one-minus-cos-squared", "1 - cos(x) * cos(x) => sin(x) * sin(x)", REAL),
    Rule::equation("sin-over-cos", "sin(x) / cos(x) => tan(x)", REAL),
    Rule::equation("tan-times-cos", "tan(x) * cos(x) => sin(x)", REAL),
];
