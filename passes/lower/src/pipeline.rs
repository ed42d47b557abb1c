//! Pipelines from tensors to the LLVM dialect: tables of steps in two stages. Fusion can run between them.

use dp_abi::Library;
use dp_abi_passes::attributes::described;
use dp_dialects::FloatModel;
use dp_dialects::ir::Op;
use dp_passes::ErrorGuaranteed;
use dp_passes::manager::{self, Halt, Observer, Step, VectorWidth};
use melior::ir::operation::OperationLike;

/// A step of lowering.
pub type LowerStep = Step<LowerOptions>;

/// How a target lowers programs. A stage is a list of tables, some of which other targets have too.
#[derive(Debug)]
pub struct Pipeline {
    /// From a program, differentiated and simplified, to structured loops on tensors.
    pub to_linalg: &'static [&'static [LowerStep]],
    /// The library that the program becomes, of which the first stage leaves a description.
    pub library: fn(Op) -> Result<Library, ErrorGuaranteed>,
    /// From structured loops on tensors to LLVM's dialect.
    pub to_llvm: &'static [&'static [LowerStep]],
}

/// What the lowering is told.
#[derive(Clone, Debug)]
pub struct LowerOptions {
    /// The steps.
    pub pipeline: &'static Pipeline,
    /// The name of the library.
    pub library_name: String,
    /// The floating-point model.
    pub fp: FloatModel,
    /// The CPU's widest useful vectors.
    pub vectors: VectorWidth,
    /// Whether the CPU has instructions that convert f16.
    pub native_f16: bool,
    /// Symbols of functions that are linked in later, so that the module only declares them.
    pub linked: Vec<&'static str>,
}

impl LowerOptions {
    /// A pipeline, for a CPU whose vectors have 32 bytes.
    pub fn new(pipeline: &'static Pipeline) -> Self {
        LowerOptions {
            pipeline,
            library_name: "model".into(),
            fp: FloatModel::Reassociate,
            vectors: VectorWidth::Bytes32,
            native_f16: false,
            linked: Vec::new(),
        }
    }
}

/// How far down a module goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Structured loops on tensors.
    Linalg,
    /// LLVM's dialect.
    Llvm,
}

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
    pub fn note_workspaces(&mut self, module: Op) -> Result<(), ErrorGuaranteed> {
        for function in described(module)?.functions().iter().filter(|function| function.workspace) {
            self.library.note_workspace(&function.name);
        }
        Ok(())
    }
}

/// Lowers a module in place, differentiated and simplified, to structured loops on tensors.
///
/// # Errors
/// Where the program has what the target does not support, which has been reported, or the observer stops.
pub fn to_linalg(module: Op, options: &LowerOptions, observer: &mut dyn Observer) -> Result<Lowered, Halt> {
    run(module, options.pipeline.to_linalg, options, observer)?;
    Ok((options.pipeline.library)(module).map(|library| Lowered { library })?)
}

/// Lowers structured loops on tensors, in place, to LLVM's dialect.
///
/// # Errors
/// As [`to_linalg`].
pub fn to_llvm(module: Op, options: &LowerOptions, observer: &mut dyn Observer) -> Result<(), Halt> {
    run(module, options.pipeline.to_llvm, options, observer)?;
    if module.verify() { Ok(()) } else { Err(ErrorGuaranteed.into()) }
}

/// Runs tables of steps.
///
/// # Errors
/// Where a step fails, which has been reported, or the observer stops.
pub fn run(
    module: Op,
    tables: &[&[LowerStep]],
    options: &LowerOptions,
    observer: &mut dyn Observer,
) -> Result<(), Halt> {
    tables.iter().try_for_each(|steps| manager::run(steps, module, options, observer))
}
