//! `dpopt`: mlir-opt with our dialects and passes.

use std::process::ExitCode;

fn main() -> ExitCode {
    dp_compiler::trace::start();
    dp_compiler::registry::register_passes();
    let arguments: Vec<String> = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    ExitCode::from(dp_dialects::stack::run(|| dp_dialects::registry::opt_main(&arguments)) as u8)
}
