//! Runs programs as StableHLO on XLA's CPU plugin.

use crate::cpu::library::reference;
use dp_dialects::ir::{Op, functions};
use dp_dialects::{Literal, OpKind};
use dp_driver::conversion;
use dp_driver::pipelines::{SIMPLIFY, Settings};
use dp_driver::program::{self, hide};
use dp_driver::targets::xla::{extents, static_signature};
use dp_passes::manager;
use dp_passes::specialize::Fixed;
use dp_runtime::Array;
use dp_runtime::pjrt::{Client, Executable, Signature};
use melior::Context;
use melior::ir::Module;
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The client of the plugin.
pub fn client() -> &'static Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    CLIENT.get_or_init(|| {
        let plugin = dp_xla::plugin(&plugin()).unwrap_or_else(|error| panic!("{error}"));
        plugin.client().unwrap_or_else(|error| panic!("{error}"))
    })
}

/// The plugin for CPUs. Without one, tests fail; they are never skipped.
pub fn plugin() -> PathBuf {
    dp_xla::plugin_of_environment()
        .or_else(unpacked)
        .expect("no plugin found: run `./x plugins`, or set DP_PJRT_PLUGIN to the path of a PJRT plugin for the CPU")
}

/// target/plugins/pjrt-cpu-VERSION.so, relative to target/PROFILE/deps/THIS.
fn unpacked() -> Option<PathBuf> {
    let plugins = std::env::current_exe().ok()?.ancestors().nth(3)?.join("plugins");
    let name = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("pjrt-cpu-"));
    std::fs::read_dir(plugins).ok()?.filter_map(|entry| Some(entry.ok()?.path())).filter(name).max()
}

/// A program and its compiled functions.
pub struct Programs {
    text: String,
    context: Context,
    compiled: RefCell<HashMap<(String, String), Executable>>,
}

impl Programs {
    pub fn new(text: &str) -> Programs {
        Programs { text: text.into(), context: dp_driver::registry::context(), compiled: RefCell::default() }
    }

    /// Calls a function, after compiling it for these extents if necessary.
    pub fn call(&self, function: &str, arguments: &[Literal]) -> Result<Vec<Array>, String> {
        let module = Module::parse(&self.context, &self.text).ok_or("does not parse")?;
        let module = reference(&module);
        let asked = *functions(module).get(function).ok_or("no such function")?;
        let arrays: Result<Vec<Array>, _> = arguments.iter().map(conversion::array).collect();
        let arrays = arrays.map_err(|diagnostic| diagnostic.message)?;
        let taken = program::arguments(asked).map_err(|diagnostic| diagnostic.message)?;
        let extents = extents(&taken, &arrays);
        let shown = extents.iter().map(Fixed::to_string).collect::<Vec<_>>().join(",");
        let key = (function.to_string(), shown);
        let mut compiled = self.compiled.borrow_mut();
        if !compiled.contains_key(&key) {
            let (lowered, signature) = lower(module, function, extents)?;
            keep(function, &lowered);
            let made = client().compile(&lowered, signature).map_err(|error| format!("{error}\n{lowered}"))?;
            compiled.insert(key.clone(), made);
        }
        compiled[&key].run(&arrays).map_err(|error| error.to_string())
    }
}

/// Writes StableHLO to the directory DP_STABLEHLO_DUMP, for verify.py.
fn keep(function: &str, text: &str) {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    if let Some(folder) = std::env::var_os("DP_STABLEHLO_DUMP").map(PathBuf::from) {
        let name = format!("{function}-{}.mlir", COUNT.fetch_add(1, Ordering::Relaxed));
        std::fs::write(folder.join(name), text).expect("the folder of DP_STABLEHLO_DUMP is writable");
    }
}

/// Lowers a function to StableHLO for the extents of the arguments. Returns its text and signature.
fn lower(module: Op, function: &str, extents: Vec<Fixed>) -> Result<(String, Signature), String> {
    for (name, other) in functions(module) {
        if OpKind::of(other) == Some(OpKind::FuncFunc) && name != function {
            hide(other);
        }
    }
    let settings = Settings {
        fp: dp_dialects::FloatModel::default(),
        level: 0,
        max_tape: dp_passes::manager::ByteLimit::default(),
        inline: dp_passes::calls::InlineLimit::default(),
        bounds: Vec::new(),
        ad_report: false,
        extents,
        fixed: true,
    };
    manager::run(SIMPLIFY, module, &settings, &mut ()).map_err(|_| "simplification fails")?;
    let options = dp_stablehlo::Options { name: "test".into(), ..dp_stablehlo::Options::default() };
    let lowered = dp_xla::lower(module, &options, &mut ()).map_err(|_| "is not lowered to StableHLO")?;
    let asked = *functions(module).get(function).ok_or("the function was removed")?;
    Ok((lowered, static_signature(asked).map_err(|diagnostic| diagnostic.message)?))
}
