//! XLA: a program as StableHLO, and compiled ahead of time by a plugin for a device that need not be there.

use dp_abi::Library;
use dp_lower::stablehlo;
use dp_runtime::pjrt::{self, AheadOfTime, Plugin};
pub use dp_targets::{Artifact, Target};
use std::path::{Path, PathBuf};

/// What can be made of StableHLO.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Its text.
    StableHlo,
    /// What a plugin loads and runs.
    Executable,
}

/// What the module is called, and whom it is for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The name of the module.
    pub name: String,
    /// The function that becomes the entry; the only public one where it is not given.
    pub entry: Option<String>,
    /// For which devices it is compiled ahead of time.
    pub ahead: Option<Ahead>,
}

/// Devices that need not be there, and the plugin that compiles for them.
#[derive(Clone, Debug)]
pub struct Ahead {
    /// The shared library with the PJRT C API.
    pub plugin: PathBuf,
    /// The topology, as the plugin calls it: `v5e:1x1`.
    pub topology: String,
}

/// Why there is no artifact.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No devices were named.
    #[error("an executable is compiled for some devices; name them, as in --tpu=v5e:1x1")]
    NoTopology,
    /// The plugin's own complaint.
    #[error(transparent)]
    Plugin(#[from] pjrt::Error),
}

/// How a module is lowered for XLA.
pub fn pipeline(options: &Options) -> stablehlo::Options {
    stablehlo::Options { name: options.name.clone(), entry: options.entry.clone() }
}

/// Opens the plugin that a user names.
///
/// # Errors
/// Where the file is none.
pub fn plugin(path: &Path) -> Result<Plugin, pjrt::Error> {
    // SAFETY: loading a library runs its code; the user asks for that by naming it as a plugin.
    unsafe { Plugin::open(path) }
}

/// Compiles StableHLO for devices that need not be there.
///
/// # Errors
/// Where there is no such plugin or topology, and what the plugin complains of.
pub fn compile_ahead(text: &str, ahead: &Ahead) -> Result<AheadOfTime, Error> {
    Ok(plugin(&ahead.plugin)?.topology(&ahead.topology)?.compile_ahead(text)?)
}

/// The target `xla`.
#[derive(Clone, Debug, Default)]
pub struct Xla {
    /// What the module is called, and whom it is for.
    pub options: Options,
}

impl Target for Xla {
    type Lowering = stablehlo::Options;
    type Lowered<'a> = &'a str;
    type Kind = Kind;
    type Error = Error;

    fn name(&self) -> &'static str {
        "xla"
    }

    fn pipeline(&self) -> Self::Lowering {
        pipeline(&self.options)
    }

    fn emit(&self, lowered: &str, _: &Library, kind: Kind) -> Result<Artifact, Error> {
        match (kind, &self.options.ahead) {
            (Kind::StableHlo, _) => Ok(Artifact::Text(lowered.to_owned())),
            (Kind::Executable, Some(ahead)) => Ok(Artifact::Bytes(compile_ahead(lowered, ahead)?.serialize()?)),
            (Kind::Executable, None) => Err(Error::NoTopology),
        }
    }
}
