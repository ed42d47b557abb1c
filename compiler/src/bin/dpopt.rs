//! `dpopt`: `mlir-opt` with our dialects and passes.

use dp_dialects::Diagnostic;
use dp_dialects::ir::Op;
use dp_dialects::tools::{ModuleCheck, opt_main};
use dp_driver::check_each::{CheckEach, PassName, Points};
use dp_driver::diagnostics::render::{DiagnosticFormat, render};
use dp_driver::registry::dialects;
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
    ExitCode::from(dp_dialects::stack::run(|| opt_main(&arguments, &dialects(), check)) as u8)
}

/// The check of `--check-each`, which prints what it finds.
struct Printed(CheckEach<'static>);

impl ModuleCheck for Printed {
    fn begin(&mut self, module: Op) {
        self.0.begin(module);
    }

    fn after(&mut self, name: &str, text: &str, module: Op) -> bool {
        let outcome = self.0.after(PassName { name, text }, module);
        outcome.map_err(|error| eprintln!("{}", render(&error, DiagnosticFormat::Text, None))).is_ok()
    }

    fn end(&mut self) {
        self.0.end();
    }
}

/// The check of a module, given the number of points.
fn check(points: &str) -> Option<Box<dyn ModuleCheck>> {
    match points.parse::<Points>() {
        Ok(points) => {
            let check = CheckEach::new(points, |note| eprintln!("dpopt: check-each: {note}"));
            Some(Box::new(Printed(check)))
        }
        Err(error) => {
            let error = Diagnostic::prefixed(error, "--check-each: ");
            eprintln!("{}", render(&error.into(), DiagnosticFormat::Text, None));
            None
        }
    }
}

/// Exits silently if the reader closes the pipe, as in `dpopt --help
/// head`. MLIR aborts if a write fails, and Rust's runtime ignores SIGPIPE.
fn end_with_reader() {
    // SAFETY: no other thread runs yet, and the default disposition is valid.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
}
