//! `dp-lsp-server`: MLIR's language server for our dialects.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    ExitCode::from(dp_dialects::registry::lsp_main(&arguments) as u8)
}
