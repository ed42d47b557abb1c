//! Events: moments of the host's clock, for streams are never behind.

use std::ffi::{c_float, c_uint};
use std::time::Instant;

use crate::error::{Code, INVALID_HANDLE};
use crate::state::{Done, State, give, in_context, initialized};

/// `CUDA_ERROR_INVALID_HANDLE` where an event was not recorded, as the driver says.
fn moment(s: &State, event: usize) -> Done<Instant> {
    s.events.get(&event).copied().flatten().ok_or(INVALID_HANDLE)
}

fn known(s: &State, event: usize) -> Done {
    s.events.contains_key(&event).then_some(()).ok_or(INVALID_HANDLE)
}

/// `cuEventCreate`
///
/// # Safety
///
/// As the driver's: here and below, pointers have room for what is given.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventCreate(event: *mut usize, _: c_uint) -> Code {
    in_context(|s| {
        let handle = s.handle();
        // SAFETY: the caller's promise.
        unsafe { give(event, handle)? };
        s.events.insert(handle, None);
        Ok(())
    })
}

/// `cuEventDestroy_v2`
#[unsafe(no_mangle)]
pub extern "C" fn cuEventDestroy_v2(event: usize) -> Code {
    initialized(|s| s.events.remove(&event).map(|_| ()).ok_or(INVALID_HANDLE))
}

/// `cuEventRecord`
#[unsafe(no_mangle)]
pub extern "C" fn cuEventRecord(event: usize, stream: usize) -> Code {
    in_context(|s| {
        s.stream(stream)?;
        *s.events.get_mut(&event).ok_or(INVALID_HANDLE)? = Some(Instant::now());
        Ok(())
    })
}

/// `cuEventQuery`
#[unsafe(no_mangle)]
pub extern "C" fn cuEventQuery(event: usize) -> Code {
    in_context(|s| known(s, event))
}

/// `cuEventSynchronize`
#[unsafe(no_mangle)]
pub extern "C" fn cuEventSynchronize(event: usize) -> Code {
    in_context(|s| known(s, event))
}

/// `cuStreamWaitEvent`
#[unsafe(no_mangle)]
pub extern "C" fn cuStreamWaitEvent(stream: usize, event: usize, _: c_uint) -> Code {
    in_context(|s| s.stream(stream).and_then(|()| known(s, event)))
}

/// `cuEventElapsedTime`: milliseconds.
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventElapsedTime(out: *mut c_float, start: usize, end: usize) -> Code {
    in_context(|s| {
        let (start, end) = (moment(s, start)?, moment(s, end)?);
        let span =
            end.saturating_duration_since(start).as_secs_f32() - start.saturating_duration_since(end).as_secs_f32();
        // SAFETY: the caller's promise.
        unsafe { give(out, span * 1e3) }
    })
}

/// `cuEventElapsedTime_v2`
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventElapsedTime_v2(out: *mut c_float, start: usize, end: usize) -> Code {
    // SAFETY: the caller's promise.
    unsafe { cuEventElapsedTime(out, start, end) }
}
