//! Memory of the device, and copies.

use std::ffi::{c_uchar, c_uint, c_void};

use dp_ptx::MemoryError;

use crate::error::{Code, INVALID_VALUE, OUT_OF_MEMORY};
use crate::report;
use crate::state::{Done, State, give, in_context, initialized};

/// A mistake of the host's is told, with what the driver would keep to itself.
fn told<T>(call: &str, result: Result<T, MemoryError>) -> Done<T> {
    result.map_err(|e| {
        report::complain(&format!("{call}: {e}"));
        match e {
            MemoryError::Full { .. } => OUT_OF_MEMORY,
            MemoryError::OutOfBounds { .. } | MemoryError::NotAllocated(_) | MemoryError::Empty => INVALID_VALUE,
        }
    })
}

unsafe fn allocate(out: *mut u64, bytes: usize) -> Code {
    in_context(|s| {
        let address = told("cuMemAlloc", s.memory.alloc(bytes as u64))?;
        // SAFETY: the caller's promise.
        unsafe { give(out, address) }
    })
}

/// Freeing works in a broken context too: whoever cleans up behind a fault is not to be told of leaks.
fn free(address: u64) -> Code {
    initialized(|s| {
        if address != 0 {
            told("cuMemFree", s.memory.free(address))?;
        }
        s.broken.map_or(Ok(()), Err)
    })
}

unsafe fn to_device(s: &mut State, to: u64, from: *const c_void, bytes: usize) -> Done {
    if bytes == 0 {
        return Ok(());
    }
    if from.is_null() {
        return Err(INVALID_VALUE);
    }
    // SAFETY: the caller says that so many bytes can be read.
    let data = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), bytes) };
    told("copy to the device", s.memory.write(to, data))
}

unsafe fn to_host(s: &mut State, to: *mut c_void, from: u64, bytes: usize) -> Done {
    if bytes == 0 {
        return Ok(());
    }
    if to.is_null() {
        return Err(INVALID_VALUE);
    }
    if !told("copy to the host", s.memory.is_written(from, bytes as u64))? {
        report::warn(&format!(
            "warning: a copy to the host of {bytes} bytes at {from:#x}, not all of which were written"
        ));
    }
    // SAFETY: the caller says that so many bytes can be written.
    let data = unsafe { std::slice::from_raw_parts_mut(to.cast::<u8>(), bytes) };
    told("copy to the host", s.memory.read(from, data))
}

fn set(s: &mut State, to: u64, pattern: &[u8], count: usize) -> Done {
    told("cuMemset", s.memory.write(to, &pattern.repeat(count)))
}

/// `cuMemAlloc_v2`
///
/// # Safety
///
/// As the driver's: here and below, pointers of the host point to so much memory as is copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAlloc_v2(out: *mut u64, bytes: usize) -> Code {
    // SAFETY: the caller's promise.
    unsafe { allocate(out, bytes) }
}

/// `cuMemAllocAsync`
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAllocAsync(out: *mut u64, bytes: usize, _: usize) -> Code {
    // SAFETY: the caller's promise.
    unsafe { allocate(out, bytes) }
}

/// `cuMemFree_v2`
#[unsafe(no_mangle)]
pub extern "C" fn cuMemFree_v2(address: u64) -> Code {
    free(address)
}

/// `cuMemFreeAsync`
#[unsafe(no_mangle)]
pub extern "C" fn cuMemFreeAsync(address: u64, _: usize) -> Code {
    free(address)
}

/// `cuMemGetInfo_v2`
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemGetInfo_v2(left: *mut usize, total: *mut usize) -> Code {
    in_context(|s| {
        let (capacity, used) = (s.memory.capacity() as usize, s.memory.used() as usize);
        // SAFETY: the caller's promise.
        unsafe { give(left, capacity - used).and_then(|()| give(total, capacity)) }
    })
}

/// `cuMemHostAlloc`: memory of the host is as good as any.
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemHostAlloc(out: *mut *mut c_void, bytes: usize, _: c_uint) -> Code {
    in_context(|_| {
        // SAFETY: the allocation is freed by `cuMemFreeHost` and by nothing else.
        let memory = unsafe { malloc(bytes.max(1)) };
        if memory.is_null() {
            return Err(OUT_OF_MEMORY);
        }
        // SAFETY: the caller's promise.
        unsafe { give(out, memory) }
    })
}

/// `cuMemFreeHost`
///
/// # Safety
///
/// As the driver's: the pointer is one that [`cuMemHostAlloc`] gave.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemFreeHost(memory: *mut c_void) -> Code {
    // SAFETY: the caller's promise.
    unsafe { c_free(memory) };
    0
}

unsafe extern "C" {
    fn malloc(bytes: usize) -> *mut c_void;
    #[link_name = "free"]
    fn c_free(memory: *mut c_void);
}

/// `cuMemcpyHtoD_v2`
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyHtoD_v2(to: u64, from: *const c_void, bytes: usize) -> Code {
    // SAFETY: the caller's promise.
    in_context(|s| unsafe { to_device(s, to, from, bytes) })
}

/// `cuMemcpyHtoDAsync_v2`
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyHtoDAsync_v2(to: u64, from: *const c_void, bytes: usize, stream: usize) -> Code {
    // SAFETY: the caller's promise.
    in_context(|s| s.stream(stream).and_then(|()| unsafe { to_device(s, to, from, bytes) }))
}

/// `cuMemcpyDtoH_v2`
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoH_v2(to: *mut c_void, from: u64, bytes: usize) -> Code {
    // SAFETY: the caller's promise.
    in_context(|s| unsafe { to_host(s, to, from, bytes) })
}

/// `cuMemcpyDtoHAsync_v2`
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoHAsync_v2(to: *mut c_void, from: u64, bytes: usize, stream: usize) -> Code {
    // SAFETY: the caller's promise.
    in_context(|s| s.stream(stream).and_then(|()| unsafe { to_host(s, to, from, bytes) }))
}

/// `cuMemcpyDtoD_v2`
#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpyDtoD_v2(to: u64, from: u64, bytes: usize) -> Code {
    in_context(|s| told("copy on the device", s.memory.copy(to, from, bytes as u64)))
}

/// `cuMemcpyDtoDAsync_v2`
#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpyDtoDAsync_v2(to: u64, from: u64, bytes: usize, stream: usize) -> Code {
    in_context(|s| s.stream(stream).and_then(|()| told("copy on the device", s.memory.copy(to, from, bytes as u64))))
}

/// `cuMemsetD8_v2`
#[unsafe(no_mangle)]
pub extern "C" fn cuMemsetD8_v2(to: u64, value: c_uchar, count: usize) -> Code {
    in_context(|s| set(s, to, &[value], count))
}

/// `cuMemsetD8Async`
#[unsafe(no_mangle)]
pub extern "C" fn cuMemsetD8Async(to: u64, value: c_uchar, count: usize, stream: usize) -> Code {
    in_context(|s| s.stream(stream).and_then(|()| set(s, to, &[value], count)))
}

/// `cuMemsetD16_v2`
#[unsafe(no_mangle)]
pub extern "C" fn cuMemsetD16_v2(to: u64, value: u16, count: usize) -> Code {
    in_context(|s| set(s, to, &value.to_le_bytes(), count))
}

/// `cuMemsetD16Async`
#[unsafe(no_mangle)]
pub extern "C" fn cuMemsetD16Async(to: u64, value: u16, count: usize, stream: usize) -> Code {
    in_context(|s| s.stream(stream).and_then(|()| set(s, to, &value.to_le_bytes(), count)))
}

/// `cuMemsetD32_v2`
#[unsafe(no_mangle)]
pub extern "C" fn cuMemsetD32_v2(to: u64, value: c_uint, count: usize) -> Code {
    in_context(|s| set(s, to, &value.to_le_bytes(), count))
}

/// `cuMemsetD32Async`
#[unsafe(no_mangle)]
pub extern "C" fn cuMemsetD32Async(to: u64, value: c_uint, count: usize, stream: usize) -> Code {
    in_context(|s| s.stream(stream).and_then(|()| set(s, to, &value.to_le_bytes(), count)))
}
