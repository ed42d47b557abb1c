//! PTX's fundamental types and state spaces.

/// A type, as an instruction's modifier names it.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ty {
    Pred,
    B8,
    B16,
    B32,
    B64,
    U8,
    U16,
    U32,
    U64,
    S8,
    S16,
    S32,
    S64,
    F16,
    F16x2,
    Bf16,
    Bf16x2,
    Tf32,
    F32,
    F64,
}

use Ty::*;

/// Name, type, size in bytes.
const TYPES: &[(&str, Ty, u32)] = &[
    ("pred", Pred, 1),
    ("b8", B8, 1),
    ("b16", B16, 2),
    ("b32", B32, 4),
    ("b64", B64, 8),
    ("u8", U8, 1),
    ("u16", U16, 2),
    ("u32", U32, 4),
    ("u64", U64, 8),
    ("s8", S8, 1),
    ("s16", S16, 2),
    ("s32", S32, 4),
    ("s64", S64, 8),
    ("f16", F16, 2),
    ("f16x2", F16x2, 4),
    ("bf16", Bf16, 2),
    ("bf16x2", Bf16x2, 4),
    ("tf32", Tf32, 4),
    ("f32", F32, 4),
    ("f64", F64, 8),
];

impl Ty {
    /// The type of that name, if there is one.
    pub fn named(name: &str) -> Option<Ty> {
        TYPES.iter().find(|row| row.0 == name).map(|row| row.1)
    }

    /// The name, without its dot.
    pub fn name(self) -> &'static str {
        TYPES.iter().find(|row| row.1 == self).map_or("?", |row| row.0)
    }

    /// Size in bytes; a predicate counts one.
    pub fn bytes(self) -> u32 {
        TYPES.iter().find(|row| row.1 == self).map_or(0, |row| row.2)
    }

    /// Width in bits; a predicate has one.
    pub fn bits(self) -> u32 {
        if self == Pred { 1 } else { self.bytes() * 8 }
    }

    /// Whether it is a signed integer.
    pub fn is_signed(self) -> bool {
        matches!(self, S8 | S16 | S32 | S64)
    }

    /// Whether it holds floating-point numbers.
    pub fn is_float(self) -> bool {
        matches!(self, F16 | F16x2 | Bf16 | Bf16x2 | Tf32 | F32 | F64)
    }
}

/// A state space: where an address points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Space {
    /// Any of the others, told apart by windows of addresses.
    Generic,
    /// Device memory.
    Global,
    /// Device memory that kernels cannot write.
    Const,
    /// Memory of a block.
    Shared,
    /// Memory of a thread.
    Local,
    /// Arguments of kernels and functions.
    Param,
}

impl Space {
    /// The space that a modifier names.
    pub fn named(name: &str) -> Option<Space> {
        Some(match name {
            "global" => Space::Global,
            "const" => Space::Const,
            "shared" | "shared::cta" => Space::Shared,
            "local" => Space::Local,
            "param" | "param::entry" | "param::func" => Space::Param,
            _ => return None,
        })
    }
}

impl std::fmt::Display for Space {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Space::Generic => "generic",
            Space::Global => "global",
            Space::Const => "constant",
            Space::Shared => "shared",
            Space::Local => "local",
            Space::Param => "parameter",
        })
    }
}
