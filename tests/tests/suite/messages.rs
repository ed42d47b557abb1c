//! What `dpc` prints of errors that others word.

use dp_compiler::diagnostics::render::{DiagnosticFormat, SourceText, render};
use dp_compiler::driver::report::{Failure, of_option, record};
use dp_runtime::pjrt;

#[track_caller]
fn prints(message: &str, expected: &str) {
    let record = record(&Failure::AtRunTime(message.into())).expect("it says something");
    assert_eq!(render(&record, DiagnosticFormat::Text, &SourceText::default()), expected);
}

/// What the driver says of kernels has semicolons and lines of its own; advice comes last, behind a word of ours.
#[test]
fn advice_stands_on_a_line_of_its_own() {
    prints(
        "the CUDA driver refuses the kernels: ptxas application ptx input, line 12; error   : Feature\nptxas fatal   : \
         aborted\nhelp: compile for the chip of this device",
        "dpc: error: the CUDA driver refuses the kernels: ptxas application ptx input, line 12; error   : Feature\nptxas \
         fatal   : aborted\ndpc: help: compile for the chip of this device",
    );
    let (action, message) = ("cannot compile the program", "a; b\nmodule {\n}".into());
    let found = of_option("--run f", &pjrt::Error::Plugin { action, code: pjrt::Code::Unknown, message });
    assert_eq!((found.message.as_str(), found.help), ("--run f: cannot compile the program: a; b\nmodule {\n}", None));
    let found = of_option("--run f", &pjrt::Error::NoPlugin { path: "a; b".into() });
    assert_eq!(found.message, "--run f: a; b has no function `GetPjrtApi`, or it returns nothing");
    assert_eq!(found.help.as_deref(), Some("give the path of a PJRT plugin"));
}

#[test]
fn advice_is_given_at_the_place_of_an_error() {
    let help = "help: check the values and the shapes of the arguments";
    let error = "error: 'array.dot' takes others; see there";
    prints(&format!("a b.mlir:3:14: {error}"), &format!("a b.mlir:3:14: {error}\na b.mlir:3:14: {help}"));
    prints(error, &format!("dpc: {error}\ndpc: {help}"));
    prints("misaligned", &format!("dpc: error: misaligned\ndpc: {help}"));
    prints(
        "internal error: a step that cannot be taken",
        "dpc: error: internal error: a step that cannot be taken\ndpc: help: please report the program that caused it",
    );
}
