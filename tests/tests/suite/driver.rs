//! The driver as a library: from several threads at once, with a front end of a host's own, and errors as data.

use crate::cpu::library::reference;
use dp_dialects::ir::{body_ops, set_attribute};
use dp_dialects::{Diagnostic, ErrorGuaranteed};
use dp_driver::targets::{Cpu, Interp};
use dp_driver::{
    Arguments, CallRequest, DerivativeRequest, DiagnosticCode, Emit, Event, Frontend, Request, Session, Severity,
    Source,
};
use dp_runtime::Array;
use melior::Context;
use melior::ir::{Attribute, Location, Module};
use std::sync::Mutex;

/// A program whose constant says which one it is.
fn program(number: usize) -> Source {
    let text = format!(
        "func.func @f(%x: f64 {{dp.name = \"x\"}}) -> f64 {{
  %c = arith.constant {number}.0 : f64
  %y = scalar.mul %c, %x : f64
  %z = scalar.sin %y : f64
  return %z : f64
}}
"
    );
    Source::new("f.mlir", text)
}

fn gradient() -> Vec<DerivativeRequest> {
    vec!["f".parse().expect("a request")]
}

/// An object and the results of a call, which all say which program they are of.
fn compile(number: usize) -> (Vec<u8>, Vec<Array>) {
    let object = Request { grad: gradient(), emit: Some(Emit::Obj), ..Request::default() };
    let arguments = Arguments::Arrays(vec![Array::number(0.25)]);
    let call = CallRequest { function: "f_grad".into(), arguments };
    let call = Request { grad: gradient(), call: Some(call), ..Request::default() };
    let session = Session::new();
    let object =
        session.compile(&program(number), &Cpu::default(), &object).expect("it compiles").emitted.expect("an object");
    let results = session.compile(&program(number), &Interp, &call).expect("it is called").results.expect("results");
    assert_eq!((object.kind, object.header), (Emit::Obj, None));
    assert_eq!(results.names, ["r0", "d_x"]);
    (object.contents, results.arrays)
}

#[test]
fn threads_compile_at_once_to_the_same_bytes() {
    let alone: Vec<_> = (0..4).map(compile).collect();
    for (number, (_, arrays)) in alone.iter().enumerate() {
        let (c, x) = (number as f64, 0.25);
        let close = |array: &Array, value: f64| (array.as_number::<f64>().expect("a number") - value).abs() < 1e-15;
        assert!(close(&arrays[0], (c * x).sin()) && close(&arrays[1], c * (c * x).cos()), "{arrays:?}");
    }
    let together: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|thread| scope.spawn(move || compile(thread % 4))).collect();
        threads.into_iter().map(|thread| thread.join().expect("it ends")).collect()
    });
    for (thread, made) in together.iter().enumerate() {
        assert!(*made == alone[thread % 4], "thread {thread} made something else");
    }
}

#[test]
fn errors_are_data() {
    let text = "func.func @f(%x: f64) -> f64 {\n  %y = scalar.sinn %x : f64\n  return %y : f64\n}\n";
    let errors = Session::new()
        .compile(&Source::new("a.mlir", text), &Cpu::default(), &Request::default())
        .expect_err("refused");
    let [error] = &errors[..] else { panic!("{errors:?}") };
    let position = error.position.as_ref().expect("it has a place");
    assert_eq!((position.file.as_str(), position.line, position.column), ("a.mlir", 2, 8));
    assert_eq!(error.code, Some(DiagnosticCode::Invalid));
    assert_eq!((error.severity, error.help.as_deref()), (Severity::Error, Some("did you mean 'scalar.sin'?")));

    let request = Request { level: 4, ..Request::default() };
    let errors = Session::new().compile(&program(1), &Cpu::default(), &request).expect_err("refused");
    assert_eq!(
        (errors[0].code, errors[0].message.as_str()),
        (Some(DiagnosticCode::Request), "-O4: not an optimization level")
    );

    // What does not fit is refused before anything is compiled.
    let request = Request { emit: Some(Emit::Ptx), ..Request::default() };
    let errors = Session::new().compile(&program(1), &Cpu::default(), &request).expect_err("refused");
    assert_eq!(errors[0].message, "--emit=ptx: not supported by --target=cpu");
    for arrays in [vec![], vec![Array::number(1.0), Array::number(1.0)], vec![Array::number(1.0_f32)]] {
        let call = CallRequest { function: "f".into(), arguments: Arguments::Arrays(arrays) };
        let errors =
            Session::new().compile(&program(1), &Cpu::default(), &Request { call: Some(call), ..Request::default() });
        let errors = errors.expect_err("refused");
        assert_eq!(errors[0].help.as_deref(), Some("'f' takes x: f64"), "{errors:?}");
    }
}

#[test]
fn a_client_hears_of_steps_and_may_end_the_compilation() {
    let heard = Mutex::new(Vec::new());
    let session = Session::new().on_event(|event| {
        if let Event::Step { name, operations, .. } = event {
            assert!(operations() > 0);
            heard.lock().expect("no thread panicked").push(*name);
            if *name == "ad" {
                return Err(Diagnostic::request("enough").help("go on"));
            }
        }
        Ok(())
    });
    let errors = session.compile(&program(1), &Cpu::default(), &Request::default()).expect_err("ended");
    assert_eq!((errors.len(), errors[0].message.as_str(), errors[0].help.as_deref()), (1, "enough", Some("go on")));
    drop(session);
    assert_eq!(heard.into_inner().expect("no thread panicked"), ["lift", "raise", "ad"]);
}

/// A front end for sums of variables in one letter: `f = x + y + x`. CONTRIBUTING.md explains how one is added.
#[derive(Debug)]
struct Sums;

impl Frontend for Sums {
    fn name(&self) -> &'static str {
        "sums"
    }

    fn recognizes(&self, source: &Source) -> bool {
        source.name.ends_with(".sum")
    }

    fn read<'c>(&self, context: &'c Context, source: &Source) -> Result<Module<'c>, ErrorGuaranteed> {
        let text = String::from_utf8_lossy(&source.contents).into_owned();
        let refused = |column: usize, message: String| {
            let diagnostic = Diagnostic::syntax(message).help("write a sum of letters, as f = x + y");
            diagnostic.report(Location::new(context, &source.name, 1, column))
        };
        let (name, sum) = text.trim().split_once(" = ").ok_or_else(|| refused(1, "there is no ` = `".into()))?;
        let terms: Vec<&str> = sum.split(" + ").collect();
        if let Some(term) = terms.iter().find(|term| !matches!(term.as_bytes(), [b'a'..=b'z'])) {
            return Err(refused(name.len() + 4, format!("`{term}` is not a letter")));
        }
        let mut letters = terms.clone();
        letters.sort();
        letters.dedup();
        let parameters: Vec<String> =
            letters.iter().map(|letter| format!("%{letter}: f64 {{dp.name = \"{letter}\"}}")).collect();
        let (mut body, mut sum) = (String::new(), terms[0].to_owned());
        for (index, term) in terms[1..].iter().enumerate() {
            body += &format!("  %{index} = scalar.add %{sum}, %{term} : f64\n");
            sum = index.to_string();
        }
        let parameters = parameters.join(", ");
        let text = format!("func.func @{name}({parameters}) -> f64 {{\n{body}  return %{sum} : f64\n}}\n");
        dp_dialects::context::parse(context, &text, &source.name).ok_or(ErrorGuaranteed)
    }
}

#[test]
fn a_front_end_of_the_hosts_own() {
    let session = Session::new().with_frontend(&Sums);
    let call = CallRequest { function: "f_grad".into(), arguments: Arguments::Text("3, 4".into()) };
    let request = Request { grad: gradient(), call: Some(call), ..Request::default() };
    let results = session
        .compile(&Source::new("a.sum", "f = x + y + x\n"), &Cpu::default(), &request)
        .expect("it is called")
        .results;
    let results = results.expect("results");
    let values: Vec<f64> = results.arrays.iter().filter_map(Array::as_number).collect();
    assert_eq!((values, &results.names[1..]), (vec![10.0, 2.0, 1.0], &["d_x".to_owned(), "d_y".to_owned()][..]));

    let errors = session.compile(&Source::new("a.sum", "f = x + 1"), &Cpu::default(), &request).expect_err("refused");
    assert_eq!(errors[0].message, "`1` is not a letter");
    assert_eq!(errors[0].position.as_ref().map(|position| position.column), Some(5));
    // Other sources go to the compiler's own front ends.
    assert!(
        session
            .compile(&program(1), &Cpu::default(), &Request { emit: Some(Emit::Mlir), ..Request::default() })
            .is_ok()
    );
}

/// A front end that gives a module which does not verify, or nothing and no reason, by what the source says.
#[derive(Debug)]
struct Faulty;

impl Frontend for Faulty {
    fn name(&self) -> &'static str {
        "faulty"
    }

    fn recognizes(&self, source: &Source) -> bool {
        source.name.ends_with(".faulty")
    }

    fn read<'c>(&self, context: &'c Context, source: &Source) -> Result<Module<'c>, ErrorGuaranteed> {
        if source.contents == b"nothing" {
            return Err(ErrorGuaranteed);
        }
        let module = dp_dialects::context::parse(context, "func.func @f(%x: f64) -> f64 { return %x : f64 }", "f");
        let module = module.expect("it is a program");
        let function = body_ops(reference(&module))[0];
        let r#type = Attribute::parse(context, "(f64) -> f32").expect("a type");
        set_attribute(function, "function_type", r#type);
        Ok(module)
    }
}

#[test]
fn a_faulty_front_end_is_an_error() {
    let session = Session::new().with_frontend(&Faulty);
    let compile =
        |contents: &str| session.compile(&Source::new("a.faulty", contents), &Cpu::default(), &Request::default());
    let errors = compile("a module").expect_err("refused");
    assert_eq!(errors[0].code, Some(DiagnosticCode::Invalid), "{errors:?}");
    let errors = compile("nothing").expect_err("refused");
    let [error] = &errors[..] else { panic!("{errors:?}") };
    assert_eq!(error.code, Some(DiagnosticCode::Internal));
}
