//! Machine code for CPUs: a lowered module becomes LLVM IR, assembly, an object
//! or a shared library, through LLVM's own pipeline for the processor.

mod code;
mod kernel;
mod link;
mod machine;
mod passes;

use dp_abi::{Library, Packed};
use dp_dialects::ir::Op;
use dp_lower::{FloatModel, LowerOptions, Road};
pub use dp_targets::{Artifact, Target};
pub use kernel::{Kernel, compile as compile_kernel};
pub use link::linker;
pub use machine::{Level, Vectors, check_cpu, vectors};

/// What can be made of a lowered module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// LLVM IR.
    Llvm,
    /// Assembly.
    Assembly,
    /// A relocatable object.
    Object,
    /// A shared library.
    SharedLibrary,
    /// The C header of the library.
    Header,
}

/// The processor and how hard to try.
#[derive(Clone, Debug)]
pub struct Options {
    /// LLVM's name of the processor; `native` for the one that compiles.
    pub cpu: String,
    /// The level of optimization.
    pub level: Level,
    /// The floating-point model.
    pub fp: FloatModel,
    /// The name of the library.
    pub library_name: String,
    /// Whether the header declares the packed entries.
    pub packed: bool,
    /// Functions that need not be compiled again for a shared library, which is then the one thing to
    /// be made of the module.
    pub kernels: &'static [Kernel],
}

impl Default for Options {
    fn default() -> Self {
        Options {
            cpu: "native".into(),
            level: Level::O3,
            fp: FloatModel::Default,
            library_name: "model".into(),
            packed: false,
            kernels: &[],
        }
    }
}

/// Why there is no artifact.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// LLVM does not know the processor.
    #[error("'{0}' is not a processor that LLVM knows; take 'native', 'x86-64-v3' or one that `llc -mcpu=help` lists")]
    UnknownCpu(String),
    /// The module is not in LLVM's dialect alone.
    #[error("internal error: the lowered module cannot be translated to LLVM IR")]
    Untranslatable,
    /// LLVM's own complaint.
    #[error("internal error: LLVM refuses the module: {0}")]
    Llvm(String),
    /// There is no linker.
    #[error(
        "cannot find a linker, 'ld.bfd' or 'ld.lld'; install one (Debian: apt-get install binutils), or name it in the \
         environment variable DP_LD"
    )]
    NoLinker,
    /// The linker's complaint.
    #[error("the linker failed: {0}")]
    Link(String),
    /// Files between the steps.
    #[error("cannot write a temporary file: {0}")]
    Io(#[from] std::io::Error),
}

/// How a module is lowered for a processor.
///
/// # Errors
/// Where LLVM does not know the processor.
pub fn pipeline(options: &Options) -> Result<LowerOptions, Error> {
    let vectors = vectors(&options.cpu)?;
    let linked = options.kernels.iter().filter(|kernel| kernel.serves(vectors)).map(|kernel| kernel.symbol);
    Ok(LowerOptions {
        library_name: options.library_name.clone(),
        fp: options.fp,
        vector_bytes: vectors.bytes,
        road: Road::Cpu,
        linked: linked.collect(),
    })
}

/// Makes an artifact of a module in LLVM's dialect. The same module and the
/// same processor give the same bytes.
///
/// # Errors
/// Where LLVM or the linker fails.
pub fn emit(module: Op, library: &Library, options: &Options, kind: Kind) -> Result<Artifact, Error> {
    if kind == Kind::Header {
        let packed = if options.packed { Packed::Declared } else { Packed::Hidden };
        return Ok(Artifact::Text(library.header(packed)));
    }
    code::generate(module, library, options, kind, Beside::default())
}

/// What a library has beside a program's own code.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside<'a> {
    /// Symbols of functions that are seen from outside, beside the library's own.
    pub exported: &'a [String],
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
#[derive(Clone, Debug, Default)]
pub struct Cpu {
    /// The processor and how hard to try.
    pub options: Options,
}

impl Target for Cpu {
    type Lowering = Result<LowerOptions, Error>;
    type Lowered<'a> = Op<'a>;
    type Kind = Kind;
    type Error = Error;

    fn name(&self) -> &'static str {
        "cpu"
    }

    fn pipeline(&self) -> Self::Lowering {
        pipeline(&self.options)
    }

    fn emit(&self, module: Op, library: &Library, kind: Kind) -> Result<Artifact, Error> {
        emit(module, library, &self.options, kind)
    }
}
