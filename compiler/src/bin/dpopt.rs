//! `dpopt`: mlir-opt with our dialects and passes.

use std::process::ExitCode;

fn main() -> ExitCode {
    dp_compiler::trace::start();
    dp_compiler::registry::register_passes();
    let arguments: Vec<String> = std::env::args().collect();
    ExitCode::from(dp_dialects::registry::opt_main(&arguments) as u8)
}
