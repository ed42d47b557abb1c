//! Pipelines from tensors to the LLVM dialect: tables of steps in two stages. Fusion can run between them.

use dp_abi::Library;
use dp_abi_passes::attributes::described;
use dp_dialects::FloatModel;
use dp_dialects::ir::Op;
use dp_passes::ErrorGuaranteed;
use dp_passes::calls::InlineLimit;
use dp_passes::manager::{self, Halt, Observer, Step, VectorWidth};
use melior::ir::operation::OperationLike;

/// A step of lowering.
pub type LowerStep = Step<LowerOptions>;

/// The lowering of a target. A stage is a list of step tables, some of which targets share.
#[derive(Debug)]
pub struct Pipeline {
    /// From a differentiated and simplified program to structured loops on tensors.
    pub to_linalg: &'static [&'static [LowerStep]],
    /// Reads the description of the library, which the first stage leaves in the module.
    pub library: fn(Op) -> Result<Library, ErrorGuaranteed>,
    /// Whether scans are loops over windows, of which a thread computes each element.
    pub windows: bool,
    /// Whether tensors and handles are in the memory of the functions that use them. Then recursive functions may have
    /// tensors as arguments and results, and the handles of pullbacks may hold records.
    pub on_host: bool,
    /// From structured loops on tensors to the LLVM dialect.
    pub to_llvm: &'static [&'static [LowerStep]],
}

/// Options of lowering.
#[derive(Clone, Debug)]
pub struct LowerOptions {
    /// The pipeline.
    pub pipeline: &'static Pipeline,
    /// The name of the library.
    pub library_name: String,
    /// The floating-point model.
    pub fp: FloatModel,
    /// The operations that inlining one function may add.
    pub inline: InlineLimit,
    /// The vector width of the CPU.
    pub vectors: VectorWidth,
    /// Whether the CPU has instructions that convert f16.
    pub native_f16: bool,
    /// Functions that are linked in later; the module only declares them.
    pub linked: Vec<&'static str>,
}

impl LowerOptions {
    /// Options for a pipeline, with defaults: vectors of 32 bytes.
    pub fn new(pipeline: &'static Pipeline) -> Self {
        LowerOptions {
            pipeline,
            library_name: "model".into(),
            fp: FloatModel::Reassociate,
            inline: InlineLimit::default(),
            vectors: VectorWidth::Bytes32,
            native_f16: false,
            linked: Vec::new(),
        }
    }
}

/// The stage at which lowering stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Structured loops on tensors.
    Linalg,
    /// The LLVM dialect.
    Llvm,
}

/// The output of lowering besides the module.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// The model of the library's C interface.
    pub library: Library,
}

impl Lowered {
    /// Records which functions allocate a workspace. This is known after lowering to the LLVM dialect.
    ///
    /// # Errors
    /// If the module has no description; this was reported.
    pub fn note_workspaces(&mut self, module: Op) -> Result<(), ErrorGuaranteed> {
        for function in described(module)?.functions().iter().filter(|function| function.workspace) {
            self.library.note_workspace(&function.name);
        }
        Ok(())
    }
}

/// Lowers a differentiated and simplified module to structured loops on tensors, in place.
///
/// # Errors
/// If the target does not support the program, which was reported, or the observer stops the pipeline.
pub fn to_linalg(module: Op, options: &LowerOptions, observer: &mut dyn Observer) -> Result<Lowered, Halt> {
    run(module, options.pipeline.to_linalg, options, observer)?;
    Ok((options.pipeline.library)(module).map(|library| Lowered { library })?)
}

/// Lowers structured loops on tensors to the LLVM dialect, in place.
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
/// If a step fails, which was reported, or the observer stops the pipeline.
pub fn run(
    module: Op,
    tables: &[&[LowerStep]],
    options: &LowerOptions,
    observer: &mut dyn Observer,
) -> Result<(), Halt> {
    tables.iter().try_for_each(|steps| manager::run(steps, module, options, observer))
}
