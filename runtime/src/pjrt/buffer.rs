//! Arrays on a device.

use std::sync::Arc;

use dp_abi::ScalarType;

use super::ffi::{Handle, kind};
use super::{ArrayType, Client, Error};
use crate::Array;

/// An immutable array on the device of a [`Client`]. Clones share its memory.
#[derive(Clone, Debug)]
pub struct Buffer {
    pub(super) client: Client,
    pub(super) handle: Arc<Handle<kind::Buffer>>,
    r#type: ArrayType,
}

impl Buffer {
    pub(super) fn new(client: Client, handle: Handle<kind::Buffer>, r#type: ArrayType) -> Buffer {
        Buffer { client, handle: Arc::new(handle), r#type }
    }

    /// The extents.
    pub fn shape(&self) -> &[usize] {
        &self.r#type.shape
    }

    /// The type of the elements.
    pub fn number(&self) -> ScalarType {
        self.r#type.number
    }

    /// The type and the extents.
    pub fn array_type(&self) -> &ArrayType {
        &self.r#type
    }

    /// Copies the array to the host.
    pub fn download(&self) -> Result<Array, Error> {
        self.handle.download(&self.r#type)
    }
}
