//! A call: reads arguments, allocates results, executes without the GIL.

use crate::arrays::{Array, Memory, Parameter};
use crate::engine::{Engine, Failed};
use dp_abi::ResultExtent;
use dp_driver::Source;
use dp_runtime::{RawArgument, RawHandle, RawResult};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use std::cell::Cell;
use std::ffi::c_void;
use std::ptr;

/// A function, prepared for many calls.
pub struct Callee {
    /// The name.
    pub name: String,
    /// The arguments that a caller passes.
    pub arguments: Vec<Parameter>,
    /// The results, with their extents.
    pub results: Vec<(Parameter, Vec<ResultExtent>)>,
    /// The number of arguments that a handle holds, from which the extents of results are counted.
    pub held: usize,
    /// What executes it.
    pub engine: Engine,
    /// The source, which errors show.
    pub source: Option<Source>,
}

/// What a call has besides arguments.
#[derive(Clone, Copy)]
pub struct Extras<'a, 'py> {
    /// The handle of a pullback.
    pub handle: RawHandle<'a>,
    /// The extents of arguments that a handle holds.
    pub shapes: &'a [Vec<usize>],
    /// What is given for the results.
    pub out: Option<&'a Bound<'py, PyAny>>,
    /// Whether results that are numbers are arrays of rank 0.
    pub arrays: bool,
}

/// What a call is given.
pub struct Given<'py> {
    /// The arguments, in order.
    pub arguments: Vec<Bound<'py, PyAny>>,
    /// Where to put the results.
    pub out: Option<Bound<'py, PyAny>>,
}

/// Pointers that a call uses without the GIL.
struct Unlocked<T>(T);

// SAFETY: the memory belongs to objects that the caller of a call keeps alive.
unsafe impl<T> Send for Unlocked<T> {}

impl<T> Unlocked<T> {
    fn into_inner(self) -> T {
        self.0
    }
}

impl Callee {
    /// The arguments in order, from those that are given in order and those that are given by name.
    ///
    /// # Errors
    /// If one is missing, or does not exist.
    pub fn bind<'py>(
        &self,
        positional: &Bound<'py, PyTuple>,
        keywords: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Given<'py>> {
        let mut given: Vec<Bound<PyAny>> = positional.iter().collect();
        let mut out = None;
        let count = self.arguments.len();
        let mut named: Vec<Option<Bound<PyAny>>> = Vec::new();
        for (name, value) in keywords.into_iter().flatten() {
            let name: String = name.extract()?;
            match self.arguments.iter().position(|argument| argument.name == name) {
                Some(index) if index >= given.len() => {
                    named.resize(count, None);
                    named[index] = Some(value);
                }
                Some(_) => {
                    let message = format!("{}() got multiple values for argument '{name}'", self.name);
                    return Err(PyTypeError::new_err(message));
                }
                None if name == "out" => out = Some(value).filter(|value| !value.is_none()),
                None => {
                    let message = format!("{}() got an unexpected keyword argument '{name}'", self.name);
                    return Err(PyTypeError::new_err(message));
                }
            }
        }
        for value in named.into_iter().skip(given.len()) {
            let Some(value) = value else { break };
            given.push(value);
        }
        if given.len() != count {
            let names: Vec<&str> = self.arguments.iter().map(|argument| &*argument.name).collect();
            let message =
                format!("{}() takes {count} arguments ({}), but got {}", self.name, names.join(", "), given.len());
            return Err(PyTypeError::new_err(message));
        }
        Ok(Given { arguments: given, out })
    }

    /// Reads the arguments.
    ///
    /// # Errors
    /// If one does not fit.
    pub fn read<'py>(&self, given: &[Bound<'py, PyAny>]) -> PyResult<Vec<Array<'py>>> {
        let read = |(argument, object): (&Parameter, &Bound<'py, PyAny>)| {
            argument.read(object, &|| format!("argument '{}' of {}()", argument.name, self.name))
        };
        self.arguments.iter().zip(given).map(read).collect()
    }

    /// Calls the function with arguments that were read.
    ///
    /// # Errors
    /// If what is given for the results does not fit, or the call fails.
    pub fn call<'py>(
        &self,
        py: Python<'py>,
        arguments: &[Array<'py>],
        extras: Extras<'_, 'py>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let mut objects = self.outputs(extras.out)?;
        let mut results = Vec::with_capacity(self.results.len());
        for (index, (result, extents)) in self.results.iter().enumerate() {
            let shape = self.shape(extents, arguments, extras.shapes);
            let given = objects.get(index).and_then(Option::as_ref);
            results.push(match (given, &shape) {
                (Some(object), shape) => {
                    let subject = || format!("out for result '{}' of {}()", result.name, self.name);
                    Some(result.destination(object, shape.as_deref(), &subject)?)
                }
                (None, None) => None,
                (None, Some(_)) if result.shape.is_none() && !extras.arrays => Some(Array::place()),
                (None, Some(shape)) => Some(result.allocate(py, shape)?),
            });
        }
        if extras.out.is_some() {
            self.check_overlaps(arguments, &results)?;
        }
        let failed = |failed: Failed| failed.raise(py, self.source.as_ref());
        match &self.engine {
            Engine::Library { library, index } => {
                let Some(function) = library.functions().nth(*index) else {
                    return Err(PyTypeError::new_err("the library lost a function"));
                };
                let raw: Vec<RawArgument> =
                    arguments.iter().map(|array| RawArgument { data: array.data(), shape: &array.shape }).collect();
                let allocates = self.results.iter().any(|(_, extents)| extents.contains(&ResultExtent::Computed));
                if !allocates {
                    let destinations: Vec<RawResult> =
                        results.iter().flatten().map(|array| RawResult::Given(array.data())).collect();
                    let all = Unlocked((extras.handle, raw, destinations));
                    let run = move || {
                        let (handle, arguments, results) = all.into_inner();
                        // SAFETY: arguments and results have the types, ranks and extents of the description; results
                        // overlap nothing.
                        unsafe { function.call_raw(handle, &arguments, &results) }
                    };
                    py.detach(run).map_err(|error| failed(error.into()))?;
                } else {
                    let addresses = vec![Cell::new(ptr::null_mut::<c_void>()); self.results.len()];
                    let extents: Vec<Vec<Cell<i64>>> =
                        self.results.iter().map(|(_, extents)| vec![Cell::new(0); extents.len()]).collect();
                    let destination = |index: usize| match self.results[index].1.contains(&ResultExtent::Computed) {
                        true => RawResult::Allocated { data: &addresses[index], extents: &extents[index] },
                        false => RawResult::Given(results[index].as_ref().map_or(ptr::null_mut(), Array::data)),
                    };
                    let destinations: Vec<RawResult> = (0..self.results.len()).map(destination).collect();
                    let all = Unlocked((extras.handle, raw, destinations));
                    let run = move || {
                        let (handle, arguments, results) = all.into_inner();
                        // SAFETY: as above.
                        unsafe { function.call_raw(handle, &arguments, &results) }
                    };
                    py.detach(run).map_err(|error| failed(error.into()))?;
                    let mut outcome = Ok(());
                    for (index, (result, known)) in self.results.iter().enumerate() {
                        if !known.contains(&ResultExtent::Computed) {
                            continue;
                        }
                        let shape: Vec<usize> = known
                            .iter()
                            .zip(&extents[index])
                            .map(|(known, computed)| match known {
                                ResultExtent::Static(extent) => *extent as usize,
                                ResultExtent::OfArgument { argument, dimension } => {
                                    self.extent(*argument, *dimension, arguments, extras.shapes)
                                }
                                ResultExtent::Computed => computed.get() as usize,
                            })
                            .collect();
                        let memory = addresses[index].get();
                        if outcome.is_ok() {
                            outcome = self.store(py, result, &mut results[index], &shape, memory);
                        }
                        // SAFETY: the function has allocated the memory, and it is not used any more.
                        unsafe { library.free(memory) };
                    }
                    outcome?;
                }
            }
            Engine::Xla(compiler) => {
                let arguments = self.copies(arguments)?;
                let made = py.detach(|| compiler.run(&arguments)).map_err(failed)?;
                self.store_all(py, &mut results, &made)?;
            }
            Engine::Interp(interpreter) => {
                let arguments = self.copies(arguments)?;
                let made = py.detach(|| interpreter.run(&arguments)).map_err(failed)?;
                self.store_all(py, &mut results, &made)?;
            }
        }
        let finish = |(index, array): (usize, Option<Array<'py>>)| {
            let (result, _) = &self.results[index];
            // What the caller has given comes back.
            if let Some(object) = objects.get_mut(index).and_then(Option::take) {
                return Ok(object);
            }
            let Some(array) = array else { return Err(PyTypeError::new_err("a result is missing")) };
            match array.memory {
                Memory::Object(_, object) => Ok(object),
                Memory::Number(_) => result.number(py, &array),
            }
        };
        results.into_iter().enumerate().map(finish).collect()
    }

    /// What is given for each result; empty if nothing is.
    fn outputs<'py>(&self, out: Option<&Bound<'py, PyAny>>) -> PyResult<Vec<Option<Bound<'py, PyAny>>>> {
        let Some(out) = out else { return Ok(Vec::new()) };
        let given: Vec<Bound<PyAny>> = match out.is_instance_of::<PyTuple>() || out.is_instance_of::<PyList>() {
            true => out.try_iter()?.collect::<PyResult<_>>()?,
            false => vec![out.clone()],
        };
        if given.len() != self.results.len() {
            let (count, given) = (self.results.len(), given.len());
            let message = format!("out of {}() takes {count} arrays, one for each result, but got {given}", self.name);
            return Err(PyValueError::new_err(message));
        }
        Ok(given.into_iter().map(|object| Some(object).filter(|object| !object.is_none())).collect())
    }

    /// The extents of a result, if they are known before the call.
    fn shape(&self, extents: &[ResultExtent], arguments: &[Array], shapes: &[Vec<usize>]) -> Option<Vec<usize>> {
        let extent = |extent: &ResultExtent| match *extent {
            ResultExtent::Static(extent) => Some(extent as usize),
            ResultExtent::OfArgument { argument, dimension } => {
                Some(self.extent(argument, dimension, arguments, shapes))
            }
            ResultExtent::Computed => None,
        };
        extents.iter().map(extent).collect()
    }

    /// An extent of an argument, which a handle may hold.
    fn extent(&self, argument: usize, dimension: usize, arguments: &[Array], shapes: &[Vec<usize>]) -> usize {
        match argument.checked_sub(self.held) {
            Some(argument) => arguments[argument].shape[dimension],
            None => shapes.get(argument).and_then(|shape| shape.get(dimension)).copied().unwrap_or(0),
        }
    }

    /// Checks that results overlap neither arguments nor one another.
    fn check_overlaps(&self, arguments: &[Array], results: &[Option<Array>]) -> PyResult<()> {
        let size = |index: usize| self.results[index].0.number.size();
        let refused = |index: usize, what: String| {
            let (name, function) = (&self.results[index].0.name, &self.name);
            Err(PyValueError::new_err(format!("out for result '{name}' of {function}() overlaps {what}")))
        };
        for (index, result) in results.iter().enumerate() {
            let Some(result) = result else { continue };
            for (argument, array) in self.arguments.iter().zip(arguments) {
                if result.overlaps(size(index), array, argument.number.size()) {
                    return refused(index, format!("argument '{}'; give other memory", argument.name));
                }
            }
            for (other, array) in results[..index].iter().enumerate() {
                if array.as_ref().is_some_and(|array| result.overlaps(size(index), array, size(other))) {
                    return refused(index, format!("that for '{}'", self.results[other].0.name));
                }
            }
        }
        Ok(())
    }

    /// Copies of the arguments, for engines that take arrays of the runtime.
    fn copies(&self, arguments: &[Array]) -> PyResult<Vec<dp_runtime::Array>> {
        let copy = |(argument, array): (&Parameter, &Array)| {
            // SAFETY: the array has elements of this type and these extents.
            unsafe { dp_runtime::Array::copied(argument.number, &array.shape, array.data()) }
        };
        let copies: Option<Vec<_>> = self.arguments.iter().zip(arguments).map(copy).collect();
        copies.ok_or_else(|| pyo3::exceptions::PyMemoryError::new_err("the arguments do not fit into memory"))
    }

    fn store_all<'py>(
        &self,
        py: Python<'py>,
        results: &mut [Option<Array<'py>>],
        made: &[dp_runtime::Array],
    ) -> PyResult<()> {
        for (((result, _), destination), made) in self.results.iter().zip(results).zip(made) {
            self.store(py, result, destination, made.shape(), made.elements().as_ptr())?;
        }
        Ok(())
    }

    /// Copies a result to its destination, which is made if there is none.
    fn store<'py>(
        &self,
        py: Python<'py>,
        result: &Parameter,
        destination: &mut Option<Array<'py>>,
        shape: &[usize],
        data: *const c_void,
    ) -> PyResult<()> {
        let array = match destination {
            Some(array) => array,
            None => destination.insert(result.allocate(py, shape)?),
        };
        if array.shape != shape {
            let message = format!(
                "out for result '{}' of {}() has shape {:?}, but the result has {shape:?}",
                result.name, self.name, array.shape
            );
            return Err(PyValueError::new_err(message));
        }
        let bytes = shape.iter().product::<usize>() * result.number.size();
        if bytes > 0 {
            // SAFETY: both have the elements of the result.
            unsafe { ptr::copy_nonoverlapping(data.cast::<u8>(), array.data().cast(), bytes) };
        }
        Ok(())
    }
}
