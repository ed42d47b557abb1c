//! Programs compiled to libraries, and compared with their interpretation.

use dp_compiler::driver::crossing;
use dp_compiler::pipelines;
use dp_dialects::ir::Op;
use dp_dialects::registry::Reported;
use dp_dialects::{DType, Literal, Number};
use dp_lower::{LowerOptions, Lowered, Stage};
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

fn reference<'c>(module: &Module<'c>) -> Op<'c> {
    // SAFETY: callers keep the module while they use the reference.
    unsafe { OperationRef::from_raw(OperationLike::to_raw(&module.as_operation())) }
}

/// Compiles a program to `libmodel.so` in a folder.
#[track_caller]
pub fn compile(context: &Context, text: &str, options: &dp_cpu::Options, folder: &Path) -> PathBuf {
    compile_by(context, text, options, folder, |module, options| pipelines::lower(module, options, Stage::Llvm))
}

/// The same, lowered in a way of the caller's.
#[track_caller]
pub fn compile_by(
    context: &Context,
    text: &str,
    options: &dp_cpu::Options,
    folder: &Path,
    lower: impl FnOnce(Op, &LowerOptions) -> Result<Lowered, Reported>,
) -> PathBuf {
    let module = Module::parse(context, text).unwrap_or_else(|| panic!("does not parse:\n{text}"));
    if crate::cuda::is_asked_for() {
        return crate::cuda::compile(reference(&module), options, folder, lower);
    }
    let pipeline = dp_cpu::pipeline(options).unwrap_or_else(|error| panic!("{error}"));
    let result = lower(reference(&module), &pipeline);
    let model = result.unwrap_or_else(|_| panic!("is not lowered:\n{text}")).library;
    let artifact = dp_cpu::emit(reference(&module), &model, options, dp_cpu::Kind::SharedLibrary);
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
        let context = Box::new(dp_compiler::registry::context());
        // SAFETY: the box keeps the context in place, and outlives the modules.
        let pinned: &'static Context = unsafe { &*std::ptr::from_ref(&*context) };
        let module = Module::parse(pinned, text).unwrap_or_else(|| panic!("does not parse:\n{text}"));
        let folder = tempfile::tempdir().expect("there is a folder for temporary files");
        let path = compile(pinned, text, options, folder.path());
        // SAFETY: the library has just been written by the compiler.
        let library = unsafe { Library::open(&path) }.unwrap_or_else(|error| panic!("{error}"));
        Pair { library, module, _context: context, _folder: folder }
    }

    /// Calls the compiled function.
    pub fn call(&self, function: &str, arguments: &[Literal]) -> Result<Vec<Array>, String> {
        let arrays: Vec<Array> =
            arguments.iter().map(|argument| crossing::array(argument).expect("a well-formed argument")).collect();
        let function = self.library.function(function).map_err(|error| error.to_string())?;
        function.call(&arrays).map_err(|error| error.to_string())
    }

    /// Calls both and compares; what differs, for the first element that does.
    pub fn difference(&self, function: &str, arguments: &[Literal], tolerance: f64) -> Option<String> {
        let expected = match dp_interp::run(reference(&self.module), function, arguments.to_vec()) {
            Ok(expected) => expected,
            Err(located) => return Some(format!("@{function} is not interpreted: {}", located.complaint)),
        };
        let found = match self.call(function, arguments) {
            Ok(found) => found,
            Err(error) => return Some(format!("@{function} fails: {error}")),
        };
        for (index, (expected, found)) in expected.iter().zip(&found).enumerate() {
            let found = crossing::literal(found, expected.shape.is_some());
            if found.extents() != expected.extents() {
                let (found, expected) = (found.extents(), expected.extents());
                return Some(format!("@{function}: result {index} has extents {found:?}, not {expected:?}"));
            }
            for position in 0..expected.len() {
                let (want, have) = (expected.element(position), found.element(position));
                if !close(want, have, expected.dtype, tolerance) {
                    let at: Vec<Number> = arguments
                        .iter()
                        .map(|argument| argument.element(if argument.len() == expected.len() { position } else { 0 }))
                        .collect();
                    return Some(format!(
                        "@{function}: result {index}[{position}] is {have:?}, not {want:?}; from {at:?}"
                    ));
                }
            }
        }
        None
    }

    /// Fails where the two differ.
    #[track_caller]
    pub fn check(&self, function: &str, arguments: &[Literal], tolerance: f64) {
        if let Some(difference) = self.difference(function, arguments, tolerance) {
            panic!("{difference}");
        }
    }
}

/// Whether two numbers are the same within a relative tolerance in units of
/// their type's precision; not-a-numbers and infinities must be the same.
fn close(want: Number, have: Number, dtype: DType, tolerance: f64) -> bool {
    let unit = match dtype.real() {
        DType::F16 => f64::powi(2.0, -10),
        DType::BF16 => f64::powi(2.0, -7),
        DType::F32 => f64::from(f32::EPSILON),
        _ => f64::EPSILON,
    };
    let least = match dtype.real() {
        DType::F16 => f64::powi(2.0, -14),
        DType::BF16 | DType::F32 => f64::from(f32::MIN_POSITIVE),
        _ => f64::MIN_POSITIVE,
    };
    let part = |want: f64, have: f64, size: f64| {
        want == have
            || (want.is_nan() && have.is_nan())
            || (want - have).abs() <= tolerance * unit * size.max(want.abs()).max(least)
    };
    match (want, have) {
        (Number::Real(want), Number::Real(have)) => part(want, have, 0.0),
        (Number::Complex(want), Number::Complex(have)) => {
            let size = want.norm();
            let finite = if size.is_finite() { size } else { 0.0 };
            part(want.re, have.re, finite) && part(want.im, have.im, finite)
        }
        (want, have) => want.integer() == have.integer(),
    }
}
