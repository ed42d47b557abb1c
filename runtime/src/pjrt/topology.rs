//! Compiling for a machine that is not there.

use std::sync::Arc;

use super::ffi::{Api, Handle, kind};
use super::{Cost, Error, Memory};

/// The variables of the environment with which `libtpu` compiles where there is no TPU.
/// They are read when the plugin is opened; set them before the process starts threads,
/// best before it starts.
pub const TPU_ENVIRONMENT: [(&str, &str); 6] = [
    ("TPU_SKIP_MDS_QUERY", "1"),
    ("TPU_ACCELERATOR_TYPE", "v5litepod-1"),
    ("TPU_WORKER_HOSTNAMES", "localhost"),
    ("TPU_WORKER_ID", "0"),
    ("TPU_LOG_DIR", "disabled"),
    ("ALLOW_MULTIPLE_LIBTPU_LOAD", "1"),
];

/// A machine to compile for.
#[derive(Clone, Debug)]
pub struct Topology {
    handle: Arc<Handle<kind::Topology>>,
    platform: String,
}

/// A program that was compiled for a machine that is not there.
#[derive(Clone, Debug)]
pub struct AheadOfTime {
    handle: Arc<Handle<kind::Executable>>,
}

impl Topology {
    pub(super) fn new(api: Api, name: &str) -> Result<Topology, Error> {
        let handle = Handle::<kind::Topology>::create(api, name)?;
        let platform = handle.platform()?;
        Ok(Topology { handle: Arc::new(handle), platform })
    }

    /// What it is made of: "tpu", for one.
    pub fn platform(&self) -> &str {
        &self.platform
    }

    /// Compiles StableHLO, in pretty or generic form, for machines like this. The function
    /// `main` is the program.
    pub fn compile_ahead(&self, stablehlo: &str) -> Result<AheadOfTime, Error> {
        Ok(AheadOfTime { handle: Arc::new(self.handle.compile(stablehlo)?) })
    }
}

impl AheadOfTime {
    /// The program as bytes, which the same version of the plugin can load.
    pub fn serialize(&self) -> Result<Vec<u8>, Error> {
        self.handle.serialize()
    }

    /// How much memory the program takes.
    pub fn memory(&self) -> Result<Memory, Error> {
        self.handle.memory()
    }

    /// What the compiler says that a run costs.
    pub fn cost(&self) -> Result<Cost, Error> {
        self.handle.cost()
    }
}
