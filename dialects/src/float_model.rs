//! [`FloatModel`]: which floating-point transformations a compilation may apply.
//!
//! [`FloatModel::may`] decides. Rewriting, folding, fusion and the flags of generated code use it; the reference and
//! `--help` print it.

use crate::{Diagnostic, Result};
use std::fmt;
use std::str::FromStr;

/// A floating-point model. Each permits everything that the one before it does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FloatModel {
    /// IEEE 754 semantics, bit for bit.
    Strict,
    /// Sums and products may be reordered and rounded differently. NaN and infinities are kept.
    #[default]
    Reassociate,
    /// Real arithmetic.
    Fast,
}

/// A permission to transform floating-point code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum License {
    /// Reorder sums and products.
    Reorder,
    /// Contract a multiplication and an addition to an fma.
    Contract,
    /// Compute a result differently, within rounding.
    Round,
    /// Change the sign of a zero, and of an infinity that is its reciprocal.
    ZeroSign,
    /// Add or remove overflow and underflow of intermediate results.
    Range,
    /// Assume that there are no NaN and no infinities.
    AssumeFinite,
    /// Apply laws of the real numbers that do not hold for floats.
    Real,
}

impl License {
    /// All licenses, in the order of the reference.
    pub const ALL: [License; 7] = [
        License::Reorder,
        License::Contract,
        License::Round,
        License::ZeroSign,
        License::Range,
        License::AssumeFinite,
        License::Real,
    ];

    /// A description, with an example.
    pub const fn summary(self) -> &'static str {
        match self {
            License::Reorder => "reorder sums and products: vectors of partial sums, merged nested sums",
            License::Contract => "contract a multiplication and an addition to an fma",
            License::Round => "compute a result differently, within rounding: `x * a * b` as `x * (a * b)`",
            License::ZeroSign => "change the sign of a zero: `x + 0` as `x`",
            License::Range => "add or remove overflow and underflow of intermediate results",
            License::AssumeFinite => "assume that values are finite: `x * 0` as `0`",
            License::Real => "apply identities of the real numbers: `(a + b) - b` as `a`",
        }
    }

    /// The strictest model that has the license.
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

    /// The name of the model.
    pub const fn name(self) -> &'static str {
        match self {
            FloatModel::Strict => "strict",
            FloatModel::Reassociate => "reassociate",
            FloatModel::Fast => "fast",
        }
    }

    /// A one-line description.
    pub const fn summary(self) -> &'static str {
        match self {
            FloatModel::Strict => "bit-exact IEEE 754, including NaN, infinities and signed zeros",
            FloatModel::Reassociate => {
                "may reorder sums and products and contract them into fma; rounding and the sign of zero may change, \
                 NaN and infinities are kept"
            }
            FloatModel::Fast => "real arithmetic; assumes that there are no NaN and no infinities",
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
            "default" => "it is now called 'reassociate', and keeps NaN and infinities",
            _ => "use strict, reassociate or fast",
        };
        found.ok_or_else(|| Diagnostic::request(format!("'{text}' is not a floating-point model")).help(help))
    }
}
