//! Calls on a machine without a driver.

use std::ffi::{CStr, c_void};
use std::ptr;

use dp_cuda_host::{
    Image, dp_cuda_alloc, dp_cuda_begin, dp_cuda_copy, dp_cuda_download, dp_cuda_end, dp_cuda_free, dp_cuda_launch,
    dp_cuda_message, dp_cuda_upload, status,
};

fn text(status: i32) -> String {
    // SAFETY: a zero-terminated string that is never freed.
    unsafe { CStr::from_ptr(dp_cuda_message(status)) }.to_string_lossy().into_owned()
}

/// Whether this machine has a driver that the library would find.
fn is_there() -> bool {
    // SAFETY: the initializers of a driver are safe to run.
    unsafe { libloading::Library::new("libcuda.so.1").or_else(|_| libloading::Library::new("libcuda.so")) }.is_ok()
}

#[test]
fn a_call_without_a_driver_fails_with_a_status() {
    let names = [c"kernel".as_ptr()];
    let mut image =
        Image { ptx: c"".as_ptr(), ptx_len: 0, kernels: names.as_ptr(), kernel_count: 1, cache: ptr::null_mut() };
    for on_device in [0, 1] {
        let mut host = [1_u8; 4];
        let at: *mut c_void = host.as_mut_ptr().cast();
        // SAFETY: the host memory is large enough; device memory is not accessed.
        unsafe {
            let begun = dp_cuda_begin(&mut image, ptr::null_mut(), on_device);
            if is_there() {
                assert_ne!(begun, status::NO_DRIVER);
                dp_cuda_end();
                continue;
            }
            assert_eq!(begun, status::NO_DRIVER);
            let memory = dp_cuda_alloc(4);
            assert!(memory.is_null());
            dp_cuda_upload(memory, at, 4);
            dp_cuda_copy(memory, memory, 4);
            dp_cuda_launch(0, 1, 1, 1, 1, 1, 1, ptr::null_mut());
            dp_cuda_download(at, memory, 4);
            dp_cuda_free(memory);
            assert_eq!(dp_cuda_end(), status::NO_DRIVER);
        }
        // After an error, the results are zeroed.
        assert_eq!(host, [0; 4]);
    }
    assert_eq!(dp_cuda_end(), status::NO_CALL);
}

#[test]
fn every_status_has_a_message() {
    assert_eq!(text(0), "success");
    assert_eq!(text(status::NO_DRIVER), "no CUDA driver\nhelp: install NVIDIA's driver, whose library is libcuda.so.1");
    assert_eq!(text(status::NO_DEVICE), "no CUDA device\nhelp: `nvidia-smi -L` lists the devices that the driver sees");
    assert_eq!(text(status::MEMORY), "not enough device memory");
    for number in status::FIRST..status::FIRST + 8 {
        assert_ne!(text(number), "unknown status");
    }
    for number in [-1, 1, status::FIRST - 1, status::FIRST + 8, i32::MIN] {
        assert_eq!(text(number), "unknown status");
    }
    assert!(text(status::DRIVER + 719).starts_with("the CUDA driver: "));
    assert!(text(i32::MAX).starts_with("the CUDA driver: "));
}

#[test]
fn a_step_outside_a_call_fails() {
    assert!(dp_cuda_alloc(4).is_null());
    assert_eq!(dp_cuda_end(), status::NO_CALL);
}
