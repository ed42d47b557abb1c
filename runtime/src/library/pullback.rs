//! Pullbacks of functions of compiled libraries.

use std::borrow::Borrow;
use std::cell::Cell;
use std::ffi::c_void;
use std::fmt;
use std::ptr::{self, NonNull};

use crate::array::Array;
use crate::library::call::{CallError, Function, Handle};
use crate::library::{Drop as DropHandle, Library};

/// The pullback of a function at given arguments, which [`Library::vjp`] returns. It owns copies of what the derivative
/// needs.
pub struct Pullback<'l> {
    pull: Function<'l>,
    handle: NonNull<c_void>,
    drop: DropHandle,
    /// The extents of the arguments whose extents cotangents have.
    shapes: Vec<Vec<usize>>,
}

// SAFETY: the handle is memory that only this value refers to, and that any thread may free.
unsafe impl Send for Pullback<'_> {}
// SAFETY: the library only reads the handle until it frees it.
unsafe impl Sync for Pullback<'_> {}

impl fmt::Debug for Pullback<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pullback").field("pull", &self.pull.abi().name).finish_non_exhaustive()
    }
}

impl Drop for Pullback<'_> {
    fn drop(&mut self) {
        // SAFETY: `f_vjp` returned the handle, and no call uses it any more.
        unsafe { (self.drop)(self.handle.as_ptr()) }
    }
}

impl<'l> Pullback<'l> {
    /// Calls `f_vjp`.
    pub(super) fn new<A: Borrow<Array>>(
        library: &'l Library,
        function: &str,
        arguments: &[A],
    ) -> Result<(Vec<Array>, Pullback<'l>), CallError> {
        let vjp = library.function(&format!("{function}{}", dp_abi::VJP))?;
        let pull = library.abi().partner(vjp.abi()).map(|pull| library.function(&pull.name)).transpose()?;
        let (Some(pull), Some(drop)) = (pull, library.drop_of(vjp.abi())) else {
            return Err(CallError::NoPullback { function: vjp.abi().name.clone() });
        };
        let handle = Cell::new(ptr::null_mut());
        let results = vjp.call_in(None, Handle::New(&handle), arguments)?;
        let handle = NonNull::new(handle.get());
        let handle = handle.ok_or_else(|| CallError::NoPullback { function: vjp.abi().name.clone() })?;
        let shape = |shape: &dp_abi::Argument| {
            let argument = vjp.abi().arguments.iter().position(|argument| argument == shape);
            argument.map(|index| arguments[index].borrow().shape().to_vec()).unwrap_or_default()
        };
        let shapes = pull.abi().arguments[..pull.abi().held_arguments()].iter().map(shape).collect();
        Ok((results, Pullback { pull, handle, drop, shapes }))
    }

    /// Its description: it takes one cotangent for each result that carries a derivative, and returns those of arguments.
    pub fn abi(&self) -> &'l dp_abi::Function {
        self.pull.abi()
    }

    /// Cotangents of the arguments, given cotangents of the results. It may be called any number of times, and by several
    /// threads at once.
    ///
    /// # Errors
    /// If the cotangents do not have the types and shapes of the results, or there is not enough memory.
    pub fn pull<A: Borrow<Array>>(&self, cotangents: &[A]) -> Result<Vec<Array>, CallError> {
        self.pull.call_in(None, Handle::Given(self.handle.as_ptr(), &self.shapes), cotangents)
    }
}
