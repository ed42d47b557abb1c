//! Code for NVIDIA GPUs: PTX, and shared libraries that hold it and launch its kernels.

mod chip;
mod library;
mod pipeline;
mod ptx;

pub use chip::Chip;
use dp_abi::{DiagnosticCode, Help, Library};
use dp_dialects::ir::Op;
use dp_lower::LowerOptions;
use dp_passes::manager::VectorWidth;
pub use dp_targets::{Artifact, Target};
pub use pipeline::PIPELINE;
pub use ptx::check;

/// What can be made of a lowered module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The kernels, as PTX.
    Ptx,
    /// A shared library that holds and launches them.
    SharedLibrary,
    /// The C header of the library.
    Header,
}

/// The device and how hard to try.
#[derive(Clone, Debug)]
pub struct Options {
    /// The device.
    pub chip: Chip,
    /// What the host runs, the floating-point model, and the library's name.
    pub host: dp_cpu::Options,
}

/// Why there is no artifact.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The table has no such device.
    #[error("'{0}' is not a device that kernels are made for")]
    UnknownChip(String),
    /// The module is not what lowering leaves.
    #[error("internal error: the kernels cannot be translated to LLVM IR")]
    Untranslatable,
    /// LLVM's own diagnostic.
    #[error("internal error: LLVM refuses the kernels: {0}")]
    Llvm(String),
    /// A kernel calls what is in no library.
    #[error("internal error: no library has '{0}', which a kernel calls")]
    Unresolved(String),
    /// The text is not PTX as drivers take it.
    #[error("internal error: LLVM's PTX is malformed: {0}")]
    Malformed(String),
    /// The host's side.
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
            Error::UnknownChip(_) => Some("take sm_80 or sm_90".into()),
            Error::Untranslatable | Error::Llvm(_) | Error::Unresolved(_) | Error::Malformed(_) => None,
            Error::Host(error) => error.help(),
        }
    }
}

/// The target `cuda`.
#[derive(Clone, Debug)]
pub struct Cuda {
    /// The device and how hard to try.
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
            vectors: VectorWidth::Bytes16,
            native_f16: false,
            pipeline: &PIPELINE,
            linked: Vec::new(),
        }
    }

    /// The same module and the same device give the same bytes. A shared library uses the module up.
    fn emit<'a>(&self, (module, library): Self::Lowered<'a>, kind: Kind) -> Result<Artifact, Self::Error<'a>> {
        match kind {
            Kind::Ptx => ptx::ptx(module, self.options.chip).map(Artifact::Text),
            Kind::SharedLibrary => library::shared_library(module, library, &self.options).map(Artifact::Bytes),
            Kind::Header => Ok(Artifact::Text(library::header(library, &self.options))),
        }
    }
}
