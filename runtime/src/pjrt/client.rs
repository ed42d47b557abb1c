//! The devices of a plugin.

use std::sync::Arc;

use dp_abi::Shardings;

use super::ffi::{Api, CPU, Device, Handle, kind};
use super::{Buffer, Error, Executable, Signature, status};
use crate::Array;

/// The devices of a plugin, of which the first is used, or several by programs with shardings.
#[derive(Clone, Debug)]
pub struct Client {
    pub(super) handle: Arc<Handle<kind::Client>>,
    device: Device,
    platform: String,
}

impl Client {
    /// A client of at least this many devices.
    pub(super) fn new(api: Api, devices: usize) -> Result<Client, Error> {
        let mut handle = Handle::<kind::Client>::create(api, None)?;
        let platform = handle.platform()?;
        let mut given = handle.devices()?;
        if given.len() < devices && platform == CPU {
            handle = Handle::<kind::Client>::create(api, Some(devices))?;
            given = handle.devices()?;
        }
        let device = *given.first().ok_or(Error::NoDevice)?;
        if given.len() < devices {
            return Err(Error::Devices { expected: devices, given: given.len() });
        }
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
        Executable::new(self, self.handle.compile(stablehlo, 1)?, signature, status::messages(stablehlo), None)
    }

    /// As [`compile`](Client::compile), with a program that is divided over devices as its shardings say, which are those of
    /// the program's text. `signature` is that of the whole. A run divides its arguments and joins the parts of its
    /// results.
    pub fn compile_divided(
        &self,
        stablehlo: &str,
        signature: Signature,
        shardings: Shardings,
    ) -> Result<Executable, Error> {
        let loaded = self.handle.compile(stablehlo, shardings.devices)?;
        Executable::new(self, loaded, signature, status::messages(stablehlo), Some(shardings))
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
