//! `--target=xla`: the program as StableHLO, compiled and executed by a plugin.

use super::execute::Call;
use super::options::{Emit, Options};
use super::phases::Phases;
use super::program::Program;
use super::report::Failure;
use dp_abi::Number;
use dp_dialects::ir::{Op, argument_name, signature};
use dp_dialects::{Complaint, ValueType};
use dp_passes::specialize::Fixed;
use dp_runtime::pjrt::{AheadOfTime, ArrayType, Signature};
use dp_runtime::{Array, Elements};
use dp_xla::{Ahead, Artifact};
use melior::ir::Type;
use std::path::PathBuf;

/// Where a plugin is looked for that is not named.
const PLUGIN: &str = "DP_PJRT_PLUGIN";

/// The plugin that the environment names.
pub fn plugin_of_environment() -> Option<PathBuf> {
    std::env::var_os(PLUGIN).filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// XLA for one program.
pub struct Xla {
    options: dp_xla::Options,
    plugin: Option<PathBuf>,
}

impl Xla {
    /// What the command line asks for.
    ///
    /// # Errors
    /// Where an executable is asked for, and no devices or no plugin.
    pub fn new(options: &Options, program: &Program) -> Result<Xla, Complaint> {
        let plugin = options.pjrt_plugin.clone().or_else(plugin_of_environment);
        let ahead = match (&options.tpu, &plugin) {
            (Some(topology), Some(plugin)) => Some(Ahead { plugin: plugin.clone(), topology: topology.clone() }),
            (Some(_), None) => return Err(no_plugin("--tpu")),
            (None, _) => None,
        };
        let name = program.name();
        Ok(Xla { options: dp_xla::Options { name, entry: options.entry.clone(), ahead }, plugin })
    }

    /// The program, differentiated and simplified, as StableHLO.
    ///
    /// # Errors
    /// Where the program has what XLA lacks, which has been reported at its place.
    pub fn lower(&self, phases: &mut Phases, program: &Program) -> Result<String, Failure> {
        let options = dp_xla::pipeline(&self.options);
        let text = phases.time("lower", || dp_lower::stablehlo::to_stablehlo(program.module(), &options))?;
        phases.keep("lower", "mlir", || text.clone())?;
        Ok(text)
    }

    /// Makes an artifact of the lowered program. What a compiler for other devices says of memory and cost is printed
    /// on standard error, which `-o -` leaves free.
    ///
    /// # Errors
    /// What the plugin complains of.
    pub fn emit(&self, phases: &mut Phases, text: &str, emit: Emit) -> Result<Artifact, Complaint> {
        if emit != Emit::Exe {
            return Ok(Artifact::Text(text.into()));
        }
        let complaint = |error: &dyn std::fmt::Display| complaint("--tpu", &error.to_string());
        let Some(ahead) = &self.options.ahead else { return Err(complaint(&dp_xla::Error::NoTopology)) };
        if text.contains("f64") {
            eprintln!("dpc: warning: the program computes in f64, which TPUs have not: pairs of f32 take its place");
        }
        let compiled =
            phases.time("compile", || dp_xla::compile_ahead(text, ahead)).map_err(|error| complaint(&error))?;
        report(&compiled).map_err(|error| complaint(&error))?;
        Ok(Artifact::Bytes(compiled.serialize().map_err(|error| complaint(&error))?))
    }

    /// Calls the entry of the lowered program.
    ///
    /// # Errors
    /// Where there is no plugin, and what it complains of.
    pub fn call(&self, phases: &mut Phases, program: &Program, text: &str, call: &Call) -> Result<Vec<Array>, Failure> {
        let option = format!("--run {}", call.name());
        let trouble = |error: &dyn std::fmt::Display| complaint(&option, &error.to_string());
        let Some(path) = &self.plugin else { return Err(no_plugin(&option).into()) };
        let function = program.function(&option, call.name())?;
        let signature = border(function).map_err(|error| trouble(&error))?;
        let client = dp_xla::plugin(path).and_then(|plugin| plugin.client()).map_err(|error| trouble(&error))?;
        let compiled = phases.time("compile", || client.compile(text, signature)).map_err(|error| trouble(&error))?;
        let results = phases.time("run", || compiled.run(call.arguments())).map_err(|error| trouble(&error))?;
        Ok(results)
    }
}

/// The extents of a call's arguments, where types leave any open, and the indices among them, which may be extents of
/// others: XLA compiles for them.
pub fn extents(call: &Call) -> Vec<Fixed> {
    let function = call.function();
    let inputs = signature(function).map(|(inputs, _)| inputs).unwrap_or_default();
    let fixed = |(index, (input, array)): (usize, (&Type, &Array))| -> Option<Fixed> {
        let r#type = ValueType::of(*input)?;
        let extents = match array.elements() {
            Elements::Index(values) if !r#type.is_tensor() => vec![u64::try_from(*values.first()?).ok()?],
            _ if r#type.is_static() => return None,
            _ => array.shape().iter().map(|extent| *extent as u64).collect(),
        };
        Some(Fixed { name: argument_name(function, index), extents })
    };
    inputs.iter().zip(call.arguments()).enumerate().filter_map(fixed).collect()
}

/// What a function takes and gives, all of it known.
///
/// # Errors
/// Where a type is not one that XLA takes.
pub fn border(function: Op) -> Result<Signature, Complaint> {
    let (inputs, outputs) = signature(function).unwrap_or_default();
    let array = |r#type: &Type| -> Result<ArrayType, Complaint> {
        let refusal = || Complaint::new(format!("{type} is not what XLA takes or gives"));
        let value = ValueType::of(*r#type).ok_or_else(refusal)?;
        let number: Number = value.dtype.name().parse().map_err(|()| refusal())?;
        let shape: Option<Vec<usize>> =
            value.extents().iter().map(|extent| extent.map(|extent| extent as usize)).collect();
        Ok(ArrayType { number, shape: shape.ok_or_else(refusal)? })
    };
    let all = |types: &[Type]| types.iter().map(array).collect::<Result<Vec<_>, _>>();
    Ok(Signature { arguments: all(&inputs)?, results: all(&outputs)? })
}

fn report(compiled: &AheadOfTime) -> Result<(), dp_runtime::pjrt::Error> {
    let memory = compiled.memory()?;
    for (what, bytes) in [
        ("code", memory.code),
        ("arguments", memory.arguments),
        ("results", memory.results),
        ("temporary", memory.temporary),
    ] {
        eprintln!("dpc: memory     {what:<24} {bytes:>12} bytes");
    }
    // In no order of the plugin's own, which may be another each time.
    let mut cost = compiled.cost()?;
    cost.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (name, figure) in cost {
        eprintln!("dpc: cost       {name:<24} {figure:>12}");
    }
    Ok(())
}

fn no_plugin(option: &str) -> Complaint {
    Complaint::new(format!("{option}: there is no PJRT plugin"))
        .hint(format!("name one with --pjrt-plugin or in {PLUGIN}; `./x plugins` fetches one for CPUs"))
}

/// A complaint of the target; what it advises stands behind a semicolon.
fn complaint(option: &str, text: &str) -> Complaint {
    match text.split_once("; ") {
        Some((what, hint)) => Complaint::new(format!("{option}: {what}")).hint(hint),
        None => Complaint::new(format!("{option}: {text}")),
    }
}
