//! `dp-lsp-server`: MLIR's language server for our dialects.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    ExitCode::from(dp_dialects::stack::run(|| dp_dialects::registry::lsp_main(&arguments)) as u8)
}
