//! Exponentials and logarithms. No rule expands a stable form (`expm1`, `log1p`, `logistic`, a shifted log-sum-exp).

use crate::rule::Rule;
use crate::rule::Soundness::Real;

const REAL: &[(&str, crate::rule::Soundness)] = &[("f", Real)];

pub const RULES: &[Rule] = &[
    Rule::equation("exp-mul-exp", "exp(a) * exp(b) => exp(a + b)", REAL),
    Rule::equation("exp-over-exp", "exp(a) / exp(b) => exp(a - b)", REAL),
    Rule::equation("one-over-exp", "1 / exp(x) => exp(-x)", REAL),
    Rule::equation("log-exp", "log(exp(x)) => x", REAL),
    Rule::equation("exp-log", "exp(log(x)) => x", REAL),
    Rule::equation("log-reciprocal", "log(1 / x) => -log(x)", REAL),
    Rule::equation("log-sqrt", "log(sqrt(x)) => 0.5 * log(x)", REAL),
    Rule::equation("log-pow", "log(pow(x, y)) => y * log(abs(x))", REAL),
    Rule::equation("log-over", "log(exp(a) / b) => a - log(b)", REAL),
    Rule::equation("exp2-mul-exp2", "exp2(a) * exp2(b) => exp2(a + b)", REAL),
    Rule::equation("exp2-over-exp2", "exp2(a) / exp2(b) => exp2(a - b)", REAL),
    Rule::equation("one-over-exp2", "1 / exp2(x) => exp2(-x)", REAL),
    Rule::equation("power-of-two", "pow(2, x) => exp2(x)", REAL),
    Rule::equation("log2-exp2", "log2(exp2(x)) => x", REAL),
    Rule::equation("exp2-log2", "exp2(log2(x)) => x", REAL),
    Rule::equation("log2-reciprocal", "log2(1 / x) => -log2(x)", REAL),
    Rule::equation("log10-reciprocal", "log10(1 / x) => -log10(x)", REAL),
    Rule::equation("log-one-plus", "log(1 + x) => log1p(x)", REAL),
    Rule::equation("log1p-expm1", "log1p(expm1(x)) => x", REAL),
    Rule::equation("exp-minus-one", "exp(x) - 1 => expm1(x)", REAL),
    Rule::equation("expm1-plus-one", "expm1(x) + 1 => exp(x)", REAL),
    Rule::equation("expm1-log1p", "expm1(log1p(x)) => x", REAL),
    Rule::equation("logistic-of-exp", "1 / (1 + exp(-x)) => logistic(x)", REAL),
    Rule::equation("logistic-of-exp-over", "exp(x) / (1 + exp(x)) => logistic(x)", REAL),
    Rule::equation("one-minus-logistic", "1 - logistic(x) => logistic(-x)", REAL),
    Rule::equation("log-logistic", "log(logistic(x)) => -log1p(exp(-x))", REAL),
];
