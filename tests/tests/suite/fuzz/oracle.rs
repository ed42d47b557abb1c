//! What holds of every program: it compiles, and machine code, and the interpreter on the simplified program, compute
//! what the interpreter does on the program as it was written.

use super::noise::{Noise, distance, epsilon};
use super::program::Program;
use crate::cpu::library::{Pair, reference};
use crate::targets::xla;
use dp_dialects::ir::Op;
use dp_dialects::{FloatModel, Literal, Number, OpKind, ScalarType};
use dp_driver::conversion;
use dp_driver::pipelines::{DIFFERENTIATE, SIMPLIFY, Settings};
use dp_passes::calls::InlineLimit;
use dp_passes::manager::{self, Observer, Step, StepInfo};
use dp_runtime::Array;
use melior::Context;
use melior::ir::Module;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

/// How many times a program is run with errors of rounding.
const NOISES: u64 = 4;

/// How results are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Equality {
    /// To the bit, NaN aside.
    Bits,
    /// As far as errors of rounding move them.
    Rounding,
}

/// Whether machine code under `strict` has the interpreter's bits for an operation on numbers of a type.
pub fn is_bitwise(kind: OpKind, dtype: ScalarType) -> bool {
    use OpKind::*;
    match kind {
        ScalarAbs | ScalarSign | ScalarSqrt => !dtype.is_complex(),
        ScalarPow => dtype.is_integer(),
        ScalarAtan2 | ScalarHypot | ScalarExp | ScalarExpm1 | ScalarLog | ScalarLog1p | ScalarRsqrt | ScalarSin
        | ScalarCos | ScalarTan | ScalarTanh | ScalarLogistic | ScalarExp2 | ScalarLog2 | ScalarLog10 | ScalarCbrt
        | ScalarSinh | ScalarCosh | ScalarAsin | ScalarAcos | ScalarAtan | ScalarAsinh | ScalarAcosh | ScalarAtanh
        | ScalarErf | ScalarErfc | ScalarErfInv | ScalarLgamma | ScalarDigamma | ScalarPolygamma => false,
        // By other steps.
        ArrayQr | ArrayQrTaus | ArrayEighValues | ArrayEighVectors | ArraySvdValues | ArraySvdLeft | ArraySvdRight => {
            false
        }
        // Their derivatives are made of other operations.
        AdJvp | AdVjp | AdGrad | AdPull | AdLinear => false,
        _ => true,
    }
}

/// A message of what panics or is reported in a function.
fn caught<T>(context: &Context, run: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let said: Rc<RefCell<Vec<String>>> = Rc::default();
    let heard = said.clone();
    let handler = context.attach_diagnostic_handler(move |diagnostic| {
        heard.borrow_mut().push(diagnostic.to_string());
        true
    });
    let outcome = catch_unwind(AssertUnwindSafe(run));
    context.detach_diagnostic_handler(handler);
    let said = said.borrow().join("; ");
    match outcome {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(format!("{error}: {said}")),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
            Err(format!("panics: {}: {said}", text.unwrap_or_default()))
        }
    }
}

/// Runs the steps of a pipeline.
pub fn run_steps(steps: &[Step<Settings>], module: &Module, model: FloatModel) -> Result<(), String> {
    run_steps_within(InlineLimit::default(), steps, module, model)
}

/// The same, with a limit of inlining.
pub fn run_steps_within(
    inline: InlineLimit,
    steps: &[Step<Settings>],
    module: &Module,
    model: FloatModel,
) -> Result<(), String> {
    let settings = Settings {
        fp: model,
        level: 3,
        max_tape: dp_passes::manager::ByteLimit::default(),
        inline,
        bounds: Vec::new(),
        ad_report: false,
        extents: Vec::new(),
        fixed: false,
    };
    let mut last = Last::default();
    manager::run(steps, reference(module), &settings, &mut last).map_err(|_| format!("step '{}' fails", last.0))
}

/// The step that failed.
#[derive(Default)]
struct Last(&'static str);

impl Observer for Last {
    fn failed(&mut self, step: &StepInfo, _: Op) {
        self.0 = step.name;
    }
}

/// A module of programs, differentiated.
pub fn differentiated<'c>(context: &'c Context, text: &str) -> Result<Module<'c>, String> {
    differentiated_within(InlineLimit::default(), context, text)
}

/// The same, with a limit of inlining.
pub fn differentiated_within<'c>(inline: InlineLimit, context: &'c Context, text: &str) -> Result<Module<'c>, String> {
    let module = Module::parse(context, text).ok_or("does not parse")?;
    run_steps_within(inline, DIFFERENTIATE, &module, FloatModel::default())?;
    Ok(module)
}

/// What the interpreter gives for programs that are `f0`, `f1`, … of a module.
pub fn interpret(module: &Module, programs: &[Program]) -> Vec<Outcome> {
    let run = |(index, program): (usize, &Program)| {
        let result = dp_interp::run(reference(module), &format!("f{index}"), program.given.clone());
        result.map_err(|located| located.diagnostic.to_string())
    };
    programs.iter().enumerate().map(run).collect()
}

/// What is wrong with some programs: the place of each that fails, and how.
pub type Failures = Vec<(usize, String)>;

/// How programs are checked, all at once; an error is one of all of them.
pub type Check<'a> = &'a dyn Fn(&Context, &[Program]) -> Result<Failures, String>;

/// Checks programs; where something is wrong with all of them, each alone.
pub fn failures(programs: &[Program], check: Check) -> Failures {
    let context = dp_driver::registry::context();
    match caught(&context, || check(&context, programs)) {
        Ok(failures) => failures,
        Err(error) if programs.len() == 1 => vec![(0, error)],
        Err(_) => {
            let alone = |(index, program): (usize, &Program)| {
                let found = failures(std::slice::from_ref(program), check);
                found.into_iter().map(move |(_, error)| (index, error)).collect::<Vec<_>>()
            };
            programs.iter().enumerate().flat_map(alone).collect()
        }
    }
}

/// Programs as they are interpreted, differentiated: their module, their results, and those with errors of rounding.
struct Meant<'c> {
    module: Module<'c>,
    expected: Vec<Outcome>,
    noisy: Vec<Vec<Outcome>>,
}

impl<'c> Meant<'c> {
    fn new(context: &'c Context, programs: &[Program], equality: Equality) -> Result<Meant<'c>, String> {
        let joined = |text: &dyn Fn(&Program, &str) -> String| -> String {
            programs.iter().enumerate().map(|(index, program)| text(program, &format!("f{index}"))).collect()
        };
        let module = differentiated(context, &joined(&|program, name| program.text(context, name)))?;
        let expected = interpret(&module, programs);
        let mut noisy = Vec::new();
        for noise in (0..NOISES).filter(|_| equality == Equality::Rounding) {
            let noise = Noise::new(noise + 1, if noise % 2 == 0 { 0.0 } else { -0.0 });
            let text = joined(&|program, name| program.noisy_text(context, name, noise.clone()));
            let module = differentiated(context, &text).map_err(|error| format!("with noise: {error}"))?;
            noisy.push(interpret(&module, programs));
        }
        Ok(Meant { module, expected, noisy })
    }

    /// How the results of a program differ, if they do.
    fn differ(&self, index: usize, found: &Outcome, equality: Equality) -> Option<String> {
        let disturbed: Vec<&Outcome> = self.noisy.iter().map(|noisy| &noisy[index]).collect();
        differ(&self.expected[index], found, &disturbed, equality)
    }
}

/// What a target gives, as literals.
fn literals(program: &Program, arrays: &[Array]) -> Vec<Literal> {
    let is_tensor = program.main().results().iter().map(|id| program.values[*id].r#type.is_tensor());
    arrays.iter().zip(is_tensor).map(|(array, is_tensor)| conversion::literal(array, is_tensor)).collect()
}

/// Machine code and the simplified program against the program as it was written.
pub fn compare(
    context: &Context,
    programs: &[Program],
    model: FloatModel,
    equality: Equality,
) -> Result<Failures, String> {
    let meant = Meant::new(context, programs, equality)?;
    run_steps(SIMPLIFY, &meant.module, model)?;
    let options = dp_cpu::Options { fp: model, ..dp_cpu::Options::default() };
    let pair = Pair::with(&meant.module.as_operation().to_string(), &options);
    let mut failures = Vec::new();
    for (index, program) in programs.iter().enumerate() {
        let name = format!("f{index}");
        let simplified = pair.interpret(&name, &program.given);
        let compiled = pair.call(&name, &program.given).map(|arrays| literals(program, &arrays));
        for (message, found) in [("simplified", simplified), ("compiled", compiled)] {
            if let Some(difference) = meant.differ(index, &found, equality) {
                failures.push((index, format!("{message}: {difference}")));
                break;
            }
        }
    }
    Ok(failures)
}

/// XLA against the program as it was written.
pub fn compare_on_xla(context: &Context, programs: &[Program]) -> Result<Failures, String> {
    let meant = Meant::new(context, programs, Equality::Rounding)?;
    let text = meant.module.as_operation().to_string();
    let compiled = xla::Programs::new(&text);
    let mut failures = Vec::new();
    for (index, program) in programs.iter().enumerate() {
        let found = compiled.call(&format!("f{index}"), &program.given).map(|arrays| literals(program, &arrays));
        if let Some(difference) = meant.differ(index, &found, Equality::Rounding) {
            failures.push((index, format!("xla: {difference}")));
        }
    }
    Ok(failures)
}

/// The results of a program, or why there are none.
pub type Outcome = Result<Vec<Literal>, String>;

/// How results differ, if they do; `noisy` are those with errors of rounding.
pub fn differ(expected: &Outcome, found: &Outcome, noisy: &[&Outcome], equality: Equality) -> Option<String> {
    let (expected, found) = match (expected, found) {
        (Err(_), Err(_)) => return None,
        (Ok(_), Err(error)) => return Some(format!("fails: {error}")),
        (Err(error), Ok(_)) => return Some(format!("does not fail: {error}")),
        (Ok(expected), Ok(found)) => (expected, found),
    };
    for (place, (want, have)) in expected.iter().zip(found).enumerate() {
        if want.extents() != have.extents() || want.dtype != have.dtype {
            return Some(format!("result {place} is {}, not {}", have.value_type(), want.value_type()));
        }
        for element in 0..want.len() {
            let (a, b) = (want.element(element), have.element(element));
            let others = noisy.iter().map(|noisy| noisy.as_ref().ok().map(|noisy| noisy[place].element(element)));
            let same = match equality {
                Equality::Bits => same_bits(a, b),
                Equality::Rounding => {
                    let moved = others.map(|other| other.and_then(|other| distance(a, other)));
                    match moved.collect::<Option<Vec<f64>>>() {
                        // Where the result hangs on rounding, anything may come out.
                        None => true,
                        Some(moved) => {
                            let size = a.complex().norm();
                            let size = if size.is_finite() { size } else { 0.0 };
                            let moved = moved.into_iter().fold(0.0, f64::max);
                            let unit = epsilon(want.dtype);
                            let most = 16.0 * moved + 16.0 * unit * size + least(want.dtype);
                            distance(a, b).is_some_and(|distance| distance <= most)
                        }
                    }
                }
            };
            if !same {
                return Some(format!("result {place}[{element}] is {b:?}, not {a:?}"));
            }
        }
    }
    None
}

/// The least normal number, below which fewer digits are there.
pub fn least(dtype: ScalarType) -> f64 {
    match dtype.real() {
        ScalarType::F16 => f64::powi(2.0, -14),
        ScalarType::BF16 | ScalarType::F32 => f64::from(f32::MIN_POSITIVE),
        ScalarType::F64 => f64::MIN_POSITIVE,
        _ => 0.0,
    }
}

fn same_bits(a: Number, b: Number) -> bool {
    let part = |a: f64, b: f64| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
    match (a, b) {
        (Number::Integer(a), Number::Integer(b)) => a == b,
        _ => part(a.complex().re, b.complex().re) && part(a.complex().im, b.complex().im),
    }
}

/// Most programs have results that say something: wrong ones are seen.
#[test]
fn wrong_results_are_seen() {
    let context = dp_driver::registry::context();
    let (mut tried, mut seen) = (0, 0);
    for equality in [Equality::Bits, Equality::Rounding] {
        let programs = super::programs(3, equality);
        let meant = Meant::new(&context, &programs, equality).expect("the programs are interpreted");
        let change = |literal: &Literal| {
            let number = |number: Number| match number {
                Number::Integer(value) => Number::Integer(value ^ 1),
                Number::Real(value) => Number::Real(1.25 * value + 1.0),
                Number::Complex(value) => Number::Complex(1.25 * value + 1.0),
            };
            let elements: Vec<Number> = literal.iter().map(|x| number(x).round(literal.dtype)).collect();
            match &literal.shape {
                Some(shape) => Literal::tensor(literal.dtype, shape.clone(), elements),
                None => Literal::number(literal.dtype, elements[0]),
            }
        };
        for (index, expected) in meant.expected.iter().enumerate() {
            let Ok(expected) = expected else { continue };
            let wrong: Vec<Literal> = expected.iter().map(change).collect();
            if expected.iter().any(|result| !result.is_empty()) {
                tried += 1;
                seen += usize::from(meant.differ(index, &Ok(wrong), equality).is_some());
            }
        }
    }
    assert!(tried >= 16 && 10 * seen >= 7 * tried, "{seen} of {tried} are seen");
}
