//! The StableHLO form of each elementwise operation: one row per operation and class of types.

use dp_dialects::attributes::Predicate;
use dp_dialects::{OpKind, ScalarType};

/// The StableHLO form of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counterpart {
    /// An operation whose operands and result have one type.
    Same(&'static str),
    /// An operation whose result has another type.
    Other(&'static str),
    /// An operation on unsigned integers; bits are reinterpreted before and after.
    Unsigned(&'static str),
    /// `re - i im`.
    Conjugate,
    /// The magnitude of the first operand with the sign of the second.
    CopySign,
    /// `a b + c`, rounded once.
    Fused,
    /// Whether the operand differs from itself.
    IsNan,
    /// The bits as another type.
    Bits,
    /// Rounding to the bits of a format.
    Precision,
    /// A call of the library function `dp_STEM_TYPE`, for a function that StableHLO lacks.
    Written(&'static str),
}

/// The row for an operation and element type; `None` if verification excludes it.
pub(crate) fn row(kind: OpKind, dtype: ScalarType) -> Option<Counterpart> {
    use Counterpart::{Other, Same, Unsigned, Written};
    Some(match kind {
        OpKind::ScalarAdd => Same("add"),
        OpKind::ScalarSub => Same("subtract"),
        OpKind::ScalarMul => Same("multiply"),
        OpKind::ScalarDiv => Same("divide"),
        OpKind::ScalarRem => Same("remainder"),
        OpKind::ScalarUdiv => Unsigned("divide"),
        OpKind::ScalarUrem => Unsigned("remainder"),
        // XLA reads only a few bits of an integer exponent, and makes powers of complex zero NaN.
        OpKind::ScalarPow if dtype.is_float() => Same("power"),
        OpKind::ScalarPow => Written("pow"),
        // XLA makes atan2(x, 1) 0, and atan2(0, 0) NaN if both are constants.
        OpKind::ScalarAtan2 => Written("atan2"),
        OpKind::ScalarMax => Same("maximum"),
        OpKind::ScalarMin => Same("minimum"),
        OpKind::ScalarUmax => Unsigned("maximum"),
        OpKind::ScalarUmin => Unsigned("minimum"),
        OpKind::ScalarNeg => Same("negate"),
        OpKind::ScalarSign => Same("sign"),
        OpKind::ScalarFloor => Same("floor"),
        OpKind::ScalarCeil => Same("ceil"),
        OpKind::ScalarRound => Same("round_nearest_even"),
        OpKind::ScalarExp => Same("exponential"),
        // XLA's implementations lose the digits of a small component, or overflow too early.
        OpKind::ScalarExpm1 if dtype.is_complex() => Written("expm1"),
        OpKind::ScalarRsqrt if dtype.is_complex() => Written("rsqrt"),
        OpKind::ScalarSin if dtype.is_complex() => Written("sin"),
        OpKind::ScalarCos if dtype.is_complex() => Written("cos"),
        OpKind::ScalarLogistic if dtype.is_complex() => Written("logistic"),
        OpKind::ScalarExpm1 => Same("exponential_minus_one"),
        OpKind::ScalarLog => Same("log"),
        OpKind::ScalarLog1p => Same("log_plus_one"),
        OpKind::ScalarSqrt => Same("sqrt"),
        OpKind::ScalarRsqrt => Same("rsqrt"),
        OpKind::ScalarSin => Same("sine"),
        OpKind::ScalarCos => Same("cosine"),
        OpKind::ScalarTan => Same("tan"),
        OpKind::ScalarTanh => Same("tanh"),
        OpKind::ScalarLogistic => Same("logistic"),
        OpKind::ScalarExp2 => Written("exp2"),
        OpKind::ScalarLog2 => Written("log2"),
        OpKind::ScalarLog10 => Written("log10"),
        // XLA computes it as a power, with an error of many ulps for large arguments.
        OpKind::ScalarCbrt => Written("cbrt"),
        OpKind::ScalarSinh => Written("sinh"),
        OpKind::ScalarCosh => Written("cosh"),
        OpKind::ScalarAsin => Written("asin"),
        OpKind::ScalarAcos => Written("acos"),
        OpKind::ScalarAtan => Written("atan"),
        OpKind::ScalarAsinh => Written("asinh"),
        OpKind::ScalarAcosh => Written("acosh"),
        OpKind::ScalarAtanh => Written("atanh"),
        OpKind::ScalarHypot => Written("hypot"),
        OpKind::ScalarErfc => Written("erfc"),
        OpKind::ScalarCopysign => Counterpart::CopySign,
        OpKind::ScalarFma => Counterpart::Fused,
        OpKind::ScalarIsNan => Counterpart::IsNan,
        OpKind::ScalarIsFinite => Other("is_finite"),
        OpKind::ScalarPopcnt => Same("popcnt"),
        OpKind::ScalarCountLeadingZeros => Same("count_leading_zeros"),
        OpKind::ScalarErf => Written("erf"),
        OpKind::ScalarErfInv => Written("erf_inv"),
        OpKind::ScalarBitcast => Counterpart::Bits,
        OpKind::ScalarReducePrecision => Counterpart::Precision,
        OpKind::ScalarLgamma => Written("lgamma"),
        OpKind::ScalarDigamma => Written("digamma"),
        OpKind::ScalarPolygamma => Written("polygamma"),
        OpKind::ScalarConj => Counterpart::Conjugate,
        OpKind::ScalarAbs if dtype.is_complex() => Other("abs"),
        OpKind::ScalarAbs => Same("abs"),
        OpKind::ScalarReal => Other("real"),
        OpKind::ScalarImag => Other("imag"),
        OpKind::ScalarAnd => Same("and"),
        OpKind::ScalarOr => Same("or"),
        OpKind::ScalarXor => Same("xor"),
        OpKind::ScalarNot => Same("not"),
        OpKind::ScalarShl => Same("shift_left"),
        OpKind::ScalarShr => Same("shift_right_arithmetic"),
        OpKind::ScalarUshr => Same("shift_right_logical"),
        _ => return None,
    })
}

/// The direction of a comparison, and whether integers are unsigned.
pub(crate) fn direction(predicate: Predicate) -> (&'static str, bool) {
    match predicate {
        Predicate::Eq => ("EQ", false),
        Predicate::Ne => ("NE", false),
        Predicate::Lt => ("LT", false),
        Predicate::Le => ("LE", false),
        Predicate::Gt => ("GT", false),
        Predicate::Ge => ("GE", false),
        Predicate::Ult => ("LT", true),
        Predicate::Ule => ("LE", true),
        Predicate::Ugt => ("GT", true),
        Predicate::Uge => ("GE", true),
    }
}

/// The StableHLO form of upstream operations that library functions use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Upstream {
    /// An operation whose operands and result have one type.
    Same(&'static str),
    /// The same, a division of indices, with a check that the divisor is not 0 and that the quotient does not overflow.
    Quotient(&'static str),
    /// A conversion; integers are signed.
    Convert,
    /// A conversion of an unsigned integer.
    ConvertUnsigned,
    /// A bit cast.
    Bits,
    /// `a b + c`, rounded once or twice.
    MultiplyAdd,
    /// The magnitude of the first operand with the sign of the second.
    CopySign,
    /// An operation on unsigned integers.
    Unsigned(&'static str),
    /// A floating-point comparison, with the predicates of `arith`.
    CompareFloats,
    /// An integer comparison.
    CompareIntegers,
    /// A select.
    Select,
    /// An operation whose result has another type.
    Other(&'static str),
    /// A complex number from real and imaginary parts.
    Complex,
}

/// The rows of upstream operations.
pub(crate) const UPSTREAM: &[(&str, Upstream)] = &[
    ("arith.addf", Upstream::Same("add")),
    ("arith.subf", Upstream::Same("subtract")),
    ("arith.mulf", Upstream::Same("multiply")),
    ("arith.divf", Upstream::Same("divide")),
    ("arith.negf", Upstream::Same("negate")),
    ("arith.maximumf", Upstream::Same("maximum")),
    ("arith.minimumf", Upstream::Same("minimum")),
    ("arith.addi", Upstream::Same("add")),
    ("arith.subi", Upstream::Same("subtract")),
    ("arith.muli", Upstream::Same("multiply")),
    ("arith.divsi", Upstream::Quotient("divide")),
    ("arith.remsi", Upstream::Quotient("remainder")),
    ("arith.maxsi", Upstream::Same("maximum")),
    ("arith.minsi", Upstream::Same("minimum")),
    ("arith.maxui", Upstream::Unsigned("maximum")),
    ("arith.minui", Upstream::Unsigned("minimum")),
    ("arith.andi", Upstream::Same("and")),
    ("arith.ori", Upstream::Same("or")),
    ("arith.xori", Upstream::Same("xor")),
    ("arith.shli", Upstream::Same("shift_left")),
    ("arith.shrsi", Upstream::Same("shift_right_arithmetic")),
    ("arith.shrui", Upstream::Same("shift_right_logical")),
    ("arith.extf", Upstream::Convert),
    ("arith.truncf", Upstream::Convert),
    ("arith.sitofp", Upstream::Convert),
    ("arith.fptosi", Upstream::Convert),
    ("arith.extsi", Upstream::Convert),
    ("arith.trunci", Upstream::Convert),
    ("arith.index_cast", Upstream::Convert),
    ("arith.extui", Upstream::ConvertUnsigned),
    ("arith.uitofp", Upstream::ConvertUnsigned),
    ("arith.bitcast", Upstream::Bits),
    ("arith.cmpf", Upstream::CompareFloats),
    ("arith.cmpi", Upstream::CompareIntegers),
    ("arith.select", Upstream::Select),
    ("complex.create", Upstream::Complex),
    ("complex.re", Upstream::Other("real")),
    ("complex.im", Upstream::Other("imag")),
    ("math.fma", Upstream::MultiplyAdd),
    ("math.copysign", Upstream::CopySign),
    ("math.absf", Upstream::Same("abs")),
    ("math.sqrt", Upstream::Same("sqrt")),
    ("math.floor", Upstream::Same("floor")),
    ("math.ceil", Upstream::Same("ceil")),
    ("math.roundeven", Upstream::Same("round_nearest_even")),
];

/// The direction of a predicate of `arith.cmpf`, for ordered ones and `une`.
pub(crate) fn float_direction(predicate: i64) -> Option<&'static str> {
    Some(match predicate {
        1 => "EQ",
        2 => "GT",
        3 => "GE",
        4 => "LT",
        5 => "LE",
        13 => "NE",
        _ => return None,
    })
}
