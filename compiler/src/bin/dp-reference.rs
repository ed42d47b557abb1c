//! Writes the reference, `docs/reference`, from definitions and tables. With `--check`, it lists pages that are out of
//! date.

use clap::Parser;
use dp_compiler::reference;
use std::path::PathBuf;
use std::process::ExitCode;

/// Generates the pages of the reference.
#[derive(Parser)]
#[command(name = "dp-reference", version)]
struct Options {
    /// Directory of the pages
    folder: PathBuf,

    /// Write nothing; fail if a page is out of date
    #[arg(long)]
    check: bool,

    /// Write only the sample programs of the page of supported operations
    #[arg(long, conflicts_with = "check")]
    programs: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    if options.programs {
        for program in reference::programs() {
            if let Err(error) = std::fs::write(options.folder.join(format!("{}.mlir", program.name)), program.text) {
                eprintln!("dp-reference: error: {error}");
                return ExitCode::FAILURE;
            }
        }
        return ExitCode::SUCCESS;
    }
    let outcome = if options.check { reference::check(&options.folder) } else { reference::write(&options.folder) };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dp-reference: error: {error}");
            ExitCode::FAILURE
        }
    }
}
