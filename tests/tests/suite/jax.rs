//! Programs that JAX has made, against what JAX computes: their values and gradients, interpreted and compiled. For models
//! also tangents of the results in some direction, and the product of the Hessian of their weighted sum with it.
//!
//! `./x programs` makes them, in target/programs, or in the folder that `DP_STABLEHLO_PROGRAMS` names. Without them, tests
//! fail; they are never skipped.

use crate::cpu::library::{Pair, reference};
use crate::derivatives::iterations::bound_loops;
use crate::derivatives::{jvp, pullback};
use crate::fuzz::oracle::{differentiated, run_steps};
use crate::targets::xla::Programs;
use dp_dialects::ir::{functions, signature};
use dp_dialects::{FloatModel, Literal, Number, ScalarType};
use dp_driver::conversion;
use dp_driver::pipelines::SIMPLIFY;
use dp_frontends::{Frontend, Source};
use dp_runtime::Array;
use dp_stablehlo::StableHlo;
use melior::ir::operation::{OperationLike, OperationPrintingFlags};
use melior::ir::{Module, Type};
use serde_json::Value as Json;
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The derivatives of the results' sum with some weights.
struct Gradient {
    /// The arguments that vary.
    wrt: Vec<usize>,
    weights: Vec<Literal>,
    gradients: Vec<Literal>,
    /// For models.
    along: Option<Along>,
    /// The greatest number of rounds of loops whose own number is known only at run time.
    bound: Option<i64>,
}

/// Derivatives in a direction.
struct Along {
    direction: Vec<Literal>,
    /// Of the results.
    tangents: Vec<Literal>,
    /// Of the gradients: products with the Hessian.
    products: Vec<Literal>,
}

/// A program and what JAX computes.
struct Program {
    name: String,
    text: String,
    generic: String,
    arguments: Vec<Literal>,
    results: Vec<Literal>,
    /// `None` if derivatives are not compared.
    gradient: Option<Gradient>,
    /// What each test starts from: found by the first that needs it.
    imported: OnceLock<Result<Imported, String>>,
    simplified: OnceLock<Result<String, String>>,
}

impl Program {
    /// In our dialects, with the pullback.
    fn imported(&self) -> Result<&Imported, String> {
        self.imported.get_or_init(|| imported(&self.text, self)).as_ref().map_err(String::clone)
    }

    /// The text after simplification, with derivatives.
    fn simplified(&self) -> Result<&str, String> {
        let simplify = || simplified(&self.imported()?.text);
        self.simplified.get_or_init(simplify).as_deref().map_err(String::clone)
    }

    /// The same, with a bound for the loops that have none.
    fn bounded(&self) -> Result<Cow<'_, str>, String> {
        let Some(rounds) = self.gradient.as_ref().and_then(|gradient| gradient.bound) else {
            return Ok(self.simplified()?.into());
        };
        let context = dp_driver::registry::context();
        let module = Module::parse(&context, &self.imported()?.text).ok_or("does not parse")?;
        bound_loops(module.as_operation(), rounds);
        Ok(simplified(&printed(&module)?)?.into())
    }
}

fn dtype(name: &str) -> ScalarType {
    match name {
        "bool" => ScalarType::I1,
        "int8" | "uint8" => ScalarType::I8,
        "int16" | "uint16" => ScalarType::I16,
        "int32" | "uint32" => ScalarType::I32,
        "int64" | "uint64" => ScalarType::I64,
        "float16" => ScalarType::F16,
        "bfloat16" => ScalarType::BF16,
        "float32" => ScalarType::F32,
        "float64" => ScalarType::F64,
        "complex64" => ScalarType::Complex64,
        "complex128" => ScalarType::Complex128,
        other => panic!("JAX gives elements of type {other}"),
    }
}

fn literal(json: &Json) -> Literal {
    let dtype = dtype(json["dtype"].as_str().expect("a name"));
    let real = |json: &Json| json.as_str().expect("a text").parse::<f64>().expect("a number");
    let element = |json: &Json| match json {
        Json::String(_) => Number::Real(real(json)),
        Json::Array(parts) => Number::Complex(num_complex::Complex64::new(real(&parts[0]), real(&parts[1]))),
        other => Number::Integer(other.as_i64().unwrap_or_else(|| other.as_u64().expect("an integer") as i64)),
    };
    let elements: Vec<Number> =
        json["elements"].as_array().expect("a list").iter().map(|json| element(json).round(dtype)).collect();
    let shape: Vec<u64> =
        json["shape"].as_array().expect("a list").iter().map(|e| e.as_u64().expect("an extent")).collect();
    match shape.is_empty() {
        true => Literal::number(dtype, elements[0]),
        false => Literal::tensor(dtype, shape, elements),
    }
}

/// The programs, which all tests share.
fn programs() -> &'static [Program] {
    static PROGRAMS: OnceLock<Vec<Program>> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        let folder = std::env::var_os("DP_STABLEHLO_PROGRAMS").map(PathBuf::from).or_else(made);
        let folder =
            folder.expect("no programs of JAX: run `./x programs`, or set DP_STABLEHLO_PROGRAMS to their folder");
        let mut programs = programs_in(&folder);
        if let Ok(only) = std::env::var("DP_STABLEHLO_ONLY") {
            programs.retain(|program| program.name.contains(&only));
        } else {
            assert!(programs.len() >= 400, "JAX has made only {} programs", programs.len());
        }
        programs
    })
}

fn programs_in(folder: &Path) -> Vec<Program> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("the folder is there").flatten().map(|e| e.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let program = |path: PathBuf| {
        let read =
            |path: &Path| std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let json: Json = serde_json::from_str(&read(&path)).expect("JSON");
        let list = |name: &str| json[name].as_array().into_iter().flatten().map(literal).collect::<Vec<_>>();
        let wrt = json.get("wrt").and_then(Json::as_array);
        let wrt = wrt.map(|wrt| wrt.iter().map(|place| place.as_u64().expect("a place") as usize).collect());
        Program {
            name: path.file_stem().expect("a name").to_string_lossy().into_owned(),
            text: read(&path.with_extension("mlir")),
            generic: read(&path.with_extension("generic.mlir")),
            arguments: list("arguments"),
            results: list("results"),
            gradient: wrt.map(|wrt| Gradient {
                wrt,
                weights: list("weights"),
                gradients: list("gradients"),
                bound: json["bound"].as_i64(),
                along: json.get("direction").map(|_| Along {
                    direction: list("direction"),
                    tangents: list("tangents"),
                    products: list("hessian_products"),
                }),
            }),
            imported: OnceLock::new(),
            simplified: OnceLock::new(),
        }
    };
    paths.into_iter().map(program).collect()
}

/// A program in our dialects, with its derivatives, and the name of its function.
#[derive(PartialEq)]
struct Imported {
    text: String,
    function: String,
}

fn imported(text: &str, program: &Program) -> Result<Imported, String> {
    let context = dp_driver::registry::context();
    let messages = std::sync::Mutex::new(Vec::new());
    let module = {
        let handler = context.attach_diagnostic_handler(|diagnostic| {
            messages.lock().expect("no panic").push(format!("{}: {diagnostic}", diagnostic.location()));
            true
        });
        let source = Source::new(format!("{}.mlir", program.name), text);
        let module = StableHlo.read(&context, &source);
        context.detach_diagnostic_handler(handler);
        module.map_err(|_| messages.lock().expect("no panic").join("\n"))?
    };
    let text = printed(&module)?;
    // The functions of the module alone.
    let (first, last) = (text.find('\n').unwrap_or_default(), text.rfind('}').unwrap_or_default());
    let text = text[first..last].to_owned();
    let function = text.split("func.func public @").nth(1).and_then(|rest| rest.split('(').next());
    let function = function.ok_or("has no public function")?.to_owned();
    let text = match &program.gradient {
        None => text,
        Some(gradient) => {
            let of = functions(reference(&module)).get(function.as_str()).copied().and_then(signature);
            text + &derived(&function, of.ok_or("has no signature")?, gradient)
        }
    };
    Ok(Imported { text, function })
}

fn simplified(text: &str) -> Result<String, String> {
    let context = dp_driver::registry::context();
    let module = differentiated(&context, text)?;
    run_steps(SIMPLIFY, &module, FloatModel::default())?;
    printed(&module)
}

/// The functions that ask for the derivatives that are compared.
fn derived(function: &str, (from, to): (Vec<Type>, Vec<Type>), gradient: &Gradient) -> String {
    let [arguments, results] = [from, to].map(|types| types.iter().map(ToString::to_string).collect::<Vec<_>>());
    let pullback = pullback(function, &arguments, &results, &gradient.wrt);
    if gradient.along.is_none() {
        return pullback.text;
    }
    let forward = jvp(function, &arguments, &results, &gradient.wrt);
    let second = jvp(&pullback.name, &pullback.arguments, &pullback.results, &gradient.wrt);
    pullback.text + &forward.text + &second.text
}

/// Functions with arguments, and what JAX computes: the program, and its derivatives.
fn calls(program: &Program, function: &str) -> Vec<(String, Vec<Literal>, Vec<Literal>)> {
    let Program { arguments, results, .. } = program;
    let mut calls = vec![(function.to_owned(), arguments.clone(), results.clone())];
    if let Some(Gradient { weights, gradients, along, .. }) = &program.gradient {
        let (given, found) = ([&arguments[..], weights].concat(), [&results[..], gradients].concat());
        if let Some(Along { direction, tangents, products }) = along {
            let forward = [&results[..], tangents].concat();
            calls.push((format!("{function}_jvp"), [&arguments[..], direction].concat(), forward));
            let second = [&found[..], tangents, products].concat();
            calls.push((format!("{function}_vjp_jvp"), [&given[..], direction].concat(), second));
        }
        calls.push((format!("{function}_vjp"), given, found));
    }
    calls
}

fn printed(module: &Module) -> Result<String, String> {
    reference(module).to_string_with_flags(OperationPrintingFlags::new()).map_err(|error| error.to_string())
}

/// The first element that differs from what JAX gives.
pub fn difference(found: &[Literal], expected: &[Literal]) -> Option<String> {
    if found.len() != expected.len() {
        return Some(format!("{} results, not {}", found.len(), expected.len()));
    }
    for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
        if found.extents() != expected.extents() || found.dtype != expected.dtype {
            return Some(format!("result {place} is {}, not {}", found.value_type(), expected.value_type()));
        }
        let tolerance = match expected.dtype.real() {
            ScalarType::F64 => 1e-9,
            ScalarType::F32 => 2e-5,
            ScalarType::F16 => 4e-3,
            ScalarType::BF16 => 3e-2,
            _ => 0.0,
        };
        let size = |number: Number| number.complex().norm();
        let greatest = expected.iter().map(size).filter(|size| size.is_finite()).fold(0.0, f64::max);
        for position in 0..expected.len() {
            let (have, want) = (found.element(position), expected.element(position));
            let (a, b) = (have.complex(), want.complex());
            let part = |a: f64, b: f64| {
                a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= tolerance * greatest.max(1e-6)
            };
            if !(part(a.re, b.re) && part(a.im, b.im)) {
                return Some(format!("result {place}, element {position}: {have:?}, not {want:?}"));
            }
        }
    }
    None
}

fn interpreted(program: &Program) -> Result<(), String> {
    let Imported { text, function } = program.imported()?;
    let check = |stage: &str, module: &Module| -> Result<(), String> {
        for (function, arguments, expected) in calls(program, function) {
            let values = dp_interp::run(reference(module), &function, arguments);
            let values = values.map_err(|located| format!("{stage}, @{function}: {}", located.diagnostic))?;
            difference(&values, &expected).map_or(Ok(()), |why| Err(format!("{stage}, @{function}: {why}")))?;
        }
        Ok(())
    };
    let context = dp_driver::registry::context();
    check("interpreted", &differentiated(&context, text)?)?;
    check("simplified", &Module::parse(&context, program.simplified()?).ok_or("does not parse")?)
}

/// By XLA, as StableHLO again.
fn exported(program: &Program) -> Result<(), String> {
    let function = &program.imported()?.function;
    let programs = Programs::new(&program.bounded()?);
    for (function, arguments, expected) in calls(program, function) {
        let values = literals(programs.call(&function, &arguments)?, &expected);
        difference(&values, &expected).map_or(Ok(()), |why| Err(format!("@{function}: {why}")))?;
    }
    Ok(())
}

fn literals(arrays: Vec<Array>, like: &[Literal]) -> Vec<Literal> {
    arrays.iter().zip(like).map(|(array, like)| conversion::literal(array, like.shape.is_some())).collect()
}

fn compiled(program: &Program) -> Result<(), String> {
    let (function, text) = (&program.imported()?.function, program.simplified()?);
    let pair = std::panic::catch_unwind(|| Pair::new(text)).map_err(|_| "is not compiled")?;
    for (called, arguments, expected) in calls(program, function) {
        let arrays = match &program.gradient {
            Some(gradient) if called == format!("{function}_vjp") => {
                pair.pull(function, &program.arguments, &gradient.weights)?
            }
            _ => pair.call(&called, &arguments)?,
        };
        let values = literals(arrays, &expected);
        difference(&values, &expected).map_or(Ok(()), |why| Err(format!("compiled, @{called}: {why}")))?;
    }
    Ok(())
}

/// target/programs, relative to target/PROFILE/deps/THIS, if it is there.
fn made() -> Option<PathBuf> {
    Some(std::env::current_exe().ok()?.ancestors().nth(3)?.join("programs")).filter(|folder| folder.is_dir())
}

/// Checks each program, on all cores; panics with what is wrong.
fn check(what: &str, check: impl Fn(&Program) -> Result<(), String> + Sync) {
    let programs = programs();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let wrong = std::sync::Mutex::new(Vec::new());
    let worker = || {
        while let Some(program) = programs.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
            let outcome = dp_dialects::stack::run(|| check(program));
            if let Err(why) = outcome {
                wrong.lock().expect("no panic").push(format!("{}: {why}", program.name));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from).min(4) {
            scope.spawn(worker);
        }
    });
    let mut wrong = wrong.into_inner().expect("no panic");
    wrong.sort();
    assert!(wrong.is_empty(), "{} of {} are not {what}:\n{}", wrong.len(), programs.len(), wrong.join("\n"));
}

#[test]
fn programs_are_interpreted() {
    check("interpreted as JAX computes them", interpreted);
}

#[test]
fn programs_are_compiled() {
    check("compiled to what JAX computes", compiled);
}

#[test]
fn programs_go_out_again() {
    check("what JAX computes, by XLA", exported);
}

#[test]
fn both_forms_are_read_alike() {
    check("the same in their generic form", |program| {
        if *program.imported()? == imported(&program.generic, program)? {
            Ok(())
        } else {
            Err("the forms differ".into())
        }
    });
}
