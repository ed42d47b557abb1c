//! The host runtime of compiled CUDA libraries: loads kernels, manages memory and launches. It is linked into each
//! library as a static library, with hidden symbols.
//!
//! A function of a library is one call: [`dp_cuda_begin`], steps, [`dp_cuda_end`]. Errors are sticky: after the first
//! one, steps do nothing, and [`dp_cuda_end`] returns it. A function therefore branches on errors only where it depends
//! on downloaded data. A call frees everything it holds when it ends. Calls may nest; each thread has its own.
//!
//! # Where calls run
//!
//! A call with host pointers uses its own stream, in the thread's current context or else the primary context of the
//! first device, and waits for its results. A call with device pointers uses the caller's stream, in its context, and
//! does not wait, unless the device lacks stream-ordered memory.
//!
//! # Statuses
//!
//! A status is 0, or at least 2^20; the statuses of a program's own checks are below. [`dp_cuda_message`] returns the
//! message: 2^20 no driver, +1 driver too old, +2 no device, +3 out of memory, +4 kernels rejected, +5 an extent too
//! large, +6 and +7 internal errors, from +2^16 on errors of the driver.
//!
//! # Linking
//!
//! Nothing links to the driver: `libcuda.so` is loaded at the first call. The static library is built with the profile
//! `embedded`, and linked so that unused code is dropped and no symbol is exported:
//!
//! ```text
//! cargo build -p dp-cuda-host --profile embedded
//! cc -shared -o libmodel.so model.o target/embedded/libdp_cuda_host.a \
//!    -Wl,--gc-sections -Wl,--exclude-libs,ALL -Wl,-s -lgcc_s -lc
//! ```
//!
//! or, without a C compiler, with `ld.bfd` or `ld.lld`:
//!
//! ```text
//! ld.bfd -shared -o libmodel.so model.o libdp_cuda_host.a --gc-sections --exclude-libs ALL -s \
//!    /lib/x86_64-linux-gnu/libgcc_s.so.1 /lib/x86_64-linux-gnu/libc.so.6 /lib64/ld-linux-x86-64.so.2
//! ```
//!
//! This adds 370 kB to a library, which then depends on libgcc_s, libc and the dynamic loader. The archive has 27 MB.
//! Without debug info and bitcode (`objcopy --strip-debug --remove-section .llvmbc --remove-section .llvmcmd`) it has 6
//! MB, 1.1 MB compressed. Merged into one object with `ld -r --gc-sections -u dp_cuda_begin …`, with the nine functions
//! as roots, it has 1.1 MB, 0.3 MB compressed, and links to the same library.

use std::cell::RefCell;
use std::ffi::{c_char, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};

pub use driver::status;

use call::{Call, Running};

mod call;
mod context;
mod driver;
mod kernels;
mod memory;

/// The kernels of a library: constant data, except for the cache.
#[repr(C)]
#[derive(Debug)]
pub struct Image {
    /// The PTX, which the driver compiles.
    pub ptx: *const c_char,
    /// Its length in bytes, without the terminating zero.
    pub ptx_len: i64,
    /// The names of the kernels, each terminated by a zero.
    pub kernels: *const *const c_char,
    /// The number of kernels.
    pub kernel_count: i64,
    /// The cache of this runtime; initially null.
    pub cache: *mut c_void,
}

thread_local! {
    /// The calls of this thread, the innermost last.
    static CALLS: RefCell<Vec<Call>> = const { RefCell::new(Vec::new()) };
}

/// Runs a step of the innermost call. Returns zero if there is no call, it has failed, or the step fails.
fn step<T: Default>(step: impl FnOnce(&mut Running) -> Result<T, i32>) -> T {
    let outcome = catch_unwind(AssertUnwindSafe(|| with_call(|call| call.step(step))));
    match outcome {
        Ok(value) => value.unwrap_or_default(),
        Err(_) => {
            with_call(|call| call.error = status::INTERNAL);
            T::default()
        }
    }
}

/// The innermost call; `None` while the thread exits.
fn with_call<T>(body: impl FnOnce(&mut Call) -> T) -> Option<T> {
    CALLS.try_with(|calls| Some(body(calls.try_borrow_mut().ok()?.last_mut()?))).ok().flatten()
}

/// Begins a call on this thread and returns 0 or a status. In both cases, [`dp_cuda_end`] must end it. With
/// `on_device`, `stream` is the caller's `CUstream`, null for the default stream; otherwise the call uses its own
/// stream.
///
/// # Safety
/// The image is that of the library and stays valid; the stream is valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dp_cuda_begin(image: *mut Image, stream: *mut c_void, on_device: i32) -> i32 {
    let call = catch_unwind(|| {
        // SAFETY: guaranteed by the caller.
        unsafe { Call::begin(image, stream.cast(), on_device != 0) }
    });
    let call = call.unwrap_or_else(|_| Call::failed(status::INTERNAL));
    let error = call.error;
    match CALLS.try_with(|calls| calls.try_borrow_mut().map(|mut calls| calls.push(call))) {
        Ok(Ok(())) => error,
        _ => status::NO_CALL,
    }
}

/// Allocates device memory for this call; null after an error.
#[unsafe(no_mangle)]
pub extern "C" fn dp_cuda_alloc(bytes: i64) -> *mut c_void {
    step(|call| call.allocate(bytes).map(Address)).0
}

/// Frees memory of this call before the call ends.
///
/// # Safety
/// No later step uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dp_cuda_free(device: *mut c_void) {
    step(|call| call.free(device))
}

/// Copies from the host to the device.
///
/// # Safety
/// Both ranges are valid. The host memory does not change until the call ends, or, with a stream of the caller, until
/// the stream has executed the copy.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dp_cuda_upload(device: *mut c_void, host: *const c_void, bytes: i64) {
    // SAFETY: guaranteed by the caller.
    step(|call| unsafe { call.upload(device, host, bytes) })
}

/// Copies from the device to the host and waits. Returns 0 or the status of the call. After an error, the host memory
/// is zeroed.
///
/// # Safety
/// Both ranges are valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dp_cuda_download(host: *mut c_void, device: *const c_void, bytes: i64) -> i32 {
    // SAFETY: guaranteed by the caller.
    let done = step(|call| unsafe { call.download(host, device, bytes) }.map(|()| true));
    if done {
        return 0;
    }
    let room = usize::try_from(bytes).unwrap_or(0);
    if room > 0 && !host.is_null() {
        // SAFETY: guaranteed by the caller.
        unsafe { host.cast::<u8>().write_bytes(0, room) };
    }
    with_call(|call| call.error).unwrap_or(status::NO_CALL)
}

/// Copies within device memory.
///
/// # Safety
/// Both ranges are valid and do not overlap.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dp_cuda_copy(to: *mut c_void, from: *const c_void, bytes: i64) {
    // SAFETY: guaranteed by the caller.
    step(|call| unsafe { call.copy(to, from, bytes) })
}

/// Launches a kernel of the image, by its index. An empty grid launches nothing.
///
/// # Safety
/// `params` are the addresses of the kernel's parameters, and its memory accesses are valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dp_cuda_launch(
    kernel: i32,
    gx: i64,
    gy: i64,
    gz: i64,
    bx: i64,
    by: i64,
    bz: i64,
    params: *mut *mut c_void,
) {
    // SAFETY: guaranteed by the caller.
    step(|call| unsafe { call.launch(kernel, [gx, gy, gz], [bx, by, bz], params) })
}

/// Ends the innermost call of this thread: frees what it holds, waits unless the stream is the caller's, and returns 0
/// or the status of the first error.
#[unsafe(no_mangle)]
pub extern "C" fn dp_cuda_end() -> i32 {
    let outcome = catch_unwind(|| {
        let call = CALLS.try_with(|calls| calls.try_borrow_mut().ok()?.pop()).ok().flatten();
        call.map_or(status::NO_CALL, |mut call| call.end())
    });
    outcome.unwrap_or(status::INTERNAL)
}

/// The message of a status, valid for the lifetime of the process.
#[unsafe(no_mangle)]
pub extern "C" fn dp_cuda_message(code: i32) -> *const c_char {
    catch_unwind(|| status::message(code)).unwrap_or(c"unknown status".as_ptr())
}

/// A device address, null by default.
struct Address(*mut c_void);

impl Default for Address {
    fn default() -> Address {
        Address(std::ptr::null_mut())
    }
}
