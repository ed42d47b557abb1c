//! `dpc` compiles MLIR programs and their derivatives to native libraries.

use std::process::ExitCode;

fn main() -> ExitCode {
    dp_compiler::dpc::main(std::env::args_os())
}
