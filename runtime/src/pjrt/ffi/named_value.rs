//! Values with names: options of clients, and properties of programs.

use std::ffi::{c_char, c_void};
use std::ptr;

use super::table::Words;
use super::{items, text};
use crate::pjrt::Figure;

/// `PJRT_NamedValue`
#[repr(C)]
pub(super) struct NamedValue {
    size: usize,
    extension: *mut c_void,
    name: *const c_char,
    name_length: usize,
    /// The active member of the union, in the lower half.
    r#type: usize,
    value: *const c_void,
    value_length: usize,
}

impl NamedValue {
    /// An integer.
    pub fn integer(name: &'static str, integer: i64) -> NamedValue {
        const INTEGER: usize = 1;
        NamedValue {
            size: size_of::<NamedValue>(),
            extension: ptr::null_mut(),
            name: name.as_ptr().cast(),
            name_length: name.len(),
            r#type: INTEGER,
            value: ptr::without_provenance(integer as usize),
            value_length: 1,
        }
    }

    /// Reads the name and value.
    ///
    /// # Safety
    /// All pointers are valid.
    pub unsafe fn read(&self) -> (String, Figure) {
        let list = |first: *const c_void, count| Words::new().address(2, first).number(3, count);
        let (value, count) = (self.value, self.value_length);
        // SAFETY: guaranteed by the caller; the type says which member of the union is active.
        unsafe {
            let figure = match self.r#type as i32 {
                0 => Figure::Text(text(&list(value, count), 2)),
                1 => Figure::Integer(value.addr() as i64),
                2 => Figure::Integers(items::<i64>(&list(value, count), 2).to_vec()),
                3 => Figure::Float(f32::from_bits(value.addr() as u32)),
                4 => Figure::Boolean(value.addr() as u8 != 0),
                other => Figure::Text(format!("a value of the unsupported PJRT type {other}")),
            };
            (text(&list(self.name.cast(), self.name_length), 2), figure)
        }
    }
}
