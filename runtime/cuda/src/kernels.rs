//! The kernels of a library, loaded once per context.

use std::ffi::{c_char, c_void};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, PoisonError};

use cudarc::driver::sys::{CUfunction, CUmodule};

use crate::context::Context;
use crate::driver::check;
use crate::{Image, status};

/// The kernels in one context, in the order of the library.
pub struct Kernels {
    functions: Vec<CUfunction>,
    /// Their module; null if there are no kernels.
    _module: CUmodule,
}

// SAFETY: modules and their functions may be used from any thread.
unsafe impl Send for Kernels {}
// SAFETY: as above.
unsafe impl Sync for Kernels {}

/// The target of an image's `cache`: kernels by context address.
#[derive(Default)]
struct Cache {
    loaded: Mutex<Vec<(usize, Result<&'static Kernels, i32>)>>,
}

impl Kernels {
    /// Returns the kernels of a library in a context, which is current.
    ///
    /// # Safety
    /// The image is the library's constant data, and nobody else accesses its `cache`.
    pub unsafe fn of(image: *mut Image, context: &Context) -> Result<&'static Kernels, i32> {
        // SAFETY: guaranteed by the caller.
        let cache = unsafe { Cache::of(image) };
        // A second thread waits for the first to load.
        let mut loaded = cache.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, kernels)) = loaded.iter().find(|(raw, _)| *raw == context.raw.addr()) {
            return *kernels;
        }
        // SAFETY: guaranteed by the caller.
        let kernels = unsafe { Kernels::load(image, context) }.map(|kernels| &*Box::leak(Box::new(kernels)));
        // Rejected kernels stay rejected; other errors may be transient.
        if matches!(kernels, Ok(_) | Err(status::KERNELS)) {
            loaded.push((context.raw.addr(), kernels));
        }
        kernels
    }

    /// Loads the kernels.
    ///
    /// # Safety
    /// As [`Kernels::of`].
    unsafe fn load(image: *const Image, context: &Context) -> Result<Kernels, i32> {
        let driver = context.driver;
        // SAFETY: guaranteed by the caller.
        let image = unsafe { &*image };
        let names: &[*const c_char] = match usize::try_from(image.kernel_count) {
            Ok(0) => &[],
            // SAFETY: the image has this many names.
            Ok(count) => unsafe { std::slice::from_raw_parts(image.kernels, count) },
            Err(_) => return Err(status::INTERNAL),
        };
        if names.is_empty() {
            return Ok(Kernels { functions: Vec::new(), _module: ptr::null_mut() });
        }
        let length = usize::try_from(image.ptx_len).map_err(|_| status::INTERNAL)?;
        // The driver reads PTX up to a zero byte.
        // SAFETY: the image has this many bytes.
        let mut ptx = unsafe { std::slice::from_raw_parts(image.ptx.cast::<u8>(), length) }.to_vec();
        ptx.push(0);
        let mut module = ptr::null_mut();
        let mut log = vec![0_u8; 4096];
        // CU_JIT_ERROR_LOG_BUFFER and CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES
        let mut options = [5, 6];
        let mut values: [*mut c_void; 2] = [log.as_mut_ptr().cast(), ptr::without_provenance_mut(log.len())];
        // SAFETY: the driver reads the text and writes the module, and the log within its size.
        let result = unsafe {
            (driver.cuModuleLoadDataEx)(&mut module, ptx.as_ptr().cast(), 2, options.as_mut_ptr(), values.as_mut_ptr())
        };
        match result {
            // CUDA_ERROR_INVALID_IMAGE, NO_BINARY_FOR_GPU, INVALID_PTX, NVVM_COMPILER_NOT_FOUND (and related ones),
            // UNSUPPORTED_PTX_VERSION
            200 | 209 | 218 | 220..=222 => {
                let end = log.iter().position(|byte| *byte == 0).unwrap_or(log.len());
                return Err(status::refused(result, &String::from_utf8_lossy(&log[..end])));
            }
            result => check(result)?,
        }
        let functions: Result<Vec<CUfunction>, i32> = names
            .iter()
            .map(|name| {
                let mut raw = ptr::null_mut();
                // SAFETY: the name is zero-terminated; the driver writes the function.
                check(unsafe { (driver.cuModuleGetFunction)(&mut raw, module, *name) })?;
                Ok(raw)
            })
            .collect();
        match functions {
            Ok(functions) => Ok(Kernels { functions, _module: module }),
            Err(error) => {
                // SAFETY: nobody else has the module.
                unsafe { (driver.cuModuleUnload)(module) };
                Err(error)
            }
        }
    }

    /// Returns a kernel by index.
    pub fn get(&self, kernel: i32) -> Result<CUfunction, i32> {
        usize::try_from(kernel).ok().and_then(|index| self.functions.get(index).copied()).ok_or(status::INTERNAL)
    }
}

impl Cache {
    /// The cache of an image, created on first use. It lives as long as the process.
    ///
    /// # Safety
    /// As [`Kernels::of`].
    unsafe fn of(image: *mut Image) -> &'static Cache {
        // SAFETY: the field is null or was set below; all access is atomic.
        unsafe {
            let slot = AtomicPtr::<Cache>::from_ptr((&raw mut (*image).cache).cast());
            let known = slot.load(Ordering::Acquire);
            if let Some(cache) = known.as_ref() {
                return cache;
            }
            let made = Box::into_raw(Box::<Cache>::default());
            match slot.compare_exchange(ptr::null_mut(), made, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => &*made,
                Err(first) => {
                    drop(Box::from_raw(made));
                    &*first
                }
            }
        }
    }
}
