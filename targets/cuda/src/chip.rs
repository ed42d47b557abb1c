//! Supported devices, by LLVM's names.

use crate::Error;
use std::fmt;
use std::str::FromStr;

/// A generation of devices that kernels are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Chip {
    /// Ampere: A100.
    #[default]
    Sm80,
    /// Hopper: H100, H200.
    Sm90,
}

/// What LLVM must be told: without the version of PTX, it ends the process.
struct ChipEntry {
    chip: Chip,
    name: &'static str,
    features: &'static str,
}

/// The versions are the first that know the chip, and with it all that kernels use.
const CHIPS: [ChipEntry; 2] = [
    ChipEntry { chip: Chip::Sm80, name: "sm_80", features: "+ptx70" },
    ChipEntry { chip: Chip::Sm90, name: "sm_90", features: "+ptx80" },
];

impl Chip {
    /// All of them.
    pub const ALL: [Chip; 2] = [Chip::Sm80, Chip::Sm90];

    fn row(self) -> &'static ChipEntry {
        let [first, second] = &CHIPS;
        match self {
            Chip::Sm80 => first,
            Chip::Sm90 => second,
        }
    }

    /// LLVM's and NVIDIA's name.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// What LLVM is told beside.
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
