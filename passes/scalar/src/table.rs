//! The lowering of each scalar operation: one row per operation and class of types.

use dp_dialects::attributes::Predicate;
use dp_dialects::{OpKind, ScalarType};

/// The lowering of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Emission {
    /// An upstream operation on the same operands.
    Op(&'static str),
    /// A call of the library function `dp_STEM_TYPE`.
    Own(&'static str),
    /// A call of the libm function; `STEMf` for f32.
    Libm(&'static str),
    /// An upstream operation on the real parts, and on the imaginary parts. Upstream's operations on complex numbers fold
    /// as if sums were exact: (a + b) - b to a.
    Parts(&'static str),
    /// Exclusive or with all ones.
    Not,
    /// Subtraction from 0, for integers.
    Negate,
    /// A call of `dp_polygamma_TYPE`, with the order first.
    Polygamma,
    /// Not supported, with a help text.
    Unsupported(&'static str),
}

/// The row of an operation on an element type (f16 and bf16 as f32).
pub(crate) fn emission(kind: OpKind, dtype: ScalarType) -> Emission {
    if dtype.is_complex() {
        complex(kind)
    } else if dtype.is_float() {
        float(kind)
    } else {
        integer(kind)
    }
}

/// Functions of libclc for f32 and f64. Excluded are `lgamma`, which is infinite at -1e-20, and `cosh` and `sinh`,
/// whose f64 versions fault in the tests' driver mock.
const CLC: [&str; 25] = [
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "cos", "erf", "erfc", "exp", "exp2", "expm1",
    "fmod", "hypot", "log", "log10", "log1p", "log2", "pow", "rsqrt", "sin", "tan", "tanh",
];

/// Whether libclc has a function.
pub(crate) fn is_in_clc(stem: &str, dtype: ScalarType) -> bool {
    matches!(dtype, ScalarType::F32 | ScalarType::F64) && CLC.contains(&stem)
}

/// The mangled name of a libclc function.
pub fn clc_name(stem: &str, dtype: ScalarType, arity: usize) -> String {
    let r#type = if dtype == ScalarType::F32 { "f" } else { "d" };
    format!("_Z{}{stem}{}", stem.len(), r#type.repeat(arity))
}

fn float(kind: OpKind) -> Emission {
    use Emission::{Libm, Op, Own};
    match kind {
        OpKind::ScalarAdd => Op("arith.addf"),
        OpKind::ScalarSub => Op("arith.subf"),
        OpKind::ScalarMul => Op("arith.mulf"),
        OpKind::ScalarDiv => Op("arith.divf"),
        OpKind::ScalarRem => Libm("fmod"),
        OpKind::ScalarPow => Own("pow"),
        OpKind::ScalarAtan2 => Own("atan2"),
        OpKind::ScalarHypot => Own("hypot"),
        OpKind::ScalarCopysign => Op("math.copysign"),
        OpKind::ScalarFma => Op("math.fma"),
        OpKind::ScalarIsNan => Own("is_nan"),
        OpKind::ScalarIsFinite => Own("is_finite"),
        OpKind::ScalarMax => Op("arith.maximumf"),
        OpKind::ScalarMin => Op("arith.minimumf"),
        OpKind::ScalarNeg => Op("arith.negf"),
        OpKind::ScalarAbs => Op("math.absf"),
        OpKind::ScalarSign => Own("sign"),
        OpKind::ScalarFloor => Op("math.floor"),
        OpKind::ScalarCeil => Op("math.ceil"),
        OpKind::ScalarRound => Op("math.roundeven"),
        OpKind::ScalarExp => Own("exp"),
        OpKind::ScalarExpm1 => Own("expm1"),
        OpKind::ScalarLog => Own("log"),
        OpKind::ScalarLog1p => Own("log1p"),
        OpKind::ScalarSqrt => Op("math.sqrt"),
        OpKind::ScalarRsqrt => Own("rsqrt"),
        OpKind::ScalarSin => Own("sin"),
        OpKind::ScalarCos => Own("cos"),
        OpKind::ScalarTan => Own("tan"),
        OpKind::ScalarTanh => Own("tanh"),
        OpKind::ScalarLogistic => Own("logistic"),
        OpKind::ScalarExp2 => Own("exp2"),
        OpKind::ScalarLog2 => Own("log2"),
        OpKind::ScalarLog10 => Own("log10"),
        OpKind::ScalarCbrt => Own("cbrt"),
        OpKind::ScalarSinh => Own("sinh"),
        OpKind::ScalarCosh => Own("cosh"),
        OpKind::ScalarAsin => Own("asin"),
        OpKind::ScalarAcos => Own("acos"),
        OpKind::ScalarAtan => Own("atan"),
        OpKind::ScalarAsinh => Own("asinh"),
        OpKind::ScalarAcosh => Own("acosh"),
        OpKind::ScalarAtanh => Own("atanh"),
        OpKind::ScalarErf => Own("erf"),
        OpKind::ScalarErfc => Own("erfc"),
        OpKind::ScalarErfInv => Own("erf_inv"),
        OpKind::ScalarLgamma => Own("lgamma"),
        OpKind::ScalarDigamma => Own("digamma"),
        OpKind::ScalarPolygamma => Emission::Polygamma,
        OpKind::ScalarComplex => Op("complex.create"),
        _ => Emission::Unsupported("the operation does not support floats"),
    }
}

fn complex(kind: OpKind) -> Emission {
    use Emission::{Op, Own};
    match kind {
        OpKind::ScalarAdd => Emission::Parts("arith.addf"),
        OpKind::ScalarSub => Emission::Parts("arith.subf"),
        OpKind::ScalarMul => Own("mul"),
        OpKind::ScalarDiv => Own("div"),
        OpKind::ScalarPow => Own("pow"),
        OpKind::ScalarNeg => Op("complex.neg"),
        OpKind::ScalarSign => Own("sign"),
        OpKind::ScalarAbs => Own("abs"),
        OpKind::ScalarExp => Own("exp"),
        OpKind::ScalarExpm1 => Own("expm1"),
        OpKind::ScalarLog => Own("log"),
        OpKind::ScalarLog1p => Own("log1p"),
        OpKind::ScalarSqrt => Own("sqrt"),
        OpKind::ScalarRsqrt => Own("rsqrt"),
        OpKind::ScalarSin => Own("sin"),
        OpKind::ScalarCos => Own("cos"),
        OpKind::ScalarTan => Own("tan"),
        OpKind::ScalarTanh => Own("tanh"),
        OpKind::ScalarLogistic => Own("logistic"),
        OpKind::ScalarExp2 => Own("exp2"),
        OpKind::ScalarLog2 => Own("log2"),
        OpKind::ScalarLog10 => Own("log10"),
        OpKind::ScalarSinh => Own("sinh"),
        OpKind::ScalarCosh => Own("cosh"),
        OpKind::ScalarAsin => Own("asin"),
        OpKind::ScalarAcos => Own("acos"),
        OpKind::ScalarAtan => Own("atan"),
        OpKind::ScalarAsinh => Own("asinh"),
        OpKind::ScalarAcosh => Own("acosh"),
        OpKind::ScalarAtanh => Own("atanh"),
        OpKind::ScalarConj => Op("complex.conj"),
        OpKind::ScalarReal => Op("complex.re"),
        OpKind::ScalarImag => Op("complex.im"),
        _ => Emission::Unsupported("the operation does not support complex numbers"),
    }
}

fn integer(kind: OpKind) -> Emission {
    use Emission::{Op, Own};
    match kind {
        OpKind::ScalarAdd => Op("arith.addi"),
        OpKind::ScalarSub => Op("arith.subi"),
        OpKind::ScalarMul => Op("arith.muli"),
        OpKind::ScalarDiv => Own("div"),
        OpKind::ScalarRem => Own("rem"),
        OpKind::ScalarUdiv => Own("udiv"),
        OpKind::ScalarUrem => Own("urem"),
        OpKind::ScalarPow => Own("pow"),
        OpKind::ScalarMax => Op("arith.maxsi"),
        OpKind::ScalarMin => Op("arith.minsi"),
        OpKind::ScalarUmax => Op("arith.maxui"),
        OpKind::ScalarUmin => Op("arith.minui"),
        OpKind::ScalarNeg => Emission::Negate,
        OpKind::ScalarAbs => Own("abs"),
        OpKind::ScalarSign => Own("sign"),
        OpKind::ScalarAnd => Op("arith.andi"),
        OpKind::ScalarOr => Op("arith.ori"),
        OpKind::ScalarXor => Op("arith.xori"),
        OpKind::ScalarNot => Emission::Not,
        OpKind::ScalarPopcnt => Own("popcnt"),
        OpKind::ScalarCountLeadingZeros => Own("count_leading_zeros"),
        OpKind::ScalarShl => Own("shl"),
        OpKind::ScalarShr => Own("shr"),
        OpKind::ScalarUshr => Own("ushr"),
        _ => Emission::Unsupported("the operation does not support integers"),
    }
}

/// The suffix of function names for a type.
pub fn suffix(dtype: ScalarType) -> &'static str {
    match dtype {
        ScalarType::Complex64 => "c32",
        ScalarType::Complex128 => "c64",
        other => other.name(),
    }
}

/// The encoding of a predicate in `arith`: ordered for floats, except `ne`.
pub(crate) fn predicate(predicate: Predicate, is_float: bool) -> i64 {
    let (float, integer) = match predicate {
        Predicate::Eq => (1, 0),
        Predicate::Ne => (13, 1),
        Predicate::Lt => (4, 2),
        Predicate::Le => (5, 3),
        Predicate::Gt => (2, 4),
        Predicate::Ge => (3, 5),
        Predicate::Ult => (4, 6),
        Predicate::Ule => (5, 7),
        Predicate::Ugt => (2, 8),
        Predicate::Uge => (3, 9),
    };
    if is_float { float } else { integer }
}

/// Whether an operation accepts fast-math flags.
pub(crate) fn takes_flags(name: &str) -> bool {
    let arith =
        ["arith.addf", "arith.subf", "arith.mulf", "arith.divf", "arith.negf", "arith.maximumf", "arith.minimumf"];
    let math = ["math.sqrt", "math.absf", "math.floor", "math.ceil", "math.roundeven", "math.copysign"];
    name == "complex.neg" || arith.contains(&name) || math.contains(&name) || name == "arith.cmpf"
}
