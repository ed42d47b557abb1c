//! The host side of a CUDA library that the compiler made: what its functions call to
//! load kernels, to move memory and to launch. It is linked into each such library as a
//! static library; nobody else sees it.
//!
//! A function of a library is one call: [`dp_cuda_begin`], steps, [`dp_cuda_end`]. Errors
//! stick: after the first one, steps do nothing, and [`dp_cuda_end`] returns it. So the
//! code of a function needs no branch after each step, but where what it has downloaded
//! decides how it goes on. Whatever a call holds is given back when it ends. Calls may
//! nest; each thread has its own.
//!
//! # Where calls run
//!
//! A call of host pointers takes a stream of its own, in the thread's current context, or
//! else in the primary context of the first device; it waits for its results. A call of
//! device pointers uses the caller's stream, in its context, and waits for nothing, but
//! where the device has no memory in the order of streams.
//!
//! # Statuses
//!
//! A status is 0, or a number from 2^20 on: the compiler's own statuses count checks from
//! 1 and stay below. [`dp_cuda_message`] has the text of each: 2^20 no driver, +1 a driver
//! too old, +2 no device, +3 not enough memory, +4 kernels refused, +5 an extent too large,
//! +6 and +7 internal errors, +2^16 and more errors of the driver, in its own words.
//!
//! # Linking
//!
//! Nothing links to the driver: `libcuda.so` is looked for when the first call begins.
//! The static library is built small with the profile `embedded`, and linked so that only
//! what is needed stays, and nothing of it can be seen:
//!
//! ```text
//! cargo build -p dp-cuda-host --profile embedded
//! cc -shared -o libmodel.so model.o target/embedded/libdp_cuda_host.a \
//!    -Wl,--gc-sections -Wl,--exclude-libs,ALL -Wl,-s -lgcc_s -lc
//! ```
//!
//! or, without a compiler of C, by `ld.bfd` or `ld.lld`:
//!
//! ```text
//! ld.bfd -shared -o libmodel.so model.o libdp_cuda_host.a --gc-sections --exclude-libs ALL -s \
//!    /lib/x86_64-linux-gnu/libgcc_s.so.1 /lib/x86_64-linux-gnu/libc.so.6 /lib64/ld-linux-x86-64.so.2
//! ```
//!
//! This adds 370 kB to a library, which then needs libgcc_s, libc and its loader, and no
//! more. The archive itself has 27 MB; what only a debugger or link-time optimization reads
//! of it goes with `objcopy --strip-debug --remove-section .llvmbc --remove-section .llvmcmd`,
//! which leaves 6 MB, 1.1 MB compressed. Made one object of by `ld -r --gc-sections -u
//! dp_cuda_begin …`, with each of the nine functions as a root, and put into an archive again
//! with `ar`, it has 1.1 MB, 0.3 MB compressed, and links to the same library.

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

/// A library's kernels: constant data of the library, but for the cache.
#[repr(C)]
#[derive(Debug)]
pub struct Image {
    /// PTX for the driver to compile.
    pub ptx: *const c_char,
    /// Its length in bytes, without a zero at its end.
    pub ptx_len: i64,
    /// The kernels' names, each ending in a zero.
    pub kernels: *const *const c_char,
    /// How many there are.
    pub kernel_count: i64,
    /// Ours; null at first.
    pub cache: *mut c_void,
}

thread_local! {
    /// The calls of this thread, the innermost last.
    static CALLS: RefCell<Vec<Call>> = const { RefCell::new(Vec::new()) };
}

/// Takes a step of the innermost call; gives zero where there is none, where it has
/// failed, or where the step fails.
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

/// The innermost call, if there is one: not where the thread is ending.
fn with_call<T>(body: impl FnOnce(&mut Call) -> T) -> Option<T> {
    CALLS.try_with(|calls| Some(body(calls.try_borrow_mut().ok()?.last_mut()?))).ok().flatten()
}

/// Begins a call on this thread, and returns 0 or a status; either way [`dp_cuda_end`]
/// ends it. With `on_device` the stream is the caller's `CUstream`, null for the default
/// one; without, the call takes one of its own.
///
/// # Safety
/// The image is the library's, and stays; the stream is one of the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dp_cuda_begin(image: *mut Image, stream: *mut c_void, on_device: i32) -> i32 {
    let call = catch_unwind(|| {
        // SAFETY: the caller's promise.
        unsafe { Call::begin(image, stream.cast(), on_device != 0) }
    });
    let call = call.unwrap_or_else(|_| Call::failed(status::INTERNAL));
    let error = call.error;
    match CALLS.try_with(|calls| calls.try_borrow_mut().map(|mut calls| calls.push(call))) {
        Ok(Ok(())) => error,
        _ => status::NO_CALL,
    }
}

/// Memory of the device for this call; null after an error.
#[unsafe(no_mangle)]
pub extern "C" fn dp_cuda_alloc(bytes: i64) -> *mut c_void {
    step(|call| call.allocate(bytes).map(Address)).0
}

/// Gives memory of this call back before it ends.
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
/// There are so many bytes at both places; the host's stay as they are until the call has
/// ended, or with a caller's stream until it has come so far.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dp_cuda_upload(device: *mut c_void, host: *const c_void, bytes: i64) {
    // SAFETY: the caller's promise.
    step(|call| unsafe { call.upload(device, host, bytes) })
}

/// Copies from the device to the host, and waits for it; returns 0 or the call's status.
/// After an error the host's memory is zeroed.
///
/// # Safety
/// There are so many bytes at both places.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dp_cuda_download(host: *mut c_void, device: *const c_void, bytes: i64) -> i32 {
    // SAFETY: the caller's promise.
    let done = step(|call| unsafe { call.download(host, device, bytes) }.map(|()| true));
    if done {
        return 0;
    }
    let room = usize::try_from(bytes).unwrap_or(0);
    if room > 0 && !host.is_null() {
        // SAFETY: the caller's promise.
        unsafe { host.cast::<u8>().write_bytes(0, room) };
    }
    with_call(|call| call.error).unwrap_or(status::NO_CALL)
}

/// Copies from one place of the device to another.
///
/// # Safety
/// There are so many bytes at both places, which do not overlap.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dp_cuda_copy(to: *mut c_void, from: *const c_void, bytes: i64) {
    // SAFETY: the caller's promise.
    step(|call| unsafe { call.copy(to, from, bytes) })
}

/// Launches a kernel, by its place among the image's, on a grid of blocks. A grid without
/// blocks launches nothing.
///
/// # Safety
/// `params` are the addresses of what the kernel takes, which it may do as it does.
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
    // SAFETY: the caller's promise.
    step(|call| unsafe { call.launch(kernel, [gx, gy, gz], [bx, by, bz], params) })
}

/// Ends the innermost call of this thread: gives back what it holds, waits unless the
/// stream is the caller's, and returns 0 or the status of the first error.
#[unsafe(no_mangle)]
pub extern "C" fn dp_cuda_end() -> i32 {
    let outcome = catch_unwind(|| {
        let call = CALLS.try_with(|calls| calls.try_borrow_mut().ok()?.pop()).ok().flatten();
        call.map_or(status::NO_CALL, |mut call| call.end())
    });
    outcome.unwrap_or(status::INTERNAL)
}

/// The text of a status, which lives as long as the process.
#[unsafe(no_mangle)]
pub extern "C" fn dp_cuda_message(code: i32) -> *const c_char {
    catch_unwind(|| status::message(code)).unwrap_or(c"unknown status".as_ptr())
}

/// An address of the device, null by default.
struct Address(*mut c_void);

impl Default for Address {
    fn default() -> Address {
        Address(std::ptr::null_mut())
    }
}
