//! Supported devices, by LLVM's names.

use crate::Error;
use std::fmt;
use std::str::FromStr;

/// A GPU architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Chip {
    /// Ampere: A100.
    #[default]
    Sm80,
    /// Hopper: H100, H200.
    Sm90,
}

/// LLVM's parameters for a chip. Without the PTX version, LLVM aborts the process.
struct ChipEntry {
    chip: Chip,
    name: &'static str,
    features: &'static str,
}

/// The PTX versions are the first that support the chip and all instructions in kernels.
const CHIPS: [ChipEntry; 2] = [
    ChipEntry { chip: Chip::Sm80, name: "sm_80", features: "+ptx70" },
    ChipEntry { chip: Chip::Sm90, name: "sm_90", features: "+ptx80" },
];

impl Chip {
    /// All supported chips.
    pub const ALL: [Chip; 2] = [Chip::Sm80, Chip::Sm90];

    fn row(self) -> &'static ChipEntry {
        let [first, second] = &CHIPS;
        match self {
            Chip::Sm80 => first,
            Chip::Sm90 => second,
        }
    }

    /// The name in LLVM and NVIDIA's tools.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The additional target features.
    pub(crate) fn features(self) -> &'static str {
        self.row().features
    }
}

impl fmt::Display for Chip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Chip {
    type Err = Error;

    fn from_str(name: &str) -> Result<Chip, Error> {
        let found = CHIPS.iter().find(|row| row.name == name);
        found.map(|row| row.chip).ok_or_else(|| Error::UnknownChip(name.into()))
    }
}
