//! What is asked of a compilation. Diagnostics name a field by the option of `dpc` that sets it.

use super::targets::{Cpu, TargetDriver};
use dp_dialects::{Diagnostic, FloatModel, Result};
use dp_passes::specialize::Fixed;
use dp_runtime::Array;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// What is asked of a compilation.
#[derive(Debug)]
pub struct Request {
    /// The functions whose gradients are added (`--grad`).
    pub grad: Vec<DerivativeRequest>,
    /// The functions whose derivatives along tangents are added (`--jvp`).
    pub jvp: Vec<DerivativeRequest>,
    /// What executes the program, with the options of its own (`--target`).
    pub target: Box<dyn TargetDriver + Send>,
    /// What is emitted (`--emit`); where neither this nor a call is given, the target's
    /// [default](TargetDriver::default_emit).
    pub emit: Option<Emit>,
    /// The function that is called (`--run`).
    pub call: Option<CallRequest>,
    /// How hard to optimize, from 0 to 3 (`-O`); 0 also leaves out simplification.
    pub level: u8,
    /// The floating-point model (`--fp`).
    pub fp: FloatModel,
    /// The extents of arguments that are fixed, in every function that has them (`--specialize`).
    pub specialize: Vec<Fixed>,
    /// The name of the library; where it is not given, one made from the source's.
    pub library_name: Option<String>,
    /// The steps after which the program is handed to the client (`--print-after`).
    pub print_after: Vec<String>,
    /// The step after which the pipeline stops (`--stop-after`).
    pub stop_after: Option<String>,
    /// How many optional steps run (`DP_PASS_LIMIT`).
    pub pass_limit: Option<usize>,
    /// The file to which the program goes as it was before a step that fails (`--reproducer`).
    pub reproducer: Option<PathBuf>,
}

impl Default for Request {
    /// A shared library for this machine's CPU, optimized.
    fn default() -> Request {
        Request {
            grad: Vec::new(),
            jvp: Vec::new(),
            target: Box::new(Cpu::default()),
            emit: None,
            call: None,
            level: 3,
            fp: FloatModel::default(),
            specialize: Vec::new(),
            library_name: None,
            print_after: Vec::new(),
            stop_after: None,
            pass_limit: None,
            reproducer: None,
        }
    }
}

impl Request {
    /// What is emitted, beside the results of a call.
    pub fn emitted(&self) -> Option<Emit> {
        self.emit.or_else(|| self.call.is_none().then(|| self.target.default_emit()).flatten())
    }
}

/// A call of a function of the program.
#[derive(Clone, Debug, PartialEq)]
pub struct CallRequest {
    /// The function.
    pub function: String,
    /// The values of its arguments.
    pub arguments: Arguments,
}

/// The values of a call's arguments.
#[derive(Clone, Debug, PartialEq)]
pub enum Arguments {
    /// As `--args` takes them; see [`dp_runtime::values::read`].
    Text(String),
    /// One array for each argument.
    Arrays(Vec<Array>),
}

/// What can be emitted: forms of the program, from the one that the user wrote to machine code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Emit {
    /// The program with its derivatives, in our dialects.
    Mlir,
    /// The same after simplification.
    Simplified,
    /// Loops over tensors.
    Linalg,
    /// StableHLO, as XLA reads it.
    Stablehlo,
    /// LLVM IR.
    Llvm,
    /// Assembly.
    Asm,
    /// Kernels as PTX, of --target=cuda.
    Ptx,
    /// An object file.
    Obj,
    /// A static library, and its header beside it.
    Archive,
    /// A shared library, and its header beside it.
    So,
    /// The C header alone.
    Header,
    /// An executable of XLA's, compiled ahead of time.
    Exe,
}

impl Emit {
    /// All of them.
    pub const ALL: [Emit; 12] = [
        Emit::Mlir,
        Emit::Simplified,
        Emit::Linalg,
        Emit::Stablehlo,
        Emit::Llvm,
        Emit::Asm,
        Emit::Ptx,
        Emit::Obj,
        Emit::Archive,
        Emit::So,
        Emit::Header,
        Emit::Exe,
    ];

    /// The word that asks for it.
    pub fn name(self) -> &'static str {
        match self {
            Emit::Mlir => "mlir",
            Emit::Simplified => "simplified",
            Emit::Linalg => "linalg",
            Emit::Stablehlo => "stablehlo",
            Emit::Llvm => "llvm",
            Emit::Asm => "asm",
            Emit::Obj => "obj",
            Emit::Archive => "archive",
            Emit::So => "so",
            Emit::Ptx => "ptx",
            Emit::Header => "header",
            Emit::Exe => "exe",
        }
    }

    /// What it is, as a line of help.
    pub fn summary(self) -> &'static str {
        match self {
            Emit::Mlir => "The program with its derivatives, in our dialects",
            Emit::Simplified => "The same after simplification",
            Emit::Linalg => "Loops over tensors",
            Emit::Stablehlo => "StableHLO, as XLA reads it",
            Emit::Llvm => "LLVM IR",
            Emit::Asm => "Assembly",
            Emit::Ptx => "Kernels as PTX, of --target=cuda",
            Emit::Obj => "An object file",
            Emit::Archive => "A static library, and its header beside it",
            Emit::So => "A shared library, and its header beside it",
            Emit::Header => "The C header alone",
            Emit::Exe => "An executable of XLA's, compiled ahead of time",
        }
    }

    /// Whether it is text.
    pub fn is_text(self) -> bool {
        !matches!(self, Emit::Obj | Emit::Archive | Emit::So | Emit::Exe)
    }
}

/// A function, and the arguments with respect to which it is differentiated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DerivativeRequest {
    /// The function.
    pub function: String,
    /// Positions of arguments; all that carry a derivative where it is not given.
    pub wrt: Option<Vec<usize>>,
}

impl FromStr for DerivativeRequest {
    type Err = Diagnostic;

    fn from_str(text: &str) -> Result<DerivativeRequest> {
        let malformed = |message: String| {
            Diagnostic::request(message).help("write FUNC or FUNC:wrt=0,1, with positions counted from 0")
        };
        let (function, wrt) = match text.split_once(':') {
            None => (text, None),
            Some((function, rest)) => {
                let list = rest.strip_prefix("wrt=").ok_or_else(|| malformed(format!("`{rest}` is not `wrt=…`")))?;
                let position = |item: &str| {
                    item.trim().parse().map_err(|_| malformed(format!("`{item}` is not the position of an argument")))
                };
                (function, Some(list.split(',').map(position).collect::<Result<_, _>>()?))
            }
        };
        if function.is_empty() {
            return Err(malformed("it names no function".into()));
        }
        Ok(DerivativeRequest { function: function.trim_start_matches('@').into(), wrt })
    }
}

impl fmt::Display for DerivativeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.function)?;
        match &self.wrt {
            None => Ok(()),
            Some(wrt) => write!(f, ":wrt={}", wrt.iter().map(usize::to_string).collect::<Vec<_>>().join(",")),
        }
    }
}
