//! Pipelines from programs on tensors to LLVM's dialect: tables of steps, in two stages, between which loops on tensors
//! may be fused.

use dp_abi::Library;
use dp_dialects::FloatModel;
use dp_dialects::ir::{Op, walk};
use dp_entries::attributes::described;
use dp_passes::{Pass, Reported, pipeline};
use melior::ir::operation::OperationLike;

/// A named step.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Its name, in timings.
    name: &'static str,
    action: Action,
}

/// What runs.
#[derive(Clone, Copy, Debug)]
enum Action {
    /// One of our passes, with its options.
    Ours(&'static Pass, fn(&LowerOptions) -> Vec<String>),
    /// Passes of upstream.
    Upstream(&'static str),
    /// The same, only where some operation needs them.
    Where(fn(Op) -> bool, &'static str),
}

impl Step {
    /// One of our passes, without options.
    pub const fn ours(name: &'static str, pass: &'static Pass) -> Step {
        Step::with(name, pass, |_| Vec::new())
    }

    /// One of our passes, with options.
    pub const fn with(name: &'static str, pass: &'static Pass, values: fn(&LowerOptions) -> Vec<String>) -> Step {
        Step { name, action: Action::Ours(pass, values) }
    }

    /// Passes of upstream, as a textual pipeline.
    pub const fn upstream(name: &'static str, passes: &'static str) -> Step {
        Step { name, action: Action::Upstream(passes) }
    }

    /// Passes of upstream, where the module has an operation that needs them.
    pub const fn needed(name: &'static str, by: fn(Op) -> bool, passes: &'static str) -> Step {
        Step { name, action: Action::Where(by, passes) }
    }

    /// Runs the step. Afterwards the module verifies, which is checked where
    /// [`VERIFIES_EACH`](pipeline::VERIFIES_EACH) says so.
    ///
    /// # Errors
    /// Where a pass fails; it has been reported.
    pub(crate) fn run(&self, module: Op, options: &LowerOptions) -> Result<(), Reported> {
        let _span = tracing::info_span!("lower", step = self.name).entered();
        match self.action {
            Action::Ours(pass, values) => {
                let values = values(options);
                (pass.body)(module, &values.iter().map(String::as_str).collect::<Vec<_>>())?;
            }
            Action::Upstream(passes) => pipeline::run(module, passes)?,
            Action::Where(needs, passes) => {
                if holds(module, needs) {
                    pipeline::run(module, passes)?;
                }
            }
        }
        if pipeline::VERIFIES_EACH && !module.verify() { Err(Reported) } else { Ok(()) }
    }
}

fn holds(module: Op, property: fn(Op) -> bool) -> bool {
    let mut found = false;
    walk(module, &mut |op| found = found || property(op));
    found
}

/// How a target lowers programs. A stage is a list of tables, some of which other targets have too.
#[derive(Debug)]
pub struct Pipeline {
    /// From a program, differentiated and simplified, to structured loops on tensors.
    pub to_linalg: &'static [&'static [Step]],
    /// The library that the program becomes, of which the first stage leaves a description.
    pub library: fn(Op) -> Result<Library, Reported>,
    /// From structured loops on tensors to LLVM's dialect.
    pub to_llvm: &'static [&'static [Step]],
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
    /// The widest useful vectors of the processor, in bytes: 16, 32 or 64.
    pub vector_bytes: usize,
    /// Whether the processor has instructions that convert f16.
    pub native_f16: bool,
    /// Symbols of functions that are linked in later, so that the module only declares them.
    pub linked: Vec<&'static str>,
}

impl LowerOptions {
    /// A pipeline, for a processor whose vectors have 32 bytes.
    pub fn new(pipeline: &'static Pipeline) -> Self {
        LowerOptions {
            pipeline,
            library_name: "model".into(),
            fp: FloatModel::Reassociate,
            vector_bytes: 32,
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
    pub fn note_workspaces(&mut self, module: Op) -> Result<(), Reported> {
        for function in described(module)?.functions().iter().filter(|function| function.workspace) {
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
pub fn to_linalg(module: Op, options: &LowerOptions) -> Result<Lowered, Reported> {
    run(module, options.pipeline.to_linalg, options)?;
    (options.pipeline.library)(module).map(|library| Lowered { library })
}

/// Lowers structured loops on tensors, in place, to LLVM's dialect.
///
/// # Errors
/// As [`to_linalg`].
pub fn to_llvm(module: Op, options: &LowerOptions) -> Result<(), Reported> {
    run(module, options.pipeline.to_llvm, options)?;
    if module.verify() { Ok(()) } else { Err(Reported) }
}

/// Runs tables of steps.
///
/// # Errors
/// Where a step fails; it has been reported.
pub fn run(module: Op, tables: &[&[Step]], options: &LowerOptions) -> Result<(), Reported> {
    tables.iter().copied().flatten().try_for_each(|step| step.run(module, options))
}
