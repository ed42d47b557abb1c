//! Owned objects of a plugin.

use std::any::Any;
use std::ffi::c_void;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::Arc;

use super::Api;
use super::table::{Function, Words};
use crate::pjrt::Error;

/// The kinds of objects.
pub(in crate::pjrt) mod kind {
    use super::Function;

    /// A kind of object.
    pub trait Kind {
        /// Destroys an object.
        #[allow(private_interfaces)]
        const DESTROY: Function;
    }

    macro_rules! kinds {
        ($($(#[$doc:meta])* $name:ident: $destroy:ident;)*) => {$(
            $(#[$doc])*
            #[derive(Debug)]
            pub enum $name {}
            impl Kind for $name {
                #[allow(private_interfaces)]
                const DESTROY: Function = Function::$destroy;
            }
        )*};
    }
    kinds! {
        /// `PJRT_Client`
        Client: ClientDestroy;
        /// `PJRT_Buffer`
        Buffer: BufferDestroy;
        /// `PJRT_Executable`
        Executable: ExecutableDestroy;
        /// `PJRT_LoadedExecutable`
        LoadedExecutable: LoadedExecutableDestroy;
        /// `PJRT_TopologyDescription`
        Topology: TopologyDescriptionDestroy;
    }
}

/// The parent that an object depends on.
pub(super) type Parent = Option<Arc<dyn Any + Send + Sync>>;

/// An object, destroyed when dropped, before its parent.
#[derive(Debug)]
pub(in crate::pjrt) struct Handle<K: kind::Kind> {
    pub(super) api: Api,
    pointer: NonNull<c_void>,
    kind: PhantomData<fn() -> K>,
    _parent: Parent,
}

// SAFETY: API functions may be called on its objects from any thread.
unsafe impl<K: kind::Kind> Send for Handle<K> {}
// SAFETY: as above.
unsafe impl<K: kind::Kind> Sync for Handle<K> {}

impl<K: kind::Kind> Handle<K> {
    /// Takes ownership of the object in a word.
    ///
    /// # Safety
    /// The word is null or an object of this kind that we own and that depends on `parent`.
    pub(super) unsafe fn take(
        api: Api,
        action: &'static str,
        words: &Words,
        word: usize,
        parent: Parent,
    ) -> Result<Handle<K>, Error> {
        let pointer = NonNull::new(words.pointer::<c_void>(word))
            .ok_or_else(|| Error::Answer { action, answer: "nothing".into() })?;
        Ok(Handle { api, pointer, kind: PhantomData, _parent: parent })
    }

    pub(super) fn pointer(&self) -> *mut c_void {
        self.pointer.as_ptr()
    }

    /// A struct whose first field is this object, as for most functions.
    pub(super) fn words(&self) -> Words {
        Words::new().address(2, self.pointer())
    }
}

impl<K: kind::Kind> Drop for Handle<K> {
    fn drop(&mut self) {
        // SAFETY: the object is of the kind that this function takes, and is not used afterwards. There is nobody to
        // report an error to.
        let _ = unsafe { self.api.call("cannot free memory", K::DESTROY, &mut self.words()) };
    }
}
