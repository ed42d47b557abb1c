//! Buffers: types and downloads.

use dp_abi::ScalarType;

use super::table::{Function, Words, types};
use super::{Handle, items, kind};
use crate::Array;
use crate::pjrt::{ArrayType, Error};

impl Handle<kind::Buffer> {
    /// The type and extents that the plugin reports.
    pub fn array_type(&self) -> Result<ArrayType, Error> {
        let action = "cannot query the type of an array on the device";
        let (mut r#type, mut extents) = (self.words(), self.words());
        // SAFETY: PJRT_Buffer_ElementType_Args and PJRT_Buffer_Dimensions_Args; the list lives as long as the buffer.
        let extents = unsafe {
            self.api.call(action, Function::BufferElementType, &mut r#type)?;
            self.api.call(action, Function::BufferDimensions, &mut extents)?;
            items::<i64>(&extents, 3)
        };
        let code = r#type.int(3);
        let number = types::number(code)
            .ok_or_else(|| Error::Answer { action, answer: format!("an unknown element type, {code}") })?;
        let shape = super::extents(action, extents)?;
        Ok(ArrayType { number, shape })
    }

    /// Copies the buffer to the host in row-major order. The type must agree with the buffer.
    pub fn download(&self, r#type: &ArrayType) -> Result<Array, Error> {
        let action = "cannot copy an array from the device";
        let too_large = || Error::TooLarge { array: r#type.clone() };
        let given = self.array_type()?;
        if !given.agrees(r#type) {
            return Err(Error::Answer { action, answer: format!("{given}, expected {type}") });
        }
        let bytes = r#type.bytes().ok_or_else(too_large)?;
        // Booleans are read as bytes and converted, since a byte other than 0 and 1 is not a valid `bool`.
        let number = if r#type.number == ScalarType::I1 { ScalarType::I8 } else { r#type.number };
        let mut array = Array::zeros(number, r#type.shape.clone()).ok_or_else(too_large)?;
        // PJRT_Buffer_MemoryLayout, tiled without tiles: the last dimension varies fastest.
        let minor_to_major: Vec<i64> = (0..r#type.shape.len() as i64).rev().collect();
        let mut layout = Words::new().number(2, 7 * size_of::<usize>()).list(4, &minor_to_major);
        let mut words =
            self.words().address(3, layout.as_mut_ptr()).address(4, array.elements_mut().as_mut_ptr()).number(5, bytes);
        // SAFETY: PJRT_Buffer_ToHostBuffer_Args; there is room for the elements until the event in word 6, which we
        // own, signals that they were written.
        unsafe {
            self.api.call(action, Function::BufferToHostBuffer, &mut words)?;
            self.api.wait(action, words.pointer(6))?;
        }
        let booleans = (r#type.number == ScalarType::I1).then(|| array.as_slice::<i8>()).flatten();
        let booleans = booleans.map(|bytes| bytes.iter().map(|byte| *byte != 0).collect());
        booleans.map_or(Ok(array), |booleans| Array::new(&r#type.shape, booleans).map_err(|_| too_large()))
    }
}
