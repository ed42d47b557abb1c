//! Internal errors: panics, and fatal errors of LLVM.

use super::console::Console;
use dp_dialects::Diagnostic;
use dp_driver::diagnostics::render::DiagnosticFormat;
use dp_driver::{DiagnosticRecord, Severity};
use std::backtrace::{Backtrace, BacktraceStatus};
use std::ffi::{CStr, c_char};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether diagnostics are JSON, for process-wide handlers.
static JSON: AtomicBool = AtomicBool::new(false);

/// Prints panics and LLVM's fatal errors as diagnostics, for this process.
pub fn install(format: DiagnosticFormat) {
    JSON.store(format == DiagnosticFormat::Json, Ordering::Relaxed);
    std::panic::set_hook(Box::new(|info| {
        let payload = info.payload_as_str().unwrap_or("unknown reason");
        let place = info.location().map_or_else(String::new, |place| format!("{place}: "));
        let trace = Backtrace::capture();
        let trace = if trace.status() == BacktraceStatus::Captured { format!("\n{trace}") } else { String::new() };
        // The caller that catches the panic reports the error.
        print(&DiagnosticRecord {
            severity: Severity::Note,
            code: None,
            help: None,
            ..Diagnostic::internal(format!("{place}the compiler panicked: {payload}{trace}")).into()
        });
    }));
    // SAFETY: the handler does not unwind, and does not return.
    unsafe { inkwell::support::error_handling::install_fatal_error_handler(fatal) };
}

extern "C" fn fatal(reason: *const c_char) {
    // SAFETY: LLVM passes a string that lives for the call.
    let reason = unsafe { CStr::from_ptr(reason) }.to_string_lossy();
    print(&Diagnostic::internal(format!("internal error in LLVM: {reason}")).into());
    std::process::exit(1);
}

fn print(diagnostic: &DiagnosticRecord) {
    let format = if JSON.load(Ordering::Relaxed) { DiagnosticFormat::Json } else { DiagnosticFormat::Text };
    Console::new(format, None).print(diagnostic);
}
