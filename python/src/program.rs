//! Programs: a source, the derivatives that were asked for, and the function that is meant.

use crate::engine::{Compiler, Engine, Interpreter};
use crate::errors::compile_error;
use crate::function::Function;
use crate::interrupt::{self, Cancelled};
use crate::options::{Driver, Options};
use dp_abi::Argument;
use dp_driver::files::{header_beside, library_name, write_all};
use dp_driver::interface::{Interface, Signature};
use dp_driver::targets::Cpu;
use dp_driver::targets::library::Saved;
use dp_driver::{Artifact, DerivativeRequest, Diagnostic, DiagnosticRecord, Emit, Emitted, Request, Session, Source};
use dp_runtime::Library;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;

/// A program and one of its functions.
#[pyclass(frozen, module = "diffprog._native")]
#[derive(Clone)]
pub struct Program {
    source: Source,
    request: Request,
    function: Signature,
    /// If the function has a pullback: the function that it is of.
    primal: Option<Signature>,
}

type Outcome<T> = Result<T, Vec<DiagnosticRecord>>;

/// A session that ends when its work is cancelled.
fn session(cancelled: &Cancelled) -> Session<'_> {
    Session::new().on_event(move |_| match cancelled.get() {
        true => Err(Diagnostic::request("interrupted")),
        false => Ok(()),
    })
}

impl Program {
    /// Does work with the program in a thread that Ctrl-C ends.
    fn run<T: Send + 'static>(
        &self,
        py: Python,
        work: impl FnOnce(&Source, &Request, &Cancelled) -> Outcome<T> + Send + 'static,
    ) -> PyResult<T> {
        let (source, request) = (self.source.clone(), self.request.clone());
        let outcome = interrupt::run(py, move |cancelled| work(&source, &request, cancelled))?;
        outcome.map_err(|records| compile_error(py, &records, Some(&self.source)))
    }

    /// The program as text, in this form.
    fn emit(&self, py: Python, form: Emit) -> PyResult<String> {
        let made = self.run(py, move |source, request, cancelled| {
            let request = Request { emit: Some(form), ..request.clone() };
            emitted(session(cancelled).compile(source, &Cpu::default(), &request)?)
        })?;
        Ok(String::from_utf8_lossy(&made.contents).into_owned())
    }

    /// The target and the request of a compilation.
    fn prepare(&self, py: Python, options: &Options) -> PyResult<(Driver, Request)> {
        let prepared = options.driver().and_then(|driver| Ok((driver, options.add_to(self.request.clone())?)));
        prepared.map_err(|diagnostic| compile_error(py, &[diagnostic.into()], None))
    }

    fn failed(&self, py: Python, diagnostic: Diagnostic) -> PyErr {
        compile_error(py, &[diagnostic.into()], Some(&self.source))
    }

    /// A function of the target `xla`. It is compiled now if its extents are known.
    fn for_xla(&self, py: Python, options: &Options, driver: Driver, request: Request) -> PyResult<Function> {
        let Some(plugin) = options.plugin() else {
            let help = format!("give plugin=, or set {}; `./x plugins` downloads one for CPUs", dp_xla::PLUGIN);
            return Err(self.failed(py, Diagnostic::io("the target xla needs a PJRT plugin").help(help)));
        };
        let arguments = self.function.arguments.clone();
        let compiler = Compiler {
            source: self.source.clone(),
            request,
            function: self.function.name.clone(),
            arguments,
            driver,
            plugin,
            executables: Default::default(),
        };
        let (name, types) = (&self.function.name, (&*self.function.arguments, &*self.function.results));
        Function::new(py, name, types, Engine::Xla(compiler), self.source.clone())
    }

    /// A function of the interpreter.
    fn for_interp(&self, py: Python, request: Request) -> PyResult<Function> {
        let interpreter = |request: Request, signature: &Signature| Interpreter {
            source: self.source.clone(),
            request,
            function: signature.name.clone(),
        };
        let function = |signature: &Signature, request: Request| {
            let engine = Engine::Interp(interpreter(request, signature));
            let types = (&*signature.arguments, &*signature.results);
            Function::new(py, &signature.name, types, engine, self.source.clone())
        };
        match &self.primal {
            None => function(&self.function, request),
            Some(primal) => {
                let mut alone = request.clone();
                alone.vjp.pop();
                let types = (&*self.function.arguments, &*self.function.results);
                let whole = interpreter(request, &self.function);
                function(primal, alone)?.with_pullback(py, &self.function.name, types, whole)
            }
        }
    }
}

/// The output of a compilation.
fn emitted(artifact: Artifact) -> Outcome<Emitted> {
    artifact.emitted.ok_or_else(|| vec![Diagnostic::internal("the compiler wrote no output").into()])
}

/// Chooses the function of a program: the given one, or the one that `main` stands for.
fn choose(interface: &Interface, name: Option<&str>) -> Result<Signature, Diagnostic> {
    let names: Vec<&str> = interface.functions.iter().map(|function| &*function.name).collect();
    let help = format!("choose one with function=: {}", names.join(", "));
    match (name, interface.main.as_deref()) {
        (Some(name), main) => interface
            .function(name)
            .or_else(|| main.filter(|_| name == "main").and_then(|main| interface.function(main)))
            .cloned()
            .ok_or_else(|| Diagnostic::request(format!("there is no public function '{name}'")).help(help)),
        (None, Some(main)) => {
            let missing = || Diagnostic::internal(format!("there is no function '{main}'"));
            interface.function(main).cloned().ok_or_else(missing)
        }
        (None, None) => Err(Diagnostic::request("the program has several public functions").help(help)),
    }
}

/// The names and types of values, as Python reads them: the element type in NumPy's words, and the extents, `None` for a
/// number, `-1` for an extent that is open.
fn values(values: &[Argument]) -> Vec<(String, &'static str, Option<Vec<i64>>)> {
    let extent = |extent: &dp_abi::Extent| Option::<u64>::from(*extent).map_or(-1, |extent| extent as i64);
    let shape = |value: &Argument| value.shape.as_ref().map(|shape| shape.iter().map(extent).collect());
    values.iter().map(|value| (value.name.clone(), crate::arrays::dtype(value.number), shape(value))).collect()
}

#[pymethods]
impl Program {
    /// Reads a program. `name` is that of its file, or in angle brackets.
    #[staticmethod]
    #[pyo3(signature = (name, contents, function=None))]
    fn read(py: Python, name: String, contents: Vec<u8>, function: Option<String>) -> PyResult<Program> {
        let source = Source::new(name, contents);
        let read = source.clone();
        let outcome = interrupt::run(py, move |cancelled| {
            let interface = session(cancelled).interface(&read, &Request::default())?;
            choose(&interface, function.as_deref()).map_err(|diagnostic| vec![diagnostic.into()])
        })?;
        let function = outcome.map_err(|records| compile_error(py, &records, Some(&source)))?;
        Ok(Program { source, request: Request::default(), function, primal: None })
    }

    /// The program with a derivative of its function: `grad`, `jvp` or `vjp`, with respect to these arguments.
    #[pyo3(signature = (kind, wrt=None))]
    fn derivative(&self, py: Python, kind: &str, wrt: Option<Vec<usize>>) -> PyResult<Program> {
        let derivative = DerivativeRequest { function: self.function.name.clone(), wrt };
        let mut request = self.request.clone();
        match kind {
            "grad" => request.grad.push(derivative),
            "jvp" => request.jvp.push(derivative),
            "vjp" => request.vjp.push(derivative),
            other => return Err(PyValueError::new_err(format!("there is no derivative '{other}'"))),
        }
        let next = Program { request, ..self.clone() };
        let interface = next.run(py, |source, request, cancelled| session(cancelled).interface(source, request))?;
        // The one that was added last.
        let Some(function) = interface.functions.last().cloned() else {
            return Err(self.failed(py, Diagnostic::internal("the derivative is missing")));
        };
        let primal = (kind == "vjp").then(|| self.function.clone());
        Ok(Program { function, primal, ..next })
    }

    /// The program after simplification.
    fn simplified(&self, py: Python) -> PyResult<Program> {
        let text = self.emit(py, Emit::Simplified)?;
        let source = Source::new("<simplified>", text);
        Ok(Program { source, request: Request::default(), ..self.clone() })
    }

    /// The program as text, with its derivatives.
    fn text(&self, py: Python) -> PyResult<String> {
        self.emit(py, Emit::Mlir)
    }

    /// The name of the function.
    #[getter]
    fn function(&self) -> &str {
        &self.function.name
    }

    /// The names and types of its arguments. A function with a pullback also takes cotangents of its results.
    #[getter]
    fn arguments(&self) -> Vec<(String, &'static str, Option<Vec<i64>>)> {
        values(&self.function.arguments)
    }

    /// The names and types of its results. A function with a pullback also returns cotangents of arguments.
    #[getter]
    fn results(&self) -> Vec<(String, &'static str, Option<Vec<i64>>)> {
        values(&self.function.results)
    }

    /// The numbers of arguments and results without cotangents, if the function has a pullback.
    #[getter]
    fn primal(&self) -> Option<(usize, usize)> {
        self.primal.as_ref().map(|primal| (primal.arguments.len(), primal.results.len()))
    }

    /// Compiles the function.
    fn compile(&self, py: Python, options: Options) -> PyResult<Function> {
        let (driver, request) = self.prepare(py, &options)?;
        let only = Some(self.function.name.clone());
        match driver.name() {
            "interp" => self
                .run(py, move |source, _, cancelled| session(cancelled).interface(source, &request).map(|_| request))
                .and_then(|request| self.for_interp(py, request)),
            "xla" => {
                dp_driver::conflicts::check(&request, &*driver).map_err(|refused| self.failed(py, refused))?;
                self.for_xla(py, &options, driver, Request { only, ..request })
            }
            _ => {
                let library = self.run(py, move |source, _, cancelled| {
                    let request = Request { only, emit: Some(Emit::So), ..request };
                    let made = emitted(session(cancelled).compile(source, &*driver, &request)?)?;
                    load(&made).map_err(|diagnostic| vec![diagnostic.into()])
                })?;
                let library = Arc::new(library);
                let named = |function: &dp_abi::Function| function.name == self.function.name;
                match library.abi().functions().iter().position(named) {
                    Some(index) => Function::of_library(py, &library, index),
                    None => Err(self.failed(py, Diagnostic::internal("the library lacks the function"))),
                }
            }
        }
    }

    /// Compiles the program and writes a library, with its header beside it; returns the path of the header.
    fn save(&self, py: Python, path: PathBuf, options: Options) -> PyResult<Option<PathBuf>> {
        let (driver, request) = self.prepare(py, &options)?;
        self.run(py, move |source, _, cancelled| {
            let name = library_name(&path);
            let written = || -> Result<Option<PathBuf>, Vec<DiagnosticRecord>> {
                let request = Request { emit: Some(Emit::So), library_name: Some(name.clone()), ..request };
                let made = emitted(session(cancelled).compile(source, &*driver, &request)?)?;
                let beside = header_beside(&path, &name);
                let header = made.header.map(|header| header.text.into_bytes());
                let mut files = vec![(path.clone(), made.contents)];
                files.extend(beside.clone().zip(header));
                write_all(&files).map_err(|diagnostic| vec![diagnostic.into()])?;
                Ok(beside)
            };
            written()
        })
    }
}

/// Loads a library that was compiled, from a file that nobody else sees.
fn load(emitted: &Emitted) -> Result<Library, Diagnostic> {
    let name = emitted.header.as_ref().map_or("program", |header| &*header.library);
    Saved::new(&emitted.contents, name, "compile")?.load("compile").map(dp_driver::targets::library::Loaded::into_inner)
}
