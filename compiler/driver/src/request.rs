//! What a client asks of a compilation, apart from the target. Diagnostics name a field by the `dpc` option that sets
//! it.

use dp_dialects::{Diagnostic, FloatModel, Result};
use dp_passes::bound::LoopBound;
use dp_passes::calls::InlineLimit;
use dp_passes::manager::ByteLimit;
use dp_passes::specialize::Fixed;
use dp_runtime::Array;
use std::fmt;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;

/// A compilation request.
#[derive(Clone, Debug)]
pub struct Request {
    /// Functions whose gradients are added (`--grad`).
    pub grad: Vec<DerivativeRequest>,
    /// Functions whose directional derivatives are added (`--jvp`).
    pub jvp: Vec<DerivativeRequest>,
    /// Functions whose pullbacks to add (`--vjp`).
    pub vjp: Vec<DerivativeRequest>,
    /// How to check the derivatives before anything is made (`--check-gradients`).
    pub check_gradients: Option<GradientCheck>,
    /// The number of points at which to check each pass (`--check-each`). Those of the function that is
    /// called lie near the arguments.
    pub check_each: Option<NonZeroU32>,
    /// The kind of the output (`--emit`). Without it and without a call, the target's default.
    pub emit: Option<Emit>,
    /// The call to execute (`--run`).
    pub call: Option<CallRequest>,
    /// Whether to count what the call costs (`--print-costs`).
    pub count_costs: bool,
    /// The only function to compile; without it, all public ones.
    pub only: Option<String>,
    /// The optimization level, 0 to 3 (`-O`); 0 also turns off simplification.
    pub level: u8,
    /// The floating-point model (`--fp`).
    pub fp: FloatModel,
    /// The bytes that a derivative may keep (`--max-tape`).
    pub max_tape: ByteLimit,
    /// The operations that inlining the calls of one function may add (`--inline-limit`). A function of which it adds
    /// more stays a call, in derivatives too. Only for targets that have calls, and where no extents are fixed.
    pub inline: InlineLimit,
    /// The greatest numbers of rounds of loops (`--bound`).
    pub bounds: Vec<LoopBound>,
    /// Whether to send what derivatives keep and compute again, as remarks (`--ad-report`).
    pub ad_report: bool,
    /// Fixed extents of arguments, in every function with an argument of that name (`--specialize`).
    pub specialize: Vec<Fixed>,
    /// The name of the library; by default derived from the name of the source.
    pub library_name: Option<String>,
    /// Steps after which the program is sent to the client (`--print-after`).
    pub print_after: Vec<String>,
    /// The step after which the pipeline stops (`--stop-after`).
    pub stop_after: Option<String>,
    /// The number of optional steps to run (`DP_PASS_LIMIT`).
    pub pass_limit: Option<usize>,
    /// The file for the program before a failing step (`--reproducer`).
    pub reproducer: Option<PathBuf>,
}

/// The highest optimization level.
pub const MAX_LEVEL: u8 = 3;

impl Default for Request {
    /// The target's default output, optimized.
    fn default() -> Request {
        Request {
            grad: Vec::new(),
            jvp: Vec::new(),
            vjp: Vec::new(),
            check_gradients: None,
            check_each: None,
            emit: None,
            call: None,
            count_costs: false,
            only: None,
            level: MAX_LEVEL,
            fp: FloatModel::default(),
            max_tape: ByteLimit::default(),
            inline: InlineLimit::default(),
            bounds: Vec::new(),
            ad_report: false,
            specialize: Vec::new(),
            library_name: None,
            print_after: Vec::new(),
            stop_after: None,
            pass_limit: None,
            reproducer: None,
        }
    }
}

/// What a request may call the only public function of a program.
const MAIN: &str = "main";

impl Request {
    /// The request where `main`, alone or with the suffix of a derivative, is the name of a function. Names of functions
    /// of the program, and of derivatives of that function, stand for themselves.
    pub(crate) fn with_main(&self, function: &str, is_there: impl Fn(&str) -> bool) -> Request {
        let mut request = self.clone();
        let is_own = |name: &str| name.strip_prefix(function).is_some_and(|rest| rest.starts_with('_'));
        let rename = |name: &mut String| {
            let suffix = name.strip_prefix(MAIN).filter(|rest| rest.is_empty() || rest.starts_with('_'));
            if let Some(suffix) = suffix.filter(|_| !is_there(name) && !is_own(name)) {
                *name = format!("{function}{suffix}");
            }
        };
        let derivatives = request.grad.iter_mut().chain(&mut request.jvp).chain(&mut request.vjp);
        derivatives.for_each(|derivative| rename(&mut derivative.function));
        request.call.iter_mut().for_each(|call| rename(&mut call.function));
        request.only.iter_mut().for_each(rename);
        request
    }
}

/// How to check derivatives.
#[derive(Clone, Debug, PartialEq)]
pub struct GradientCheck {
    /// The number of points at which each derivative is checked.
    pub points: NonZeroU32,
    /// Values near which the points lie, for the functions whose arguments they fit.
    pub near: Option<Arguments>,
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
    /// The syntax of `--args`; see [`dp_runtime::values::read`].
    Text(String),
    /// One array for each argument.
    Arrays(Vec<Array>),
}

/// Kinds of output: forms of the program, from source to machine code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Emit {
    /// Program with its derivatives, before simplification.
    Mlir,
    /// Simplified program.
    Simplified,
    /// Loops on tensors (MLIR dialect linalg).
    Linalg,
    /// StableHLO.
    Stablehlo,
    /// LLVM IR.
    Llvm,
    /// Assembly.
    Asm,
    /// PTX kernels (--target=cuda).
    Ptx,
    /// Object file.
    Obj,
    /// Static library and its C header.
    Archive,
    /// Shared library and its C header.
    So,
    /// C header.
    Header,
    /// XLA executable, compiled ahead of time (--tpu).
    Exe,
}

impl Emit {
    /// All kinds.
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

    /// The value of `--emit`.
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

    /// One line of help.
    pub fn summary(self) -> &'static str {
        match self {
            Emit::Mlir => "Program with its derivatives, before simplification",
            Emit::Simplified => "Simplified program",
            Emit::Linalg => "Loops on tensors (MLIR dialect linalg)",
            Emit::Stablehlo => "StableHLO",
            Emit::Llvm => "LLVM IR",
            Emit::Asm => "Assembly",
            Emit::Ptx => "PTX kernels (--target=cuda)",
            Emit::Obj => "Object file",
            Emit::Archive => "Static library and its C header",
            Emit::So => "Shared library and its C header",
            Emit::Header => "C header",
            Emit::Exe => "XLA executable, compiled ahead of time (--tpu)",
        }
    }

    /// Whether it is text.
    pub fn is_text(self) -> bool {
        !matches!(self, Emit::Obj | Emit::Archive | Emit::So | Emit::Exe)
    }
}

/// A function and the arguments to differentiate with respect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DerivativeRequest {
    /// The function.
    pub function: String,
    /// Positions of arguments; by default all floating-point and complex ones.
    pub wrt: Option<Vec<usize>>,
}

impl FromStr for DerivativeRequest {
    type Err = Diagnostic;

    fn from_str(text: &str) -> Result<DerivativeRequest> {
        let malformed =
            |message: String| Diagnostic::request(message).help("write FUNC or FUNC:wrt=0,1; positions count from 0");
        let (function, wrt) = match text.split_once(':') {
            None => (text, None),
            Some((function, rest)) => {
                let list =
                    rest.strip_prefix("wrt=").ok_or_else(|| malformed(format!("expected `wrt=…`, found `{rest}`")))?;
                let position = |item: &str| {
                    item.trim().parse().map_err(|_| malformed(format!("`{item}` is not an argument position")))
                };
                (function, Some(list.split(',').map(position).collect::<Result<_, _>>()?))
            }
        };
        if function.is_empty() {
            return Err(malformed("the function name is missing".into()));
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
