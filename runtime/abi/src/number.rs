//! The types of numbers that cross the border.

use std::fmt;
use std::str::FromStr;

/// The type of a number, or of a tensor's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Number {
    /// A boolean; one byte, 0 or 1.
    I1,
    /// An integer of 8 bits.
    I8,
    /// An integer of 16 bits.
    I16,
    /// An integer of 32 bits.
    I32,
    /// An integer of 64 bits.
    I64,
    /// An extent or position: 64 bits at the border.
    Index,
    /// IEEE 754 binary16, as its bits.
    F16,
    /// bfloat16, as its bits.
    BF16,
    /// IEEE 754 binary32.
    F32,
    /// IEEE 754 binary64.
    F64,
    /// A complex number of two [`Number::F32`]: real part, imaginary part.
    C32,
    /// A complex number of two [`Number::F64`]: real part, imaginary part.
    C64,
}

/// What the border knows of one type of numbers.
struct Row {
    mlir: &'static str,
    /// The C type of one component.
    c: &'static str,
    /// Bytes of one component.
    bytes: usize,
    /// The type of one component: the number's own, but for complex numbers.
    component: Number,
}

impl Number {
    /// Every type of numbers.
    pub const ALL: [Number; 12] = [
        Number::I1,
        Number::I8,
        Number::I16,
        Number::I32,
        Number::I64,
        Number::Index,
        Number::F16,
        Number::BF16,
        Number::F32,
        Number::F64,
        Number::C32,
        Number::C64,
    ];

    const fn row(self) -> Row {
        const fn row(mlir: &'static str, c: &'static str, bytes: usize, component: Number) -> Row {
            Row { mlir, c, bytes, component }
        }
        match self {
            Number::I1 => row("i1", "bool", 1, Number::I1),
            Number::I8 => row("i8", "int8_t", 1, Number::I8),
            Number::I16 => row("i16", "int16_t", 2, Number::I16),
            Number::I32 => row("i32", "int32_t", 4, Number::I32),
            Number::I64 => row("i64", "int64_t", 8, Number::I64),
            Number::Index => row("index", "int64_t", 8, Number::Index),
            Number::F16 => row("f16", "uint16_t", 2, Number::F16),
            Number::BF16 => row("bf16", "uint16_t", 2, Number::BF16),
            Number::F32 => row("f32", "float", 4, Number::F32),
            Number::F64 => row("f64", "double", 8, Number::F64),
            Number::C32 => row("complex<f32>", "float", 4, Number::F32),
            Number::C64 => row("complex<f64>", "double", 8, Number::F64),
        }
    }

    /// The type's name in MLIR, as `f32` or `complex<f64>`.
    pub const fn mlir(self) -> &'static str {
        self.row().mlir
    }

    /// The C type of one component: `float` for a `complex<f32>`.
    pub const fn c_type(self) -> &'static str {
        self.row().c
    }

    /// Bytes that one number takes in a tensor.
    pub const fn size(self) -> usize {
        let row = self.row();
        if self.is_complex() { 2 * row.bytes } else { row.bytes }
    }

    /// The type of the parts of a complex number; of any other, the type itself.
    pub const fn component(self) -> Number {
        self.row().component
    }

    /// Whether a number has a real and an imaginary part.
    pub const fn is_complex(self) -> bool {
        matches!(self, Number::C32 | Number::C64)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.mlir())
    }
}

impl FromStr for Number {
    type Err = ();

    /// Reads the type's name in MLIR.
    fn from_str(text: &str) -> Result<Number, ()> {
        Number::ALL.into_iter().find(|number| number.mlir() == text).ok_or(())
    }
}
