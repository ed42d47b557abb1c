//! Result codes, and what they are called.

use std::ffi::{CStr, c_char, c_int};

use dp_ptx::FaultKind;

/// `CUresult`.
pub(crate) type Code = c_int;

pub(crate) const SUCCESS: Code = 0;
pub(crate) const INVALID_VALUE: Code = 1;
pub(crate) const OUT_OF_MEMORY: Code = 2;
pub(crate) const NOT_INITIALIZED: Code = 3;
pub(crate) const NO_DEVICE: Code = 100;
pub(crate) const INVALID_DEVICE: Code = 101;
pub(crate) const INVALID_CONTEXT: Code = 201;
pub(crate) const NO_BINARY_FOR_GPU: Code = 209;
pub(crate) const INVALID_PTX: Code = 218;
pub(crate) const UNSUPPORTED_PTX_VERSION: Code = 222;
pub(crate) const FILE_NOT_FOUND: Code = 301;
pub(crate) const INVALID_HANDLE: Code = 400;
pub(crate) const NOT_FOUND: Code = 500;
pub(crate) const ILLEGAL_ADDRESS: Code = 700;
pub(crate) const LAUNCH_TIMEOUT: Code = 702;
pub(crate) const ILLEGAL_INSTRUCTION: Code = 715;
pub(crate) const MISALIGNED_ADDRESS: Code = 716;
pub(crate) const LAUNCH_FAILED: Code = 719;
pub(crate) const NOT_SUPPORTED: Code = 801;
pub(crate) const UNKNOWN: Code = 999;

const CODES: &[(Code, &CStr, &CStr)] = &[
    (SUCCESS, c"CUDA_SUCCESS", c"no error"),
    (INVALID_VALUE, c"CUDA_ERROR_INVALID_VALUE", c"invalid argument"),
    (OUT_OF_MEMORY, c"CUDA_ERROR_OUT_OF_MEMORY", c"out of memory"),
    (NOT_INITIALIZED, c"CUDA_ERROR_NOT_INITIALIZED", c"initialization error"),
    (NO_DEVICE, c"CUDA_ERROR_NO_DEVICE", c"no CUDA-capable device is detected"),
    (INVALID_DEVICE, c"CUDA_ERROR_INVALID_DEVICE", c"invalid device ordinal"),
    (INVALID_CONTEXT, c"CUDA_ERROR_INVALID_CONTEXT", c"invalid device context"),
    (NO_BINARY_FOR_GPU, c"CUDA_ERROR_NO_BINARY_FOR_GPU", c"the double executes PTX text only"),
    (INVALID_PTX, c"CUDA_ERROR_INVALID_PTX", c"a PTX JIT compilation failed"),
    (UNSUPPORTED_PTX_VERSION, c"CUDA_ERROR_UNSUPPORTED_PTX_VERSION", c"the PTX is of a newer version"),
    (FILE_NOT_FOUND, c"CUDA_ERROR_FILE_NOT_FOUND", c"file not found"),
    (INVALID_HANDLE, c"CUDA_ERROR_INVALID_HANDLE", c"invalid resource handle"),
    (NOT_FOUND, c"CUDA_ERROR_NOT_FOUND", c"named symbol not found"),
    (ILLEGAL_ADDRESS, c"CUDA_ERROR_ILLEGAL_ADDRESS", c"an illegal memory access was encountered"),
    (LAUNCH_TIMEOUT, c"CUDA_ERROR_LAUNCH_TIMEOUT", c"the launch timed out and was terminated"),
    (ILLEGAL_INSTRUCTION, c"CUDA_ERROR_ILLEGAL_INSTRUCTION", c"an illegal instruction was encountered"),
    (MISALIGNED_ADDRESS, c"CUDA_ERROR_MISALIGNED_ADDRESS", c"misaligned address"),
    (LAUNCH_FAILED, c"CUDA_ERROR_LAUNCH_FAILED", c"unspecified launch failure; the double's report says more"),
    (NOT_SUPPORTED, c"CUDA_ERROR_NOT_SUPPORTED", c"operation not supported by the double"),
    (UNKNOWN, c"CUDA_ERROR_UNKNOWN", c"unknown error"),
];

/// The code of what stopped a launch.
pub(crate) fn code(kind: &FaultKind) -> Code {
    match kind {
        FaultKind::OutOfBounds { .. } | FaultKind::ReadOnly { .. } => ILLEGAL_ADDRESS,
        FaultKind::Misaligned { .. } => MISALIGNED_ADDRESS,
        FaultKind::Endless(_) => LAUNCH_TIMEOUT,
        FaultKind::Trap => ILLEGAL_INSTRUCTION,
        FaultKind::BadLaunch(_) => INVALID_VALUE,
        FaultKind::Uninitialized { .. }
        | FaultKind::UninitializedRegister { .. }
        | FaultKind::Race { .. }
        | FaultKind::DivergentBarrier { .. }
        | FaultKind::MissingLane { .. }
        | FaultKind::Undefined(_)
        | FaultKind::BadCall(_)
        | FaultKind::Unsupported(_) => LAUNCH_FAILED,
    }
}

fn text(
    error: Code,
    out: *mut *const c_char,
    pick: fn(&(Code, &'static CStr, &'static CStr)) -> &'static CStr,
) -> Code {
    let row = CODES.iter().find(|row| row.0 == error);
    let text = row.map_or(std::ptr::null(), |row| pick(row).as_ptr());
    if out.is_null() {
        return INVALID_VALUE;
    }
    // SAFETY: the caller passes room for a pointer; what it points to lives as long as the library.
    unsafe { out.write(text) };
    if row.is_some() { SUCCESS } else { INVALID_VALUE }
}

/// `cuGetErrorName`
#[unsafe(no_mangle)]
pub extern "C" fn cuGetErrorName(error: Code, out: *mut *const c_char) -> Code {
    text(error, out, |row| row.1)
}

/// `cuGetErrorString`
#[unsafe(no_mangle)]
pub extern "C" fn cuGetErrorString(error: Code, out: *mut *const c_char) -> Code {
    text(error, out, |row| row.2)
}
