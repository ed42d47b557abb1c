//! The device, its attributes, contexts.

use std::ffi::{c_char, c_int, c_uint};

use crate::error::{Code, INVALID_CONTEXT, INVALID_DEVICE, INVALID_VALUE, NO_DEVICE};
use crate::state::{PRIMARY, current, give, in_context, initialized, set_current, watch_exit, with};

/// The newest version whose PTX is read: 12.9, with PTX 8.8.
const DRIVER: c_int = 12090;
const NAME: &[u8] = b"dpc's double of a GPU\0";

/// Major and minor compute capability.
pub(crate) fn capability() -> (u32, u32) {
    let text = std::env::var("DP_CUDA_DOUBLE_SM").unwrap_or_default();
    let sm = text.trim().trim_start_matches("sm_").trim_end_matches('a').parse().unwrap_or(90);
    (sm / 10, sm % 10)
}

/// The most shared memory of a block, with the opt-in; figures of the CUDA programming guide.
pub(crate) fn most_shared() -> u32 {
    match capability() {
        (9.., _) => 227 * 1024,
        (8, 0 | 7) => 163 * 1024,
        (8, _) => 99 * 1024,
        (7, 5) => 64 * 1024,
        _ => 96 * 1024,
    }
}

/// Attributes by `CUdevice_attribute`, but for those that depend on the chip.
const ATTRIBUTES: &[(c_int, c_int)] = &[
    (1, 1024), // threads a block
    (2, 1024), // block x, y, z
    (3, 1024),
    (4, 64),
    (5, 2_147_483_647), // grid x, y, z
    (6, 65535),
    (7, 65535),
    (8, 48 * 1024),  // shared memory a block
    (9, 64 * 1024),  // constant memory
    (10, 32),        // warp
    (12, 65536),     // registers a block
    (13, 1_500_000), // clock, kHz
    (14, 512),       // alignment of textures
    (16, 108),       // multiprocessors
    (17, 0),         // limit on kernels' time
    (18, 0),         // integrated
    (19, 1),         // maps host memory
    (20, 0),         // compute mode: default
    (31, 1),         // concurrent kernels
    (32, 0),         // error correction
    (33, 0),         // bus, device
    (34, 0),
    (35, 0),
    (36, 1_200_000), // memory clock
    (37, 5120),      // memory bus
    (38, 40 << 20),  // L2
    (39, 2048),      // threads a multiprocessor
    (40, 2),         // copy engines
    (41, 1),         // unified addressing
    (50, 0),         // domain
    (78, 1),         // priorities of streams
    (82, 65536),     // registers a multiprocessor
    (83, 0),         // managed memory
    (89, 0),         // concurrent managed access
    (95, 0),         // cooperative launch
    (106, 32),       // blocks a multiprocessor
    (111, 1024),     // reserved shared memory a block
    (115, 1),        // memory pools
];

fn attribute(number: c_int) -> Option<c_int> {
    let (major, minor) = capability();
    Some(match number {
        75 => major as c_int,
        76 => minor as c_int,
        81 => most_shared() as c_int + 1024,
        97 => most_shared() as c_int,
        _ => return ATTRIBUTES.iter().find(|row| row.0 == number).map(|row| row.1),
    })
}

/// `cuInit`
#[unsafe(no_mangle)]
pub extern "C" fn cuInit(flags: c_uint) -> Code {
    with(|s| {
        if flags != 0 {
            return Err(INVALID_VALUE);
        }
        if std::env::var_os("CUDA_VISIBLE_DEVICES").is_some_and(|devices| devices.is_empty()) {
            return Err(NO_DEVICE);
        }
        if !s.initialized {
            watch_exit();
        }
        s.initialized = true;
        Ok(())
    })
}

/// `cuDriverGetVersion`
///
/// # Safety
///
/// As the driver's: here and below, pointers have room for what is given.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDriverGetVersion(version: *mut c_int) -> Code {
    // SAFETY: the caller's promise.
    with(|_| unsafe { give(version, DRIVER) })
}

/// `cuDeviceGetCount`
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetCount(count: *mut c_int) -> Code {
    // SAFETY: the caller's promise.
    initialized(|_| unsafe { give(count, 1) })
}

/// `cuDeviceGet`
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGet(device: *mut c_int, ordinal: c_int) -> Code {
    // SAFETY: the caller's promise.
    initialized(|_| if ordinal == 0 { unsafe { give(device, 0) } } else { Err(INVALID_DEVICE) })
}

/// `cuDeviceGetName`
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetName(name: *mut c_char, length: c_int, device: c_int) -> Code {
    initialized(|_| {
        if device != 0 || name.is_null() || length <= 0 {
            return Err(INVALID_VALUE);
        }
        let count = NAME.len().min(length as usize);
        // SAFETY: there is room for `length` characters, and the last one written is the end of the string.
        unsafe {
            std::ptr::copy_nonoverlapping(NAME.as_ptr().cast(), name, count);
            name.add(count - 1).write(0);
        }
        Ok(())
    })
}

/// `cuDeviceGetUuid`
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetUuid(uuid: *mut [u8; 16], device: c_int) -> Code {
    // SAFETY: the caller's promise.
    initialized(|_| if device == 0 { unsafe { give(uuid, *b"dpc-cuda-double\0") } } else { Err(INVALID_DEVICE) })
}

/// `cuDeviceGetUuid_v2`
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetUuid_v2(uuid: *mut [u8; 16], device: c_int) -> Code {
    // SAFETY: the caller's promise.
    unsafe { cuDeviceGetUuid(uuid, device) }
}

/// `cuDeviceTotalMem_v2`
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceTotalMem_v2(bytes: *mut usize, device: c_int) -> Code {
    initialized(|s| {
        if device != 0 {
            return Err(INVALID_DEVICE);
        }
        // SAFETY: the caller's promise.
        unsafe { give(bytes, s.memory.capacity() as usize) }
    })
}

/// `cuDeviceGetAttribute`
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetAttribute(value: *mut c_int, number: c_int, device: c_int) -> Code {
    initialized(|_| {
        if device != 0 {
            return Err(INVALID_DEVICE);
        }
        // SAFETY: the caller's promise. Attributes that are not in the table are features that the double lacks.
        unsafe { give(value, attribute(number).unwrap_or(0)) }
    })
}

/// `cuDeviceComputeCapability`
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceComputeCapability(major: *mut c_int, minor: *mut c_int, device: c_int) -> Code {
    initialized(|_| {
        if device != 0 {
            return Err(INVALID_DEVICE);
        }
        let sm = capability();
        // SAFETY: the caller's promise.
        unsafe { give(major, sm.0 as c_int).and_then(|()| give(minor, sm.1 as c_int)) }
    })
}

/// `cuDevicePrimaryCtxRetain`
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDevicePrimaryCtxRetain(context: *mut usize, device: c_int) -> Code {
    initialized(|s| {
        if device != 0 {
            return Err(INVALID_DEVICE);
        }
        // SAFETY: the caller's promise.
        unsafe { give(context, PRIMARY)? };
        s.retained += 1;
        Ok(())
    })
}

/// `cuDevicePrimaryCtxRelease_v2`
#[unsafe(no_mangle)]
pub extern "C" fn cuDevicePrimaryCtxRelease_v2(device: c_int) -> Code {
    initialized(|s| {
        if device != 0 {
            return Err(INVALID_DEVICE);
        }
        s.retained = s.retained.checked_sub(1).ok_or(INVALID_CONTEXT)?;
        if s.retained == 0 {
            s.leaks("the context was released");
            s.reset();
        }
        Ok(())
    })
}

/// `cuDevicePrimaryCtxReset_v2`
#[unsafe(no_mangle)]
pub extern "C" fn cuDevicePrimaryCtxReset_v2(device: c_int) -> Code {
    initialized(|s| {
        if device != 0 {
            return Err(INVALID_DEVICE);
        }
        let retained = s.retained;
        s.reset();
        s.retained = retained;
        Ok(())
    })
}

/// `cuCtxSetCurrent`
#[unsafe(no_mangle)]
pub extern "C" fn cuCtxSetCurrent(context: usize) -> Code {
    initialized(|_| {
        if context != 0 && context != PRIMARY {
            return Err(INVALID_CONTEXT);
        }
        set_current(context);
        Ok(())
    })
}

/// `cuCtxGetCurrent`
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetCurrent(context: *mut usize) -> Code {
    // SAFETY: the caller's promise.
    initialized(|_| unsafe { give(context, current()) })
}

/// `cuCtxGetDevice`
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetDevice(device: *mut c_int) -> Code {
    // SAFETY: the caller's promise.
    in_context(|_| unsafe { give(device, 0) })
}

/// `cuCtxSynchronize`: everything is done already.
#[unsafe(no_mangle)]
pub extern "C" fn cuCtxSynchronize() -> Code {
    in_context(|_| Ok(()))
}

/// `cuCtxSetFlags`
#[unsafe(no_mangle)]
pub extern "C" fn cuCtxSetFlags(_: c_uint) -> Code {
    in_context(|_| Ok(()))
}

/// `cuCtxGetStreamPriorityRange`: there is one priority.
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetStreamPriorityRange(least: *mut c_int, greatest: *mut c_int) -> Code {
    // SAFETY: the caller's promise.
    in_context(|_| unsafe { give(least, 0).and_then(|()| give(greatest, 0)) })
}
