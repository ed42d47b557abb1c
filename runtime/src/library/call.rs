//! Calls of functions of compiled libraries.

use std::borrow::Borrow;
use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::ptr;

use dp_abi::{Passing, Pullback, ResultExtent, Returned, Role};
use thiserror::Error;

use crate::array::{Array, count};
use crate::library::{Library, UnknownFunction};
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
    entry: Entry,
    in_workspace: Option<WorkspaceEntry>,
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

/// The memory of one parameter, which its slot points to.
#[derive(Clone, Copy)]
union Place {
    number: [u8; 8],
    extent: i64,
    address: *mut c_void,
}

impl<'l> Function<'l> {
    pub(crate) fn new(
        library: &'l Library,
        abi: &'l dp_abi::Function,
        entry: Entry,
        in_workspace: Option<WorkspaceEntry>,
    ) -> Function<'l> {
        Function { library, abi, entry, in_workspace }
    }

    /// Its description: arguments and results.
    pub fn abi(&self) -> &'l dp_abi::Function {
        self.abi
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
            _ => return Err(CallError::NoPullback { function: self.abi.name.clone() }),
        };
        self.check(&arguments)?;
        let mut results = self.results(&arguments, shapes)?;
        // Arguments and results are counted from those that a handle holds.
        let held = self.abi.held_arguments();
        // The destinations of the addresses and extents of results that the library allocates.
        let allocated = vec![Cell::new(ptr::null_mut::<c_void>()); results.len()];
        let extents: Vec<Vec<Cell<i64>>> =
            results.iter().map(|result| vec![Cell::new(0); result.shape().len()]).collect();

        let mut places: Vec<Place> = Vec::new();
        for parameter in self.abi.parameters() {
            places.push(match (parameter.role, parameter.passing) {
                (Role::Argument(index), Passing::Value) => number(arguments[index - held]),
                (Role::Argument(index), _) => Place { address: arguments[index - held].elements().as_ptr().cast_mut() },
                (Role::ArgumentExtent { argument, dimension }, _) => {
                    Place { extent: arguments[argument - held].shape()[dimension] as i64 }
                }
                (Role::Result(index), Passing::Allocated) => Place { address: allocated[index].as_ptr().cast() },
                (Role::Result(index), _) => Place { address: results[index].elements_mut().as_mut_ptr() },
                (Role::ResultExtent { result, dimension }, _) => {
                    Place { address: extents[result][dimension].as_ptr().cast() }
                }
                (Role::Pullback, _) => match handle {
                    Handle::New(handle) => Place { address: handle.as_ptr().cast() },
                    Handle::Given(handle, _) => Place { address: handle },
                    Handle::None => Place { address: ptr::null_mut() },
                },
            });
        }
        let slots: Vec<*mut c_void> = places.iter_mut().map(|place| ptr::from_mut(place).cast()).collect();
        let status = match (workspace, self.in_workspace) {
            (Some(workspace), Some(entry)) => {
                let mut bytes: i64 = 0;
                // SAFETY: as below; with size -1, the function only writes the required size to the address of the
                // workspace.
                self.checked(unsafe { entry(slots.as_ptr(), ptr::from_mut(&mut bytes).cast(), -1) })?;
                let missing = || CallError::Workspace { function: self.abi.name.clone(), bytes };
                let size = usize::try_from(bytes).map_err(|_| missing())?;
                let memory = workspace.take(size).ok_or_else(missing)?;
                // SAFETY: as below; the workspace has the required size and is exclusively borrowed.
                unsafe { entry(slots.as_ptr(), memory, bytes) }
            }
            // SAFETY: the slots are the addresses of the parameters in the description, in order. Arguments have the
            // described types, ranks and static extents; results have the memory that the function writes and do not
            // overlap anything.
            _ => unsafe { (self.entry)(slots.as_ptr()) },
        };
        self.checked(status)?;
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

    /// Returns an error for a nonzero status.
    fn checked(&self, status: c_int) -> Result<(), CallError> {
        match status {
            0 => Ok(()),
            status => Err(CallError::Status {
                function: self.abi.name.clone(),
                status,
                message: self.library.message(status),
            }),
        }
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

/// The bytes of a scalar, as a parameter passed by value.
fn number(array: &Array) -> Place {
    let mut bytes = [0; 8];
    let elements = array.elements();
    let size = elements.number().size();
    // SAFETY: the array has one element of `size` bytes, at most 8, since complex numbers are not passed by value.
    unsafe { ptr::copy_nonoverlapping(elements.as_ptr().cast::<u8>(), bytes.as_mut_ptr(), size) };
    Place { number: bytes }
}
