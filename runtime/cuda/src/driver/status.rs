//! What can go wrong, as numbers and as texts.
//!
//! The compiler numbers the checks of a library from 1, and 0 is success; the numbers
//! here begin far above them, so that one status of a function can be either.

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, c_char};
use std::sync::{Mutex, PoisonError};

use crate::driver;

/// The first number that is ours.
pub const FIRST: i32 = 1 << 20;
/// There is no library of the driver.
pub const NO_DRIVER: i32 = FIRST;
/// The driver lacks a function that is needed.
pub const OLD_DRIVER: i32 = FIRST + 1;
/// The driver sees no device.
pub const NO_DEVICE: i32 = FIRST + 2;
/// There is not enough memory on the device.
pub const MEMORY: i32 = FIRST + 3;
/// The driver refuses the library's kernels.
pub const KERNELS: i32 = FIRST + 4;
/// An extent of a launch is more than the device can count.
pub const GRID: i32 = FIRST + 5;
/// A step was taken outside of a call.
pub const NO_CALL: i32 = FIRST + 6;
/// Code that calls this is wrong, or this is.
pub const INTERNAL: i32 = FIRST + 7;
/// An error of the driver that has no number of its own: this, and the driver's number.
pub const DRIVER: i32 = FIRST + (1 << 16);

/// Our number of an error of the driver.
pub fn of(result: u32) -> i32 {
    match result {
        // CUDA_ERROR_OUT_OF_MEMORY
        2 => MEMORY,
        // CUDA_ERROR_NO_DEVICE
        100 => NO_DEVICE,
        other => DRIVER.saturating_add_unsigned(other),
    }
}

/// What the driver said of kernels that it refused, the last time last. All are kept,
/// since whoever asked for a text may hold it for ever; a library is refused once.
static REFUSALS: Mutex<Vec<CString>> = Mutex::new(Vec::new());
/// Texts that were made, each once.
static TEXTS: Mutex<BTreeMap<i32, CString>> = Mutex::new(BTreeMap::new());

/// Notes why the driver refused kernels.
pub fn refused(result: u32, log: &str) -> i32 {
    let log = log.trim_matches(|c: char| c.is_whitespace() || c == '\0').replace('\0', " ");
    let between = if log.is_empty() { "" } else { ": " };
    let text = format!(
        "the CUDA driver refuses the kernels: {}{between}{log}\nhelp: compile for the chip of this device, or install a \
         newer driver",
        text_of(result)
    );
    if let Ok(text) = CString::new(text) {
        REFUSALS.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    }
    KERNELS
}

/// The text of a status, which lives for ever.
pub fn message(status: i32) -> *const c_char {
    let text = match status {
        0 => c"success",
        NO_DRIVER => c"no CUDA driver\nhelp: install NVIDIA's driver, whose library is libcuda.so.1",
        OLD_DRIVER => c"the CUDA driver lacks functions that are needed\nhelp: install version 12.0 or newer",
        NO_DEVICE => c"no CUDA device\nhelp: `nvidia-smi -L` lists those that the driver sees",
        MEMORY => c"the device has not enough memory",
        KERNELS => {
            let refusals = REFUSALS.lock().unwrap_or_else(PoisonError::into_inner);
            return refusals.last().map_or(c"the CUDA driver refuses the kernels".as_ptr(), |text| text.as_ptr());
        }
        GRID => c"an extent is more than the device can count",
        NO_CALL => c"internal error: a step outside of a call",
        INTERNAL => c"internal error: a step that cannot be taken",
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

/// The driver's own words.
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
