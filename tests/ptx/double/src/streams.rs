//! Streams, which are never behind: all that is asked of them is done at once.

use std::ffi::{c_int, c_uint, c_void};

use crate::error::{Code, INVALID_HANDLE, INVALID_VALUE};
use crate::state::{give, in_context, initialized};

/// `cuStreamCreate`
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamCreate(stream: *mut usize, flags: c_uint) -> Code {
    in_context(|s| {
        if flags > 1 {
            return Err(INVALID_VALUE);
        }
        let handle = s.handle();
        // SAFETY: the caller's promise.
        unsafe { give(stream, handle)? };
        s.streams.push(handle);
        Ok(())
    })
}

/// `cuStreamCreateWithPriority`
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamCreateWithPriority(stream: *mut usize, flags: c_uint, _: c_int) -> Code {
    // SAFETY: the caller's promise.
    unsafe { cuStreamCreate(stream, flags) }
}

/// `cuStreamDestroy_v2`
#[unsafe(no_mangle)]
pub extern "C" fn cuStreamDestroy_v2(stream: usize) -> Code {
    initialized(|s| {
        let at = s.streams.iter().position(|known| *known == stream).ok_or(INVALID_HANDLE)?;
        s.streams.swap_remove(at);
        Ok(())
    })
}

/// `cuStreamSynchronize`
#[unsafe(no_mangle)]
pub extern "C" fn cuStreamSynchronize(stream: usize) -> Code {
    in_context(|s| s.stream(stream))
}

/// `cuStreamQuery`
#[unsafe(no_mangle)]
pub extern "C" fn cuStreamQuery(stream: usize) -> Code {
    in_context(|s| s.stream(stream))
}

/// `cuStreamIsCapturing`: never.
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamIsCapturing(stream: usize, status: *mut c_int) -> Code {
    // SAFETY: the caller's promise.
    in_context(|s| s.stream(stream).and_then(|()| unsafe { give(status, 0) }))
}

/// `cuLaunchHostFunc`: streams are never behind, so the function is called at once.
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunchHostFunc(
    stream: usize,
    f: Option<unsafe extern "C" fn(*mut c_void)>,
    data: *mut c_void,
) -> Code {
    let code = in_context(|s| s.stream(stream));
    match f {
        None => INVALID_VALUE,
        // SAFETY: the caller says that the function takes this. The lock is not held: it may call the driver.
        Some(f) if code == 0 => unsafe {
            f(data);
            code
        },
        Some(_) => code,
    }
}
