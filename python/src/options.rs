//! Options of a compilation, as Python gives them.

use dp_dialects::FloatModel;
use dp_driver::request::MAX_LEVEL;
use dp_driver::targets::{Cpu, Cuda, Interp, TargetDriver, Xla};
use dp_driver::{Diagnostic, Request};
use dp_passes::manager::ByteLimit;
use dp_passes::specialize::Fixed;
use pyo3::prelude::*;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A target that another thread may use.
pub type Driver = Box<dyn TargetDriver + Send>;

/// The names of the targets.
pub const TARGETS: [&str; 4] = ["cpu", "cuda", "interp", "xla"];

/// The keyword arguments of `compile` and `save`.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Options {
    target: String,
    fp: Option<String>,
    level: Option<u8>,
    max_tape: Option<String>,
    specialize: Option<BTreeMap<String, Vec<u64>>>,
    mcpu: Option<String>,
    plugin: Option<PathBuf>,
}

impl Options {
    /// The target.
    ///
    /// # Errors
    /// If there is none of that name, or an option does not apply to it.
    pub fn driver(&self) -> Result<Driver, Diagnostic> {
        let refused = |option: &str, others: &str| {
            let message = format!("{option}: does not apply to the target {}", self.target);
            Err(Diagnostic::request(message).help(format!("omit it, or use the target {others}")))
        };
        if self.plugin.is_some() && self.target != "xla" {
            return refused("plugin", "xla");
        }
        if self.mcpu.is_some() && !["cpu", "cuda"].contains(&&*self.target) {
            return refused("mcpu", "cpu or cuda");
        }
        let mcpu = self.mcpu.clone();
        match &*self.target {
            "cpu" => Ok(Box::new(Cpu { mcpu, ..Cpu::default() })),
            "cuda" => Ok(Box::new(Cuda { mcpu, ..Cuda::default() })),
            "interp" => Ok(Box::new(Interp)),
            "xla" => {
                let plugin = self.plugin.clone().or_else(dp_xla::plugin_of_environment);
                Ok(Box::new(Xla { plugin, ..Xla::default() }))
            }
            other => Err(Diagnostic::request(format!("there is no target '{other}'"))
                .help(format!("use one of {}", TARGETS.join(", ")))),
        }
    }

    /// The plugin for XLA.
    pub fn plugin(&self) -> Option<PathBuf> {
        self.plugin.clone().or_else(dp_xla::plugin_of_environment)
    }

    /// Adds the options to a request.
    ///
    /// # Errors
    /// If a value is invalid.
    pub fn add_to(&self, request: Request) -> Result<Request, Diagnostic> {
        let fp = self.fp.as_deref().map(str::parse::<FloatModel>).transpose()?.unwrap_or(request.fp);
        let limit = |text: &str| {
            text.parse::<ByteLimit>().map_err(|error| {
                Diagnostic::request(format!("max_tape: {error}")).help("write for example '64M', or a number of bytes")
            })
        };
        let max_tape = self.max_tape.as_deref().map(limit).transpose()?.unwrap_or(request.max_tape);
        let level = self.level.unwrap_or(request.level);
        if level > MAX_LEVEL {
            let help = format!("use 0 to {MAX_LEVEL}");
            return Err(Diagnostic::request(format!("level: {level} is too high")).help(help));
        }
        let fixed = self.specialize.iter().flatten();
        let specialize = fixed.map(|(name, extents)| Fixed { name: name.clone(), extents: extents.clone() }).collect();
        Ok(Request { fp, level, max_tape, specialize, ..request })
    }
}
