//! Programs by way of StableHLO, on XLA's plugin for CPUs.

use crate::cpu::library::reference;
use dp_compiler::driver::xla::{border, plugin_of_environment};
use dp_compiler::pipelines::{SIMPLIFY, Settings};
use dp_dialects::ir::{argument_name, block_args, functions, region_block};
use dp_dialects::{DType, Literal, OpKind, ValueType};
use dp_lower::stablehlo;
use dp_passes::specialize::Fixed;
use dp_runtime::Array;
use dp_runtime::pjrt::Client;
use melior::Context;
use melior::ir::{Module, ValueLike};
use std::path::PathBuf;
use std::sync::OnceLock;

/// The plugin's devices. Without a plugin tests fail: they are never skipped.
pub fn client() -> &'static Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    CLIENT.get_or_init(|| {
        let path = plugin_of_environment().or_else(unpacked).expect(
            "there is no plugin: run `./x plugins`, or let DP_PJRT_PLUGIN be the path of a PJRT plugin for the CPU",
        );
        let plugin = dp_xla::plugin(&path).unwrap_or_else(|error| panic!("{error}"));
        plugin.client().unwrap_or_else(|error| panic!("{error}"))
    })
}

/// target/plugins/pjrt-cpu-VERSION.so, seen from target/PROFILE/deps/THIS.
fn unpacked() -> Option<PathBuf> {
    let plugins = std::env::current_exe().ok()?.ancestors().nth(3)?.join("plugins");
    let name = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("pjrt-cpu-"));
    std::fs::read_dir(plugins).ok()?.filter_map(|entry| Some(entry.ok()?.path())).filter(name).max()
}

/// The extents that a call fixes: those that types leave open, and indices.
fn fixed(function: dp_dialects::ir::Op, arguments: &[Literal]) -> String {
    let Some(body) = region_block(function, 0) else { return String::new() };
    let mut fixed = Vec::new();
    for (index, (value, argument)) in block_args(body).into_iter().zip(arguments).enumerate() {
        let is_open = ValueType::of(value.r#type()).is_some_and(|r#type| !r#type.is_static());
        let extents = match argument.dtype {
            DType::Index if argument.shape.is_none() => {
                u64::try_from(argument.element(0).integer()).map(|value| vec![value]).unwrap_or_default()
            }
            _ if is_open => argument.extents().to_vec(),
            _ => Vec::new(),
        };
        if !extents.is_empty() {
            fixed.push(Fixed { name: argument_name(function, index), extents }.to_string());
        }
    }
    fixed.join(",")
}

/// A program's function as StableHLO, for the extents of arguments, beside its signature.
pub fn stablehlo(
    context: &Context,
    text: &str,
    function: &str,
    arguments: &[Literal],
) -> Result<(String, dp_runtime::pjrt::Signature), String> {
    let module = Module::parse(context, text).ok_or("does not parse")?;
    let module = reference(&module);
    for (name, other) in functions(module) {
        if OpKind::of(other) == Some(OpKind::FuncFunc) && name != function {
            dp_compiler::driver::program::hide(other);
        }
    }
    let asked = *functions(module).get(function).ok_or("there is no such function")?;
    let settings = Settings { fp: "default".into(), level: 0, extents: fixed(asked, arguments) };
    for step in SIMPLIFY.iter().filter(|step| (step.when)(&settings)) {
        step.run(module, &settings).map_err(|_| format!("{} fails", step.name))?;
    }
    let options = stablehlo::Options { name: "test".into(), entry: None };
    let lowered = stablehlo::to_stablehlo(module, &options).map_err(|_| "is not lowered to StableHLO")?;
    let asked = *functions(module).get(function).ok_or("the function is gone")?;
    Ok((lowered, border(asked).map_err(|complaint| complaint.what)?))
}

/// Compiles and calls a function of a program.
pub fn call(
    context: &Context,
    text: &str,
    function: &str,
    arguments: &[Array],
    literals: &[Literal],
) -> Result<Vec<Array>, String> {
    let (lowered, signature) = stablehlo(context, text, function, literals)?;
    let compiled = client().compile(&lowered, signature).map_err(|error| format!("{error}\n{lowered}"))?;
    compiled.run(arguments).map_err(|error| error.to_string())
}
