//! The StableHLO form of each elementwise operation: one row per operation and class of types.

use dp_dialects::attributes::Predicate;
use dp_dialects::{OpKind, ScalarType};

/// What an operation becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counterpart {
    /// An operation whose operands and result have one type.
    Same(&'static str),
    /// An operation that makes another type of its operands'.
    Other(&'static str),
    /// An operation on unsigned integers, to which and from which the bits are moved.
    Unsigned(&'static str),
    /// `re - i im`.
    Conjugate,
    /// The first number's magnitude with the second one's sign.
    CopySign,
    /// `a b + c`, rounded once.
    Fused,
    /// Whether a number differs from itself.
    IsNan,
    /// A function that StableHLO lacks: `dp_STEM_TYPE`, which the lowering itself writes.
    Written(&'static str),
}

/// The row of an operation on numbers of a type; `None` where there is none, which verification rules out.
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
        // XLA's own takes few bits of an integer's exponent, and a power of a complex zero for NaN.
        OpKind::ScalarPow if dtype.is_float() => Same("power"),
        OpKind::ScalarPow => Written("pow"),
        // XLA's own takes atan2(x, 1) for 0, and atan2(0, 0) for NaN where it knows that both are.
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
        // XLA's own lose the digits of a part that is small beside the other, or overflow too early.
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
        // XLA's own is a power, which is off by many units for great numbers.
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

/// The direction of a comparison, and whether it reads integers as unsigned ones.
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

/// What upstream's operations on numbers become, of those that the lowering's own functions use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Upstream {
    /// An operation whose operands and result have one type.
    Same(&'static str),
    /// A conversion of numbers, signed ones.
    Convert,
    /// A conversion that reads an integer as an unsigned one.
    ConvertUnsigned,
    /// The same bits as another type.
    Bits,
    /// `a b + c`, which is rounded once or twice.
    MultiplyAdd,
    /// The first number's magnitude with the second one's sign.
    CopySign,
    /// An operation on unsigned integers.
    Unsigned(&'static str),
    /// A comparison of floats: `arith`'s predicates.
    CompareFloats,
    /// A comparison of integers.
    CompareIntegers,
    /// A choice.
    Select,
    /// An operation that makes another type of its operands'.
    Other(&'static str),
    /// A complex number of two parts.
    Complex,
}

/// The rows of upstream's operations.
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
    ("arith.divsi", Upstream::Same("divide")),
    ("arith.remsi", Upstream::Same("remainder")),
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

/// The direction of a predicate of `arith.cmpf`, ordered ones and `une`; `None` for another one.
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
