//! Trigonometric and hyperbolic functions: symmetry and Pythagoras.

use crate::rule::Rule;
use crate::rule::Truth::{Real, Rounded};

const ROUNDED: &[(&str, crate::rule::Truth)] = &[("f", Rounded)];
const REAL: &[(&str, crate::rule::Truth)] = &[("f", Real)];

pub const RULES: &[Rule] = &[
    // Odd and even functions: implementations are so too, to the bit.
    Rule::equation("sin-neg", "sin(-x) => -sin(x)", ROUNDED).normal(),
    Rule::equation("cos-neg", "cos(-x) => cos(x)", ROUNDED).normal(),
    Rule::equation("cos-abs", "cos(abs(x)) => cos(x)", ROUNDED).normal(),
    Rule::equation("tan-neg", "tan(-x) => -tan(x)", ROUNDED).normal(),
    Rule::equation("tanh-neg", "tanh(-x) => -tanh(x)", ROUNDED).normal(),
    Rule::equation("erf-neg", "erf(-x) => -erf(x)", ROUNDED).normal(),
    Rule::equation("sin-squared-plus-cos-squared", "sin(x) * sin(x) + cos(x) * cos(x) => 1", REAL),
    Rule::equation("one-minus-sin-squared", "1 - sin(x) * sin(x) => cos(x) * cos(x)", REAL),
    Rule::equation("one-minus-cos-squared", "1 - cos(x) * cos(x) => sin(x) * sin(x)", REAL),
    Rule::equation("sin-over-cos", "sin(x) / cos(x) => tan(x)", REAL),
    Rule::equation("tan-times-cos", "tan(x) * cos(x) => sin(x)", REAL),
];
