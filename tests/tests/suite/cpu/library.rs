//! Programs compiled to libraries, and compared with their interpretation.

use dp_cpu::{Cpu, Target};
use dp_dialects::ir::Op;
use dp_dialects::{Literal, Number, ScalarType};
use dp_driver::conversion;
use dp_driver::pipelines;
use dp_lower::{LowerOptions, Lowered, Stage};
use dp_passes::manager::Halt;
use dp_runtime::{Array, Library};
use melior::Context;
use melior::ir::Module;
use melior::ir::operation::{OperationLike, OperationRef};
use std::path::{Path, PathBuf};

/// A program, interpreted and compiled.
pub struct Pair {
    library: Library,
    // The module goes before the context that it lives in.
    module: Module<'static>,
    _context: Box<Context>,
    _folder: tempfile::TempDir,
}

/// The module's operation.
pub fn reference<'c>(module: &Module<'c>) -> Op<'c> {
    // SAFETY: callers keep the module while they use the reference.
    unsafe { OperationRef::from_raw(OperationLike::to_raw(&module.as_operation())) }
}

/// The module of a text, as tools read it.
#[track_caller]
fn parsed<'c>(context: &'c Context, text: &str) -> Module<'c> {
    dp_dialects::context::parse(context, text, "test").unwrap_or_else(|| panic!("does not parse:\n{text}"))
}

/// Compiles a program to `libmodel.so` in a folder.
#[track_caller]
pub fn compile(context: &Context, text: &str, options: &dp_cpu::Options, folder: &Path) -> PathBuf {
    compile_by(context, text, options, folder, |module, options| {
        pipelines::lower(module, options, Stage::Llvm, &mut ())
    })
}

/// The same, lowered in a way of the caller's.
#[track_caller]
pub fn compile_by(
    context: &Context,
    text: &str,
    options: &dp_cpu::Options,
    folder: &Path,
    lower: impl FnOnce(Op, &LowerOptions) -> Result<Lowered, Halt>,
) -> PathBuf {
    let module = parsed(context, text);
    if crate::targets::cuda::is_asked_for() {
        return crate::targets::cuda::compile(reference(&module), options, folder, lower);
    }
    let cpu = Cpu::new(options.clone()).unwrap_or_else(|error| panic!("{error}"));
    let result = lower(reference(&module), &cpu.pipeline());
    let model = result.unwrap_or_else(|_| panic!("is not lowered:\n{text}")).library;
    let artifact = cpu.emit((reference(&module), &model), dp_cpu::Kind::SharedLibrary);
    let artifact = artifact.unwrap_or_else(|error| panic!("{error}"));
    let path = folder.join("libmodel.so");
    std::fs::write(&path, artifact.bytes()).expect("the folder is writable");
    path
}

impl Pair {
    /// Compiles a program for this machine.
    #[track_caller]
    pub fn new(text: &str) -> Pair {
        Pair::with(text, &dp_cpu::Options::default())
    }

    /// Compiles a program.
    #[track_caller]
    pub fn with(text: &str, options: &dp_cpu::Options) -> Pair {
        let context = Box::new(dp_driver::registry::context());
        // SAFETY: the box keeps the context in place, and outlives the modules.
        let pinned: &'static Context = unsafe { &*std::ptr::from_ref(&*context) };
        let module = parsed(pinned, text);
        let folder = tempfile::tempdir().expect("there is a folder for temporary files");
        let path = compile(pinned, text, options, folder.path());
        let library = Library::open(&path).unwrap_or_else(|error| panic!("{error}"));
        Pair { library, module, _context: context, _folder: folder }
    }

    /// Calls the compiled function.
    pub fn call(&self, function: &str, arguments: &[Literal]) -> Result<Vec<Array>, String> {
        let arrays: Vec<Array> =
            arguments.iter().map(|argument| conversion::array(argument).expect("a well-formed argument")).collect();
        let compiled = self.library.function(function).map_err(|error| error.to_string())?;
        let found = compiled.call(&arrays).map_err(|error| error.to_string())?;
        if crate::targets::cuda::calls_twice() {
            let again = compiled.call(&arrays).map_err(|error| error.to_string())?;
            if format!("{found:?}") != format!("{again:?}") {
                return Err(format!("@{function} gives other numbers under another schedule"));
            }
        }
        Ok(found)
    }

    /// Calls the compiled function `f`, and twice its pullback, which is not to change.
    pub fn pull(&self, f: &str, arguments: &[Literal], cotangents: &[Literal]) -> Result<Vec<Array>, String> {
        let arrays = |literals: &[Literal]| -> Vec<Array> {
            literals.iter().map(|literal| conversion::array(literal).expect("a well-formed argument")).collect()
        };
        let mut given = arrays(arguments);
        let (mut results, pullback) = self.library.vjp(f, &given).map_err(|error| error.to_string())?;
        // The handle has copies.
        given.clear();
        let cotangents = arrays(cotangents);
        let pull = || pullback.pull(&cotangents).map_err(|error| error.to_string());
        let (once, again) = (pull()?, pull()?);
        if format!("{once:?}") != format!("{again:?}") {
            return Err(format!("the pullback of @{f} gives other numbers when it is applied again"));
        }
        results.extend(once);
        Ok(results)
    }

    /// Interprets the function.
    pub fn interpret(&self, function: &str, arguments: &[Literal]) -> Result<Vec<Literal>, String> {
        let interpreted = dp_interp::run(reference(&self.module), function, arguments.to_vec());
        interpreted.map_err(|located| format!("@{function} is not interpreted: {}", located.diagnostic))
    }

    /// Interprets the function; where it fails, the place in the program.
    pub fn outcome(&self, function: &str, arguments: &[Literal]) -> Result<Vec<Literal>, String> {
        let interpreted = dp_interp::run(reference(&self.module), function, arguments.to_vec());
        interpreted.map_err(|located| dp_dialects::diagnostics::place(located.location).unwrap_or_default())
    }

    /// Calls both and compares; what differs, for the first element that does.
    pub fn difference(&self, function: &str, arguments: &[Literal], tolerance: f64) -> Option<String> {
        let expected = match self.interpret(function, arguments) {
            Ok(expected) => expected,
            Err(error) => return Some(error),
        };
        difference(
            "cpu",
            function,
            arguments,
            &expected,
            self.call(function, arguments),
            Tolerance { units: tolerance, flushes: false, of_greatest: false },
        )
    }

    /// Fails where the two differ.
    #[track_caller]
    pub fn check(&self, function: &str, arguments: &[Literal], tolerance: f64) {
        if let Some(difference) = self.difference(function, arguments, tolerance) {
            panic!("{difference}");
        }
    }
}

/// How far numbers may differ.
#[derive(Clone, Copy, Debug)]
pub struct Tolerance {
    /// In units of the last place of their type.
    pub units: f64,
    /// Whether numbers below the least normal one may be 0.
    pub flushes: bool,
    /// Whether the units are those of the greatest number of a result: what is a sum may be small by chance.
    pub of_greatest: bool,
}

/// What a target gives that differs from what is expected: the first element that does.
pub fn difference(
    target: &str,
    function: &str,
    arguments: &[Literal],
    expected: &[Literal],
    found: Result<Vec<Array>, String>,
    tolerance: Tolerance,
) -> Option<String> {
    let found = match found {
        Ok(found) => found,
        Err(error) => return Some(format!("{target}: @{function} fails: {error}")),
    };
    if found.len() != expected.len() {
        return Some(format!("{target}: @{function} gives {} results, not {}", found.len(), expected.len()));
    }
    for (index, (expected, found)) in expected.iter().zip(&found).enumerate() {
        let found = conversion::literal(found, expected.shape.is_some());
        if found.extents() != expected.extents() {
            let (found, expected) = (found.extents(), expected.extents());
            return Some(format!("{target}: @{function}: result {index} has extents {found:?}, not {expected:?}"));
        }
        let size = |number: Number| number.complex().norm();
        let greatest = expected.iter().map(size).filter(|size| size.is_finite()).fold(0.0, f64::max);
        let greatest = if tolerance.of_greatest { greatest } else { 0.0 };
        for position in 0..expected.len() {
            let (want, have) = (expected.element(position), found.element(position));
            if !close(want, have, expected.dtype, tolerance, greatest) {
                let at: Vec<Number> = arguments
                    .iter()
                    .filter(|argument| !argument.is_empty())
                    .map(|argument| argument.element(if argument.len() == expected.len() { position } else { 0 }))
                    .collect();
                return Some(format!(
                    "{target}: @{function}: result {index}[{position}] is {have:?}, not {want:?}; from {at:?}"
                ));
            }
        }
    }
    None
}

/// Whether two numbers are the same within a relative tolerance; not-a-numbers and infinities must be the same.
fn close(want: Number, have: Number, dtype: ScalarType, tolerance: Tolerance, greatest: f64) -> bool {
    let unit = match dtype.real() {
        ScalarType::F16 => f64::powi(2.0, -10),
        ScalarType::BF16 => f64::powi(2.0, -7),
        ScalarType::F32 => f64::from(f32::EPSILON),
        _ => f64::EPSILON,
    };
    let least = match dtype.real() {
        ScalarType::F16 => f64::powi(2.0, -14),
        ScalarType::BF16 | ScalarType::F32 => f64::from(f32::MIN_POSITIVE),
        _ => f64::MIN_POSITIVE,
    };
    let part = |want: f64, have: f64, size: f64| {
        want == have
            || (want.is_nan() && have.is_nan())
            // Of infinite ones, no other number is within a tolerance.
            || (want.is_finite() && (want - have).abs() <= tolerance.units * unit * size.max(want.abs()).max(least))
            || (tolerance.flushes && have == 0.0 && want.abs() < least)
    };
    match (want, have) {
        (Number::Real(want), Number::Real(have)) => part(want, have, greatest),
        (Number::Complex(want), Number::Complex(have)) => {
            let size = want.norm();
            let finite = if size.is_finite() { size } else { 0.0 };
            part(want.re, have.re, finite.max(greatest)) && part(want.im, have.im, finite.max(greatest))
        }
        (want, have) => want.integer() == have.integer(),
    }
}

#[test]
fn infinite_numbers_are_near_to_nothing_else() {
    let tolerance = Tolerance { units: 64.0, flushes: true, of_greatest: true };
    let near = |want: f64, have: f64| close(Number::Real(want), Number::Real(have), ScalarType::F32, tolerance, 1.0);
    let infinity = f64::INFINITY;
    assert!(near(infinity, infinity) && near(f64::NAN, f64::NAN) && near(1.0, 1.0 + 1e-6));
    for other in [3.0, 0.0, f64::MAX, -infinity, f64::NAN] {
        assert!(!near(infinity, other) && !near(other, infinity), "{other}");
    }
}
