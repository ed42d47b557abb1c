//! Panics of the compiler: an internal error, in the form of every other diagnostic, and no output.

use dp_compiler::dpc::{self, destination, internal, options::Options};
use dp_driver::Emit;
use dp_driver::diagnostics::render::DiagnosticFormat;
use dp_driver::failure::Failure;
use dp_driver::job::Job;
use dp_driver::targets::TargetDriver;
use serde_json::Value;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode};

/// The folder of the test, for the process that panics.
const FOLDER: &str = "DP_TEST_INTERNAL";

/// A target that panics after it has written.
#[derive(Debug)]
struct Panics;

impl TargetDriver for Panics {
    fn name(&self) -> &'static str {
        "cpu"
    }

    fn emits(&self) -> &'static [Emit] {
        &[Emit::Llvm]
    }

    fn make(&self, job: &mut Job) -> Result<(), Failure> {
        job.emit(Emit::Llvm, "half of it");
        panic!("\x1b[31m{}", "no reason");
    }
}

fn compile(folder: &Path, format: DiagnosticFormat) -> ExitCode {
    let word = if format == DiagnosticFormat::Json { "json" } else { "text" };
    let (input, output) = (folder.join("f.mlir"), folder.join("f.ll"));
    let arguments: [OsString; 6] =
        ["dpc".into(), (&input).into(), "--diagnostics".into(), word.into(), "-o".into(), output.into()];
    let mut options = Options::read(arguments).expect("they are right");
    destination::resolve(&mut options).expect("they say what is made");
    internal::install(format);
    let request = dpc::request(&options).expect("they are right");
    dpc::compile(&options, &dpc::source(&input).expect("it is there"), &Panics, &request)
}

#[test]
fn a_panic_is_an_internal_error() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        // The process below.
        for format in [DiagnosticFormat::Text, DiagnosticFormat::Json] {
            let code = compile(folder.as_ref(), format);
            assert_eq!(format!("{code:?}"), format!("{:?}", ExitCode::FAILURE));
        }
        return;
    }
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let program = "func.func @f(%x: f64) -> f64 { return %x : f64 }";
    std::fs::write(folder.path().join("f.mlir"), program).expect("the folder is writable");
    let output = Command::new(std::env::current_exe().expect("it runs"))
        .args(["--exact", "internal::a_panic_is_an_internal_error", "--nocapture"])
        .env(FOLDER, folder.path())
        .env_remove("RUST_BACKTRACE")
        .output()
        .expect("it starts");
    let text = String::from_utf8(output.stderr).expect("it is text");
    assert!(output.status.success(), "{text}");
    let lines: Vec<&str> = text.lines().collect();
    let [note, error, help, json @ ..] = &lines[..] else { panic!("{text}") };
    assert!(note.starts_with("dpc: note: ") && note.contains("internal.rs:"), "{text}");
    assert!(note.ends_with(r": the compiler panicked: \u{1b}[31mno reason"), "{text}");
    assert_eq!(*error, "dpc: error: internal error in the compiler");
    assert_eq!(*help, "dpc: help: please report this bug with the program that caused it");
    let records = json.iter().map(|line| serde_json::from_str::<Value>(line).expect("each line is a record"));
    let records: Vec<(Value, Value)> =
        records.map(|record| (record["severity"].clone(), record["code"].clone())).collect();
    assert_eq!(records, [("note".into(), Value::Null), ("error".into(), "internal".into())]);
    let files: Vec<_> = std::fs::read_dir(folder.path()).expect("it is there").flatten().collect();
    assert_eq!(files.len(), 1, "{files:?}");
}
