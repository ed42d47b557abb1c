//! Contexts, with the streams and memory that calls share.

use std::ptr;
use std::sync::{Mutex, PoisonError};

use cudarc::driver::sys::{CUcontext, CUstream};

use crate::driver::{self, Driver, check};
use crate::memory::Memory;
use crate::status;

/// A CUDA context, kept for the lifetime of the process.
pub struct Context {
    pub raw: CUcontext,
    pub driver: &'static Driver,
    pub memory: Memory,
    /// Streams that no call uses.
    streams: Mutex<Vec<CUstream>>,
}

// SAFETY: contexts and streams may be used from any thread.
unsafe impl Send for Context {}
// SAFETY: as above.
unsafe impl Sync for Context {}

/// The contexts of previous calls: usually one per device.
static CONTEXTS: Mutex<Vec<&'static Context>> = Mutex::new(Vec::new());

/// The primary context of the first device, by its address, once it was retained.
static PRIMARY: Mutex<Option<usize>> = Mutex::new(None);

/// The special stream handles of the driver, which are small numbers.
const NAMED_STREAMS: std::ops::RangeInclusive<usize> = 0..=2;

impl Context {
    /// The context of the caller's stream; without a stream, the thread's current context, or else the primary context
    /// of the first device.
    ///
    /// # Safety
    /// The stream is a CUDA stream.
    pub unsafe fn of(stream: Option<CUstream>) -> Result<&'static Context, i32> {
        let driver = driver::get()?;
        let mut raw: CUcontext = ptr::null_mut();
        let stream = stream.filter(|stream| !NAMED_STREAMS.contains(&stream.addr()));
        match (stream, &driver.streams) {
            // SAFETY: guaranteed by the caller.
            (Some(stream), Some(streams)) => check(unsafe { (streams.cuStreamGetCtx)(stream, &mut raw) })?,
            // SAFETY: the driver writes the context or null.
            _ => check(unsafe { (driver.cuCtxGetCurrent)(&mut raw) })?,
        }
        if raw.is_null() {
            raw = primary(driver)?;
        }
        let mut contexts = CONTEXTS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(context) = contexts.iter().find(|context| context.raw == raw) {
            return Ok(context);
        }
        let memory = Current::with(driver, raw, || Memory::new(driver))??;
        let context: &'static Context =
            Box::leak(Box::new(Context { raw, driver, memory, streams: Mutex::new(Vec::new()) }));
        contexts.push(context);
        Ok(context)
    }

    /// Returns a stream that no other call uses. The context is current.
    pub fn take_stream(&self) -> Result<CUstream, i32> {
        if let Some(stream) = self.streams.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Ok(stream);
        }
        // CU_STREAM_NON_BLOCKING: independent of the default stream.
        const NON_BLOCKING: u32 = 1;
        let mut stream = ptr::null_mut();
        // SAFETY: the driver writes the stream.
        check(unsafe { (self.driver.cuStreamCreate)(&mut stream, NON_BLOCKING) })?;
        Ok(stream)
    }

    /// Returns a stream for reuse.
    pub fn give_back_stream(&self, stream: CUstream) {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner).push(stream);
    }
}

fn primary(driver: &Driver) -> Result<CUcontext, i32> {
    let mut primary = PRIMARY.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(address) = *primary {
        return Ok(ptr::with_exposed_provenance_mut(address));
    }
    let (mut count, mut device, mut raw) = (0, 0, ptr::null_mut());
    // SAFETY: the driver writes these.
    unsafe {
        check((driver.cuDeviceGetCount)(&mut count))?;
        if count == 0 {
            return Err(status::NO_DEVICE);
        }
        check((driver.cuDeviceGet)(&mut device, 0))?;
        check((driver.cuDevicePrimaryCtxRetain)(&mut raw, device))?;
    }
    *primary = Some(raw.expose_provenance());
    Ok(raw)
}

/// Keeps a context current until dropped.
pub struct Current {
    driver: &'static Driver,
    /// The previous current context, if it was a different one.
    before: Option<CUcontext>,
}

impl Current {
    pub fn new(driver: &'static Driver, raw: CUcontext) -> Result<Current, i32> {
        let mut before = ptr::null_mut();
        // SAFETY: the driver writes the context or null; `raw` is a context.
        unsafe {
            check((driver.cuCtxGetCurrent)(&mut before))?;
            if before == raw {
                return Ok(Current { driver, before: None });
            }
            check((driver.cuCtxSetCurrent)(raw))?;
        }
        Ok(Current { driver, before: Some(before) })
    }

    fn with<T>(driver: &'static Driver, raw: CUcontext, body: impl FnOnce() -> T) -> Result<T, i32> {
        let _current = Current::new(driver, raw)?;
        Ok(body())
    }
}

impl Drop for Current {
    fn drop(&mut self) {
        if let Some(before) = self.before {
            // SAFETY: the context was current when this object was created.
            unsafe { (self.driver.cuCtxSetCurrent)(before) };
        }
    }
}
