//! Calls with a mock driver, which counts the objects that it creates.

mod driver;

use std::ffi::{CStr, c_char, c_void};
use std::path::PathBuf;
use std::process::Command;
use std::ptr;
use std::sync::{Mutex, OnceLock, PoisonError};

use dp_cuda_host::{
    Image, dp_cuda_alloc, dp_cuda_begin, dp_cuda_copy, dp_cuda_download, dp_cuda_end, dp_cuda_free, dp_cuda_launch,
    dp_cuda_message, dp_cuda_upload, status,
};
use driver::{BLOCKS, CONTEXTS, KINDS, MODULES, Mock, POOLS, STREAMS};

/// The image of a library. It is never freed, like constant data.
fn image(ptx: &'static CStr) -> *mut Image {
    static IMAGES: Mutex<Vec<usize>> = Mutex::new(Vec::new());
    struct Names([*const c_char; 3]);
    // SAFETY: constant strings.
    unsafe impl Sync for Names {}
    static NAMES: Names = Names([c"saxpy".as_ptr(), c"crash".as_ptr(), c"tell".as_ptr()]);
    let image = Box::into_raw(Box::new(Image {
        ptx: ptx.as_ptr(),
        ptx_len: ptx.count_bytes() as i64,
        kernels: NAMES.0.as_ptr(),
        kernel_count: NAMES.0.len() as i64,
        cache: ptr::null_mut(),
    }));
    IMAGES.lock().unwrap_or_else(PoisonError::into_inner).push(image.expose_provenance());
    image
}

/// The image that most tests share.
fn shared() -> *mut Image {
    static IMAGE: OnceLock<usize> = OnceLock::new();
    ptr::with_exposed_provenance_mut(*IMAGE.get_or_init(|| image(c".version 7.0").expose_provenance()))
}

/// A function as the compiler would generate it: `y + a·x`, with a copy and temporary memory.
fn saxpy(image: *mut Image, a: f32, x: &[f32], y: &mut [f32]) -> i32 {
    let (mut n, mut a) = (x.len() as i64, a);
    let bytes = 4 * n;
    // SAFETY: the sizes match the slices.
    unsafe {
        dp_cuda_begin(image, ptr::null_mut(), 0);
        let (mut dx, mut dy, scratch) = (dp_cuda_alloc(bytes), dp_cuda_alloc(bytes), dp_cuda_alloc(bytes));
        dp_cuda_upload(dx, x.as_ptr().cast(), bytes);
        dp_cuda_upload(scratch, y.as_ptr().cast(), bytes);
        dp_cuda_copy(dy, scratch, bytes);
        dp_cuda_free(scratch);
        let mut parameters: [*mut c_void; 4] = [
            ptr::from_mut(&mut n).cast(),
            ptr::from_mut(&mut a).cast(),
            ptr::from_mut(&mut dx).cast(),
            ptr::from_mut(&mut dy).cast(),
        ];
        dp_cuda_launch(0, (n + 127) / 128, 1, 1, 128, 1, 1, parameters.as_mut_ptr());
        dp_cuda_download(y.as_mut_ptr().cast(), dy, bytes);
        dp_cuda_end()
    }
}

fn text(status: i32) -> String {
    // SAFETY: a zero-terminated string that is never freed.
    unsafe { CStr::from_ptr(dp_cuda_message(status)) }.to_string_lossy().into_owned()
}

fn check_saxpy(n: usize) {
    let x: Vec<f32> = (0..n).map(|i| i as f32).collect();
    let mut y = vec![1.0; n];
    assert_eq!(saxpy(shared(), 2.0, &x, &mut y), 0);
    assert!(y.iter().enumerate().all(|(i, y)| *y == 1.0 + 2.0 * i as f32));
}

#[test]
fn host_pointers() {
    let mock = Mock::new();
    [0, 1, 127, 128, 1000].into_iter().for_each(check_saxpy);
    assert_eq!((mock.held(), mock.depth()), (0, 0));
    let before: Vec<i64> = (0..KINDS.len()).map(|kind| mock.made(kind)).collect();
    (0..10).for_each(|_| check_saxpy(300));
    for kind in [CONTEXTS, STREAMS, MODULES, POOLS] {
        assert_eq!(mock.made(kind), before[kind], "each call creates new {}", KINDS[kind]);
    }
    assert_eq!(mock.function::<extern "C" fn() -> i32>("mock_retained")(), 1);
}

#[test]
fn device_pointers_on_the_stream_of_the_caller() {
    let mock = Mock::new();
    let context = mock.context();
    let stream = mock.stream(context);
    // Device memory of the mock is host memory. The stream belongs to a context that is not current.
    let (x, mut y) = (vec![1.0_f32, 2.0, 3.0], vec![10.0_f32; 3]);
    let (mut n, mut a) = (3_i64, 2.0_f32);
    let (mut dx, mut dy) = (x.as_ptr(), y.as_mut_ptr());
    let streams = mock.made(STREAMS);
    // SAFETY: the parameters match the kernel of the mock.
    unsafe {
        assert_eq!(dp_cuda_begin(shared(), stream, 1), 0);
        assert_eq!(mock.depth(), 1);
        let mut parameters: [*mut c_void; 4] = [
            ptr::from_mut(&mut n).cast(),
            ptr::from_mut(&mut a).cast(),
            ptr::from_mut(&mut dx).cast(),
            ptr::from_mut(&mut dy).cast(),
        ];
        dp_cuda_launch(0, 1, 1, 1, 128, 1, 1, parameters.as_mut_ptr());
        assert!(!dp_cuda_alloc(100).is_null());
        // The call must not wait; if it did, it would return this error.
        mock.fail("cuStreamSynchronize", 0, 700);
        assert_eq!(dp_cuda_end(), 0);
        mock.fail("", 0, 0);
    }
    assert_eq!(y, [12.0, 14.0, 16.0]);
    assert_eq!((mock.held(), mock.depth(), mock.made(STREAMS)), (0, 0, streams));
    // The default stream, in the thread's current context.
    mock.push(context);
    // SAFETY: no memory is accessed.
    unsafe {
        assert_eq!(dp_cuda_begin(shared(), ptr::null_mut(), 1), 0);
        assert_eq!(mock.depth(), 1);
        assert_eq!(dp_cuda_end(), 0);
    }
    mock.pop();
}

#[test]
fn the_first_error_sticks() {
    let mock = Mock::new();
    check_saxpy(4);
    // Each step fails in turn; the steps after it do nothing, and all resources are released.
    let steps = [
        ("cuMemAllocFromPoolAsync", 0, 2, status::MEMORY),
        ("cuMemAllocFromPoolAsync", 2, 2, status::MEMORY),
        ("cuMemcpyHtoDAsync_v2", 0, 1, status::DRIVER + 1),
        ("cuMemcpyHtoDAsync_v2", 1, 1, status::DRIVER + 1),
        ("cuMemcpyDtoDAsync_v2", 0, 1, status::DRIVER + 1),
        ("cuMemFreeAsync", 0, 700, status::DRIVER + 700),
        ("cuLaunchKernel", 0, 701, status::DRIVER + 701),
        ("cuMemcpyDtoHAsync_v2", 0, 700, status::DRIVER + 700),
        ("cuStreamSynchronize", 0, 700, status::DRIVER + 700),
        ("cuCtxSetCurrent", 0, 201, status::DRIVER + 201),
        ("cuCtxGetCurrent", 0, 3, status::DRIVER + 3),
    ];
    for (function, after, with, expected) in steps {
        mock.fail(function, after, with);
        let mut y = [1.0; 4];
        assert_eq!(saxpy(shared(), 2.0, &[1.0; 4], &mut y), expected, "{function}");
        assert_eq!(y, [0.0; 4], "{function}");
        assert_eq!((mock.held(), mock.depth()), (0, 0), "{function}");
        check_saxpy(4);
    }
    assert_eq!(text(status::DRIVER + 700), "the CUDA driver: an illegal memory access was encountered");
    assert_eq!(text(status::DRIVER + 701), "the CUDA driver: error 701");
}

#[test]
fn a_crash_of_a_kernel_is_reported_at_the_end() {
    let mock = Mock::new();
    // SAFETY: the kernel has no parameters.
    unsafe {
        assert_eq!(dp_cuda_begin(shared(), ptr::null_mut(), 0), 0);
        dp_cuda_launch(1, 1, 1, 1, 1, 1, 1, ptr::null_mut());
        assert_eq!(dp_cuda_end(), status::DRIVER + 700);
    }
    assert_eq!(mock.depth(), 0);
    check_saxpy(4);
}

#[test]
fn invalid_steps_fail() {
    let _mock = Mock::new();
    // SAFETY: no memory is accessed.
    let status = |step: &dyn Fn()| unsafe {
        assert_eq!(dp_cuda_begin(shared(), ptr::null_mut(), 0), 0);
        step();
        dp_cuda_end()
    };
    // SAFETY: as above.
    let launch = |kernel, grid: i64, block: i64| unsafe {
        dp_cuda_launch(kernel, grid, 1, 1, block, 1, 1, ptr::null_mut());
    };
    assert_eq!(status(&|| launch(3, 1, 1)), status::INTERNAL);
    assert_eq!(status(&|| launch(-1, 1, 1)), status::INTERNAL);
    assert_eq!(status(&|| launch(1, 1 << 32, 1)), status::GRID);
    assert_eq!(status(&|| launch(1, -1, 1)), status::GRID);
    assert_eq!(status(&|| launch(1, 0, 1)), 0);
    assert_eq!(status(&|| assert!(dp_cuda_alloc(-1).is_null())), status::MEMORY);
    assert_eq!(status(&|| assert!(dp_cuda_alloc(i64::MAX).is_null())), status::MEMORY);
    assert_eq!(status(&|| assert!(!dp_cuda_alloc(0).is_null())), 0);
    // SAFETY: the address is not memory of the call, so it is not freed.
    assert_eq!(status(&|| unsafe { dp_cuda_free(ptr::without_provenance_mut(64)) }), status::INTERNAL);
    // SAFETY: as above.
    assert_eq!(status(&|| unsafe { dp_cuda_free(ptr::null_mut()) }), 0);
}

#[test]
fn a_launch_has_the_requested_grid_and_parameters() {
    let _mock = Mock::new();
    let mut told = [0_i64; 7];
    let mut out = told.as_mut_ptr();
    // SAFETY: the kernel writes seven values.
    unsafe {
        dp_cuda_begin(shared(), ptr::null_mut(), 0);
        let mut parameters: [*mut c_void; 1] = [ptr::from_mut(&mut out).cast()];
        dp_cuda_launch(2, 70_000, 3, 2, 32, 4, 8, parameters.as_mut_ptr());
        assert_eq!(dp_cuda_end(), 0);
    }
    assert_eq!(told, [70_000, 3, 2, 32, 4, 8, 0]);
}

#[test]
fn calls_nest() {
    let mock = Mock::new();
    // SAFETY: no memory is accessed.
    unsafe {
        assert_eq!(dp_cuda_begin(shared(), ptr::null_mut(), 0), 0);
        dp_cuda_launch(9, 1, 1, 1, 1, 1, 1, ptr::null_mut());
        // The error of an outer call does not affect an inner call.
        check_saxpy(10);
        assert_eq!(dp_cuda_end(), status::INTERNAL);
        assert_eq!(dp_cuda_end(), status::NO_CALL);
    }
    assert_eq!((mock.held(), mock.depth()), (0, 0));
}

#[test]
fn rejected_kernels_are_reported() {
    let mock = Mock::new();
    let wrong = image(c"mistake");
    for _ in 0..2 {
        let mut y = [1.0; 2];
        assert_eq!(saxpy(wrong, 1.0, &[1.0; 2], &mut y), status::KERNELS);
        assert_eq!(
            text(status::KERNELS),
            "the CUDA driver rejects the kernels: a PTX JIT compilation failed: ptxas, line 1; fatal: mistake\nhelp: \
             compile for the chip of this device, or install a newer driver"
        );
    }
    // After another error, loading is tried again.
    let right = image(c".version 7.0");
    let modules = mock.made(MODULES);
    mock.fail("cuModuleLoadDataEx", 0, 2);
    assert_eq!(saxpy(right, 1.0, &[1.0; 2], &mut [1.0; 2]), status::MEMORY);
    assert_eq!(saxpy(right, 1.0, &[1.0; 2], &mut [1.0; 2]), 0);
    assert_eq!(mock.made(MODULES), modules + 1);
    // A module that lacks a kernel is unloaded.
    let (less, live) = (image(c".version 7.0"), mock.live(MODULES));
    mock.fail("cuModuleGetFunction", 1, 500);
    assert_eq!(saxpy(less, 1.0, &[1.0; 2], &mut [1.0; 2]), status::DRIVER + 500);
    assert_eq!(mock.live(MODULES), live);
    assert_eq!(saxpy(less, 1.0, &[1.0; 2], &mut [1.0; 2]), 0);
}

#[test]
fn many_threads_load_once() {
    let mock = Mock::new();
    let fresh = image(c".version 7.0").expose_provenance();
    let modules = mock.made(MODULES);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            scope.spawn(move || {
                for round in 0..50 {
                    let n = 1 + (37 * thread + round) % 500;
                    let mut y = vec![1.0; n];
                    let status = saxpy(ptr::with_exposed_provenance_mut(fresh), thread as f32, &vec![2.0; n], &mut y);
                    assert_eq!(status, 0);
                    assert!(y.iter().all(|y| *y == 1.0 + 2.0 * thread as f32));
                }
            });
        }
    });
    assert_eq!((mock.made(MODULES), mock.held()), (modules + 1, 0));
    assert!(mock.live(STREAMS) <= 10, "streams are reused");
}

#[test]
fn memory_of_the_default_pool() {
    let mock = Mock::new();
    let context = mock.context();
    mock.push(context);
    mock.fail("cuMemPoolCreate", 0, 801);
    check_saxpy(300);
    mock.fail("cuMemAllocAsync", 0, 2);
    assert_eq!(saxpy(shared(), 1.0, &[1.0; 2], &mut [1.0; 2]), status::MEMORY);
    assert_eq!(mock.held(), 0);
    mock.pop();
}

#[test]
fn memory_that_is_not_stream_ordered_is_cached() {
    let mock = Mock::new();
    mock.set(1, 0);
    let context = mock.context();
    mock.push(context);
    check_saxpy(300);
    let (made, pools) = (mock.made(BLOCKS), mock.made(POOLS));
    (0..10).for_each(|_| check_saxpy(290));
    assert_eq!((mock.made(BLOCKS), mock.made(POOLS)), (made, pools));
    // Cached blocks are freed before a call fails with out of memory.
    mock.fail("cuMemAlloc_v2", 0, 2);
    check_saxpy(5000);
    assert!(mock.held() <= 3);
    // SAFETY: no memory is accessed.
    unsafe {
        dp_cuda_begin(shared(), ptr::null_mut(), 0);
        let first = dp_cuda_alloc(100_000);
        dp_cuda_free(first);
        assert_eq!(dp_cuda_alloc(99_000), first, "a call reuses its own memory");
        assert_eq!(dp_cuda_end(), 0);
        // Without stream-ordered memory, a call on the caller's stream waits before another call can use its blocks.
        assert_eq!(dp_cuda_begin(shared(), ptr::null_mut(), 1), 0);
        dp_cuda_alloc(10);
        dp_cuda_launch(1, 1, 1, 1, 1, 1, 1, ptr::null_mut());
        assert_eq!(dp_cuda_end(), status::DRIVER + 700);
    }
    mock.pop();
    assert_eq!(mock.depth(), 0);
}

#[test]
fn a_thread_that_exits_inside_a_call_releases_its_resources() {
    let mock = Mock::new();
    let begun = std::thread::spawn(|| {
        // SAFETY: no memory is accessed.
        let begun = unsafe { dp_cuda_begin(shared(), ptr::null_mut(), 0) };
        (begun, dp_cuda_alloc(10).is_null())
    });
    assert_eq!(begun.join().expect("a thread"), (0, false));
    assert_eq!(mock.held(), 0);
}

/// Runs all of these tests again under valgrind.
#[test]
fn valgrind_finds_nothing() {
    if std::env::var_os("UNDER_VALGRIND").is_some() {
        return;
    }
    let this: PathBuf = std::env::current_exe().expect("this test");
    let output = Command::new("valgrind")
        .args(["--quiet", "--leak-check=full", "--errors-for-leak-kinds=definite,indirect", "--error-exitcode=99"])
        .arg(this)
        .arg("--test-threads=1")
        .env("UNDER_VALGRIND", "1")
        .output()
        .expect("valgrind runs; on Debian, apt-get install valgrind");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{err}");
}
