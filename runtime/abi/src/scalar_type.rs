//! [`ScalarType`]: element types, shared by the dialects, compiled libraries and their callers.

use std::fmt;
use std::str::FromStr;

/// An element type, with numpy's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ScalarType {
    /// IEEE 754 binary16. In C, its bits.
    F16,
    /// bfloat16: the upper half of an f32. In C, its bits.
    BF16,
    /// IEEE 754 binary32.
    F32,
    /// IEEE 754 binary64.
    F64,
    /// Complex numbers of two f32: real part, imaginary part.
    Complex64,
    /// Complex numbers of two f64: real part, imaginary part.
    Complex128,
    /// Booleans. In memory one byte, 0 or 1.
    I1,
    /// Signless 8-bit integers.
    I8,
    /// Signless 16-bit integers.
    I16,
    /// Signless 32-bit integers.
    I32,
    /// Signless 64-bit integers.
    I64,
    /// Extents and positions, 64 bits wide.
    Index,
}

impl ScalarType {
    /// All types.
    pub const ALL: [ScalarType; 12] = [
        ScalarType::F16,
        ScalarType::BF16,
        ScalarType::F32,
        ScalarType::F64,
        ScalarType::Complex64,
        ScalarType::Complex128,
        ScalarType::I1,
        ScalarType::I8,
        ScalarType::I16,
        ScalarType::I32,
        ScalarType::I64,
        ScalarType::Index,
    ];

    /// MLIR's spelling, and the C type of one component.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            ScalarType::F16 => ("f16", "uint16_t"),
            ScalarType::BF16 => ("bf16", "uint16_t"),
            ScalarType::F32 => ("f32", "float"),
            ScalarType::F64 => ("f64", "double"),
            ScalarType::Complex64 => ("complex<f32>", "float"),
            ScalarType::Complex128 => ("complex<f64>", "double"),
            ScalarType::I1 => ("i1", "bool"),
            ScalarType::I8 => ("i8", "int8_t"),
            ScalarType::I16 => ("i16", "int16_t"),
            ScalarType::I32 => ("i32", "int32_t"),
            ScalarType::I64 => ("i64", "int64_t"),
            ScalarType::Index => ("index", "int64_t"),
        }
    }

    /// MLIR's spelling, as `f32` or `complex<f64>`.
    pub const fn name(self) -> &'static str {
        self.names().0
    }

    /// The C type of one component: `float` for a `complex<f32>`.
    pub const fn c_type(self) -> &'static str {
        self.names().1
    }

    /// The width of a value in bits; for complex numbers, of both components together.
    pub const fn bits(self) -> u32 {
        match self {
            ScalarType::I1 => 1,
            ScalarType::I8 => 8,
            ScalarType::F16 | ScalarType::BF16 | ScalarType::I16 => 16,
            ScalarType::F32 | ScalarType::I32 => 32,
            ScalarType::F64 | ScalarType::Complex64 | ScalarType::I64 | ScalarType::Index => 64,
            ScalarType::Complex128 => 128,
        }
    }

    /// The size of an element in a tensor, in bytes.
    pub const fn size(self) -> usize {
        self.bits().div_ceil(8) as usize
    }

    /// Whether it is a real floating-point type.
    pub const fn is_float(self) -> bool {
        matches!(self, ScalarType::F16 | ScalarType::BF16 | ScalarType::F32 | ScalarType::F64)
    }

    /// Whether it is a complex type.
    pub const fn is_complex(self) -> bool {
        matches!(self, ScalarType::Complex64 | ScalarType::Complex128)
    }

    /// Whether it is an integer type, other than booleans and `index`.
    pub const fn is_integer(self) -> bool {
        matches!(self, ScalarType::I8 | ScalarType::I16 | ScalarType::I32 | ScalarType::I64)
    }

    /// Whether values of the type carry derivatives.
    pub const fn is_differentiable(self) -> bool {
        self.is_float() || self.is_complex()
    }

    /// The type in which sums and products are accumulated: f32 for f16 and bf16, in which sums of a few thousand terms
    /// stop growing; otherwise the type itself.
    #[must_use]
    pub const fn accumulator(self) -> ScalarType {
        if matches!(self, ScalarType::F16 | ScalarType::BF16) { ScalarType::F32 } else { self }
    }

    /// The component type of a complex type; for other types, the type itself.
    #[must_use]
    pub const fn real(self) -> ScalarType {
        match self {
            ScalarType::Complex64 => ScalarType::F32,
            ScalarType::Complex128 => ScalarType::F64,
            other => other,
        }
    }

    /// The complex type over a real type, if there is one.
    pub const fn complex(self) -> Option<ScalarType> {
        match self {
            ScalarType::F32 => Some(ScalarType::Complex64),
            ScalarType::F64 => Some(ScalarType::Complex128),
            ScalarType::F16
            | ScalarType::BF16
            | ScalarType::Complex64
            | ScalarType::Complex128
            | ScalarType::I1
            | ScalarType::I8
            | ScalarType::I16
            | ScalarType::I32
            | ScalarType::I64
            | ScalarType::Index => None,
        }
    }

    /// The smallest positive normal value and the largest finite value of a floating-point type, or of the component
    /// type of a complex type; `None` for other types.
    pub const fn limits(self) -> Option<(f64, f64)> {
        match self.real() {
            // 2⁻¹⁴ and (2 - 2⁻¹⁰) 2¹⁵.
            ScalarType::F16 => Some((1.0 / 16384.0, 65504.0)),
            // 2⁻¹²⁶, as for f32, and (2 - 2⁻⁷) 2¹²⁷.
            ScalarType::BF16 => Some((f32::MIN_POSITIVE as f64, 3.389_531_389_251_535_5e38)),
            ScalarType::F32 => Some((f32::MIN_POSITIVE as f64, f32::MAX as f64)),
            ScalarType::F64 => Some((f64::MIN_POSITIVE, f64::MAX)),
            ScalarType::Complex64
            | ScalarType::Complex128
            | ScalarType::I1
            | ScalarType::I8
            | ScalarType::I16
            | ScalarType::I32
            | ScalarType::I64
            | ScalarType::Index => None,
        }
    }
}

impl fmt::Display for ScalarType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ScalarType {
    type Err = ();

    /// Parses MLIR's spelling.
    fn from_str(text: &str) -> Result<ScalarType, ()> {
        ScalarType::ALL.into_iter().find(|number| number.name() == text).ok_or(())
    }
}
