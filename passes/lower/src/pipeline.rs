//! The road from tensors to LLVM's dialect: a table of steps, in two stages, between which loops on
//! tensors may be fused.

use crate::entries::{border, destinations, glue, guard, hoist, inline, memory, recursion, results, status};
use crate::structured::is_named;
use crate::{
    LowerOptions, Road, chains, copies, counts, expansions, gpu, halves, loops, products, reuse, rotate, scalars,
    separate, sink, straight, tensors, vectors, workspace,
};
use dp_abi::Library;
use dp_dialects::ir::{Op, walk};
use dp_passes::{Pass, Reported, pipeline};
use melior::ir::operation::OperationLike;

/// How far down a module goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Structured loops on tensors.
    Linalg,
    /// LLVM's dialect.
    Llvm,
}

/// A step: what runs.
pub(crate) enum Step {
    /// One of our passes, with its options.
    Ours(&'static Pass, fn(&LowerOptions) -> Vec<String>),
    /// Passes of upstream.
    Upstream(&'static str),
    /// The same, only where some operation needs them.
    Where(fn(Op) -> bool, &'static str),
    /// One of our passes, without options, on this road alone.
    On(Road, &'static Pass),
    /// `lower-entries`, which also gives the library.
    Entries,
}

pub(crate) fn none(_: &LowerOptions) -> Vec<String> {
    Vec::new()
}

/// What the processor makes of f16.
pub(crate) fn f16(options: &LowerOptions) -> Vec<String> {
    vec![if options.native_f16 { "native" } else { "bits" }.into()]
}

/// From tensors to buffers.
pub(crate) const BUFFERIZE: &str =
    "eliminate-empty-tensors,one-shot-bufferize{allow-return-allocs-from-loops=true},canonicalize,cse";

/// Frees what functions allocate and do not return: upstream's pipeline, without what it does first of all. That forgets
/// of an allocation, where it finds its size to be known, that the workspace is freed by hand.
pub(crate) const FREE: &str = "ownership-based-buffer-deallocation,canonicalize,buffer-deallocation-simplification,\
     bufferization-lower-deallocations,cse,canonicalize,cse";

/// The steps, in order; the comments say why they stand here.
const STEPS: &[(Stage, &str, Step)] = &[
    // First, as fusion and buffers are a matter of one function.
    (Stage::Linalg, "inline", Step::Ours(&inline::INLINE_CALLS, none)),
    // What recursion is left calls private functions, as public ones become C functions.
    (Stage::Linalg, "recursion", Step::Ours(&recursion::SPLIT_RECURSION, none)),
    // Before loops are looked into: from here on all of them count with a sign, and to their end.
    (Stage::Linalg, "counts", Step::Ours(&counts::COUNT_LOOPS, none)),
    // On tensors of the program, of which fusion then makes few loops.
    (Stage::Linalg, "numbers", Step::On(Road::Cuda, &gpu::LIFT_NUMBERS)),
    // While broadcasts are operations, before their checks and loops.
    (Stage::Linalg, "sink", Step::Ours(&sink::SINK_SPLATS, none)),
    (Stage::Linalg, "array", Step::Ours(&tensors::LOWER_ARRAY, none)),
    // On tensors, where simplification shows which extents are those of arguments.
    (Stage::Linalg, "entries", Step::Entries),
    // Before memory is allocated.
    (Stage::Linalg, "hoist", Step::Ours(&hoist::HOIST_CHECKS, none)),
    // After the last elimination of common subexpressions, which shares them again.
    (Stage::Llvm, "destinations", Step::Ours(&destinations::UNSHARE_DESTINATIONS, none)),
    // When extents that loops carry are those from outside, and before bufferization copies what it finds in use.
    (Stage::Llvm, "separate", Step::Ours(&separate::SEPARATE_UPDATES, none)),
    // After destinations are apart, and before upstream asks of each two insertions whether they conflict.
    (Stage::Llvm, "chains", Step::Ours(&chains::PLACE_CHAINS, none)),
    // Empty tensors go first, so that results are computed in the caller's memory.
    (Stage::Llvm, "bufferize", Step::Upstream(BUFFERIZE)),
    // While the copies that bufferization left for results stand together at the end.
    (Stage::Llvm, "results", Step::Ours(&results::ORDER_RESULTS, none)),
    // When no copy of what is yielded is left that one could do without, and before buffers get places.
    (Stage::Llvm, "rotate", Step::Ours(&rotate::ROTATE_BUFFERS, none)),
    // When loops carry what they will, and before buffers get places.
    (Stage::Llvm, "reuse", Step::Ours(&reuse::REUSE_BUFFERS, none)),
    // Where it shows which buffers are in use at the same time.
    (Stage::Llvm, "workspace", Step::Ours(&workspace::PLAN_WORKSPACE, none)),
    // For what has no place in a workspace.
    (Stage::Llvm, "memory", Step::Where(is_to_free, FREE)),
    (
        Stage::Llvm,
        "dot",
        Step::Ours(&products::LOWER_DOT, |options| {
            vec![options.fp.to_string(), options.vector_bytes.to_string(), options.linked.join(",")]
        }),
    ),
    (Stage::Llvm, "copies", Step::Ours(&copies::LOWER_COPIES, none)),
    // The numbers of bodies, which have a form on vectors only then.
    (
        Stage::Llvm,
        "bodies",
        Step::Ours(&scalars::LOWER_SCALAR, |options| vec![options.fp.to_string(), "bodies".into()]),
    ),
    (Stage::Llvm, "vectors", Step::Ours(&vectors::LOWER_LOOPS, |options| vec![options.vector_bytes.to_string()])),
    // What has no form on vectors.
    (Stage::Llvm, "loops", Step::Where(|op| is_of(op, "linalg."), "func.func(convert-linalg-to-loops)")),
    // Where bodies are numbers and memory, and an operation on numbers is still one: what LLVM takes more than linear
    // time for must be short.
    (
        Stage::Llvm,
        "straight",
        Step::Ours(&straight::CUT_STRAIGHT_LINE, |_| {
            straight::CUT_STRAIGHT_LINE.options.iter().map(|option| option.default.to_string()).collect()
        }),
    ),
    // Late, as until here operations on numbers are pure and few.
    (Stage::Llvm, "scalar", Step::Ours(&scalars::LOWER_SCALAR, |options| vec![options.fp.to_string()])),
    // When nothing allocates any more, and functions still return what they allocate for their caller.
    (Stage::Llvm, "guard", Step::Ours(&guard::GUARD_ALLOCATIONS, |_| vec!["true".into()])),
    (Stage::Llvm, "border", Step::Ours(&border::LOWER_BORDER, none)),
    (Stage::Llvm, "complex", Step::Where(|op| is_of(op, "complex."), "convert-complex-to-standard")),
    // Before upstream expands what is left of them.
    (Stage::Llvm, "expansions", Step::Ours(&expansions::LOWER_EXPANSIONS, none)),
    (Stage::Llvm, "branches", Step::Upstream("expand-strided-metadata,lower-affine,convert-scf-to-cf")),
    // Assertions return, which structured control flow cannot.
    (Stage::Llvm, "checks", Step::Ours(&status::LOWER_CHECKS, none)),
    (Stage::Llvm, "llvm", Step::Upstream("convert-to-llvm,reconcile-unrealized-casts,canonicalize,cse")),
    // Where every value has one of LLVM's types, and nothing makes more of them.
    (Stage::Llvm, "halves", Step::Ours(&halves::LOWER_HALVES, f16)),
    // On branches, which is all that is left of loops.
    (Stage::Llvm, "annotate", Step::Ours(&loops::ANNOTATE_LOOPS, |options| vec![options.vector_bytes.to_string()])),
    (Stage::Llvm, "glue", Step::Ours(&glue::LOWER_GLUE, none)),
];

/// The steps that are enough for functions that the compiler itself writes, on buffers and in upstream's dialects.
const WRITTEN: [&str; 4] = ["branches", "llvm", "halves", "annotate"];

/// What lowering makes beside the module.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// The model of the library's C interface.
    pub library: Library,
}

impl Lowered {
    /// Takes over which functions allocate a workspace, which lowering to LLVM's dialect shows.
    ///
    /// # Errors
    /// Where the module has no description; it has been reported.
    pub fn note_workspaces(&mut self, module: Op) -> Result<(), Reported> {
        for function in crate::entries::described(module)?.functions().iter().filter(|function| function.workspace) {
            self.library.note_workspace(&function.name);
        }
        Ok(())
    }
}

/// Lowers a module in place, differentiated and simplified, to structured loops on tensors.
///
/// # Errors
/// Where the program has what the target does not support; diagnostics have
/// said what and where.
pub fn to_linalg<'c>(module: Op<'c>, options: &LowerOptions) -> Result<Lowered, Reported> {
    run(module, options, Stage::Linalg)?.map(|library| Lowered { library }).ok_or(Reported)
}

/// Lowers structured loops on tensors, in place, to LLVM's dialect.
///
/// # Errors
/// As [`to_linalg`].
pub fn to_llvm<'c>(module: Op<'c>, options: &LowerOptions) -> Result<(), Reported> {
    run(module, options, Stage::Llvm)?;
    if module.verify() { Ok(()) } else { Err(Reported) }
}

/// Runs the steps of a stage.
fn run<'c>(module: Op<'c>, options: &LowerOptions, stage: Stage) -> Result<Option<Library>, Reported> {
    let mut library = None;
    let steps = match (options.road, stage) {
        (Road::Cpu, _) | (Road::Cuda, Stage::Linalg) => STEPS,
        (Road::Cuda, Stage::Llvm) => gpu::STEPS,
    };
    for (_, name, step) in steps.iter().filter(|(of, _, _)| *of == stage) {
        run_step(name, step, module, options, &mut library)?;
    }
    Ok(library)
}

/// Lowers functions that the compiler itself writes, such as [`DotKernel::render`](crate::dot::DotKernel::render), to
/// LLVM's dialect.
///
/// # Errors
/// Where they are not what a processor runs; diagnostics have said so.
pub fn lower_written<'c>(module: Op<'c>, options: &LowerOptions) -> Result<(), Reported> {
    for (_, name, step) in STEPS.iter().filter(|(_, name, _)| WRITTEN.contains(name)) {
        run_step(name, step, module, options, &mut None)?;
    }
    if module.verify() { Ok(()) } else { Err(Reported) }
}

/// Runs one step.
fn run_step(
    name: &str,
    step: &Step,
    module: Op,
    options: &LowerOptions,
    library: &mut Option<Library>,
) -> Result<(), Reported> {
    let _span = tracing::info_span!("lower", step = name).entered();
    match step {
        Step::Ours(pass, values) => {
            let values = values(options);
            (pass.body)(module, &values.iter().map(String::as_str).collect::<Vec<_>>())?;
        }
        Step::Upstream(text) => pipeline::run(module, text)?,
        Step::Where(needs, text) => {
            if holds(module, *needs) {
                pipeline::run(module, text)?;
            }
        }
        Step::On(road, pass) => {
            if options.road == *road {
                (pass.body)(module, &[])?;
            }
        }
        Step::Entries => {
            let made = memory::run(module, &options.library_name)?;
            *library = Some(match options.road {
                Road::Cpu => made,
                Road::Cuda => {
                    gpu::numbers::restore(module, &made).map_err(|complaint| complaint.report(module.location()))?
                }
            });
        }
    }
    if pipeline::VERIFIES_EACH && !module.verify() { Err(Reported) } else { Ok(()) }
}

fn holds(module: Op, property: fn(Op) -> bool) -> bool {
    let mut found = false;
    walk(module, &mut |op| found = found || property(op));
    found
}

/// Whether an operation is one of a dialect, named with its dot.
pub(crate) fn is_of(op: Op, dialect: &str) -> bool {
    op.name().as_string_ref().as_str().is_ok_and(|name| name.starts_with(dialect))
}

/// Whether an operation allocates what nothing frees yet.
pub(crate) fn is_to_free(op: Op) -> bool {
    is_named(op, "memref.alloc") && !workspace::is_by_hand(op)
}
