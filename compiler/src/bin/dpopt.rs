//! `dpopt`: `mlir-opt` with our dialects and passes.

use dp_driver::diagnostics::render::DiagnosticFormat;
use std::process::ExitCode;

fn main() -> ExitCode {
    dp_compiler::trace::start(DiagnosticFormat::Text);
    end_with_reader();
    if std::env::args().any(|argument| matches!(argument.as_str(), "--version" | "-version")) {
        let (major, minor, patch) = inkwell::support::get_llvm_version();
        println!("dpopt {} (MLIR {major}.{minor}.{patch})", env!("CARGO_PKG_VERSION"));
        return ExitCode::SUCCESS;
    }
    dp_driver::registry::register_passes();
    let arguments: Vec<String> = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    ExitCode::from(dp_dialects::stack::run(|| dp_dialects::tools::opt_main(&arguments)) as u8)
}

/// Exits silently if the reader closes the pipe, as in `dpopt --help
/// head`. MLIR aborts if a write fails, and Rust's runtime ignores SIGPIPE.
fn end_with_reader() {
    // SAFETY: no other thread runs yet, and the default disposition is valid.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
}
