//! Promotion of narrow elements to a type with a register kernel.

use dp_dialects::ScalarType;

/// A promotion, by its narrow type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Promotion {
    /// f16 to f32.
    F16,
    /// bf16 to f32.
    BF16,
    /// i8 to i16.
    I8,
}

impl Promotion {
    /// The type of the elements.
    pub fn narrow_type(self) -> ScalarType {
        match self {
            Promotion::F16 => ScalarType::F16,
            Promotion::BF16 => ScalarType::BF16,
            Promotion::I8 => ScalarType::I8,
        }
    }

    /// The type in which products and sums are computed.
    pub fn wide_type(self) -> ScalarType {
        match self {
            Promotion::F16 | Promotion::BF16 => ScalarType::F32,
            Promotion::I8 => ScalarType::I16,
        }
    }

    /// Text that computes `%{to}` from `%{from}`, on vectors if `shape` is `vector<Nx`, on scalars if it is empty.
    pub fn widen(self, indent: &str, to: &str, from: &str, shape: &str) -> String {
        let of = |name: &str| if shape.is_empty() { name.to_string() } else { format!("{shape}{name}>") };
        let name = match self {
            Promotion::F16 | Promotion::BF16 => "arith.extf",
            Promotion::I8 => "arith.extsi",
        };
        let (narrow, wide) = (self.narrow_type().name(), self.wide_type().name());
        format!("{indent}%{to} = {name} %{from} : {} to {}\n", of(narrow), of(wide))
    }

    /// The inverse conversion. Floats are rounded to nearest, ties to even; for bfloat16 with integers, since few CPUs
    /// have an instruction.
    pub fn narrow(self, indent: &str, to: &str, from: &str, shape: &str) -> String {
        let of = |name: &str| if shape.is_empty() { name.to_string() } else { format!("{shape}{name}>") };
        match self {
            Promotion::F16 => format!("{indent}%{to} = arith.truncf %{from} : {} to {}\n", of("f32"), of("f16")),
            Promotion::I8 => format!("{indent}%{to} = arith.trunci %{from} : {} to {}\n", of("i16"), of("i8")),
            Promotion::BF16 => {
                let number = |value: &str| if shape.is_empty() { value.to_string() } else { format!("dense<{value}>") };
                let (i32, f32) = (of("i32"), of("f32"));
                [
                    format!("%{to}_bits = arith.bitcast %{from} : {f32} to {i32}"),
                    format!("%{to}_sixteen = arith.constant {} : {i32}", number("16")),
                    format!("%{to}_one = arith.constant {} : {i32}", number("1")),
                    format!("%{to}_below = arith.constant {} : {i32}", number("32767")),
                    format!("%{to}_quiet = arith.constant {} : {i32}", number("4194304")),
                    format!("%{to}_upper = arith.shrui %{to}_bits, %{to}_sixteen : {i32}"),
                    format!("%{to}_odd = arith.andi %{to}_upper, %{to}_one : {i32}"),
                    format!("%{to}_bias = arith.addi %{to}_odd, %{to}_below : {i32}"),
                    format!("%{to}_rounded = arith.addi %{to}_bits, %{to}_bias : {i32}"),
                    format!("%{to}_isnan = arith.cmpf uno, %{from}, %{from} : {f32}"),
                    format!("%{to}_nan = arith.ori %{to}_bits, %{to}_quiet : {i32}"),
                    format!("%{to}_all = arith.select %{to}_isnan, %{to}_nan, %{to}_rounded : {}, {i32}", of("i1")),
                    format!("%{to}_kept = arith.shrui %{to}_all, %{to}_sixteen : {i32}"),
                    format!("%{to}_short = arith.trunci %{to}_kept : {i32} to {}", of("i16")),
                    format!("%{to} = arith.bitcast %{to}_short : {} to {}", of("i16"), of("bf16")),
                ]
                .map(|line| format!("{indent}{}\n", if shape.is_empty() { line.replace(": i1, ", ": ") } else { line }))
                .concat()
            }
        }
    }
}
