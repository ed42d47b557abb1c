//! The command line of `dpc`.

use super::targets::Driven;
use clap::{Parser, ValueEnum};
use dp_cuda::Chip;
use dp_dialects::Complaint;
use dp_passes::specialize::Fixed;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Compiles programs, with their derivatives, to native libraries.
///
/// A program is MLIR in the dialects func, scf, scalar, array, arith, math and
/// tensor. Its public functions become functions of a C library; --grad and
/// --jvp add derivatives of them.
#[derive(Debug, Parser)]
#[command(name = "dpc", version, max_term_width = 100)]
pub struct Options {
    /// The program; `-` is standard input.
    pub input: PathBuf,

    /// Add FUNC_grad: the value of FUNC and its gradients. Without `wrt`, with
    /// respect to every argument that carries a derivative. May be repeated.
    #[arg(long, value_name = "FUNC[:wrt=0,1,…]")]
    pub grad: Vec<Request>,

    /// Add FUNC_jvp: the results of FUNC and their derivatives along tangents of
    /// arguments, which come after its own arguments. May be repeated.
    #[arg(long, value_name = "FUNC[:wrt=0,1,…]")]
    pub jvp: Vec<Request>,

    /// Where the output goes; `-` is standard output.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// What to make [default: so; stablehlo for xla, and exe where --tpu is given;
    /// nothing where --run is given].
    #[arg(long, value_name = "KIND")]
    pub emit: Option<Emit>,

    /// What executes the program.
    #[arg(long, value_name = "TARGET", default_value = "cpu")]
    pub target: &'static dyn Driven,

    /// Call a function and print its results.
    #[arg(long, value_name = "FUNC")]
    pub run: Option<String>,

    /// The arguments for --run: numbers, nested lists in brackets, and
    /// @FILE.npy, with commas between them.
    #[arg(long, value_name = "VALUES", default_value = "", allow_hyphen_values = true)]
    pub args: String,

    /// How --run prints: a result a line, numbers alone; or JSON.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,

    /// How hard to optimize; 0 also leaves out simplification.
    #[arg(short = 'O', value_name = "LEVEL", default_value_t = 3, value_parser = clap::value_parser!(u8).range(0..=3))]
    pub level: u8,

    /// Which laws of arithmetic hold: those of floating point to the last bit,
    /// those of finite floating-point numbers, or those of the reals.
    #[arg(long, value_name = "MODEL", default_value = "default")]
    pub fp: FloatingPoint,

    /// Fix the extents of arguments, in every function that has them.
    #[arg(long, value_name = "ARG=2x3,…", value_delimiter = ',')]
    pub specialize: Vec<Fixed>,

    /// The function that becomes the entry of a program for XLA [default: the one
    /// that --run calls, or the only public one].
    #[arg(long, value_name = "FUNC")]
    pub entry: Option<String>,

    /// The PJRT plugin that runs and compiles programs for XLA: a shared library
    /// [default: what DP_PJRT_PLUGIN names].
    #[arg(long, value_name = "FILE")]
    pub pjrt_plugin: Option<PathBuf>,

    /// Compile ahead of time for TPUs that need not be there.
    #[arg(long, value_name = "TOPOLOGY")]
    pub tpu: Option<String>,

    /// Which processor to compile for, as LLVM calls it [default: native].
    #[arg(long, value_name = "NAME")]
    pub mcpu: Option<String>,

    /// Which device --target=cuda compiles for: sm_80 or sm_90 [default: sm_80].
    #[arg(long, value_name = "NAME")]
    pub chip: Option<Chip>,

    /// Print how many bytes the workspace of each function takes, of
    /// --target=cpu: a number, or a formula in the extents of its arguments.
    #[arg(long)]
    pub print_memory: bool,

    /// Keep the program after each phase, beside the output.
    #[arg(long)]
    pub save_temps: bool,

    /// Print how long each phase takes.
    #[arg(short, long)]
    pub verbose: bool,
}

/// What `dpc` makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
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
    /// A shared library, and its header beside it.
    So,
    /// The C header alone.
    Header,
    /// An executable of XLA's, compiled ahead of time.
    Exe,
}

impl Emit {
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
            Emit::So => "so",
            Emit::Ptx => "ptx",
            Emit::Header => "header",
            Emit::Exe => "exe",
        }
    }

    /// Whether it is text, which goes to standard output unless a file is named.
    pub fn is_text(self) -> bool {
        !matches!(self, Emit::Obj | Emit::So | Emit::Exe)
    }
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A result a line, numbers alone.
    Text,
    /// JSON, with types and shapes.
    Json,
}

/// Which laws of arithmetic hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FloatingPoint {
    /// The same bits, NaN, zeros and infinities included.
    Strict,
    /// The same on finite numbers.
    Default,
    /// The same over the reals.
    Fast,
}

impl FloatingPoint {
    /// The name that passes know.
    pub fn name(self) -> &'static str {
        match self {
            FloatingPoint::Strict => "strict",
            FloatingPoint::Default => "default",
            FloatingPoint::Fast => "fast",
        }
    }
}

/// A function, and the arguments with respect to which it is differentiated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The function.
    pub function: String,
    /// Positions of arguments; all that carry a derivative where it is not given.
    pub wrt: Option<Vec<usize>>,
}

impl FromStr for Request {
    type Err = Complaint;

    fn from_str(text: &str) -> Result<Request, Complaint> {
        let malformed =
            |what: String| Complaint::new(format!("{what}; write FUNC or FUNC:wrt=0,1, with positions counted from 0"));
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
        Ok(Request { function: function.trim_start_matches('@').into(), wrt })
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.function)?;
        match &self.wrt {
            None => Ok(()),
            Some(wrt) => write!(f, ":wrt={}", wrt.iter().map(usize::to_string).collect::<Vec<_>>().join(",")),
        }
    }
}
