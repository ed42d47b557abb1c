//! The command line of `dpc`.

use super::targets::{TARGETS, TargetOptions};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Parser, ValueEnum};
use dp_cuda::Chip;
use dp_dialects::{Diagnostic, FloatModel, Result};
use dp_driver::diagnostics::render::DiagnosticFormat;
use dp_driver::{DerivativeRequest, Emit};
use dp_passes::specialize::Fixed;
use std::ffi::OsString;
use std::path::PathBuf;

/// The heading of options that find the step that goes wrong.
const DEBUGGING: &str = "Debugging the compiler";

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
    /// respect to every argument that carries a derivative. What belongs to x is
    /// named d_x; if that is taken, d2_x, and so on. Derivatives of derivatives are
    /// asked for by the names that these options make, in any order: --jvp f_grad, and
    /// --grad f_jvp, which is that of the derivative alone. May be repeated.
    #[arg(long, value_name = "FUNC[:wrt=0,1,…]")]
    pub grad: Vec<DerivativeRequest>,

    /// Add FUNC_jvp: the results of FUNC and their derivatives along tangents of
    /// arguments, which come after its own arguments; named as those of --grad are.
    /// May be repeated.
    #[arg(long, value_name = "FUNC[:wrt=0,1,…]")]
    pub jvp: Vec<DerivativeRequest>,

    /// Where the output goes; `-` is standard output. The suffix says what is made, where
    /// --emit does not: .so .a .o .s .ll .ptx .h .mlir; beside --run, .json .npy .npz.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// What to make [default: what the suffix of the output says; so, or stablehlo for xla,
    /// or exe where --tpu is given; nothing where --run is given].
    #[arg(long, value_name = "KIND", value_parser = emits())]
    pub emit: Option<Emit>,

    /// What executes the program.
    #[arg(long, value_name = "TARGET", default_value = "cpu", value_parser = targets())]
    pub target: &'static TargetOptions,

    /// Call a function and print its results.
    #[arg(long, value_name = "FUNC")]
    pub run: Option<String>,

    /// The arguments for --run: numbers, nested lists in brackets, and
    /// @FILE.npy, with commas between them.
    #[arg(long, value_name = "VALUES", default_value = "", allow_hyphen_values = true)]
    pub args: String,

    /// How --run prints the results [default: text].
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,

    /// How hard to optimize; 0 also leaves out simplification.
    #[arg(short = 'O', value_name = "LEVEL", default_value_t = 3, value_parser = clap::value_parser!(u8).range(0..=3))]
    pub level: u8,

    /// The floating-point model.
    #[arg(long, value_name = "MODEL", default_value_t, value_parser = model, help = models())]
    pub fp: FloatModel,

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

    /// Which CPU to compile for, as LLVM calls it [default: native].
    #[arg(long, value_name = "NAME")]
    pub mcpu: Option<String>,

    /// Which device --target=cuda compiles for: sm_80 or sm_90 [default: sm_80].
    #[arg(long, value_name = "NAME", value_parser = chip)]
    pub chip: Option<Chip>,

    /// Write line tables, of --target=cpu: debuggers and profilers show lines of the program.
    /// The file is named as it is here, relative to the folder that dpc is called in.
    #[arg(short = 'g')]
    pub debug: bool,

    /// Print how many bytes the workspace of each function takes, of
    /// --target=cpu: a number, or a formula in the extents of its arguments.
    #[arg(long)]
    pub print_memory: bool,

    /// Keep the program after each phase, beside the output.
    #[arg(long)]
    pub save_temps: bool,

    /// Print how long each phase takes, and how many operations each step leaves.
    #[arg(short, long)]
    pub verbose: bool,

    /// How diagnostics are printed, to standard error. With json each of its lines is one object:
    /// what -v, --print-memory, --print-after, DP_PASS_LIMIT and DP_LOG print are of severity
    /// remark, with a field data, whose about says of what kind they are; programs are its text.
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = diagnostic_formats())]
    pub diagnostics: DiagnosticFormat,

    /// Print the program after a step, to standard error. A step has the names that -v prints, and
    /// that of its pass. May be repeated.
    #[arg(long, value_name = "STEP", help_heading = DEBUGGING)]
    pub print_after: Vec<String>,

    /// Stop after a step, and write the program as it is then.
    #[arg(long, value_name = "STEP", help_heading = DEBUGGING)]
    pub stop_after: Option<String>,

    /// Where a step fails, write the program as it was before, with the dpopt command that runs the
    /// step alone. DP_PASS_LIMIT=N in the environment lets the first N optional steps run, and skips
    /// the rest: what goes wrong from some N on, goes wrong by the Nth.
    #[arg(long, value_name = "FILE", help_heading = DEBUGGING)]
    pub reproducer: Option<PathBuf>,
}

/// Options that a user may expect, and what does their work.
const EXPECTED: &[(&str, &str)] = &[
    ("--hessian", "--grad f --jvp f_grad makes products of the Hessian with a vector"),
    ("--hvp", "--grad f --jvp f_grad makes products of the Hessian with a vector"),
    ("--jacobian", "--jvp f makes products of the Jacobian with a vector"),
    ("--vjp", "'ad.vjp' and 'ad.pull' in a function of the program make products of a vector with the Jacobian"),
    ("--gradient", "--grad f adds the gradient of f"),
    ("--opt-level", "-O0 to -O3 say how hard to optimize"),
];

impl Options {
    /// Reads a command line.
    ///
    /// # Errors
    /// Where it is not one, with what to do about it; and where it asks for help or the version.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Options, clap::Error> {
        Options::try_parse_from(arguments).map_err(|mut error| {
            let Some(ContextValue::String(unknown)) = error.get(ContextKind::InvalidArg).cloned() else { return error };
            if error.kind() != ErrorKind::UnknownArgument {
                return error;
            }
            // No value begins with dashes, which the reader of command lines takes for possible.
            error.remove(ContextKind::Suggested);
            if let Some((_, advice)) = EXPECTED.iter().find(|(name, _)| *name == unknown) {
                error.remove(ContextKind::SuggestedArg);
                error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![(*advice).into()]));
            } else if let Some(ContextValue::String(near)) = error.get(ContextKind::SuggestedArg) {
                // What is further away was hardly meant.
                if strsim::damerau_levenshtein(near, &unknown) > 2 {
                    error.remove(ContextKind::SuggestedArg);
                }
            }
            error
        })
    }
}

impl Options {
    /// What is made, beside the results of a call.
    pub fn artifact(&self) -> Option<Emit> {
        self.emit.or_else(|| self.run.is_none().then(|| (self.target.default_emit)(self)).flatten())
    }
}

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// `name = value`, a line for each result, as --args reads values.
    #[default]
    Text,
    /// JSON, with names, types and shapes.
    Json,
}

/// A choice between named values, each with a line of help.
fn choice<T: Copy + Send + Sync + 'static>(
    values: impl IntoIterator<Item = (&'static str, &'static str, T)>,
) -> impl TypedValueParser<Value = T> {
    let values: Vec<_> = values.into_iter().collect();
    let words = values.iter().map(|(name, help, _)| PossibleValue::new(*name).help(*help));
    PossibleValuesParser::new(words.collect::<Vec<_>>()).try_map(move |word| {
        let found = values.iter().find(|(name, ..)| *name == word).map(|(.., value)| *value);
        found.ok_or_else(|| Diagnostic::request(format!("'{word}' is not a choice")))
    })
}

/// What `--emit` may be.
fn emits() -> impl TypedValueParser<Value = Emit> {
    choice(Emit::ALL.map(|emit| (emit.name(), emit.summary(), emit)))
}

/// What `--target` may be.
fn targets() -> impl TypedValueParser<Value = &'static TargetOptions> {
    choice(TARGETS.iter().map(|target| (target.name, target.summary, target)))
}

/// What `--diagnostics` may be.
fn diagnostic_formats() -> impl TypedValueParser<Value = DiagnosticFormat> {
    choice([
        ("text", "`file:line:column: error: message`, the line of the program, and help", DiagnosticFormat::Text),
        (
            "json",
            "An object of JSON a line: severity, message, help, file, line, column, and notes",
            DiagnosticFormat::Json,
        ),
    ])
}

/// The floating-point model that a word chooses.
fn model(word: &str) -> Result<FloatModel> {
    word.parse()
}

/// The device that a word chooses.
fn chip(word: &str) -> Result<Chip> {
    word.parse().map_err(|error: dp_cuda::Error| Diagnostic::of(&error))
}

/// What `--fp` may be.
fn models() -> String {
    let line = |model: FloatModel| format!("{model}: {}", model.summary());
    format!("The floating-point model. {}", FloatModel::ALL.map(line).join(". "))
}
