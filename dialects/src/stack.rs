//! A large stack for recursion over regions, types and expressions, in MLIR and LLVM too.

use std::thread::Builder;

/// The bytes of stack that a compilation has. They are reserved, and take memory only where they are used.
const STACK: usize = 1 << 30;

/// Runs a tool's main program on a thread with a large stack; on a smaller one where the system grants no such, and
/// on this thread where it grants none. A panic goes on in the caller.
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
