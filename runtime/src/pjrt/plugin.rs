//! Opening a plugin.

use std::path::{Path, PathBuf};

use super::ffi::Api;
use super::{Client, Error, Topology};

/// A PJRT plugin in this process.
#[derive(Clone, Debug)]
pub struct Plugin {
    api: Api,
    path: PathBuf,
}

impl Plugin {
    /// Opens a plugin, which then stays loaded. Opening it twice gives the same plugin.
    ///
    /// # Safety
    /// The file is a PJRT plugin if it has a function `GetPjrtApi`: opening a library runs
    /// its initializers, and calls trust its table of functions.
    pub unsafe fn open(path: impl AsRef<Path>) -> Result<Plugin, Error> {
        let path = path.as_ref();
        // SAFETY: the caller's promise.
        let api = unsafe { Api::open(path) }?;
        Ok(Plugin { api, path: path.into() })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The plugin's version of the PJRT API.
    pub fn version(&self) -> (i32, i32) {
        self.api.version()
    }

    /// Its devices, ready to run programs.
    pub fn client(&self) -> Result<Client, Error> {
        Client::new(self.api)
    }

    /// A machine that is not there, as `v5e:1x1`; see [`TPU_ENVIRONMENT`](super::TPU_ENVIRONMENT).
    pub fn topology(&self, name: &str) -> Result<Topology, Error> {
        Topology::new(self.api, name)
    }
}
