//! The mock driver, and functions to query and control it.

use std::ffi::{CString, c_char, c_void};
use std::process::Command;
use std::ptr;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use libloading::Library;

/// Compiles the mock and loads it under the name of the driver. The runtime then finds the loaded library by this name.
fn mock() -> &'static Library {
    static MOCK: OnceLock<Library> = OnceLock::new();
    MOCK.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let (source, path) = (folder.path().join("driver.c"), folder.path().join("mock.so"));
        std::fs::write(&source, include_str!("driver.c")).expect("a file");
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-O1", "-g", "-Wall", "-Wextra", "-Wl,-soname,libcuda.so", "-o"]);
        assert!(cc.arg(&path).arg(&source).status().expect("a C compiler").success());
        // SAFETY: the mock has no initializers.
        unsafe { Library::new(&path) }.expect("the mock")
    })
}

/// The kinds of objects that the mock counts.
pub const KINDS: [&str; 5] = ["contexts", "streams", "blocks", "modules", "pools"];
pub const CONTEXTS: usize = 0;
pub const STREAMS: usize = 1;
pub const BLOCKS: usize = 2;
pub const MODULES: usize = 3;
pub const POOLS: usize = 4;

/// Exclusive access to the mock, whose settings are global: only one test can use it at a time.
pub struct Mock {
    _turn: MutexGuard<'static, ()>,
    /// Blocks that earlier tests left in a cache.
    cached: i64,
}

impl Mock {
    pub fn new() -> Mock {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let mut mock = Mock { _turn: turn, cached: 0 };
        mock.cached = mock.live(BLOCKS);
        mock.fail("", 0, 0);
        mock.set(1, 1);
        mock
    }

    pub fn function<T: Copy>(&self, name: &str) -> T {
        // SAFETY: functions of the mock, with the types given below.
        *unsafe { mock().get::<T>(name.as_bytes()) }.expect("a function of the mock")
    }

    pub fn live(&self, kind: usize) -> i64 {
        self.function::<extern "C" fn(i32) -> i64>("mock_live")(kind as i32)
    }

    /// The number of blocks allocated since the test began and not freed.
    pub fn held(&self) -> i64 {
        self.live(BLOCKS) - self.cached
    }

    pub fn made(&self, kind: usize) -> i64 {
        self.function::<extern "C" fn(i32) -> i64>("mock_made")(kind as i32)
    }

    pub fn set(&self, devices: i32, pools: i32) {
        self.function::<extern "C" fn(i32, i32)>("mock_set")(devices, pools);
    }

    pub fn fail(&self, function: &str, after: i32, with: i32) {
        let name = CString::new(function).expect("a name");
        self.function::<extern "C" fn(*const c_char, i32, i32)>("mock_fail")(name.as_ptr(), after, with);
    }

    pub fn depth(&self) -> i32 {
        self.function::<extern "C" fn() -> i32>("mock_depth")()
    }

    pub fn context(&self) -> *mut c_void {
        self.function::<extern "C" fn() -> *mut c_void>("mock_context")()
    }

    pub fn stream(&self, context: *mut c_void) -> *mut c_void {
        self.function::<extern "C" fn(*mut c_void) -> *mut c_void>("mock_stream")(context)
    }

    pub fn push(&self, context: *mut c_void) {
        assert_eq!(self.function::<extern "C" fn(*mut c_void) -> i32>("cuCtxPushCurrent_v2")(context), 0);
    }

    pub fn pop(&self) {
        let mut popped = ptr::null_mut();
        assert_eq!(self.function::<extern "C" fn(*mut *mut c_void) -> i32>("cuCtxPopCurrent_v2")(&mut popped), 0);
    }
}
