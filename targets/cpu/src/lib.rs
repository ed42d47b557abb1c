//! Machine code for CPUs: compiles a lowered module to LLVM IR, assembly, an object or a library.

mod code;
mod kernel;
mod lines;
mod link;
mod machine;
mod passes;
mod pipeline;
mod symbols;

pub use code::verify;
use dp_abi::{DiagnosticCode, Help, Library, Packed};
use dp_dialects::FloatModel;
use dp_dialects::ir::Op;
use dp_lower::LowerOptions;
use dp_passes::calls::InlineLimit;
pub use dp_passes::manager::VectorWidth;
pub use dp_targets::{Artifact, Target};
pub use kernel::{Kernel, compile as compile_kernel};
pub use link::linker;
pub use machine::{Level, Vectors, vectors};
pub use pipeline::{PIPELINE, STRAIGHT, lower_written};

/// The kinds of artifacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// LLVM IR.
    Llvm,
    /// Assembly.
    Assembly,
    /// A relocatable object.
    Object,
    /// A static library.
    Archive,
    /// A shared library.
    SharedLibrary,
    /// The C header of the library.
    Header,
}

/// Options of the target.
#[derive(Clone, Debug)]
pub struct Options {
    /// LLVM's name of the CPU; `native` is the CPU of this machine.
    pub cpu: String,
    /// The optimization level.
    pub level: Level,
    /// The floating-point model.
    pub fp: FloatModel,
    /// The operations that inlining one function may add.
    pub inline: InlineLimit,
    /// The name of the library.
    pub library_name: String,
    /// Whether the header declares packed entry points.
    pub packed: bool,
    /// Whether to write line tables.
    pub lines: bool,
    /// Precompiled functions to link into a shared library. If not empty, only a shared library can be made.
    pub kernels: &'static [Kernel],
}

impl Default for Options {
    fn default() -> Self {
        Options {
            cpu: "native".into(),
            level: Level::O3,
            fp: FloatModel::Reassociate,
            inline: InlineLimit::default(),
            library_name: "model".into(),
            packed: false,
            lines: false,
            kernels: &[],
        }
    }
}

/// An error of the target.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The CPU is unknown to LLVM.
    #[error("unknown CPU '{0}'")]
    UnknownCpu(String),
    /// The module is not entirely in the LLVM dialect.
    #[error("internal error: the lowered module cannot be translated to LLVM IR")]
    Untranslatable,
    /// An error of LLVM.
    #[error("internal error: LLVM rejects the module: {0}")]
    Llvm(String),
    /// The code calls a function that no permitted library has.
    #[error("internal error: the code calls '{0}', which is in neither libc nor libm")]
    Unresolved(String),
    /// No linker was found.
    #[error("cannot find a linker, 'ld.bfd' or 'ld.lld'")]
    NoLinker,
    /// An error of the linker.
    #[error("the linker failed: {0}")]
    Link(String),
    /// An error of a temporary file.
    #[error("cannot write a temporary file: {0}")]
    Io(#[from] std::io::Error),
}

impl Help for Error {
    fn code(&self) -> DiagnosticCode {
        match self {
            Error::UnknownCpu(_) => DiagnosticCode::Request,
            Error::Untranslatable | Error::Llvm(_) | Error::Unresolved(_) => DiagnosticCode::Internal,
            Error::NoLinker | Error::Link(_) | Error::Io(_) => DiagnosticCode::Io,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Error::UnknownCpu(_) => {
                Some("use 'native', 'x86-64-v3', or another name that `llc -mcpu=help` lists".into())
            }
            Error::NoLinker => Some(
                "install one (Debian: apt-get install binutils), or set the environment variable DP_LD to its path"
                    .into(),
            ),
            Error::Untranslatable | Error::Llvm(_) | Error::Unresolved(_) | Error::Link(_) | Error::Io(_) => None,
        }
    }
}

/// What to link into a library besides the program's code.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside<'a> {
    /// Exported symbols besides the library's own.
    pub exported: &'a [String],
    /// The prefix of the functions in `inputs` that the code calls.
    pub prefix: Option<&'static str>,
    /// Archives and objects to link; their symbols are not exported.
    pub inputs: &'a [&'a [u8]],
}

/// Links a module in the LLVM dialect, and additional inputs, into a shared library.
///
/// # Errors
/// If LLVM or the linker fails.
pub fn shared_library(module: Op, library: &Library, options: &Options, beside: Beside) -> Result<Vec<u8>, Error> {
    code::generate(module, library, options, Kind::SharedLibrary, beside).map(|artifact| artifact.bytes().to_vec())
}

/// The target `cpu`.
#[derive(Clone, Debug)]
pub struct Cpu {
    options: Options,
    vectors: Vectors,
}

impl Cpu {
    /// Makes the target for a CPU.
    ///
    /// # Errors
    /// If the CPU is unknown to LLVM.
    pub fn new(options: Options) -> Result<Cpu, Error> {
        Ok(Cpu { vectors: vectors(&options.cpu)?, options })
    }
}

impl Target for Cpu {
    type Lowering = LowerOptions;
    type Lowered<'a> = (Op<'a>, &'a Library);
    type Kind = Kind;
    type Artifact = Artifact;
    type Error<'a> = Error;

    const NAME: &'static str = "cpu";

    fn pipeline(&self) -> LowerOptions {
        let linked = self.options.kernels.iter().filter(|kernel| kernel.serves(self.vectors));
        LowerOptions {
            library_name: self.options.library_name.clone(),
            fp: self.options.fp,
            inline: self.options.inline,
            vectors: self.vectors.width,
            native_f16: self.vectors.native_f16,
            pipeline: &PIPELINE,
            linked: linked.map(|kernel| kernel.symbol).collect(),
        }
    }

    /// The same module and the same CPU give the same bytes.
    fn emit<'a>(&self, (module, library): Self::Lowered<'a>, kind: Kind) -> Result<Artifact, Self::Error<'a>> {
        if kind == Kind::Header {
            let packed = if self.options.packed { Packed::Declared } else { Packed::Hidden };
            return Ok(Artifact::Text(library.header(packed)));
        }
        code::generate(module, library, &self.options, kind, Beside::default())
    }
}
