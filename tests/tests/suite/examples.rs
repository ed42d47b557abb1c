//! The examples in the reference of the dialects: each parses and verifies.
//!
//! An example is a fragment. Lines of `func.func` go to the module, the rest into a function around it, whose arguments
//! are what the fragment uses and does not define. The types of these are asked of the parser: it says which type it
//! expects where it finds another one.

use crate::markdown;
use dp_dialects::OpKind;
use melior::Context;
use melior::ir::Module;
use std::collections::BTreeMap;
use std::fs;
use std::sync::{Arc, Mutex};

const PAGES: [&str; 3] = ["scalar", "array", "ad"];

/// The type of an argument as long as nothing is known of it: no operation takes it.
const UNKNOWN: &str = "tuple<>";

#[test]
fn the_examples_of_the_reference_parse() {
    let mut examples = String::new();
    let mut wrong = String::new();
    for page in PAGES {
        let path = format!("{}/../docs/reference/{page}.md", env!("CARGO_MANIFEST_DIR"));
        let text = fs::read_to_string(path).expect("the page is there");
        for block in markdown::blocks(&text).iter().filter(|block| block.language() == "mlir") {
            if let Err(said) = parse(&block.text) {
                wrong += &format!("{page}.md:{}: {said}\n{}\n", block.line, block.text);
            }
            examples += &block.text;
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    for kind in OpKind::ALL {
        let name = kind.name();
        if PAGES.iter().any(|page| name.starts_with(&format!("{page}."))) {
            assert!(
                examples.contains(&format!("{name} ")) || examples.contains(&format!("{name}(")),
                "{name} has none"
            );
        }
    }
}

#[test]
fn wrong_examples_are_found() {
    for wrong in [
        "%y = scalar.conj %x : tensor<4xf64>\n",
        "%y = scalar.sine %x : f64\n",
        "%y = array.reshape %x : tensor<4xf64> to tensor<5xf64>\n",
        "%z = scalar.add %x, %x : f64\n%y = scalar.add %x, %x : f32\n",
    ] {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
    assert_eq!(
        parse("%y = array.slice %x starts [%i, 0] strides [1, 2] : tensor<?x8xf32> to tensor<1x4xf32>\n"),
        Ok(())
    );
}

/// Parses and verifies an example; what the compiler says of a wrong one.
fn parse(example: &str) -> Result<(), String> {
    // A type or a location alone stands where it could.
    if example.starts_with('!') {
        return check(&format!("func.func private @f({})", example.trim()));
    }
    if example.starts_with("loc(") {
        return check(&format!("func.func private @f() {}", example.trim()));
    }
    let (functions, body): (Vec<&str>, Vec<&str>) = example.lines().partition(|line| line.starts_with("func.func"));
    let (functions, body) = (functions.join("\n"), body.join("\n"));
    let mut types: BTreeMap<String, String> =
        undefined(&body).into_iter().map(|name| (name, UNKNOWN.to_string())).collect();
    loop {
        let arguments: Vec<String> = types.iter().map(|(name, of)| format!("{name}: {of}")).collect();
        let text = format!("{functions}\nfunc.func @example({}) {{\n{body}\nreturn\n}}\n", arguments.join(", "));
        let Err(said) = check(&text) else { return Ok(()) };
        let Some((name, expected)) = expectation(&said) else { return Err(said) };
        match types.get_mut(name).filter(|of| *of == UNKNOWN) {
            Some(unknown) => *unknown = expected.into(),
            // It is used at two types.
            None => return Err(said),
        }
    }
}

/// The name and the type in `use of value '%x' expects different type than prior uses: 'f64' vs 'tuple<>'`.
fn expectation(said: &str) -> Option<(&str, &str)> {
    let (name, rest) = said.split_once("use of value '")?.1.split_once('\'')?;
    let expected = rest.strip_prefix(" expects different type than prior uses: '")?.split_once('\'')?.0;
    Some((name, expected))
}

/// The names of values that a fragment does not define.
fn undefined(body: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let name = |text: &str| format!("%{}", &text[..text.find(|c| !is_part(c)).unwrap_or(text.len())]);
    let mut defined = Vec::new();
    for line in body.lines() {
        // Results stand before ` = `, the arguments of blocks behind `^bb0(`.
        let results = line.split_once(" = ").map(|(results, _)| results).filter(|results| !results.contains('('));
        let arguments = line.trim_start().strip_prefix("^bb0(");
        let definitions = results.into_iter().chain(arguments);
        defined.extend(definitions.flat_map(|text| text.split('%').skip(1)).map(name));
    }
    let mut used: Vec<String> = body.split('%').skip(1).map(name).filter(|name| !defined.contains(name)).collect();
    used.sort();
    used.dedup();
    used
}

/// Parses and verifies a module.
fn check(text: &str) -> Result<(), String> {
    let context: Context = dp_driver::registry::context();
    let said = Arc::new(Mutex::new(String::new()));
    let sink = Arc::clone(&said);
    context.attach_diagnostic_handler(move |diagnostic| {
        *sink.lock().expect("no handler panics") += &format!("{diagnostic}\n");
        true
    });
    match Module::parse(&context, text) {
        Some(_) => Ok(()),
        None => Err(said.lock().expect("no handler panics").clone()),
    }
}
