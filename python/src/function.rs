//! Compiled functions, as Python calls them.

use crate::arrays::Parameter;
use crate::call::{Callee, Extras, Given};
use crate::engine::{Engine, Interpreter};
use dp_abi::{Argument, Extent, Pullback as Kind, ResultExtent};
use dp_driver::Source;
use dp_runtime::{Library, RawHandle};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use std::cell::Cell;
use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

/// A compiled function. It takes numbers and arrays, and returns a number or an array, or a tuple of them; if it keeps a
/// pullback, a pair of its results and the pullback.
#[pyclass(subclass, frozen, module = "diffprog._native")]
pub struct Function {
    callee: Arc<Callee>,
    pull: Option<Pull>,
    /// Makes the value of several results from a tuple of them.
    make: Option<Py<PyAny>>,
    /// Whether results that are numbers are arrays of rank 0.
    arrays: bool,
}

/// The second half of a function that keeps a pullback.
#[derive(Clone)]
enum Pull {
    /// `f_pull`, and for each argument of which it needs the extents, its position among those of `f_vjp`.
    Library(Arc<Callee>, Vec<usize>),
    /// The function that computes both halves, and the number of results of the first.
    Whole(Arc<Callee>, usize),
}

impl Function {
    /// A function of a library.
    ///
    /// # Errors
    /// If NumPy lacks a type.
    pub fn of_library(py: Python, library: &Arc<Library>, index: usize) -> PyResult<Function> {
        let position = |name: &str| library.abi().functions().iter().position(|function| function.name == name);
        let callee = Arc::new(of_library(py, library, index)?);
        let function = &library.abi().functions()[index];
        let partner = match function.pullback {
            Some(Kind::Vjp { .. }) => library.abi().partner(function),
            Some(Kind::Pull { .. }) | None => None,
        };
        let pull = match partner {
            Some(pull) => {
                let at = |held: &Argument| function.arguments.iter().position(|argument| argument == held);
                let held = pull.arguments[..pull.shape_arguments()].iter().map(|held| at(held).unwrap_or(0)).collect();
                let index = position(&pull.name).unwrap_or(index);
                Some(Pull::Library(Arc::new(of_library(py, library, index)?), held))
            }
            None => None,
        };
        Ok(Function { callee, pull, make: None, arrays: false })
    }

    /// A function of another engine.
    ///
    /// # Errors
    /// If NumPy lacks a type.
    pub fn new(
        py: Python,
        name: &str,
        (arguments, results): (&[Argument], &[Argument]),
        engine: Engine,
        source: Source,
    ) -> PyResult<Function> {
        let callee = of_types(py, name, arguments, results, engine, source)?;
        Ok(Function { callee: Arc::new(callee), pull: None, make: None, arrays: false })
    }

    /// This function with a pullback: another engine computes the function and the cotangents at once.
    ///
    /// # Errors
    /// If NumPy lacks a type.
    pub fn with_pullback(
        self,
        py: Python,
        name: &str,
        (arguments, results): (&[Argument], &[Argument]),
        interpreter: Interpreter,
    ) -> PyResult<Function> {
        let (source, count) = (interpreter.source.clone(), self.callee.results.len());
        let whole = of_types(py, name, arguments, results, Engine::Interp(interpreter), source)?;
        Ok(Function { pull: Some(Pull::Whole(Arc::new(whole), count)), ..self })
    }

    fn finish<'py>(&self, py: Python<'py>, mut results: Vec<Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyAny>> {
        finish(py, &mut results, self.make.as_ref())
    }
}

/// One result by itself, several as a tuple, which `make` converts.
fn finish<'py>(
    py: Python<'py>,
    results: &mut Vec<Bound<'py, PyAny>>,
    make: Option<&Py<PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    if let ([_], Some(only)) = (&results[..], results.first().cloned()) {
        return Ok(only);
    }
    let tuple = PyTuple::new(py, results.drain(..))?;
    match make {
        Some(make) => make.bind(py).call1((tuple,)),
        None => Ok(tuple.into_any()),
    }
}

fn extent(extent: &Extent) -> Option<u64> {
    (*extent).into()
}

/// Prepares a function of a library.
fn of_library(py: Python, library: &Arc<Library>, index: usize) -> PyResult<Callee> {
    let function = &library.abi().functions()[index];
    let argument = |argument: &Argument| {
        let shape = argument.shape.as_ref().map(|shape| shape.iter().map(extent).collect());
        Parameter::new(py, &argument.name, argument.number, shape)
    };
    let result = |result: &dp_abi::Returned| {
        let shape = result.shape.as_ref().map(|shape| shape.iter().map(|extent| (*extent).into()).collect());
        let parameter = Parameter::new(py, &result.name, result.number, shape)?;
        Ok((parameter, result.shape.clone().unwrap_or_default()))
    };
    Ok(Callee {
        name: function.name.clone(),
        arguments: function.passed_arguments().iter().map(argument).collect::<PyResult<_>>()?,
        results: function.passed_results().iter().map(result).collect::<PyResult<_>>()?,
        held: function.held_arguments(),
        engine: Engine::Library { library: library.clone(), index },
        source: None,
    })
}

/// Prepares a function whose results come with their extents.
fn of_types(
    py: Python,
    name: &str,
    arguments: &[Argument],
    results: &[Argument],
    engine: Engine,
    source: Source,
) -> PyResult<Callee> {
    let parameter = |value: &Argument| {
        let shape = value.shape.as_ref().map(|shape| shape.iter().map(extent).collect());
        Parameter::new(py, &value.name, value.number, shape)
    };
    let result = |value: &Argument| {
        let extents = value.shape.iter().flatten().map(|extent| match extent {
            Extent::Static(extent) => ResultExtent::Static(*extent),
            Extent::Dynamic => ResultExtent::Computed,
        });
        Ok((parameter(value)?, extents.collect()))
    };
    Ok(Callee {
        name: name.into(),
        arguments: arguments.iter().map(parameter).collect::<PyResult<_>>()?,
        results: results.iter().map(result).collect::<PyResult<_>>()?,
        held: 0,
        engine,
        source: Some(source),
    })
}

#[pymethods]
impl Function {
    /// The same function, whose results are made otherwise: `make` converts a tuple of several, and with `arrays`,
    /// numbers are arrays of rank 0.
    #[new]
    #[pyo3(signature = (function, make=None, arrays=false))]
    fn copy(function: &Function, make: Option<Py<PyAny>>, arrays: bool) -> Function {
        Function { callee: function.callee.clone(), pull: function.pull.clone(), make, arrays }
    }

    /// The name.
    #[getter]
    fn name(&self) -> &str {
        &self.callee.name
    }

    /// The names and types of the arguments.
    #[getter]
    fn arguments(&self) -> Vec<(&str, String)> {
        self.callee.arguments.iter().map(|argument| (&*argument.name, argument.annotation())).collect()
    }

    /// The names and types of the results.
    #[getter]
    fn results(&self) -> Vec<(&str, String)> {
        self.callee.results.iter().map(|(result, _)| (&*result.name, result.annotation())).collect()
    }

    /// Whether a call also returns a pullback.
    #[getter]
    fn has_pullback(&self) -> bool {
        self.pull.is_some()
    }

    #[pyo3(signature = (*args, **kwargs))]
    fn __call__<'py>(
        &self,
        py: Python<'py>,
        args: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let Given { arguments: given, out } = self.callee.bind(args, kwargs)?;
        let arguments = self.callee.read(&given)?;
        let extras = Extras { handle: RawHandle::None, shapes: &[], out: out.as_ref(), arrays: self.arrays };
        let (results, pull, held) = match &self.pull {
            None => {
                let results = self.callee.call(py, &arguments, extras)?;
                return self.finish(py, results);
            }
            Some(Pull::Whole(whole, count)) => {
                let results = self.callee.call(py, &arguments, extras)?;
                let given = given.into_iter().map(Bound::unbind).collect();
                (results, whole, Held::Arguments { arguments: given, results: *count })
            }
            Some(Pull::Library(pull, held)) => {
                let handle = Cell::new(ptr::null_mut());
                let results = self.callee.call(py, &arguments, Extras { handle: RawHandle::New(&handle), ..extras })?;
                let shapes = held.iter().map(|index| arguments[*index].shape.clone()).collect();
                (results, pull, Held::Handle { vjp: self.callee.clone(), handle: handle.get(), shapes })
            }
        };
        let pullback = Pullback { pull: pull.clone(), held, arrays: self.arrays };
        (self.finish(py, results)?, pullback).into_pyobject(py).map(Bound::into_any)
    }
}

/// What a pullback keeps.
enum Held {
    /// A handle that `f_vjp` has made, and the extents of arguments.
    Handle { vjp: Arc<Callee>, handle: *mut c_void, shapes: Vec<Vec<usize>> },
    /// The arguments, and the number of results of the function.
    Arguments { arguments: Vec<Py<PyAny>>, results: usize },
}

/// A pullback: it takes cotangents of the results of a function that can be differentiated, and returns those of the
/// arguments. It may be called any number of times.
#[pyclass(frozen, module = "diffprog._native")]
pub struct Pullback {
    pull: Arc<Callee>,
    held: Held,
    arrays: bool,
}

// SAFETY: the handle is memory that only this value refers to, and that any thread may read or free.
unsafe impl Send for Pullback {}
// SAFETY: the library only reads the handle until it is freed.
unsafe impl Sync for Pullback {}

impl Drop for Pullback {
    fn drop(&mut self) {
        if let Held::Handle { vjp, handle, .. } = &self.held
            && let Engine::Library { library, index } = &vjp.engine
            && let Some(function) = library.functions().nth(*index)
        {
            // SAFETY: this function has made the handle, and no call uses it any more.
            unsafe { function.drop_handle(*handle) }
        }
    }
}

#[pymethods]
impl Pullback {
    #[pyo3(signature = (*args, **kwargs))]
    fn __call__<'py>(
        &self,
        py: Python<'py>,
        args: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let extras = Extras { handle: RawHandle::None, shapes: &[], out: None, arrays: self.arrays };
        match &self.held {
            Held::Handle { handle, shapes, .. } => {
                let Given { arguments: given, out } = self.pull.bind(args, kwargs)?;
                let arguments = self.pull.read(&given)?;
                let handle = RawHandle::Given(*handle);
                let mut results =
                    self.pull.call(py, &arguments, Extras { handle, shapes, out: out.as_ref(), ..extras })?;
                finish(py, &mut results, None)
            }
            Held::Arguments { arguments, results } => {
                let all: Vec<Bound<PyAny>> =
                    arguments.iter().map(|of| of.bind(py).clone()).chain(args.iter()).collect();
                let Given { arguments: given, out } = self.pull.bind(&PyTuple::new(py, all)?, kwargs)?;
                if out.is_some() {
                    return Err(PyTypeError::new_err(
                        "pullbacks of this target take no 'out': compile for the target cpu",
                    ));
                }
                let mut made = self.pull.call(py, &self.pull.read(&given)?, extras)?;
                finish(py, &mut made.split_off(*results), None)
            }
        }
    }
}
