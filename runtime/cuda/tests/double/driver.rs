//! The double of the driver, and what it can be asked and told.

use std::ffi::{CString, c_char, c_void};
use std::process::Command;
use std::ptr;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use libloading::Library;

/// Compiles the double and loads it under the name by which the driver is looked for: a
/// library that is loaded already is found by its name.
fn double() -> &'static Library {
    static DOUBLE: OnceLock<Library> = OnceLock::new();
    DOUBLE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let (source, path) = (folder.path().join("driver.c"), folder.path().join("double.so"));
        std::fs::write(&source, include_str!("driver.c")).expect("a file");
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-O1", "-g", "-Wall", "-Wextra", "-Wl,-soname,libcuda.so", "-o"]);
        assert!(cc.arg(&path).arg(&source).status().expect("a C compiler").success());
        // SAFETY: the double has no initializers.
        unsafe { Library::new(&path) }.expect("the double")
    })
}

/// What the double counts.
pub const KINDS: [&str; 5] = ["contexts", "streams", "blocks", "modules", "pools"];
pub const CONTEXTS: usize = 0;
pub const STREAMS: usize = 1;
pub const BLOCKS: usize = 2;
pub const MODULES: usize = 3;
pub const POOLS: usize = 4;

/// The double, which is told what to do for the whole process: one test at a time.
pub struct Double {
    _turn: MutexGuard<'static, ()>,
    /// Blocks that earlier tests have left in a cache.
    cached: i64,
}

impl Double {
    pub fn new() -> Double {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let mut double = Double { _turn: turn, cached: 0 };
        double.cached = double.live(BLOCKS);
        double.fail("", 0, 0);
        double.set(1, 1);
        double
    }

    pub fn function<T: Copy>(&self, name: &str) -> T {
        // SAFETY: the double's functions, of the types that are said below.
        *unsafe { double().get::<T>(name.as_bytes()) }.expect("a function of the double")
    }

    pub fn live(&self, kind: usize) -> i64 {
        self.function::<extern "C" fn(i32) -> i64>("double_live")(kind as i32)
    }

    /// Blocks that are held since the test began.
    pub fn held(&self) -> i64 {
        self.live(BLOCKS) - self.cached
    }

    pub fn made(&self, kind: usize) -> i64 {
        self.function::<extern "C" fn(i32) -> i64>("double_made")(kind as i32)
    }

    pub fn set(&self, devices: i32, pools: i32) {
        self.function::<extern "C" fn(i32, i32)>("double_set")(devices, pools);
    }

    pub fn fail(&self, function: &str, after: i32, with: i32) {
        let name = CString::new(function).expect("a name");
        self.function::<extern "C" fn(*const c_char, i32, i32)>("double_fail")(name.as_ptr(), after, with);
    }

    pub fn depth(&self) -> i32 {
        self.function::<extern "C" fn() -> i32>("double_depth")()
    }

    pub fn context(&self) -> *mut c_void {
        self.function::<extern "C" fn() -> *mut c_void>("double_context")()
    }

    pub fn stream(&self, context: *mut c_void) -> *mut c_void {
        self.function::<extern "C" fn(*mut c_void) -> *mut c_void>("double_stream")(context)
    }

    pub fn push(&self, context: *mut c_void) {
        assert_eq!(self.function::<extern "C" fn(*mut c_void) -> i32>("cuCtxPushCurrent_v2")(context), 0);
    }

    pub fn pop(&self) {
        let mut popped = ptr::null_mut();
        assert_eq!(self.function::<extern "C" fn(*mut *mut c_void) -> i32>("cuCtxPopCurrent_v2")(&mut popped), 0);
    }
}
