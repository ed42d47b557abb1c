//! The devices of a plugin.

use std::sync::Arc;

use super::ffi::{Api, Device, Handle, kind};
use super::{Buffer, Error, Executable, Signature, status};
use crate::Array;

/// The devices of a plugin, of which the first is used.
#[derive(Clone, Debug)]
pub struct Client {
    pub(super) handle: Arc<Handle<kind::Client>>,
    device: Device,
    platform: String,
}

impl Client {
    pub(super) fn new(api: Api) -> Result<Client, Error> {
        let handle = Handle::<kind::Client>::create(api)?;
        let (device, platform) = (handle.device()?, handle.platform()?);
        Ok(Client { handle: Arc::new(handle), device, platform })
    }

    /// The name of its platform: "cpu", "cuda", "tpu".
    pub fn platform(&self) -> &str {
        &self.platform
    }

    /// Compiles StableHLO, in pretty or generic form. The function `main` is the entry, and `signature` is its
    /// signature; a mismatch of results is an error. A program of ours that may fail returns a status after its
    /// results, which is not part of the signature: runs of the program check it.
    pub fn compile(&self, stablehlo: &str, signature: Signature) -> Result<Executable, Error> {
        Executable::new(self, self.handle.compile(stablehlo)?, signature, status::messages(stablehlo))
    }

    /// Copies an array to the device.
    pub fn upload(&self, array: &Array) -> Result<Buffer, Error> {
        let handle = self.handle.upload(self.device, array)?;
        Ok(Buffer::new(self.clone(), handle, array.into()))
    }

    /// Whether a buffer belongs to this client.
    pub(super) fn is(&self, other: &Client) -> bool {
        Arc::ptr_eq(&self.handle, &other.handle)
    }
}
