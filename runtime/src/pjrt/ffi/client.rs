//! Clients: devices, compilation and uploads.

use std::ffi::c_void;
use std::ptr::NonNull;
use std::sync::Arc;

use super::compile_options::compile_options;
use super::named_value::NamedValue;
use super::table::{Function, Words, types};
use super::{Api, Handle, Loaded, items, kind, text};
use crate::Array;
use crate::pjrt::Error;

/// The name of the platform of CPUs.
pub(in crate::pjrt) const CPU: &str = "cpu";

/// A device of a client, which lives as long as the client.
#[derive(Clone, Copy, Debug)]
pub(in crate::pjrt) struct Device(NonNull<c_void>);

// SAFETY: it is only used as an argument of API functions, which any thread may call.
unsafe impl Send for Device {}
// SAFETY: as above.
unsafe impl Sync for Device {}

impl Device {
    /// The devices whose list is in a word and whose number is in the next.
    ///
    /// # Safety
    /// The two words are valid, and the devices live as long as their client.
    pub(super) unsafe fn list(words: &Words, word: usize) -> Result<Vec<Device>, Error> {
        // SAFETY: guaranteed by the caller.
        let devices = unsafe { items::<*mut c_void>(words, word) };
        devices.iter().map(|device| NonNull::new(*device).map(Device).ok_or(Error::NoDevice)).collect()
    }
}

/// Options of XLA for CPUs that are turned off: by default, the maximum of NaN and a number may be the number, contrary to
/// StableHLO.
const OFF_ON_CPUS: &[&str] = &["xla_cpu_enable_fast_min_max"];

/// A `PJRT_Program`, which must outlive the words.
pub(super) fn program(stablehlo: &str) -> Words {
    Words::new().list(2, stablehlo.as_bytes()).list(4, b"mlir")
}

impl Handle<kind::Client> {
    /// Creates a client. For CPUs, `devices` is the number of devices; by default the plugin chooses.
    pub fn create(api: Api, devices: Option<usize>) -> Result<Handle<kind::Client>, Error> {
        let action = "cannot create a client";
        let options: Vec<NamedValue> =
            devices.iter().map(|devices| NamedValue::integer("cpu_device_count", *devices as i64)).collect();
        let mut words = Words::new().list(2, &options);
        // SAFETY: PJRT_Client_Create_Args with its options, which the call reads; we own the client in word 8.
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

    /// The addressable devices.
    pub fn devices(&self) -> Result<Vec<Device>, Error> {
        let mut words = self.words();
        // SAFETY: PJRT_Client_AddressableDevices_Args; the list and the devices live as long as the client.
        unsafe {
            self.api.call("cannot list the devices", Function::ClientAddressableDevices, &mut words)?;
            Device::list(&words, 3)
        }
    }

    /// Compiles for this many of the client's devices.
    pub fn compile(self: &Arc<Self>, stablehlo: &str, devices: usize) -> Result<Loaded, Error> {
        let action = "cannot compile the program";
        let mut program = program(stablehlo);
        let off = if self.platform()? == CPU { OFF_ON_CPUS } else { &[] };
        let options = compile_options(devices, off);
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
