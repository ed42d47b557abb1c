//! The XLA target: exports StableHLO, and compiles it ahead of time with a PJRT plugin. The device need not be present.

mod pipeline;

use dp_dialects::FloatModel;
use dp_runtime::pjrt::{self, AheadOfTime, Plugin};
use dp_runtime::{DiagnosticCode, Help};
pub use dp_targets::Target;
pub use pipeline::lower;
use std::path::{Path, PathBuf};

/// The kinds of artifacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// StableHLO text.
    StableHlo,
    /// An executable for a PJRT plugin.
    Executable,
}

/// Options of the target.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The name of the module.
    pub name: String,
    /// The floating-point model.
    pub fp: FloatModel,
    /// The entry function. The default is the only public function.
    pub entry: Option<String>,
    /// The devices to compile for ahead of time.
    pub ahead: Option<Ahead>,
}

/// Devices for ahead-of-time compilation, and the plugin that compiles for them.
#[derive(Clone, Debug)]
pub struct Ahead {
    /// The shared library with the PJRT C API.
    pub plugin: PathBuf,
    /// The topology, in the plugin's notation, such as `v5e:1x1`.
    pub topology: String,
}

/// An error of the target.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No devices were named.
    #[error("an executable needs a topology to compile for")]
    NoTopology,
    /// An error of the plugin.
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
            Error::NoTopology => Some("add for example --tpu=v5e:1x1".into()),
            Error::Plugin(error) => error.help(),
        }
    }
}

/// The environment variable with the path of the default plugin.
pub const PLUGIN: &str = "DP_PJRT_PLUGIN";

/// The path of the plugin in [`PLUGIN`], if it is set.
pub fn plugin_of_environment() -> Option<PathBuf> {
    std::env::var_os(PLUGIN).filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// Opens a plugin.
///
/// # Errors
/// If the file is not a PJRT plugin.
pub fn plugin(path: &Path) -> Result<Plugin, pjrt::Error> {
    // SAFETY: loading a library runs its code, which the user requests by passing it as a plugin.
    unsafe { Plugin::open(path) }
}

/// An artifact.
#[derive(Debug)]
pub enum Artifact {
    /// StableHLO text.
    StableHlo(String),
    /// An executable, with its memory use and cost.
    Executable(AheadOfTime),
}

/// The target `xla`.
#[derive(Clone, Debug, Default)]
pub struct Xla {
    /// Options of the target.
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
