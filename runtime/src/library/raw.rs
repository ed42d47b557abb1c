//! Calls with memory of the caller: nothing is copied.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::ptr;

use dp_abi::{Passing, Role};

use super::call::{CallError, Function};
use crate::workspace::Workspace;

/// The memory of an argument.
#[derive(Clone, Copy, Debug)]
pub struct RawArgument<'a> {
    /// The address of the scalar, or of the first element. Elements are in row-major order.
    pub data: *const c_void,
    /// The extents.
    pub shape: &'a [usize],
}

/// The destination of a result.
#[derive(Clone, Copy, Debug)]
pub enum RawResult<'a> {
    /// The caller's memory.
    Given(*mut c_void),
    /// The library allocates the result.
    Allocated {
        /// The destination of its address, which [`Library::free`](crate::Library::free) frees.
        data: &'a Cell<*mut c_void>,
        /// The destinations of its extents. Only [computed](dp_abi::ResultExtent::Computed) ones are written.
        extents: &'a [Cell<i64>],
    },
}

/// The handle of a pullback that a call takes.
#[derive(Clone, Copy, Debug)]
pub enum RawHandle<'a> {
    /// None: the function is not part of a pullback.
    None,
    /// The destination of a new handle, for `f_vjp`.
    New(&'a Cell<*mut c_void>),
    /// A handle, for `f_pull`.
    Given(*mut c_void),
}

/// The memory of one parameter, which its slot points to.
#[derive(Clone, Copy)]
union Place {
    number: [u8; 8],
    extent: i64,
    address: *mut c_void,
}

impl Function<'_> {
    /// Calls the function with memory of the caller.
    ///
    /// # Errors
    /// If the function returns a nonzero status.
    ///
    /// # Safety
    /// There is one argument and one result for each that the caller passes, of its type, rank and static extents. Results
    /// have room for the extents of their description and overlap nothing. The kind of the handle is that of the
    /// function, and a given one is not freed.
    pub unsafe fn call_raw(
        &self,
        handle: RawHandle,
        arguments: &[RawArgument],
        results: &[RawResult],
    ) -> Result<(), CallError> {
        // SAFETY: guaranteed by the caller.
        unsafe { self.execute(None, handle, arguments, results) }
    }

    /// Frees a handle that this function, an `f_vjp`, has made. Other functions make none.
    ///
    /// # Safety
    /// The handle is not used any more.
    pub unsafe fn drop_handle(&self, handle: *mut c_void) {
        if let Some(drop) = self.drop_symbol() {
            // SAFETY: guaranteed by the caller.
            unsafe { drop(handle) }
        }
    }

    /// As [`call_raw`](Function::call_raw), with a workspace.
    ///
    /// # Safety
    /// As there.
    pub(super) unsafe fn execute(
        &self,
        workspace: Option<&mut Workspace>,
        handle: RawHandle,
        arguments: &[RawArgument],
        results: &[RawResult],
    ) -> Result<(), CallError> {
        let place = |(role, passing): &(Role, Passing)| match *role {
            Role::Argument(index) if *passing == Passing::Value => {
                let size = self.abi().passed_arguments()[index].number.size();
                // SAFETY: the argument is a scalar of this size.
                unsafe { number(arguments[index].data, size) }
            }
            Role::Argument(index) => Place { address: arguments[index].data.cast_mut() },
            Role::ArgumentExtent { argument, dimension } => {
                Place { extent: arguments[argument].shape[dimension] as i64 }
            }
            Role::Result(index) => match results[index] {
                RawResult::Given(address) => Place { address },
                RawResult::Allocated { data, .. } => Place { address: data.as_ptr().cast() },
            },
            Role::ResultExtent { result, dimension } => match results[result] {
                RawResult::Given(_) => Place { address: ptr::null_mut() },
                RawResult::Allocated { extents, .. } => Place { address: extents[dimension].as_ptr().cast() },
            },
            Role::Pullback => match handle {
                RawHandle::New(handle) => Place { address: handle.as_ptr().cast() },
                RawHandle::Given(handle) => Place { address: handle },
                RawHandle::None => Place { address: ptr::null_mut() },
            },
        };
        let mut places: Vec<Place> = self.parameters().iter().map(place).collect();
        let slots: Vec<*mut c_void> = places.iter_mut().map(|place| ptr::from_mut(place).cast()).collect();
        let status = match (workspace, self.in_workspace()) {
            (Some(workspace), Some(entry)) => {
                let mut bytes: i64 = 0;
                // SAFETY: as below; with size -1, the function only writes the required size to the address of the
                // workspace.
                self.checked(unsafe { entry(slots.as_ptr(), ptr::from_mut(&mut bytes).cast(), -1) })?;
                let missing = || CallError::Workspace { function: self.abi().name.clone(), bytes };
                let size = usize::try_from(bytes).map_err(|_| missing())?;
                let memory = workspace.take(size).ok_or_else(missing)?;
                // SAFETY: as below; the workspace has the required size and is exclusively borrowed.
                unsafe { entry(slots.as_ptr(), memory, bytes) }
            }
            // SAFETY: the slots are the addresses of the parameters in the description, in order, and the caller
            // guarantees the rest.
            (Some(_) | None, _) => unsafe { (self.entry())(slots.as_ptr()) },
        };
        self.checked(status)
    }

    /// Returns an error for a nonzero status.
    fn checked(&self, status: c_int) -> Result<(), CallError> {
        match status {
            0 => Ok(()),
            status => Err(CallError::Status {
                function: self.abi().name.clone(),
                status,
                message: self.library().message(status),
            }),
        }
    }
}

/// The bytes of a scalar, as a parameter passed by value.
///
/// # Safety
/// `data` points to `size` bytes, at most 8, since complex numbers are not passed by value.
unsafe fn number(data: *const c_void, size: usize) -> Place {
    let mut bytes = [0; 8];
    // SAFETY: guaranteed by the caller.
    unsafe { ptr::copy_nonoverlapping(data.cast::<u8>(), bytes.as_mut_ptr(), size) };
    Place { number: bytes }
}
