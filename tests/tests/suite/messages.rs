//! What `dpc` prints of errors that others word.

use crate::cpu::library::reference;
use dp_compiler::dpc::remark::Remark;
use dp_driver::diagnostics::DiagnosticRecord;
use dp_driver::diagnostics::collect::attach;
use dp_driver::diagnostics::render::{DiagnosticFormat, FIELDS, render};
use dp_driver::failure::{Failure, of_option, record};
use dp_runtime::{CallError, DiagnosticCode, Help, pjrt};
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::rc::Rc;

#[track_caller]
fn prints(message: &str, expected: &str) {
    let code = match message.starts_with("internal error") {
        true => DiagnosticCode::Internal,
        false => DiagnosticCode::RunTime,
    };
    let record = record(&Failure::AtRunTime { code, message: message.into() }).expect("it says something");
    assert_eq!(record.code, Some(code));
    assert_eq!(render(&record, DiagnosticFormat::Text, None), expected);
}

/// What the driver says of kernels has semicolons and lines of its own; advice comes last, behind a word of ours.
#[test]
fn advice_stands_on_a_line_of_its_own() {
    prints(
        "the CUDA driver rejects the kernels: ptxas application ptx input, line 12; error   : Feature\nptxas fatal   : \
         aborted\nhelp: compile for the chip of this device",
        "dpc: error: the CUDA driver rejects the kernels: ptxas application ptx input, line 12; error   : \
         Feature\nptxas \
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
        "internal error: invalid runtime call",
        "dpc: error: internal error: invalid runtime call\ndpc: help: please report this bug with the program that \
         caused it",
    );
}

/// What a pass of MLIR's says of what the compiler has made is no mistake of the user's.
#[test]
fn a_pass_of_mlirs_that_fails_is_an_error_of_the_compiler() {
    let context = dp_driver::registry::context();
    let found: Rc<RefCell<Vec<DiagnosticRecord>>> = Rc::default();
    let sink = Rc::clone(&found);
    attach(&context, move |record| sink.borrow_mut().push(record));
    // There is no bufferization of it.
    let text = "func.func @f(%x: tensor<4xf64>, %i: tensor<2x1xindex>) -> tensor<2xf64> {
        %y = tensor.gather %x[%i] gather_dims([0]) : (tensor<4xf64>, tensor<2x1xindex>) -> tensor<2xf64>
        return %y : tensor<2xf64>
    }";
    let module = dp_dialects::context::parse(&context, text, "test").expect("parses");
    assert!(dp_passes::upstream::run(reference(&module), "one-shot-bufferize").is_err());
    let found = found.borrow();
    let last = found.last().expect("something is said");
    assert!(found.len() > 1 && last.message.starts_with("internal error: "), "{found:?}");
    assert!(found.iter().all(|record| record.code == Some(DiagnosticCode::Internal)), "{found:?}");
    assert!(last.help.as_ref().is_some_and(|help| help.contains("--reproducer")), "{last:?}");
}

/// What the reference says of records is what they are.
#[test]
fn records_have_the_fields_that_are_listed() {
    let diagnostic = dp_dialects::Diagnostic::invalid("wrong").into();
    let of_errors = render(&diagnostic, DiagnosticFormat::Json, None);
    let of_remarks = Remark::new("done", json!({})).render(DiagnosticFormat::Json);
    let listed = |last: usize| {
        let mut names: Vec<&str> = FIELDS[..last].iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names
    };
    for (text, last) in [(of_errors, FIELDS.len() - 1), (of_remarks, FIELDS.len())] {
        let record: Map<String, Value> = serde_json::from_str(&text).expect("it is JSON");
        let mut names: Vec<&str> = record.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, listed(last), "{text}");
    }
}

/// A failed check is told from missing memory by its text, errors of the host side of CUDA by their numbers.
#[test]
fn statuses_have_codes() {
    let code =
        |status: i32, message: &str| CallError::Status { function: "f".into(), status, message: message.into() }.code();
    assert_eq!(code(1, "a.mlir:1:1: error: the shapes differ"), DiagnosticCode::RunTime);
    assert_eq!(code(2, "a.mlir:1:1: error: out of memory"), DiagnosticCode::Limit);
    let driver = 1 << 20;
    assert_eq!(code(driver, "no CUDA driver"), DiagnosticCode::Io);
    assert_eq!(code(driver + 3, "not enough device memory"), DiagnosticCode::Limit);
    assert_eq!(code(driver + 7, "internal error: invalid runtime call"), DiagnosticCode::Internal);
    assert_eq!(code(driver + (1 << 16) + 716, "the CUDA driver: misaligned address"), DiagnosticCode::Io);
}

/// MLIR's parser would free values in use where it fails after a region of a switch.
#[test]
fn a_switch_without_its_parts_is_refused() {
    let refusal = |switch: &str| {
        let text = format!("func.func @f(%i: index) {{\n  scf.index_switch %i\n{switch}");
        dp_dialects::source::check(text.as_bytes()).err().map(|refusal| (refusal.line, refusal.diagnostic.message))
    };
    let expected = |line: usize, what: &str| Some((line, format!("{what} is expected in 'scf.index_switch'")));
    let case = "  case 1 {\n    scf.yield\n  }\n";
    assert_eq!(refusal(&format!("{case}  case -2 {{}} default {{\n    scf.yield\n  }}\n  return\n}}\n")), None);
    let nested = "  default {\n    scf.index_switch %i default {}\n    scf.yield\n  }\n";
    assert_eq!(refusal(&format!("{case}{nested}  return\n}}\n")), None);
    let or_default = "'case' or 'default'";
    assert_eq!(refusal(&format!("{case}  return\n}}\n")), expected(6, or_default));
    assert_eq!(refusal(&format!("{case}}}\n")), expected(6, or_default));
    assert_eq!(refusal(case), expected(6, or_default));
    assert_eq!(refusal(&format!("{case}  case x {{}}\n")), expected(6, "an integer"));
    assert_eq!(refusal(&format!("{case}  default return\n")), expected(6, "'{'"));
}
