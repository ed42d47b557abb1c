//! Long work in a thread of its own, which Ctrl-C ends.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// The time between two looks at signals.
const PERIOD: Duration = Duration::from_millis(20);

/// The number of threads that work, those that nobody waits for included.
static WORKERS: Mutex<usize> = Mutex::new(0);

/// Is notified when a thread ends.
static ENDED: Condvar = Condvar::new();

/// Whether the work is to end early.
#[derive(Clone, Default)]
pub struct Cancelled(Arc<AtomicBool>);

impl Cancelled {
    /// Whether it is to end.
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counts a thread while it works.
struct Counted;

impl Counted {
    fn new() -> Counted {
        *WORKERS.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Counted
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        *WORKERS.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        ENDED.notify_all();
    }
}

/// Runs work in a thread, without the GIL. A signal whose handler raises, such as Ctrl-C, cancels the work and is raised
/// at once; the thread ends at its next look at [`Cancelled`].
///
/// # Errors
/// What a signal handler raises, or if there is no thread.
pub fn run<T: Send + 'static>(py: Python, work: impl FnOnce(&Cancelled) -> T + Send + 'static) -> PyResult<T> {
    let (cancelled, (send, receive)) = (Cancelled::default(), sync_channel(1));
    let (flag, counted) = (cancelled.clone(), Counted::new());
    let body = move || {
        let _counted = counted;
        // Nobody waits for cancelled work.
        let _ = send.send(work(&flag));
    };
    thread::Builder::new().name("diffprog".into()).spawn(body)?;
    let receive = Mutex::new(receive);
    loop {
        let next = || receive.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(PERIOD);
        match py.detach(next) {
            Ok(done) => return Ok(done),
            Err(RecvTimeoutError::Disconnected) => return Err(PyRuntimeError::new_err("the compiler panicked")),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if let Err(raised) = py.check_signals() {
            cancelled.0.store(true, Ordering::Relaxed);
            return Err(raised);
        }
    }
}

/// Waits for cancelled work, which must not run while the process ends. Ctrl-C ends the wait.
///
/// # Errors
/// What a signal handler raises.
#[pyfunction]
pub fn join(py: Python) -> PyResult<()> {
    loop {
        let wait = || {
            let workers = WORKERS.lock().unwrap_or_else(PoisonError::into_inner);
            let waited = ENDED.wait_timeout_while(workers, PERIOD, |workers| *workers > 0);
            *waited.unwrap_or_else(PoisonError::into_inner).0
        };
        if py.detach(wait) == 0 {
            return Ok(());
        }
        py.check_signals()?;
    }
}
