//! The one device and what is on it, behind a lock.

use std::cell::Cell;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use dp_ptx::{Memory, Module};

use crate::error::{Code, INVALID_CONTEXT, INVALID_HANDLE, NOT_INITIALIZED, SUCCESS, UNKNOWN};
use crate::report;

/// An opaque handle: a number that is no address.
pub(crate) type Handle = usize;

/// The primary context.
pub(crate) const PRIMARY: Handle = 0xc0de_0001;

/// What a result is, inside.
pub(crate) type Done<T = ()> = Result<T, Code>;

/// A kernel of a module.
#[derive(Clone)]
pub(crate) struct Function {
    pub module: Arc<Module>,
    pub name: String,
    /// What `cuFuncSetAttribute` allowed.
    pub dynamic_shared: u32,
}

/// The driver's state.
#[derive(Default)]
pub(crate) struct State {
    pub initialized: bool,
    /// How often the primary context is retained.
    pub retained: usize,
    pub memory: Memory,
    pub modules: HashMap<Handle, Arc<Module>>,
    pub functions: HashMap<Handle, Function>,
    pub streams: Vec<Handle>,
    pub events: HashMap<Handle, Option<Instant>>,
    pub next: Handle,
    pub launches: u64,
    /// A fault that stays.
    pub broken: Option<Code>,
}

static STATE: Mutex<Option<State>> = Mutex::new(None);

thread_local! {
    static CURRENT: Cell<Handle> = const { Cell::new(0) };
}

/// What the environment says: a number, by the name of its variable.
pub(crate) fn told(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// The context of this thread.
pub(crate) fn current() -> Handle {
    CURRENT.get()
}

pub(crate) fn set_current(context: Handle) {
    CURRENT.set(context);
}

fn lock() -> MutexGuard<'static, Option<State>> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does something with the state. A panic becomes an error: none may leave through C.
pub(crate) fn with(f: impl FnOnce(&mut State) -> Done) -> Code {
    let result = catch_unwind(AssertUnwindSafe(|| f(lock().get_or_insert_with(State::new))));
    match result {
        Ok(Ok(())) => SUCCESS,
        Ok(Err(code)) => code,
        Err(_) => UNKNOWN,
    }
}

/// The same after `cuInit`.
pub(crate) fn initialized(f: impl FnOnce(&mut State) -> Done) -> Code {
    with(|s| if s.initialized { f(s) } else { Err(NOT_INITIALIZED) })
}

/// The same in a context that is not broken.
pub(crate) fn in_context(f: impl FnOnce(&mut State) -> Done) -> Code {
    initialized(|s| {
        if let Some(code) = s.broken {
            return Err(code);
        }
        if current() != PRIMARY || s.retained == 0 {
            return Err(INVALID_CONTEXT);
        }
        f(s)
    })
}

impl State {
    /// A device that nobody has used.
    pub fn new() -> State {
        let memory = told("DP_CUDA_DOUBLE_MEMORY").map_or_else(Memory::new, Memory::with_capacity);
        State { memory, ..State::default() }
    }

    /// A new handle.
    pub fn handle(&mut self) -> Handle {
        self.next += 1;
        0xda7a_0000 + self.next
    }

    /// Null, the two special streams, and those that were created.
    pub fn stream(&self, stream: Handle) -> Done {
        if stream <= 2 || self.streams.contains(&stream) { Ok(()) } else { Err(INVALID_HANDLE) }
    }

    /// Tells of memory that was not freed.
    pub fn leaks(&self, when: &str) {
        for (address, bytes) in self.memory.live() {
            report::complain(&format!("leak: {bytes} bytes at {address:#x} were not freed when {when}"));
        }
    }

    /// The context is gone, and all that was in it.
    pub fn reset(&mut self) {
        let (initialized, next, launches) = (self.initialized, self.next, self.launches);
        *self = State { initialized, next, launches, ..State::new() };
    }
}

extern "C" fn at_exit() {
    // A panic here would be the end of the process, which it is anyway.
    if let Some(state) = lock().as_ref()
        && state.retained > 0
    {
        state.leaks("the process ended");
    }
}

unsafe extern "C" {
    fn atexit(f: extern "C" fn()) -> i32;
}

/// Looks for leaks when the process ends.
pub(crate) fn watch_exit() {
    // SAFETY: the function may be called at any time, and unwinds nowhere.
    unsafe { atexit(at_exit) };
}

/// Writes through a pointer of the caller's.
///
/// # Safety
///
/// The pointer is null or has room for a value.
pub(crate) unsafe fn give<T>(out: *mut T, value: T) -> Done {
    if out.is_null() {
        return Err(crate::error::INVALID_VALUE);
    }
    // SAFETY: it is not null, and the caller says that there is room.
    unsafe { out.write(value) };
    Ok(())
}
