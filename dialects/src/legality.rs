//! Which types of numbers each scalar operation takes: one table, from which
//! verifiers work and the reference is generated.

use crate::{DType, OpKind};

/// The classes of numbers that an operation's first value operand may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Classes {
    /// Real floating-point numbers.
    pub float: bool,
    /// Complex numbers.
    pub complex: bool,
    /// Integers of 8 to 64 bits.
    pub integer: bool,
    /// Booleans.
    pub boolean: bool,
}

impl Classes {
    const fn parse(letters: &str) -> Classes {
        let mut classes = Classes { float: false, complex: false, integer: false, boolean: false };
        let bytes = letters.as_bytes();
        let mut index = 0;
        while index < bytes.len() {
            match bytes[index] {
                b'f' => classes.float = true,
                b'c' => classes.complex = true,
                b'i' => classes.integer = true,
                b'b' => classes.boolean = true,
                _ => panic!("a class is one of f, c, i, b"),
            }
            index += 1;
        }
        classes
    }

    /// Whether the type belongs to one of the classes.
    pub const fn admits(self, dtype: DType) -> bool {
        (self.float && dtype.is_float())
            || (self.complex && dtype.is_complex())
            || (self.integer && dtype.is_integer())
            || (self.boolean && matches!(dtype, DType::I1))
    }

    /// The classes in words, for a diagnostic.
    pub fn describe(self) -> String {
        let words = [
            (self.float, "floats"),
            (self.complex, "complex numbers"),
            (self.integer, "integers"),
            (self.boolean, "booleans"),
        ];
        words.iter().filter(|(admitted, _)| *admitted).map(|(_, word)| *word).collect::<Vec<_>>().join(", ")
    }
}

/// The classes that an elementwise operation takes; `None` for another operation.
pub const fn classes(kind: OpKind) -> Option<Classes> {
    use OpKind::*;
    Some(Classes::parse(match kind {
        ScalarAdd | ScalarSub | ScalarMul | ScalarDiv | ScalarNeg | ScalarPow | ScalarSign | ScalarAbs => "fci",
        ScalarRem | ScalarMax | ScalarMin => "fi",
        ScalarUdiv | ScalarUrem | ScalarUmax | ScalarUmin | ScalarShl | ScalarShr | ScalarUshr => "i",
        ScalarPopcnt | ScalarCountLeadingZeros => "i",
        ScalarHypot | ScalarCopysign | ScalarFma | ScalarIsNan | ScalarIsFinite => "f",
        ScalarAtan2 | ScalarFloor | ScalarCeil | ScalarRound => "f",
        ScalarErf | ScalarErfc | ScalarCbrt | ScalarLgamma | ScalarDigamma | ScalarPolygamma | ScalarComplex => "f",
        ScalarExp | ScalarExpm1 | ScalarLog | ScalarLog1p | ScalarSqrt | ScalarRsqrt => "fc",
        ScalarSin | ScalarCos | ScalarTan | ScalarTanh | ScalarLogistic => "fc",
        ScalarExp2 | ScalarLog2 | ScalarLog10 | ScalarSinh | ScalarCosh => "fc",
        ScalarAsin | ScalarAcos | ScalarAtan | ScalarAsinh | ScalarAcosh | ScalarAtanh => "fc",
        ScalarConj | ScalarReal | ScalarImag => "c",
        ScalarAnd | ScalarOr | ScalarXor | ScalarNot => "ib",
        ScalarCompare | ScalarConvert => "fcib",
        ScalarSelect => "b",
        _ => return None,
    }))
}

/// How many operands an elementwise operation takes; `None` for another operation.
pub const fn arity(kind: OpKind) -> Option<usize> {
    use OpKind::*;
    if classes(kind).is_none() {
        return None;
    }
    Some(match kind {
        ScalarSelect | ScalarFma => 3,
        ScalarAdd | ScalarSub | ScalarMul | ScalarDiv | ScalarRem | ScalarUdiv | ScalarUrem => 2,
        ScalarPow | ScalarAtan2 | ScalarHypot | ScalarCopysign | ScalarComplex | ScalarCompare => 2,
        ScalarMax | ScalarMin | ScalarUmax | ScalarUmin => 2,
        ScalarAnd | ScalarOr | ScalarXor | ScalarShl | ScalarShr | ScalarUshr => 2,
        _ => 1,
    })
}

/// The classes that a predicate of `scalar.compare` takes.
pub fn predicate_classes(predicate: &str) -> Classes {
    Classes::parse(match predicate {
        "eq" | "ne" => "fcib",
        "ult" | "ule" | "ugt" | "uge" => "i",
        _ => "fi",
    })
}
