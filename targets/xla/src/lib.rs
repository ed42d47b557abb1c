//! XLA: a program as StableHLO, and compiled ahead of time by a plugin for a device that need not be there.

mod pipeline;

use dp_dialects::FloatModel;
use dp_runtime::pjrt::{self, AheadOfTime, Plugin};
use dp_runtime::{DiagnosticCode, Help};
pub use dp_targets::Target;
pub use pipeline::lower;
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
    /// The floating-point model.
    pub fp: FloatModel,
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
    #[error("an executable is compiled for some devices")]
    NoTopology,
    /// The plugin's own diagnostic.
    #[error(transparent)]
    Plugin(#[from] pjrt::Error),
}

impl Help for Error {
    fn code(&self) -> DiagnosticCode {
        match self {
            Error::NoTopology => DiagnosticCode::Request,
            Error::Plugin(error) => error.code(),
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Error::NoTopology => Some("name them, as in --tpu=v5e:1x1".into()),
            Error::Plugin(error) => error.help(),
        }
    }
}

/// The environment's variable that names a plugin where nothing else does.
pub const PLUGIN: &str = "DP_PJRT_PLUGIN";

/// The plugin that the environment names.
pub fn plugin_of_environment() -> Option<PathBuf> {
    std::env::var_os(PLUGIN).filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// Opens the plugin that a user names.
///
/// # Errors
/// Where the file is none.
pub fn plugin(path: &Path) -> Result<Plugin, pjrt::Error> {
    // SAFETY: loading a library runs its code; the user asks for that by naming it as a plugin.
    unsafe { Plugin::open(path) }
}

/// What was made of StableHLO.
#[derive(Debug)]
pub enum Artifact {
    /// Its text.
    StableHlo(String),
    /// An executable, which knows what it needs of memory and what it costs.
    Executable(AheadOfTime),
}

/// The target `xla`.
#[derive(Clone, Debug, Default)]
pub struct Xla {
    /// What the module is called, and whom it is for.
    pub options: Options,
}

impl Target for Xla {
    type Lowering = dp_stablehlo::Options;
    type Lowered<'a> = &'a str;
    type Kind = Kind;
    type Artifact = Artifact;
    type Error<'a> = Error;

    const NAME: &'static str = "xla";

    fn pipeline(&self) -> dp_stablehlo::Options {
        let Options { name, fp, entry, .. } = self.options.clone();
        dp_stablehlo::Options { name, fp, entry }
    }

    fn emit<'a>(&self, text: Self::Lowered<'a>, kind: Kind) -> Result<Artifact, Self::Error<'a>> {
        match (kind, &self.options.ahead) {
            (Kind::StableHlo, _) => Ok(Artifact::StableHlo(text.to_owned())),
            (Kind::Executable, Some(ahead)) => {
                let topology = plugin(&ahead.plugin)?.topology(&ahead.topology)?;
                Ok(Artifact::Executable(topology.compile_ahead(text)?))
            }
            (Kind::Executable, None) => Err(Error::NoTopology),
        }
    }
}
