//! Machine code for CPUs: a lowered module becomes LLVM IR, assembly, an object
//! or a shared library, through LLVM's own pipeline for the CPU.

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
pub use dp_passes::manager::VectorWidth;
pub use dp_targets::{Artifact, Target};
pub use kernel::{Kernel, compile as compile_kernel};
pub use link::linker;
pub use machine::{Level, Vectors, vectors};
pub use pipeline::{PIPELINE, STRAIGHT, lower_written};

/// What can be made of a lowered module.
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

/// The CPU and how hard to try.
#[derive(Clone, Debug)]
pub struct Options {
    /// LLVM's name of the CPU; `native` for the one that compiles.
    pub cpu: String,
    /// The level of optimization.
    pub level: Level,
    /// The floating-point model.
    pub fp: FloatModel,
    /// The name of the library.
    pub library_name: String,
    /// Whether the header declares the packed entries.
    pub packed: bool,
    /// Whether code says which lines of the program it comes from.
    pub lines: bool,
    /// Functions that need not be compiled again for a shared library, which is then the one thing to
    /// be made of the module.
    pub kernels: &'static [Kernel],
}

impl Default for Options {
    fn default() -> Self {
        Options {
            cpu: "native".into(),
            level: Level::O3,
            fp: FloatModel::Reassociate,
            library_name: "model".into(),
            packed: false,
            lines: false,
            kernels: &[],
        }
    }
}

/// Why there is no artifact.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// LLVM does not know the CPU.
    #[error("'{0}' is not a CPU that LLVM knows")]
    UnknownCpu(String),
    /// The module is not in LLVM's dialect alone.
    #[error("internal error: the lowered module cannot be translated to LLVM IR")]
    Untranslatable,
    /// LLVM's own diagnostic.
    #[error("internal error: LLVM refuses the module: {0}")]
    Llvm(String),
    /// The code calls what no library has that it may be linked to.
    #[error("internal error: the code calls '{0}', which is neither in libc nor in libm")]
    Unresolved(String),
    /// There is no linker.
    #[error("cannot find a linker, 'ld.bfd' or 'ld.lld'")]
    NoLinker,
    /// The linker's diagnostic.
    #[error("the linker failed: {0}")]
    Link(String),
    /// Files between the steps.
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
            Error::UnknownCpu(_) => Some("take 'native', 'x86-64-v3' or one that `llc -mcpu=help` lists".into()),
            Error::NoLinker => Some(
                "install one (Debian: apt-get install binutils), or name it in the environment variable DP_LD".into(),
            ),
            Error::Untranslatable | Error::Llvm(_) | Error::Unresolved(_) | Error::Link(_) | Error::Io(_) => None,
        }
    }
}

/// What a library has beside a program's own code.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside<'a> {
    /// Symbols of functions that are seen from outside, beside the library's own.
    pub exported: &'a [String],
    /// What the names of the functions begin with that the code calls in `inputs`.
    pub prefix: Option<&'static str>,
    /// Archives and objects that are linked in; none of their symbols is seen from outside.
    pub inputs: &'a [&'a [u8]],
}

/// The bytes of a shared library that is made of a module in LLVM's dialect and of more.
///
/// # Errors
/// Where LLVM or the linker fails.
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
    /// The target for a CPU.
    ///
    /// # Errors
    /// Where LLVM does not know it.
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
