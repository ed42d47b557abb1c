//! Statuses and their messages.
//!
//! 0 is success, and the compiler numbers the checks of a library from 1. The statuses here start at 2^20, so that the
//! two kinds cannot collide. `runtime/src/help.rs` maps them to codes.

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, c_char};
use std::sync::{Mutex, PoisonError};

use crate::driver;

/// The first status of this runtime.
pub const FIRST: i32 = 1 << 20;
/// The driver library is missing.
pub const NO_DRIVER: i32 = FIRST;
/// The driver lacks a required function.
pub const OLD_DRIVER: i32 = FIRST + 1;
/// The driver reports no device.
pub const NO_DEVICE: i32 = FIRST + 2;
/// Device memory is exhausted.
pub const MEMORY: i32 = FIRST + 3;
/// The driver rejected the library's kernels.
pub const KERNELS: i32 = FIRST + 4;
/// An extent of a launch exceeds the device's limits.
pub const GRID: i32 = FIRST + 5;
/// A step outside of a call.
pub const NO_CALL: i32 = FIRST + 6;
/// A bug in the calling code or in this runtime.
pub const INTERNAL: i32 = FIRST + 7;
/// Another error of the driver: this plus the driver's error code.
pub const DRIVER: i32 = FIRST + (1 << 16);

/// The status for a driver error.
pub fn of(result: u32) -> i32 {
    match result {
        // CUDA_ERROR_OUT_OF_MEMORY
        2 => MEMORY,
        // CUDA_ERROR_NO_DEVICE
        100 => NO_DEVICE,
        other => DRIVER.saturating_add_unsigned(other),
    }
}

/// The driver's messages about rejected kernels, the latest last. None is freed, because callers may keep the pointers;
/// each library adds at most one.
static REFUSALS: Mutex<Vec<CString>> = Mutex::new(Vec::new());
/// Generated messages, by status.
static TEXTS: Mutex<BTreeMap<i32, CString>> = Mutex::new(BTreeMap::new());

/// Records why the driver rejected kernels.
pub fn refused(result: u32, log: &str) -> i32 {
    let log = log.trim_matches(|c: char| c.is_whitespace() || c == '\0').replace('\0', " ");
    let between = if log.is_empty() { "" } else { ": " };
    let text = format!(
        "the CUDA driver rejects the kernels: {}{between}{log}\nhelp: compile for the chip of this device, or install \
         a newer driver",
        text_of(result)
    );
    if let Ok(text) = CString::new(text) {
        REFUSALS.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    }
    KERNELS
}

/// The message of a status, valid for the lifetime of the process.
pub fn message(status: i32) -> *const c_char {
    let text = match status {
        0 => c"success",
        NO_DRIVER => c"no CUDA driver\nhelp: install NVIDIA's driver, whose library is libcuda.so.1",
        OLD_DRIVER => c"the CUDA driver is too old\nhelp: install version 12.0 or newer",
        NO_DEVICE => c"no CUDA device\nhelp: `nvidia-smi -L` lists the devices that the driver sees",
        MEMORY => c"not enough device memory",
        KERNELS => {
            let refusals = REFUSALS.lock().unwrap_or_else(PoisonError::into_inner);
            return refusals.last().map_or(c"the CUDA driver rejects the kernels".as_ptr(), |text| text.as_ptr());
        }
        GRID => c"an extent is too large for the device",
        NO_CALL => c"internal error: runtime function outside of a call",
        INTERNAL => c"internal error: invalid runtime call",
        DRIVER.. => return driver_message(status),
        _ => c"unknown status",
    };
    text.as_ptr()
}

fn driver_message(status: i32) -> *const c_char {
    let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    let text = texts.entry(status).or_insert_with(|| {
        let result = status.abs_diff(DRIVER);
        CString::new(format!("the CUDA driver: {}", text_of(result))).unwrap_or_default()
    });
    text.as_ptr()
}

/// The driver's own message.
fn text_of(result: u32) -> String {
    let mut text = std::ptr::null();
    if let Ok(driver) = driver::get() {
        // SAFETY: the driver writes the address of a constant string, or nothing.
        unsafe { (driver.cuGetErrorString)(result, &mut text) };
    }
    if text.is_null() {
        return format!("error {result}");
    }
    // SAFETY: as above.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}
