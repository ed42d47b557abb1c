//! The enumerations that attributes of our operations hold.

use crate::{DType, Number, OpKind};

/// How `scalar.compare` compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(i64)]
pub enum Predicate {
    /// Equal.
    Eq = 0,
    /// Not equal; true on NaN.
    Ne = 1,
    /// Less, signed.
    Lt = 2,
    /// Less or equal, signed.
    Le = 3,
    /// Greater, signed.
    Gt = 4,
    /// Greater or equal, signed.
    Ge = 5,
    /// Less, unsigned.
    Ult = 6,
    /// Less or equal, unsigned.
    Ule = 7,
    /// Greater, unsigned.
    Ugt = 8,
    /// Greater or equal, unsigned.
    Uge = 9,
}

impl Predicate {
    /// All of them, by number.
    pub const ALL: [Predicate; 10] = {
        use Predicate::*;
        [Eq, Ne, Lt, Le, Gt, Ge, Ult, Ule, Ugt, Uge]
    };

    /// The keyword.
    pub const fn keyword(self) -> &'static str {
        ["eq", "ne", "lt", "le", "gt", "ge", "ult", "ule", "ugt", "uge"][self as usize]
    }
}

/// How `array.reduce` combines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(i64)]
pub enum Reduction {
    /// Sum.
    Add = 0,
    /// Product.
    Mul = 1,
    /// Maximum.
    Max = 2,
    /// Minimum.
    Min = 3,
    /// Bitwise and.
    And = 4,
    /// Bitwise or.
    Or = 5,
    /// What the region says.
    Region = 6,
}

impl Reduction {
    /// All of them, by number.
    pub const ALL: [Reduction; 7] = {
        use Reduction::*;
        [Add, Mul, Max, Min, And, Or, Region]
    };

    /// The keyword.
    pub const fn keyword(self) -> &'static str {
        ["add", "mul", "max", "min", "and", "or", "region"][self as usize]
    }

    /// The operation that combines two elements; `None` where a region says it.
    pub const fn combiner(self) -> Option<OpKind> {
        match self {
            Reduction::Add => Some(OpKind::ScalarAdd),
            Reduction::Mul => Some(OpKind::ScalarMul),
            Reduction::Max => Some(OpKind::ScalarMax),
            Reduction::Min => Some(OpKind::ScalarMin),
            Reduction::And => Some(OpKind::ScalarAnd),
            Reduction::Or => Some(OpKind::ScalarOr),
            Reduction::Region => None,
        }
    }

    /// The type of partial results of a reduction of numbers of a type: sums and products are rounded to theirs once.
    pub fn accumulator(self, dtype: DType) -> DType {
        match self {
            Reduction::Add | Reduction::Mul => dtype.accumulator(),
            Reduction::Max | Reduction::Min | Reduction::And | Reduction::Or | Reduction::Region => dtype,
        }
    }

    /// The number that it starts from and that changes nothing; `None` where a region says it.
    pub fn identity(self, dtype: DType) -> Option<Number> {
        let least = i64::MIN >> (64 - dtype.bits().min(64));
        let bound = |real, integer| if dtype.is_float() { Number::Real(real) } else { Number::Integer(integer) };
        Some(match self {
            Reduction::Add => Number::of_f64(0.0, dtype),
            Reduction::Mul => Number::of_f64(1.0, dtype),
            Reduction::Max => bound(f64::NEG_INFINITY, least),
            Reduction::Min => bound(f64::INFINITY, !least),
            Reduction::And => Number::Integer(-1).round(dtype),
            Reduction::Or => Number::Integer(0),
            Reduction::Region => return None,
        })
    }
}
