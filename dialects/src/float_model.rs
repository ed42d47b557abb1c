//! [`FloatModel`]: what a compilation may do with floating-point numbers.
//!
//! One table, [`FloatModel::may`], decides. Rewriting, folding, fusion, and the flags of
//! generated code ask it, and the reference and `--help` print it.

use crate::{Diagnostic, Result};
use std::fmt;
use std::str::FromStr;

/// The floating-point model that a user chooses. Each admits what the one before it does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FloatModel {
    /// What the program says, to the bit.
    Strict,
    /// Sums and products may be regrouped and rounded otherwise. NaN and infinities stay.
    #[default]
    Reassociate,
    /// Arithmetic of real numbers.
    Fast,
}

/// A liberty that a model may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum License {
    /// Sums and products are formed in another order.
    Reorder,
    /// A product joins a sum without rounding in between.
    Contract,
    /// A result is computed in another way, within rounding of the right one.
    Round,
    /// A zero has the other sign, and so does an infinity that is its reciprocal.
    ZeroSign,
    /// Intermediate results overflow and underflow elsewhere.
    Range,
    /// NaN and infinities are taken not to occur.
    AssumeFinite,
    /// Laws of the real numbers that floating point does not obey.
    Real,
}

impl License {
    /// All of them, as the reference lists them.
    pub const ALL: [License; 7] = [
        License::Reorder,
        License::Contract,
        License::Round,
        License::ZeroSign,
        License::Range,
        License::AssumeFinite,
        License::Real,
    ];

    /// What it allows, with an example.
    pub const fn summary(self) -> &'static str {
        match self {
            License::Reorder => "reorder sums and products: vectors of partial sums, one sum for nested sums",
            License::Contract => "contract a multiplication and an addition to an fma",
            License::Round => "compute a result differently, within rounding: `x * a * b` as `x * (a * b)`",
            License::ZeroSign => "change the sign of a zero: `x + 0` as `x`",
            License::Range => "add or remove overflow and underflow of intermediate results",
            License::AssumeFinite => "assume that values are finite: `x * 0` as `0`",
            License::Real => "apply laws of the real numbers: `(a + b) - b` as `a`",
        }
    }

    /// The first model that has it.
    pub const fn from(self) -> FloatModel {
        match self {
            License::Reorder | License::Contract | License::Round | License::ZeroSign | License::Range => {
                FloatModel::Reassociate
            }
            License::AssumeFinite | License::Real => FloatModel::Fast,
        }
    }
}

impl FloatModel {
    /// All of them, the strictest first.
    pub const ALL: [FloatModel; 3] = [FloatModel::Strict, FloatModel::Reassociate, FloatModel::Fast];

    /// Whether the model has a license.
    pub fn may(self, license: License) -> bool {
        self >= license.from()
    }

    /// The word that chooses it.
    pub const fn name(self) -> &'static str {
        match self {
            FloatModel::Strict => "strict",
            FloatModel::Reassociate => "reassociate",
            FloatModel::Fast => "fast",
        }
    }

    /// What it means, in a line.
    pub const fn summary(self) -> &'static str {
        match self {
            FloatModel::Strict => "IEEE 754 to the bit, NaN, infinities and signed zeros included",
            FloatModel::Reassociate => {
                "regroups sums and products and contracts them into fma; rounding and the sign of zero may change, \
                 NaN and infinities stay"
            }
            FloatModel::Fast => "real arithmetic; assumes no NaN and no infinities",
        }
    }

    /// The fast-math flags of MLIR and LLVM of an operation; `regrouped` for one that combines partial results of a
    /// reduction.
    pub fn flags(self, regrouped: bool) -> &'static str {
        match (self.may(License::Real), self.may(License::Contract), regrouped && self.may(License::Reorder)) {
            (true, _, _) => "fast",
            (false, true, true) => "reassoc,contract",
            (false, false, true) => "reassoc",
            (false, true, false) => "contract",
            (false, false, false) => "",
        }
    }
}

impl fmt::Display for FloatModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for FloatModel {
    type Err = Diagnostic;

    fn from_str(text: &str) -> Result<Self> {
        let found = FloatModel::ALL.into_iter().find(|model| model.name() == text);
        let help = match text {
            "default" => "it is called 'reassociate' now, and keeps NaN and infinities",
            _ => "take strict, reassociate or fast",
        };
        found.ok_or_else(|| Diagnostic::new(format!("'{text}' is not a floating-point model")).help(help))
    }
}
