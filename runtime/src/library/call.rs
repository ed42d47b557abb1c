//! Calls of functions of compiled libraries.

use std::borrow::Borrow;
use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::ptr;

use dp_abi::{Passing, Pullback, ResultExtent, Returned, Role};
use thiserror::Error;

use crate::array::{Array, count};
use crate::library::raw::{RawArgument, RawHandle, RawResult};
use crate::library::{Drop, Library, UnknownFunction};
use crate::workspace::Workspace;

/// The packed entry point: takes the addresses of the parameters, in order.
pub(crate) type Entry = unsafe extern "C" fn(*const *mut c_void) -> c_int;

/// The packed entry point that takes a workspace and its size; with size -1, it returns the size.
pub(crate) type WorkspaceEntry = unsafe extern "C" fn(*const *mut c_void, *mut c_void, i64) -> c_int;

/// A function of a [`Library`].
#[derive(Clone, Copy, Debug)]
pub struct Function<'l> {
    library: &'l Library,
    abi: &'l dp_abi::Function,
    symbols: &'l Symbols,
}

/// What a library has for one of its functions.
#[derive(Debug)]
pub(crate) struct Symbols {
    /// The entry point.
    pub entry: Entry,
    /// The entry point with a workspace.
    pub in_workspace: Option<WorkspaceEntry>,
    /// For `f_vjp`: what frees handles.
    pub drop: Option<Drop>,
    /// The parameters. Arguments are counted from those that a handle holds.
    pub parameters: Vec<(Role, Passing)>,
}

/// An error of a call.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CallError {
    /// The function does not exist.
    #[error(transparent)]
    Unknown(#[from] UnknownFunction),
    /// A function of a pullback is called by itself, or is incomplete.
    #[error("`{function}` is part of a pullback")]
    NoPullback {
        /// The function.
        function: String,
    },
    /// The number of arguments is wrong.
    #[error("`{function}` takes {expected} arguments, but got {given}")]
    Count {
        /// The function.
        function: String,
        /// The expected number.
        expected: usize,
        /// The given number.
        given: usize,
    },
    /// An argument has the wrong type or shape.
    #[error("argument {index} of `{function}`, `{name}`, has type {expected}, but the value has type {given}")]
    Argument {
        /// The function.
        function: String,
        /// The index of the argument.
        index: usize,
        /// Its name.
        name: String,
        /// The expected type.
        expected: String,
        /// The given type.
        given: String,
    },
    /// There is not enough memory for a result.
    #[error("the result `{name}` of `{function}` does not fit into memory")]
    Memory {
        /// The function.
        function: String,
        /// The result.
        name: String,
    },
    /// There is not enough memory for the workspace.
    #[error("`{function}` needs a workspace of {bytes} bytes, which could not be allocated")]
    Workspace {
        /// The function.
        function: String,
        /// Its size in bytes.
        bytes: i64,
    },
    /// The function returned a nonzero status.
    #[error("{message}")]
    Status {
        /// The function.
        function: String,
        /// The status.
        status: i32,
        /// Its message.
        message: String,
    },
}

/// The handle of a pullback that a call takes.
#[derive(Clone, Copy)]
pub(super) enum Handle<'a> {
    /// None: the function is not part of a pullback.
    None,
    /// The destination of a new handle.
    New(&'a Cell<*mut c_void>),
    /// A handle, and the extents of the arguments whose extents results have.
    Given(*mut c_void, &'a [Vec<usize>]),
}

impl<'l> Function<'l> {
    pub(crate) fn new(library: &'l Library, abi: &'l dp_abi::Function, symbols: &'l Symbols) -> Function<'l> {
        Function { library, abi, symbols }
    }

    /// Its description: arguments and results.
    pub fn abi(&self) -> &'l dp_abi::Function {
        self.abi
    }

    pub(super) fn library(&self) -> &'l Library {
        self.library
    }

    pub(super) fn entry(&self) -> Entry {
        self.symbols.entry
    }

    pub(super) fn in_workspace(&self) -> Option<WorkspaceEntry> {
        self.symbols.in_workspace
    }

    pub(super) fn drop_symbol(&self) -> Option<Drop> {
        self.symbols.drop
    }

    pub(super) fn parameters(&self) -> &'l [(Role, Passing)] {
        &self.symbols.parameters
    }

    /// Calls the function. Types, ranks and static extents of the arguments are checked here; dynamic extents are
    /// checked by the function.
    pub fn call<A: Borrow<Array>>(&self, arguments: &[A]) -> Result<Vec<Array>, CallError> {
        self.call_in(None, Handle::None, arguments)
    }

    /// As [`call`](Function::call), with a reusable workspace: allocating large memory can take longer than the
    /// function itself.
    pub fn call_with<A: Borrow<Array>>(
        &self,
        workspace: &mut Workspace,
        arguments: &[A],
    ) -> Result<Vec<Array>, CallError> {
        self.call_in(Some(workspace), Handle::None, arguments)
    }

    pub(super) fn call_in<A: Borrow<Array>>(
        &self,
        workspace: Option<&mut Workspace>,
        handle: Handle,
        arguments: &[A],
    ) -> Result<Vec<Array>, CallError> {
        let arguments: Vec<&Array> = arguments.iter().map(Borrow::borrow).collect();
        let shapes = match (self.abi.pullback, handle) {
            (None, Handle::None) | (Some(Pullback::Vjp { .. }), Handle::New(_)) => &[][..],
            (Some(Pullback::Pull { .. }), Handle::Given(_, shapes)) => shapes,
            (None | Some(_), _) => return Err(CallError::NoPullback { function: self.abi.name.clone() }),
        };
        self.check(&arguments)?;
        let mut results = self.results(&arguments, shapes)?;
        // The destinations of the addresses and extents of results that the library allocates.
        let allocated = vec![Cell::new(ptr::null_mut::<c_void>()); results.len()];
        let extents: Vec<Vec<Cell<i64>>> =
            results.iter().map(|result| vec![Cell::new(0); result.shape().len()]).collect();
        let given: Vec<RawArgument> = arguments
            .iter()
            .map(|array| RawArgument { data: array.elements().as_ptr(), shape: array.shape() })
            .collect();
        let destinations: Vec<RawResult> = (self.abi.passed_results().iter().zip(&mut results).enumerate())
            .map(|(index, (result, array))| match result.is_allocated() {
                true => RawResult::Allocated { data: &allocated[index], extents: &extents[index] },
                false => RawResult::Given(array.elements_mut().as_mut_ptr()),
            })
            .collect();
        let handle = match handle {
            Handle::None => RawHandle::None,
            Handle::New(handle) => RawHandle::New(handle),
            Handle::Given(handle, _) => RawHandle::Given(handle),
        };
        // SAFETY: arguments have the described types, ranks and static extents; results have the memory that the function
        // writes and do not overlap anything.
        unsafe { self.execute(workspace, handle, &given, &destinations) }?;
        for (index, result) in self.abi.passed_results().iter().enumerate() {
            if result.is_allocated() {
                // SAFETY: the function succeeded, so it wrote the address of a tensor of this type with these extents,
                // which the caller owns.
                results[index] =
                    unsafe { self.take(result, &results[index], &extents[index], allocated[index].get()) }?;
            }
        }
        Ok(results)
    }

    fn check(&self, arguments: &[&Array]) -> Result<(), CallError> {
        let function = || self.abi.name.clone();
        let takes = self.abi.passed_arguments();
        if arguments.len() != takes.len() {
            return Err(CallError::Count { function: function(), expected: takes.len(), given: arguments.len() });
        }
        for (index, (expected, given)) in takes.iter().zip(arguments).enumerate() {
            if !given.fits(expected) {
                return Err(CallError::Argument {
                    function: function(),
                    index,
                    name: expected.name.clone(),
                    expected: expected.to_string(),
                    given: given.mlir_type(),
                });
            }
        }
        Ok(())
    }

    /// Zeros with the types and shapes of the results; computed extents are 0.
    fn results(&self, arguments: &[&Array], shapes: &[Vec<usize>]) -> Result<Vec<Array>, CallError> {
        let extent = |extent: &ResultExtent| match *extent {
            ResultExtent::Static(extent) => extent as usize,
            ResultExtent::OfArgument { argument, dimension } => match argument.checked_sub(self.abi.held_arguments()) {
                Some(argument) => arguments[argument].shape()[dimension],
                None => shapes.get(argument).and_then(|shape| shape.get(dimension)).copied().unwrap_or(0),
            },
            ResultExtent::Computed => 0,
        };
        self.abi
            .passed_results()
            .iter()
            .map(|result| {
                let shape = result.shape.iter().flatten().map(extent).collect();
                Array::zeros(result.number, shape).ok_or_else(|| self.memory(result))
            })
            .collect()
    }

    /// Copies a result that the library allocated, and frees it.
    ///
    /// # Safety
    /// `memory` is a tensor of the result's type that we own. Its extents are those in `known`, or in `extents` if they
    /// are computed.
    unsafe fn take(
        &self,
        result: &Returned,
        known: &Array,
        extents: &[Cell<i64>],
        memory: *mut c_void,
    ) -> Result<Array, CallError> {
        let shape: Vec<usize> = (result.shape.iter().flatten().zip(extents).zip(known.shape()))
            .map(|((extent, computed), &known)| match extent {
                ResultExtent::Computed => computed.get() as usize,
                ResultExtent::Static(_) | ResultExtent::OfArgument { .. } => known,
            })
            .collect();
        let bytes = count(&shape).map(|count| count * result.number.size());
        let array = Array::zeros(result.number, shape).ok_or_else(|| self.memory(result));
        // SAFETY: guaranteed by the caller; the copy has room for the same elements.
        unsafe {
            let array = array.map(|mut array| {
                if let Some(bytes) = bytes.filter(|bytes| *bytes > 0) {
                    ptr::copy_nonoverlapping(memory.cast::<u8>(), array.elements_mut().as_mut_ptr().cast(), bytes);
                }
                array
            });
            self.library.free(memory);
            array
        }
    }

    fn memory(&self, result: &Returned) -> CallError {
        CallError::Memory { function: self.abi.name.clone(), name: result.name.clone() }
    }
}
