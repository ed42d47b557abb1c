//! Clients: devices, compilation and uploads.

use std::ffi::c_void;
use std::ptr::NonNull;
use std::sync::Arc;

use super::table::{Function, Words, types};
use super::{Api, Handle, Loaded, items, kind, text};
use crate::Array;
use crate::pjrt::Error;

/// A device of a client, which lives as long as the client.
#[derive(Clone, Copy, Debug)]
pub(in crate::pjrt) struct Device(NonNull<c_void>);

// SAFETY: it is only used as an argument of API functions, which any thread may call.
unsafe impl Send for Device {}
// SAFETY: as above.
unsafe impl Sync for Device {}

/// `CompileOptionsProto { executable_build_options { num_replicas: 1, num_partitions: 1 } }`
pub(super) const COMPILE_OPTIONS: &[u8] = &[0x1a, 0x04, 0x20, 0x01, 0x28, 0x01];

/// For CPUs, additionally `env_option_overrides { "xla_cpu_enable_fast_min_max": false }`: by default, the maximum of
/// NaN and a number may be the number, contrary to StableHLO.
fn cpu_options() -> Vec<u8> {
    const NAME: &[u8] = b"xla_cpu_enable_fast_min_max";
    const FALSE: &[u8] = &[0x12, 0x02, 0x10, 0x00];
    let entry = [&[0x0a, NAME.len() as u8], NAME, FALSE].concat();
    [COMPILE_OPTIONS, &[0x3a, entry.len() as u8], &entry].concat()
}

/// A `PJRT_Program`, which must outlive the words.
pub(super) fn program(stablehlo: &str) -> Words {
    Words::new().list(2, stablehlo.as_bytes()).list(4, b"mlir")
}

impl Handle<kind::Client> {
    pub fn create(api: Api) -> Result<Handle<kind::Client>, Error> {
        let action = "cannot create a client";
        let mut words = Words::new();
        // SAFETY: PJRT_Client_Create_Args without options; we own the client in word 8.
        unsafe {
            api.call(action, Function::ClientCreate, &mut words)?;
            Handle::take(api, action, &words, 8, None)
        }
    }

    /// The platform, such as "cpu".
    pub fn platform(&self) -> Result<String, Error> {
        let mut words = self.words();
        // SAFETY: PJRT_Client_PlatformName_Args; the text lives as long as the client.
        unsafe {
            self.api.call("cannot query the platform", Function::ClientPlatformName, &mut words)?;
            Ok(text(&words, 3))
        }
    }

    /// The first addressable device.
    pub fn device(&self) -> Result<Device, Error> {
        let mut words = self.words();
        // SAFETY: PJRT_Client_AddressableDevices_Args; the list lives as long as the client.
        let devices = unsafe {
            self.api.call("cannot list the devices", Function::ClientAddressableDevices, &mut words)?;
            items::<*mut c_void>(&words, 3)
        };
        devices.first().and_then(|device| NonNull::new(*device)).map(Device).ok_or(Error::NoDevice)
    }

    /// Compiles for the client's devices.
    pub fn compile(self: &Arc<Self>, stablehlo: &str) -> Result<Loaded, Error> {
        let action = "cannot compile the program";
        let mut program = program(stablehlo);
        let options = if self.platform()? == "cpu" { cpu_options() } else { COMPILE_OPTIONS.to_vec() };
        let mut words = self.words().address(3, program.as_mut_ptr()).list(4, &options);
        // SAFETY: PJRT_Client_Compile_Args; we own the executable in word 6, which belongs to this client.
        let loaded = unsafe {
            self.api.call(action, Function::ClientCompile, &mut words)?;
            Handle::take(self.api, action, &words, 6, Some(self.clone()))
        }?;
        Loaded::new(loaded)
    }

    /// Copies an array to a device of this client.
    pub fn upload(self: &Arc<Self>, device: Device, array: &Array) -> Result<Handle<kind::Buffer>, Error> {
        let action = "cannot copy an array to the device";
        let extents: Vec<i64> = array.shape().iter().map(|extent| *extent as i64).collect();
        // The plugin does not use the array after the call.
        const IMMUTABLE_ONLY_DURING_CALL: usize = 0;
        let mut words = self
            .words()
            .address(3, array.elements().as_ptr())
            .number(4, types::code(array.elements().number()) as usize)
            .list(5, &extents)
            .number(9, IMMUTABLE_ONLY_DURING_CALL)
            .address(10, device.0.as_ptr());
        // SAFETY: PJRT_Client_BufferFromHostBuffer_Args, row-major; the elements fill the shape. We own the event in
        // word 13 and the buffer in word 14.
        unsafe {
            self.api.call(action, Function::ClientBufferFromHostBuffer, &mut words)?;
            let buffer = Handle::take(self.api, action, &words, 14, Some(self.clone()));
            self.api.wait(action, words.pointer(13))?;
            buffer
        }
    }
}
