//! Code for NVIDIA GPUs: PTX, and shared libraries that embed it and launch its kernels.

mod chip;
mod library;
mod pipeline;
mod ptx;

pub use chip::Chip;
use dp_abi::{DiagnosticCode, Help, Library};
use dp_dialects::ir::Op;
use dp_lower::LowerOptions;
use dp_passes::calls::InlineLimit;
use dp_passes::manager::VectorWidth;
pub use dp_targets::{Artifact, Target};
pub use pipeline::PIPELINE;
pub use ptx::check;

/// The kinds of artifacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The kernels, as PTX.
    Ptx,
    /// A shared library that embeds and launches them.
    SharedLibrary,
    /// The C header of the library.
    Header,
}

/// Options of the target.
#[derive(Clone, Debug)]
pub struct Options {
    /// The device.
    pub chip: Chip,
    /// The options of the host code, the floating-point model, and the name of the library.
    pub host: dp_cpu::Options,
}

/// An error of the target.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The device is not supported.
    #[error("'{0}' is not a supported GPU architecture")]
    UnknownChip(String),
    /// The module is not lowered.
    #[error("internal error: the kernels cannot be translated to LLVM IR")]
    Untranslatable,
    /// An error of LLVM.
    #[error("internal error: LLVM rejects the kernels: {0}")]
    Llvm(String),
    /// A kernel calls an undefined function.
    #[error("internal error: unresolved function '{0}' in a kernel")]
    Unresolved(String),
    /// The PTX is malformed.
    #[error("internal error: LLVM's PTX is malformed: {0}")]
    Malformed(String),
    /// An error of the host code.
    #[error(transparent)]
    Host(#[from] dp_cpu::Error),
}

impl Help for Error {
    fn code(&self) -> DiagnosticCode {
        match self {
            Error::UnknownChip(_) => DiagnosticCode::Request,
            Error::Untranslatable | Error::Llvm(_) | Error::Unresolved(_) | Error::Malformed(_) => {
                DiagnosticCode::Internal
            }
            Error::Host(error) => error.code(),
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Error::UnknownChip(_) => Some("use sm_80 or sm_90".into()),
            Error::Untranslatable | Error::Llvm(_) | Error::Unresolved(_) | Error::Malformed(_) => None,
            Error::Host(error) => error.help(),
        }
    }
}

/// The target `cuda`.
#[derive(Clone, Debug)]
pub struct Cuda {
    /// Options of the target.
    pub options: Options,
}

impl Target for Cuda {
    type Lowering = LowerOptions;
    type Lowered<'a> = (Op<'a>, &'a Library);
    type Kind = Kind;
    type Artifact = Artifact;
    type Error<'a> = Error;

    const NAME: &'static str = "cuda";

    fn pipeline(&self) -> LowerOptions {
        LowerOptions {
            library_name: self.options.host.library_name.clone(),
            fp: self.options.host.fp,
            inline: InlineLimit(None),
            vectors: VectorWidth::Bytes16,
            native_f16: false,
            pipeline: &PIPELINE,
            linked: Vec::new(),
        }
    }

    /// The output is deterministic. Making a shared library consumes the module.
    fn emit<'a>(&self, (module, library): Self::Lowered<'a>, kind: Kind) -> Result<Artifact, Self::Error<'a>> {
        match kind {
            Kind::Ptx => ptx::ptx(module, self.options.chip).map(Artifact::Text),
            Kind::SharedLibrary => library::shared_library(module, library, &self.options).map(Artifact::Bytes),
            Kind::Header => Ok(Artifact::Text(library::header(library, &self.options))),
        }
    }
}
