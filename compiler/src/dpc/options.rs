//! The command line of `dpc`.

use super::targets::{TARGETS, TargetOptions};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Parser, ValueEnum};
use dp_cuda::Chip;
use dp_dialects::{Diagnostic, FloatModel, Result};
use dp_driver::diagnostics::render::DiagnosticFormat;
use dp_driver::{DerivativeRequest, Emit};
use dp_passes::bound::LoopBound;
use dp_passes::calls::InlineLimit;
use dp_passes::manager::ByteLimit;
use dp_passes::specialize::Fixed;
use std::ffi::OsString;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

/// The number of points of --check-gradients and --check-each without a value.
const POINTS: &str = "3";

/// Heading of the options for debugging the compiler.
const DEBUGGING: &str = "Debugging the compiler";

/// Compiles MLIR programs and their derivatives to native libraries.
///
/// The program uses the dialects func, scf, cf, scalar, array, ad, arith, math, tensor, memref, bufferization and ub.
/// Its public functions become C functions; --grad, --jvp and --vjp add their derivatives.
#[derive(Debug, Parser)]
#[command(name = "dpc", version, max_term_width = 100)]
pub struct Options {
    /// The program, an MLIR file; `-` reads standard input.
    pub input: PathBuf,

    /// Add FUNC_grad, which returns the value of FUNC and its gradients. `wrt` selects arguments by
    /// position; the default is every floating-point or complex argument. The gradient with respect
    /// to x is named d_x, or d2_x, d3_x and so on if the name is taken. FUNC may be a function that
    /// --grad or --jvp adds: --jvp f_grad, or --grad f_jvp for the gradient of the directional
    /// derivative. Repeatable.
    #[arg(long, value_name = "FUNC[:wrt=0,1,…]")]
    pub grad: Vec<DerivativeRequest>,

    /// Add FUNC_jvp, which returns the results of FUNC and their directional derivatives. It takes
    /// the arguments of FUNC, then a tangent for each argument that `wrt` selects. `wrt` and names
    /// are as for --grad. Repeatable.
    #[arg(long, value_name = "FUNC[:wrt=0,1,…]")]
    pub jvp: Vec<DerivativeRequest>,

    /// Add the pullback of FUNC, as three functions of the library. FUNC_vjp returns the results of FUNC
    /// and a handle, which holds what the derivative needs. FUNC_pull takes the handle and cotangents of
    /// the results, and returns cotangents of the arguments that `wrt` selects; it may be called any number
    /// of times, by several threads at once. FUNC_drop frees the handle. With --run, FUNC_vjp takes the
    /// cotangents after the arguments, and returns the cotangents of the arguments after the results. `wrt`
    /// and names are as for --grad. A GPU library keeps residuals in host memory. Not for --target=xla.
    /// Repeatable.
    #[arg(long, value_name = "FUNC[:wrt=0,1,…]")]
    pub vjp: Vec<DerivativeRequest>,

    /// Compare every derivative that --grad, --jvp and --vjp add with differences, and gradients and
    /// pullbacks with forward mode, at N random points (3 without N), before anything is written. Points
    /// lie near --args for the functions that they fit; otherwise in the range of the attribute
    /// `dp.range = [low, high]` of an argument, or in [0.5, 1.5]; integers are 1 or 2, and dynamic extents
    /// are 3. A derivative that differs is an error.
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = POINTS,
        value_parser = points)]
    pub check_gradients: Option<NonZeroU32>,

    /// Output file; `-` writes to standard output. Without --emit, the suffix selects the output:
    /// .so .a .o .s .ll .ptx .h .mlir, or with --run .json .npy .npz.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Output kind [default: by the suffix of -o; without -o, nothing if --run is given, else so,
    /// or stablehlo for xla, or exe with --tpu].
    #[arg(long, value_name = "KIND", value_parser = emits())]
    pub emit: Option<Emit>,

    /// Target.
    #[arg(long, value_name = "TARGET", default_value = "cpu", value_parser = targets())]
    pub target: &'static TargetOptions,

    /// Call a function and print its results.
    #[arg(long, value_name = "FUNC")]
    pub run: Option<String>,

    /// Arguments for --run, separated by commas: numbers, nested lists in brackets, or @FILE.npy. Also
    /// for --check-gradients.
    #[arg(long, value_name = "VALUES", default_value = "", allow_hyphen_values = true)]
    pub args: String,

    /// Format in which --run prints results [default: text].
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,

    /// The bytes that each derivative may keep: a number, with K, M or G for powers of 1024. Loops keep as many of
    /// their states as fit, and are computed again from these. It is an error if no bound can be shown.
    #[arg(long, value_name = "BYTES", default_value = "none", hide_default_value = true)]
    pub max_tape: ByteLimit,

    /// The operations that inlining the calls of one function may add, or none for no limit [default: 1024]. A function of
    /// which it adds more stays a call, and becomes a pair of functions, forward and reverse, in derivatives. A function
    /// that is called once, that is small, or that computes elements of tensors is always inlined. For --target=cpu and
    /// --target=interp, without --specialize and --max-tape; otherwise all calls are inlined that are not recursive.
    #[arg(long, value_name = "N", default_value_t, hide_default_value = true)]
    pub inline_limit: InlineLimit,

    /// The greatest number of rounds of a loop, of which gradients then keep values in tensors of that extent; more
    /// rounds are a run-time error of the gradient. LOOP is the place of an `scf.for` or `scf.while` in the source,
    /// as in messages: LINE, or LINE:COLUMN if there are others on the line. In the program, the same is said by
    /// `dp.bound = N` on the loop. XLA needs it where the number is known only at run time and no bound follows from
    /// the loop. Repeatable.
    #[arg(long, value_name = "LOOP=N,…", value_delimiter = ',')]
    pub bound: Vec<LoopBound>,

    /// Report on each derivative, to standard error or to a file: what it keeps for the reverse sweep, of which type, for
    /// which operations and in how many bytes, as a formula in trip counts and extents; what it computes again instead;
    /// and which choice was made where an operation is not differentiable. This is before simplification, which may keep
    /// less. With --diagnostics=json, FILE is a list of records, whose `data` are the figures.
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    pub ad_report: Option<Option<PathBuf>>,

    /// Optimization level. 0 also turns off simplification.
    #[arg(short = 'O', value_name = "LEVEL", default_value_t = 3, value_parser = clap::value_parser!(u8).range(0..=3))]
    pub level: u8,

    /// Floating-point model.
    #[arg(long, value_name = "MODEL", default_value_t, value_parser = model, help = models())]
    pub fp: FloatModel,

    /// Fix the extents of arguments, in every function that has an argument of that name.
    #[arg(long, value_name = "ARG=2x3,…", value_delimiter = ',')]
    pub specialize: Vec<Fixed>,

    /// Entry function for --target=xla [default: the function that --run calls, or the only public
    /// one].
    #[arg(long, value_name = "FUNC")]
    pub entry: Option<String>,

    /// PJRT plugin that compiles and runs programs for --target=xla: a shared library [default:
    /// $DP_PJRT_PLUGIN].
    #[arg(long, value_name = "FILE")]
    pub pjrt_plugin: Option<PathBuf>,

    /// Run the program of --run on N devices of the PJRT plugin, over which its shardings divide arguments, results and
    /// work, for --target=xla. Without this option there is one device, on which shardings mean nothing. The meshes of
    /// the program have N devices. A plugin for CPUs makes as many devices as are asked for.
    #[arg(long, value_name = "N", value_parser = devices)]
    pub devices: Option<NonZeroUsize>,

    /// Compile ahead of time for TPUs of this topology, for example v5e:1x1. No TPU is needed.
    #[arg(long, value_name = "TOPOLOGY")]
    pub tpu: Option<String>,

    /// CPU to compile for, by its LLVM name [default: native].
    #[arg(long, value_name = "NAME")]
    pub mcpu: Option<String>,

    /// GPU architecture for --target=cuda: sm_80 or sm_90 [default: sm_80].
    #[arg(long, value_name = "NAME", value_parser = chip)]
    pub chip: Option<Chip>,

    /// Emit line tables, so that debuggers and profilers show source lines (--target=cpu). The
    /// source file is recorded as given here, relative to the current directory.
    #[arg(short = 'g')]
    pub debug: bool,

    /// Print the workspace size of each function in bytes: a number, or a formula in the extents of
    /// its arguments (--target=cpu).
    #[arg(long)]
    pub print_memory: bool,

    /// Print what the call of --run costs: arithmetic, in additions, and bytes of tensors that are read and written.
    /// If it calls a derivative that --grad, --jvp or --vjp adds, print the same of the function, and the ratios. The
    /// program is counted by the interpreter after simplification, before loops are fused. With --devices, also print the
    /// collective operations of the program that XLA compiled: how many of each kind, and the elements that a device
    /// gets by them; those in a loop are counted once.
    #[arg(long)]
    pub print_costs: bool,

    /// Save the program after each phase, next to the output.
    #[arg(long)]
    pub save_temps: bool,

    /// Print the time of each phase and the number of operations after each step.
    #[arg(short, long)]
    pub verbose: bool,

    /// Format of diagnostics on standard error. With json, each line is one object; the output of
    /// -v, --check-gradients, --check-each, --print-costs, --print-memory, --print-after, DP_PASS_LIMIT and DP_LOG has the severity
    /// `remark`, and its field `data` holds the content, with its kind in `about`.
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = diagnostic_formats())]
    pub diagnostics: DiagnosticFormat,

    /// Print the program after a step, to standard error. A step is named as -v prints it, or by its
    /// pass. Repeatable.
    #[arg(long, value_name = "STEP", help_heading = DEBUGGING)]
    pub print_after: Vec<String>,

    /// Interpret the public functions before the first step and after each step, at N random points (3 without N), and
    /// stop at the first step that changes a value, with an error. Steps are checked as long as the interpreter can
    /// execute the program: up to lowering. Points lie near --args for the function that --run calls, otherwise as for
    /// --check-gradients, and for every other point in [-2, 2].
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = POINTS,
        value_parser = points, help_heading = DEBUGGING)]
    pub check_each: Option<NonZeroU32>,

    /// Stop after a step and write the program.
    #[arg(long, value_name = "STEP", help_heading = DEBUGGING)]
    pub stop_after: Option<String>,

    /// If a step fails, write the program before the step, and the dpopt command that runs the step
    /// alone. (To find a step that miscompiles, set DP_PASS_LIMIT=N: only the first N optional steps
    /// run. If the program first goes wrong at N, the Nth step is at fault.)
    #[arg(long, value_name = "FILE", help_heading = DEBUGGING)]
    pub reproducer: Option<PathBuf>,
}

/// Options that users of other tools may try, with what to use instead.
const EXPECTED: &[(&str, &str)] = &[
    ("--hessian", "use `--grad f --jvp f_grad` for Hessian-vector products"),
    ("--hvp", "use `--grad f --jvp f_grad` for Hessian-vector products"),
    ("--jacobian", "use `--jvp f` for Jacobian-vector products"),
    ("--gradient", "use `--grad f`"),
    ("--check-grad", "use `--check-gradients`"),
    ("--gradcheck", "use `--check-gradients`"),
    ("--opt-level", "use -O0 to -O3"),
];

impl Options {
    /// Parses a command line.
    ///
    /// # Errors
    /// If it is invalid, and for `--help` and `--version`.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Options, clap::Error> {
        Options::try_parse_from(arguments).map_err(|mut error| {
            let Some(ContextValue::String(unknown)) = error.get(ContextKind::InvalidArg).cloned() else { return error };
            if error.kind() != ErrorKind::UnknownArgument {
                return error;
            }
            // clap suggests that the unknown option is a value; no value begins with dashes.
            error.remove(ContextKind::Suggested);
            if let Some((_, advice)) = EXPECTED.iter().find(|(name, _)| *name == unknown) {
                error.remove(ContextKind::SuggestedArg);
                error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![(*advice).into()]));
            } else if let Some(ContextValue::String(near)) = error.get(ContextKind::SuggestedArg) {
                // A more distant suggestion is hardly what the user meant.
                if strsim::damerau_levenshtein(near, &unknown) > 2 {
                    error.remove(ContextKind::SuggestedArg);
                }
            }
            error
        })
    }
}

impl Options {
    /// The kind of the output, apart from the results of a call.
    pub fn artifact(&self) -> Option<Emit> {
        self.emit.or_else(|| self.run.is_none().then(|| (self.target.default_emit)(self)).flatten())
    }
}

/// Format in which results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// One line per result, `name = value`, in the syntax of --args
    #[default]
    Text,
    /// JSON, with names, types and shapes
    Json,
}

/// A parser for named values, each with a line of help.
fn choice<T: Copy + Send + Sync + 'static>(
    values: impl IntoIterator<Item = (&'static str, &'static str, T)>,
) -> impl TypedValueParser<Value = T> {
    let values: Vec<_> = values.into_iter().collect();
    let words = values.iter().map(|(name, help, _)| PossibleValue::new(*name).help(*help));
    PossibleValuesParser::new(words.collect::<Vec<_>>()).try_map(move |word| {
        let found = values.iter().find(|(name, ..)| *name == word).map(|(.., value)| *value);
        found.ok_or_else(|| Diagnostic::request(format!("unknown value '{word}'")))
    })
}

/// The values of `--emit`.
fn emits() -> impl TypedValueParser<Value = Emit> {
    choice(Emit::ALL.map(|emit| (emit.name(), emit.summary(), emit)))
}

/// The values of `--target`.
fn targets() -> impl TypedValueParser<Value = &'static TargetOptions> {
    choice(TARGETS.iter().map(|target| (target.name, target.summary, target)))
}

/// The values of `--diagnostics`.
fn diagnostic_formats() -> impl TypedValueParser<Value = DiagnosticFormat> {
    choice([
        ("text", "`file:line:column: error: message`, the source line, and help", DiagnosticFormat::Text),
        (
            "json",
            "One JSON object per line, with severity, code, message, help, file, line, column, notes",
            DiagnosticFormat::Json,
        ),
    ])
}

/// Parses a floating-point model.
fn model(word: &str) -> Result<FloatModel> {
    word.parse()
}

/// Parses a number of points.
fn points(word: &str) -> Result<NonZeroU32> {
    let refused = |_| Diagnostic::request(format!("'{word}' is not a number of points")).help("give 1 or more points");
    word.parse().map_err(refused)
}

/// Parses a number of devices.
fn devices(word: &str) -> Result<NonZeroUsize> {
    let refused =
        |_| Diagnostic::request(format!("'{word}' is not a number of devices")).help("give 1 or more devices");
    word.parse().map_err(refused)
}

/// Parses a GPU architecture.
fn chip(word: &str) -> Result<Chip> {
    word.parse().map_err(|error: dp_cuda::Error| Diagnostic::of(&error))
}

/// The help of `--fp`.
fn models() -> String {
    let line = |model: FloatModel| format!("{model}: {}", model.summary());
    format!("Floating-point model. {}", FloatModel::ALL.map(line).join(". "))
}
