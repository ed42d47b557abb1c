//! Examples of the operations of StableHLO's specification, in tests/stablehlo/specification: interpreted, compiled for the
//! CPU, and by XLA where it is there.
//!
//! Each function is an example: the attribute `example.value` of an argument is its value, and that of a result is what
//! comes out. Unsigned integers are written as signless ones of the same width.

use crate::cpu::library::{Pair, reference};
use crate::targets::xla::Programs;
use dp_dialects::Literal;
use dp_dialects::ir::{functions, parameter_attribute, signature, string_attribute};
use dp_driver::conversion;
use dp_frontends::{Frontend, Source};
use dp_stablehlo::StableHlo;
use melior::ir::operation::{OperationLike, OperationPrintingFlags};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// An example: arguments and results.
struct Example {
    arguments: Vec<Literal>,
    results: Vec<Literal>,
}

/// A file of examples, translated, and its examples by name.
struct File {
    name: String,
    text: String,
    examples: BTreeMap<String, Example>,
}

fn paths() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("stablehlo/specification");
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("the folder is there").flatten().map(|entry| entry.path()).collect();
    paths.sort();
    assert!(paths.len() >= 7, "only {} files of examples", paths.len());
    paths
}

fn files() -> Vec<File> {
    paths().into_iter().map(|path| file(&path)).collect()
}

fn file(path: &std::path::Path) -> File {
    let text = std::fs::read_to_string(path).expect("a text");
    let name = path.file_name().expect("a name").to_string_lossy().into_owned();
    let context = dp_driver::registry::context();
    let source = Source::new(name.clone(), text);
    let written = dp_frontends::parse(&context, &source).unwrap_or_else(|_| panic!("{name} does not parse"));
    let mut examples = BTreeMap::new();
    for (function, op) in functions(reference(&written)) {
        if string_attribute(op, "sym_visibility").is_some() {
            continue;
        }
        let (inputs, outputs) = signature(op).expect("a signature");
        let literals = |which: &str, count: usize| -> Vec<Literal> {
            let value = |place| parameter_attribute(op, which, place, "example.value").and_then(Literal::of);
            let values =
                (0..count).map(|place| value(place).unwrap_or_else(|| panic!("{name}: @{function} lacks a value")));
            values.map(number).collect()
        };
        let example =
            Example { arguments: literals("arg_attrs", inputs.len()), results: literals("res_attrs", outputs.len()) };
        examples.insert(function.to_owned(), example);
    }
    let module = StableHlo.read(&context, &source).unwrap_or_else(|_| panic!("{name} is not translated"));
    let text = reference(&module).to_string_with_flags(OperationPrintingFlags::new()).expect("prints");
    // The functions of the module alone.
    let (first, last) = (text.find('\n').unwrap_or_default(), text.rfind('}').unwrap_or_default());
    File { name, text: text[first..last].to_owned(), examples }
}

/// A value of rank 0 as a number.
fn number(literal: Literal) -> Literal {
    match literal.shape.as_deref() {
        Some([]) => Literal::number(literal.dtype, literal.element(0)),
        Some(_) | None => literal,
    }
}

/// Checks all examples by a way to run them: for a file, a function of names and arguments.
fn check(run: impl Fn(&File) -> Box<dyn Fn(&str, &Example) -> Result<Vec<Literal>, String> + '_>) {
    let mut wrong = Vec::new();
    let mut count = 0;
    for file in files() {
        let call = run(&file);
        for (name, example) in &file.examples {
            count += 1;
            let outcome = call(name, example)
                .and_then(|values| crate::jax::difference(&values, &example.results).map_or(Ok(()), Err));
            if let Err(why) = outcome {
                wrong.push(format!("{}: @{name}: {why}", file.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} examples are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 150, "only {count} examples");
}

fn literals(arrays: Vec<dp_runtime::Array>, like: &[Literal]) -> Vec<Literal> {
    arrays.iter().zip(like).map(|(array, like)| conversion::literal(array, like.shape.is_some())).collect()
}

#[test]
fn examples_are_interpreted() {
    check(|file| {
        let context = dp_driver::registry::context();
        Box::new(move |name, example| {
            let module = melior::ir::Module::parse(&context, &file.text).ok_or("does not parse")?;
            dp_interp::run(reference(&module), name, example.arguments.clone())
                .map_err(|located| located.diagnostic.to_string())
        })
    });
}

#[test]
fn examples_are_compiled() {
    check(|file| {
        let pair = Pair::new(&file.text);
        Box::new(move |name, example| Ok(literals(pair.call(name, &example.arguments)?, &example.results)))
    });
}

#[test]
fn examples_go_out_again() {
    check(|file| {
        let programs = Programs::new(&file.text);
        Box::new(move |name, example| Ok(literals(programs.call(name, &example.arguments)?, &example.results)))
    });
}

#[test]
fn each_operation_has_an_example() {
    let texts: Vec<String> = paths().iter().map(|path| std::fs::read_to_string(path).expect("a text")).collect();
    let has = |name: &str| {
        let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        texts.iter().any(|text| text.match_indices(name).any(|(at, _)| ends(&text[at + name.len()..])))
    };
    let names = dp_stablehlo::operations().into_iter().filter(|name| name.starts_with("stablehlo."));
    let missing: Vec<String> = names.filter(|name| !has(name)).collect();
    assert!(missing.is_empty(), "no example of {}", missing.join(", "));
}
