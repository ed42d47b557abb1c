//! `dp-lsp-server`: the MLIR language server for our dialects.

use std::process::ExitCode;

fn main() -> ExitCode {
    dp_compiler::lsp::main(std::env::args_os())
}
