//! Elementary and special functions of one number.
//!
//! Most are holomorphic, so that one formula serves real and complex numbers.

use super::Row;
use dp_dialects::OpKind::*;

pub(super) static ROWS: &[Row] = &[
    Row::unary(ScalarExp, "y * dx", "y * dx"),
    Row::unary(ScalarExpm1, "(y + 1) * dx", "(y + 1) * dx"),
    Row::unary(ScalarLog, "dx / x", "dx / x"),
    Row::unary(ScalarLog1p, "dx / (x + 1)", "dx / (x + 1)"),
    Row::unary(ScalarSqrt, "(0.5 / y) * dx", "(0.5 / y) * dx").kink("at 0 the derivative is infinite, as its limit is"),
    Row::unary(ScalarRsqrt, "(-0.5 * (y / x)) * dx", "(-0.5 * (y / x)) * dx"),
    Row::unary(ScalarSin, "cos(x) * dx", "cos(x) * dx"),
    Row::unary(ScalarCos, "-sin(x) * dx", "-sin(x) * dx"),
    Row::unary(ScalarTan, "(1 + y * y) * dx", "(1 + y * y) * dx"),
    Row::unary(ScalarTanh, "(1 - y * y) * dx", "(1 - y * y) * dx"),
    Row::unary(ScalarLogistic, "(y * (1 - y)) * dx", "(y * (1 - y)) * dx"),
    // 2 / sqrt(pi) e^(-x²)
    Row::unary(ScalarErf, "(1.1283791670955126 * exp(-(x * x))) * dx", ""),
    Row::unary(ScalarLgamma, "digamma(x) * dx", ""),
    Row::unary(ScalarDigamma, "polygamma<n + 1>(x) * dx", ""),
    Row::unary(ScalarPolygamma, "polygamma<n + 1>(x) * dx", ""),
];
