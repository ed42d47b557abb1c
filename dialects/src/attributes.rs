//! The enumeration attributes of `scalar` and `array`.

use crate::{Number, OpKind, ScalarType};

/// An enum with the discriminants and keywords of its ODS counterpart.
macro_rules! keywords {
    ($(#[$about:meta])* $name:ident { $($(#[$case:meta])* $variant:ident = $number:literal $keyword:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(i64)]
        pub enum $name {
            $($(#[$case])* $variant = $number,)*
        }

        impl $name {
            /// All cases, in order of their discriminants.
            pub const ALL: &[$name] = &[$($name::$variant),*];

            /// The keyword.
            pub const fn keyword(self) -> &'static str {
                match self { $($name::$variant => $keyword,)* }
            }
        }
    };
}

keywords! {
    /// The predicate of `scalar.compare`.
    Predicate {
        /// Equal.
        Eq = 0 "eq",
        /// Not equal; true on NaN.
        Ne = 1 "ne",
        /// Less, signed.
        Lt = 2 "lt",
        /// Less or equal, signed.
        Le = 3 "le",
        /// Greater, signed.
        Gt = 4 "gt",
        /// Greater or equal, signed.
        Ge = 5 "ge",
        /// Less, unsigned.
        Ult = 6 "ult",
        /// Less or equal, unsigned.
        Ule = 7 "ule",
        /// Greater, unsigned.
        Ugt = 8 "ugt",
        /// Greater or equal, unsigned.
        Uge = 9 "uge",
    }
}

keywords! {
    /// The kind of an `array.reduce` or `array.scan`.
    Reduction {
        /// Sum.
        Add = 0 "add",
        /// Product.
        Mul = 1 "mul",
        /// Maximum.
        Max = 2 "max",
        /// Minimum.
        Min = 3 "min",
        /// Bitwise and.
        And = 4 "and",
        /// Bitwise or.
        Or = 5 "or",
        /// The operation in the region.
        Region = 6 "region",
    }
}

impl Reduction {
    /// The operation that combines two elements; `None` if it is in a region.
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

    /// The type of partial results: f32 for sums and products of f16 and bf16, which are rounded once; otherwise the
    /// element type.
    pub fn accumulator(self, dtype: ScalarType) -> ScalarType {
        match self {
            Reduction::Add | Reduction::Mul => dtype.accumulator(),
            Reduction::Max | Reduction::Min | Reduction::And | Reduction::Or | Reduction::Region => dtype,
        }
    }

    /// The identity element of the operation; `None` if the operation is in a region.
    pub fn identity(self, dtype: ScalarType) -> Option<Number> {
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

keywords! {
    /// The kind of an `array.fft`.
    FftKind {
        /// From complex numbers to complex numbers.
        Fft = 0 "fft",
        /// The inverse of `Fft`.
        Ifft = 1 "ifft",
        /// From real numbers to the first half of their spectrum.
        Rfft = 2 "rfft",
        /// The inverse of `Rfft`.
        Irfft = 3 "irfft",
    }
}
