//! Loading of plugins.

use std::path::{Path, PathBuf};

use super::ffi::Api;
use super::{Client, Error, Topology};

/// A loaded PJRT plugin.
#[derive(Clone, Debug)]
pub struct Plugin {
    api: Api,
    path: PathBuf,
}

impl Plugin {
    /// Loads a plugin, which then stays loaded. Loading it again returns the same plugin.
    ///
    /// # Safety
    /// If the file has a function `GetPjrtApi`, it is a PJRT plugin. Loading runs its initializers, and calls trust its
    /// function table.
    pub unsafe fn open(path: impl AsRef<Path>) -> Result<Plugin, Error> {
        let path = path.as_ref();
        // SAFETY: guaranteed by the caller.
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

    /// Creates a client for the devices of the plugin.
    pub fn client(&self) -> Result<Client, Error> {
        Client::new(self.api, 1)
    }

    /// Creates a client for at least this many devices. Those of CPUs are threads, as many as are asked for.
    pub fn client_of(&self, devices: usize) -> Result<Client, Error> {
        Client::new(self.api, devices)
    }

    /// Describes devices that need not be present, such as `v5e:1x1`; see [`TPU_ENVIRONMENT`](super::TPU_ENVIRONMENT).
    pub fn topology(&self, name: &str) -> Result<Topology, Error> {
        Topology::new(self.api, name)
    }
}
