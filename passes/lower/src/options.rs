//! What a user may choose.

use dp_dialects::Complaint;
use std::fmt;
use std::str::FromStr;

/// How far floating-point results may differ from what the program says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum FloatModel {
    /// Each operation rounds as it stands; sums go from first to last.
    Strict,
    /// Products may join sums without rounding between; reductions, which are in
    /// any order, may be regrouped.
    #[default]
    Default,
    /// Besides, any rewriting that holds for real numbers; no NaN, no infinities.
    Fast,
}

impl FloatModel {
    /// MLIR's fast-math flags of an operation; `regrouped` for one that combines
    /// partial results of a reduction.
    pub(crate) fn flags(self, regrouped: bool) -> &'static str {
        match (self, regrouped) {
            (FloatModel::Strict, _) => "",
            (FloatModel::Default, false) => "contract",
            (FloatModel::Default, true) => "reassoc,contract",
            (FloatModel::Fast, _) => "fast",
        }
    }

    /// The word that chooses it.
    pub const fn name(self) -> &'static str {
        match self {
            FloatModel::Strict => "strict",
            FloatModel::Default => "default",
            FloatModel::Fast => "fast",
        }
    }
}

impl fmt::Display for FloatModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for FloatModel {
    type Err = Complaint;

    fn from_str(text: &str) -> Result<Self, Complaint> {
        [FloatModel::Strict, FloatModel::Default, FloatModel::Fast]
            .into_iter()
            .find(|model| model.name() == text)
            .ok_or_else(|| {
                Complaint::new(format!("'{text}' is not a floating-point model")).hint("take strict, default or fast")
            })
    }
}

/// What runs the loops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Road {
    /// The processor.
    #[default]
    Cpu,
    /// A device of NVIDIA's; the processor tells it what to do.
    Cuda,
}

/// What the lowering is told.
#[derive(Clone, Debug)]
pub struct LowerOptions {
    /// The name of the library.
    pub library_name: String,
    /// The floating-point model.
    pub fp: FloatModel,
    /// The widest useful vectors of the processor, in bytes: 16, 32 or 64.
    pub vector_bytes: usize,
    /// Whether the processor has instructions that convert f16.
    pub native_f16: bool,
    /// What runs the loops.
    pub road: Road,
    /// Symbols of matrix products that are linked in later, so that the module only declares them.
    pub linked: Vec<&'static str>,
}

impl Default for LowerOptions {
    fn default() -> Self {
        LowerOptions {
            library_name: "model".into(),
            fp: FloatModel::Default,
            vector_bytes: 32,
            native_f16: false,
            road: Road::Cpu,
            linked: Vec::new(),
        }
    }
}
