//! How instructions are counted.

/// Kinds of instructions, as they are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Class {
    /// Integer arithmetic, logic and addresses.
    Integer,
    /// Arithmetic on `f32`.
    F32,
    /// Arithmetic on `f64`.
    F64,
    /// Arithmetic on `f16` and `bf16`.
    Half,
    /// Approximate functions, as `ex2.approx`.
    Special,
    /// Conversions between types.
    Convert,
    /// Copies of registers and selection.
    Move,
    /// Comparisons and operations on predicates.
    Predicate,
    /// Loads.
    Load,
    /// Stores.
    Store,
    /// Atomic operations.
    Atomic,
    /// Branches, calls and returns.
    Control,
    /// Barriers and fences.
    Barrier,
    /// Shuffles and votes.
    Warp,
    /// Products of matrices, and loads for them.
    Matrix,
}

impl Class {
    /// All classes, in the order of their numbers.
    pub const ALL: [Class; 15] = {
        use Class::*;
        [
            Integer, F32, F64, Half, Special, Convert, Move, Predicate, Load, Store, Atomic, Control, Barrier, Warp,
            Matrix,
        ]
    };

    /// A name for reports.
    pub fn name(self) -> &'static str {
        match self {
            Class::Integer => "integer",
            Class::F32 => "f32",
            Class::F64 => "f64",
            Class::Half => "half",
            Class::Special => "special",
            Class::Convert => "convert",
            Class::Move => "move",
            Class::Predicate => "predicate",
            Class::Load => "load",
            Class::Store => "store",
            Class::Atomic => "atomic",
            Class::Control => "control",
            Class::Barrier => "barrier",
            Class::Warp => "warp",
            Class::Matrix => "matrix",
        }
    }
}
