//! The enumerations that attributes of our operations hold.

use crate::OpKind;

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
}
