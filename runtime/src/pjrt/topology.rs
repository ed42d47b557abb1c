//! Ahead-of-time compilation for devices that need not be present.

use std::sync::Arc;

use super::ffi::{Api, Handle, kind};
use super::{Cost, Error, Memory};

/// The environment variables that `libtpu` needs to compile without a TPU. They are read when the plugin is loaded; set
/// them before the process starts threads, or better, before it starts.
pub const TPU_ENVIRONMENT: [(&str, &str); 6] = [
    ("TPU_SKIP_MDS_QUERY", "1"),
    ("TPU_ACCELERATOR_TYPE", "v5litepod-1"),
    ("TPU_WORKER_HOSTNAMES", "localhost"),
    ("TPU_WORKER_ID", "0"),
    ("TPU_LOG_DIR", "disabled"),
    ("ALLOW_MULTIPLE_LIBTPU_LOAD", "1"),
];

/// Devices to compile for.
#[derive(Clone, Debug)]
pub struct Topology {
    handle: Arc<Handle<kind::Topology>>,
    platform: String,
}

/// A program compiled ahead of time.
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

    /// The name of the platform, such as "tpu".
    pub fn platform(&self) -> &str {
        &self.platform
    }

    /// Compiles StableHLO, in pretty or generic form, for these devices. The function `main` is the entry.
    pub fn compile_ahead(&self, stablehlo: &str) -> Result<AheadOfTime, Error> {
        Ok(AheadOfTime { handle: Arc::new(self.handle.compile(stablehlo)?) })
    }
}

impl AheadOfTime {
    /// The program as bytes, which the same version of the plugin can load.
    pub fn serialize(&self) -> Result<Vec<u8>, Error> {
        self.handle.serialize()
    }

    /// The memory use of the program.
    pub fn memory(&self) -> Result<Memory, Error> {
        self.handle.memory()
    }

    /// The compiler's estimate of the cost of a run.
    pub fn cost(&self) -> Result<Cost, Error> {
        self.handle.cost()
    }
}
