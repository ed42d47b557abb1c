//! Tensors of other libraries, through DLPack: a capsule that points to a description of memory. The capsule is held, not
//! consumed, while the memory is used.

use dp_abi::ScalarType;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::ffi::{PyCapsule_GetPointer, PyCapsule_IsValid};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::ffi::{CStr, c_void};
use std::slice;

/// The newest version of DLPack that is understood. Producers answer with a version whose major number is not greater.
const VERSION: (u32, u32) = (1, 1);

/// Devices whose memory the CPU can read: its own, and memory pinned for CUDA.
const HOST: [i32; 2] = [1, 3];

/// The flag of memory that must not be written.
const READ_ONLY: u64 = 1;

/// `DLTensor`.
#[repr(C)]
struct Tensor {
    data: *mut c_void,
    device: [i32; 2],
    rank: i32,
    code: u8,
    bits: u8,
    lanes: u16,
    shape: *const i64,
    strides: *const i64,
    offset: u64,
}

/// The beginning of `DLManagedTensorVersioned`.
#[repr(C)]
struct Versioned {
    version: [u32; 2],
    context: *mut c_void,
    deleter: *mut c_void,
    flags: u64,
    tensor: Tensor,
}

/// A tensor in host memory.
pub struct Imported<'py> {
    /// The address of the first element.
    pub data: *mut c_void,
    /// The extents.
    pub shape: &'py [usize],
    /// The type of the elements; unsigned integers have that of signed ones.
    pub number: ScalarType,
    /// Whether elements are stored in row-major order, without gaps.
    pub is_contiguous: bool,
    /// Whether the producer allows writing. Older ones do not say it.
    pub is_writable: bool,
    /// Keeps the memory alive.
    pub capsule: Bound<'py, PyAny>,
}

/// The tensor of an object; `None` if it does not speak DLPack.
///
/// # Errors
/// If the tensor is not in host memory or has elements of another kind. Messages begin with `subject`.
pub fn import<'py>(object: &Bound<'py, PyAny>, subject: &dyn Fn() -> String) -> PyResult<Option<Imported<'py>>> {
    let py = object.py();
    let Some(device) = object.getattr_opt("__dlpack_device__")? else { return Ok(None) };
    let (device, _): (i32, i32) = device.call0()?.extract()?;
    if !HOST.contains(&device) {
        let message = format!("{} is on another device (of DLPack's kind {device}); copy it to the host", subject());
        return Err(PyValueError::new_err(message));
    }
    let keywords = PyDict::new(py);
    keywords.set_item("max_version", VERSION)?;
    let capsule = match object.call_method("__dlpack__", (), Some(&keywords)) {
        Err(error) if error.is_instance_of::<PyTypeError>(py) => object.call_method0("__dlpack__")?,
        outcome => outcome?,
    };
    let (tensor, is_writable) = match pointer(&capsule, c"dltensor_versioned") {
        // SAFETY: a capsule of this name points to such a structure; its version begins all major versions.
        Some(versioned) => unsafe {
            let versioned = versioned.cast::<Versioned>();
            if (*versioned).version[0] != VERSION.0 {
                return Err(PyValueError::new_err(format!("{} uses another version of DLPack", subject())));
            }
            (&raw const (*versioned).tensor, (*versioned).flags & READ_ONLY == 0)
        },
        None => match pointer(&capsule, c"dltensor") {
            Some(tensor) => (tensor.cast::<Tensor>().cast_const(), false),
            None => return Err(PyValueError::new_err(format!("{} gives no capsule of DLPack", subject()))),
        },
    };
    // SAFETY: the capsule, which is held, keeps the structure and its extents alive. Extents are 64 bits wide and not
    // negative.
    let (tensor, shape, strides) = unsafe {
        let tensor = &*tensor;
        let rank = usize::try_from(tensor.rank).unwrap_or(0);
        let list = |data: *const i64| (rank > 0 && !data.is_null()).then(|| slice::from_raw_parts(data, rank));
        let shape: &[i64] = list(tensor.shape).unwrap_or_default();
        let shape = slice::from_raw_parts(shape.as_ptr().cast::<usize>(), shape.len());
        (tensor, shape, list(tensor.strides))
    };
    let number = number(tensor).ok_or_else(|| {
        let (code, bits, lanes) = (tensor.code, tensor.bits, tensor.lanes);
        PyTypeError::new_err(format!(
            "{} has elements of DLPack's type ({code}, {bits}, {lanes}), which no argument has",
            subject()
        ))
    })?;
    let data = tensor.data.cast::<u8>().wrapping_add(tensor.offset as usize).cast();
    let is_contiguous = strides.is_none_or(|strides| is_row_major(shape, strides));
    Ok(Some(Imported { data, shape, number, is_contiguous, is_writable, capsule }))
}

/// The pointer of a capsule, if it has this name.
fn pointer(capsule: &Bound<PyAny>, name: &CStr) -> Option<*mut c_void> {
    // SAFETY: the object is alive, and the name is a string; a capsule that is valid under it has a pointer.
    unsafe {
        let is_it = PyCapsule_IsValid(capsule.as_ptr(), name.as_ptr()) == 1;
        is_it.then(|| PyCapsule_GetPointer(capsule.as_ptr(), name.as_ptr()))
    }
}

/// Whether strides, in elements, are those of row-major order.
fn is_row_major(shape: &[usize], strides: &[i64]) -> bool {
    let mut expected = 1;
    shape.contains(&0)
        || shape.iter().zip(strides).rev().all(|(extent, stride)| {
            let is_expected = *extent == 1 || *stride == expected;
            expected *= *extent as i64;
            is_expected
        })
}

/// The type of elements.
fn number(tensor: &Tensor) -> Option<ScalarType> {
    match (tensor.code, tensor.bits, tensor.lanes) {
        (0 | 1, 8, 1) => Some(ScalarType::I8),
        (0 | 1, 16, 1) => Some(ScalarType::I16),
        (0 | 1, 32, 1) => Some(ScalarType::I32),
        (0 | 1, 64, 1) => Some(ScalarType::I64),
        (2, 16, 1) => Some(ScalarType::F16),
        (2, 32, 1) => Some(ScalarType::F32),
        (2, 64, 1) => Some(ScalarType::F64),
        (4, 16, 1) => Some(ScalarType::BF16),
        (5, 64, 1) => Some(ScalarType::Complex64),
        (5, 128, 1) => Some(ScalarType::Complex128),
        (6, 8, 1) => Some(ScalarType::I1),
        _ => None,
    }
}
