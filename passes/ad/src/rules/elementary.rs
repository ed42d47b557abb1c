//! Elementary and special functions of one variable.
//!
//! Most are holomorphic, so that one formula serves real and complex numbers.

use super::DerivativeRule;
use dp_dialects::OpKind::*;

pub(super) static ROWS: &[DerivativeRule] = &[
    DerivativeRule::unary(ScalarExp, "y * dx", "y * dx"),
    DerivativeRule::unary(ScalarExpm1, "(y + 1) * dx", "(y + 1) * dx"),
    DerivativeRule::unary(ScalarLog, "dx / x", "dx / x"),
    DerivativeRule::unary(ScalarLog1p, "dx / (x + 1)", "dx / (x + 1)"),
    DerivativeRule::unary(ScalarSqrt, "(0.5 / y) * dx", "(0.5 / y) * dx")
        .nondifferentiable("at 0 the derivative is infinite, as its limit is"),
    DerivativeRule::unary(ScalarRsqrt, "(-0.5 * (y / x)) * dx", "(-0.5 * (y / x)) * dx"),
    DerivativeRule::unary(ScalarSin, "cos(x) * dx", "cos(x) * dx"),
    DerivativeRule::unary(ScalarCos, "-sin(x) * dx", "-sin(x) * dx"),
    DerivativeRule::unary(ScalarTan, "(1 + y * y) * dx", "(1 + y * y) * dx"),
    DerivativeRule::unary(ScalarTanh, "(1 - y * y) * dx", "(1 - y * y) * dx"),
    DerivativeRule::unary(ScalarLogistic, "(y * (1 - y)) * dx", "(y * (1 - y)) * dx"),
    DerivativeRule::unary(ScalarExp2, "(0.6931471805599453 * y) * dx", "(0.6931471805599453 * y) * dx"),
    DerivativeRule::unary(ScalarLog2, "1.4426950408889634 * (dx / x)", "1.4426950408889634 * (dx / x)"),
    DerivativeRule::unary(ScalarLog10, "0.4342944819032518 * (dx / x)", "0.4342944819032518 * (dx / x)"),
    DerivativeRule::unary(ScalarCbrt, "(0.3333333333333333 / y / y) * dx", "")
        .nondifferentiable("at 0 the derivative is infinite, as its limit is"),
    DerivativeRule::unary(ScalarSinh, "cosh(x) * dx", "cosh(x) * dx"),
    DerivativeRule::unary(ScalarCosh, "sinh(x) * dx", "sinh(x) * dx"),
    // Roots of factors have the branch cuts of the function, and overflow nowhere.
    DerivativeRule::unary(ScalarAsin, "dx / (sqrt(1 - x) * sqrt(1 + x))", "dx / (sqrt(1 - x) * sqrt(1 + x))")
        .nondifferentiable("at 1 and -1 the derivative is infinite, as its limit is"),
    DerivativeRule::unary(ScalarAcos, "-(dx / (sqrt(1 - x) * sqrt(1 + x)))", "-(dx / (sqrt(1 - x) * sqrt(1 + x)))")
        .nondifferentiable("at 1 and -1 the derivative is infinite, as its limit is"),
    // 1 + z² = (1 - i z) (1 + i z), which cancels nothing near i and -i.
    DerivativeRule::unary(
        ScalarAtan,
        "dx / (1 + x * x)",
        "dx / (complex(1 + imag(x), -real(x)) * complex(1 - imag(x), real(x)))",
    ),
    DerivativeRule::unary(
        ScalarAsinh,
        "dx / hypot(x, 1)",
        "dx / (sqrt(complex(1 + imag(x), -real(x))) * sqrt(complex(1 - imag(x), real(x))))",
    ),
    DerivativeRule::unary(ScalarAcosh, "dx / (sqrt(x - 1) * sqrt(x + 1))", "dx / (sqrt(x - 1) * sqrt(x + 1))")
        .nondifferentiable("at 1 the derivative is infinite, as its limit is"),
    DerivativeRule::unary(ScalarAtanh, "dx / ((1 - x) * (1 + x))", "dx / ((1 - x) * (1 + x))"),
    // 2 / sqrt(pi) e^(-x²). The rounding of x² is a relative error of x² units of rounding in the derivative, which is
    // below 10^-17 of the greatest one before they are 40.
    DerivativeRule::unary(ScalarErf, "(1.1283791670955126 * exp(-(x * x))) * dx", ""),
    DerivativeRule::unary(ScalarErfc, "-((1.1283791670955126 * exp(-(x * x))) * dx)", ""),
    // 1 / (2 / sqrt(pi) e^(-y²)).
    DerivativeRule::unary(ScalarErfInv, "(0.886226925452758 * exp(y * y)) * dx", "")
        .nondifferentiable("at 1 and -1 the derivative is infinite, as its limit is"),
    DerivativeRule::unary(ScalarLgamma, "digamma(x) * dx", ""),
    DerivativeRule::unary(ScalarDigamma, "polygamma<n + 1>(x) * dx", ""),
    DerivativeRule::unary(ScalarPolygamma, "polygamma<n + 1>(x) * dx", ""),
];
