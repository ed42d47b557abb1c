//! A large stack for recursion over regions, types and expressions, in MLIR and LLVM too.

use std::thread::Builder;

/// The stack size of a compilation, in bytes. It is reserved address space; only used pages take memory.
const STACK: usize = 1 << 30;

/// Runs a tool's main function on a thread with a large stack. If the system refuses, it tries smaller stacks, then the
/// current thread. Panics propagate to the caller.
pub fn run<T: Send>(body: impl Fn() -> T + Sync) -> T {
    let mut size = STACK;
    while size >= STACK >> 6 {
        let outcome = std::thread::scope(|scope| {
            let thread = Builder::new().name("main".into()).stack_size(size).spawn_scoped(scope, &body);
            thread.map(|thread| thread.join())
        });
        match outcome {
            Ok(Ok(value)) => return value,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(_) => size /= 2,
        }
    }
    body()
}
