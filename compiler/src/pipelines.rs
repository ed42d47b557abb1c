//! Pipelines: what runs, in which order, and why there.

use dp_dialects::Complaint;
use dp_dialects::FloatModel;
use dp_dialects::ir::{Op, context_of};
use dp_dialects::registry::{Pass, Reported};
use dp_lower::{LowerOptions, Lowered, Stage};
use dp_passes::pipeline::VERIFIES_EACH;
use melior::ir::operation::OperationLike;
use melior::pass::PassManager;

/// What the user chose that passes need to know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The floating-point model.
    pub fp: FloatModel,
    /// How hard to optimize, from 0 to 3.
    pub level: u8,
    /// The extents of arguments that are fixed, as `specialize-extents` reads them.
    pub extents: String,
    /// Whether the target takes known extents alone: those that follow from constants are written into types too.
    pub fixed: bool,
}

/// A named step of a pipeline. Afterwards the module verifies, which is checked where [`VERIFIES_EACH`]
/// says so.
#[derive(Debug)]
pub struct Step {
    /// Its name: in timings and in the names of saved files.
    pub name: &'static str,
    /// The pass.
    pub pass: &'static Pass,
    /// Its options that are not left at their defaults.
    pub options: fn(&Settings) -> Vec<(&'static str, String)>,
    /// Whether it runs.
    pub when: fn(&Settings) -> bool,
}

fn no_options(_: &Settings) -> Vec<(&'static str, String)> {
    Vec::new()
}

fn always(_: &Settings) -> bool {
    true
}

/// From what a user wrote to a program without requests for derivatives.
pub static DIFFERENTIATE: &[Step] = &[
    // First of all: every later step sees one block a region. Before raising, since lifting makes `arith`.
    Step { name: "lift", pass: &dp_passes::control::LIFT_CONTROL_FLOW, options: no_options, when: always },
    // Every later step knows one operation for each thing.
    Step { name: "raise", pass: &dp_passes::raise::RAISE_TO_SCALAR, options: no_options, when: always },
    // On the program as it was written, where each operation still has its rule;
    // what simplification finds afterwards, it finds across primal and adjoint.
    Step { name: "ad", pass: &dp_ad::AD, options: no_options, when: always },
];

/// Simplification, on a program without requests for derivatives.
pub static SIMPLIFY: &[Step] = &[
    // What a call computes is simplified together with what uses it.
    Step { name: "inline", pass: &dp_passes::inline::INLINE_CALLS, options: no_options, when: inlined },
    // When no call hands extents on, and before simplification, which makes use of what is known.
    Step { name: "specialize", pass: &dp_passes::specialize::SPECIALIZE_EXTENTS, options: extents, when: specialized },
    // On whole tensors, where algebra is short; loops would hide it.
    Step { name: "simplify", pass: &dp_simplify::SIMPLIFY, options: simplification, when: optimized },
];

fn optimized(settings: &Settings) -> bool {
    settings.level > 0
}

fn specialized(settings: &Settings) -> bool {
    settings.fixed || !settings.extents.is_empty()
}

fn inlined(settings: &Settings) -> bool {
    optimized(settings) || specialized(settings)
}

fn extents(settings: &Settings) -> Vec<(&'static str, String)> {
    vec![("extents", settings.extents.clone())]
}

/// The least effort: normal forms alone.
fn simplification(settings: &Settings) -> Vec<(&'static str, String)> {
    let mut options = vec![("fp", settings.fp.to_string())];
    if settings.level == 1 {
        options.push(("max-nodes", "0".into()));
    }
    options
}

impl Step {
    /// Runs the step on a module.
    ///
    /// # Errors
    /// Where its pass fails; it has been reported.
    pub fn run(&self, module: Op, settings: &Settings) -> Result<(), Reported> {
        let options = (self.options)(settings);
        let options: Vec<(&str, &str)> = options.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let manager = PassManager::new(context_of(module));
        manager.enable_verifier(VERIFIES_EACH);
        manager.add_pass(self.pass.instance(&options));
        // SAFETY: the manager and the module are live; the module is a `builtin.module`.
        let outcome = unsafe { mlir_sys::mlirPassManagerRunOnOp(manager.to_raw(), module.to_raw()) };
        if outcome.value == 0 { Err(Reported) } else { Ok(()) }
    }
}

/// Whether a module verifies, which is asked of all that leaves the compiler, or is lowered by other means than passes.
///
/// # Errors
/// Where it does not; what is wrong, and whose fault it is, has been reported.
pub fn verified(module: Op) -> Result<(), Reported> {
    if module.verify() {
        return Ok(());
    }
    let complaint = Complaint::new("internal error: a pass has left what does not verify");
    Err(complaint.hint("please report the program that caused it").report(module.location()))
}

/// From a simplified program to loops on tensors, and from there to LLVM's dialect. Between the two, loops
/// are fused: they say there what they read and write, and nothing has a place in memory yet.
///
/// # Errors
/// Where the program has what the target does not support; it has been reported.
pub fn lower(module: Op, options: &LowerOptions, stage: Stage) -> Result<Lowered, Reported> {
    let mut lowered = dp_lower::to_linalg(module, options)?;
    {
        let _span = tracing::info_span!("lower", step = "fuse").entered();
        let (fp, vector_bytes) = (options.fp.to_string(), options.vector_bytes.to_string());
        (dp_fusion::FUSE_LOOPS.body)(module, &[&fp, &vector_bytes])?;
        verified(module)?;
    }
    if stage == Stage::Llvm {
        dp_lower::to_llvm(module, options)?;
        lowered.note_workspaces(module)?;
    }
    Ok(lowered)
}
