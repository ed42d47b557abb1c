//! Arguments and results: which arrays and numbers fit, where their memory is. Nothing is copied, except arrays that are
//! not stored in row-major order.

use crate::dlpack;
use dp_abi::ScalarType;
use half::{bf16, f16};
use num_complex::Complex;
use numpy::{PyArrayDescr, PyArrayDescrMethods, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::{PyImportError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyComplex, PyFloat};
use std::cell::UnsafeCell;
use std::ffi::c_void;

/// An argument or a result: its name, its type, and the extents that are known.
pub struct Parameter {
    /// The name.
    pub name: String,
    /// The type of the elements.
    pub number: ScalarType,
    /// The extents of a tensor; `None` for a number.
    pub shape: Option<Vec<Option<u64>>>,
    descriptor: Py<PyArrayDescr>,
}

/// Memory that a call reads or writes.
pub enum Memory<'py> {
    /// A number, in place.
    Number(UnsafeCell<[u64; 2]>),
    /// That of an object, which is kept alive.
    Object(*mut c_void, Bound<'py, PyAny>),
}

/// The memory and the extents of an argument or a result.
pub struct Array<'py> {
    /// The memory.
    pub memory: Memory<'py>,
    /// The extents.
    pub shape: Vec<usize>,
}

/// NumPy's name of a type. Extents are integers.
pub fn dtype(number: ScalarType) -> &'static str {
    match number {
        ScalarType::I1 => "bool",
        ScalarType::I8 => "int8",
        ScalarType::I16 => "int16",
        ScalarType::I32 => "int32",
        ScalarType::I64 | ScalarType::Index => "int64",
        ScalarType::F16 => "float16",
        ScalarType::BF16 => "bfloat16",
        ScalarType::F32 => "float32",
        ScalarType::F64 => "float64",
        ScalarType::Complex64 => "complex64",
        ScalarType::Complex128 => "complex128",
    }
}

impl<'py> Array<'py> {
    /// The address of the first element.
    pub fn data(&self) -> *mut c_void {
        match &self.memory {
            Memory::Number(place) => place.get().cast(),
            Memory::Object(data, _) => *data,
        }
    }

    /// A number whose bytes are those of a value.
    fn number<T: Copy>(value: T) -> Array<'py> {
        assert!(size_of::<T>() <= 16, "a number has at most 16 bytes");
        let place = UnsafeCell::new([0_u64; 2]);
        // SAFETY: the place has room for the value and is not used elsewhere.
        unsafe { place.get().cast::<T>().write_unaligned(value) };
        Array { memory: Memory::Number(place), shape: Vec::new() }
    }

    /// A place for a number.
    pub fn place() -> Array<'py> {
        Array::number(0_u64)
    }

    /// Whether two arrays share bytes. `size` is the size of an element.
    pub fn overlaps(&self, size: usize, other: &Array, other_size: usize) -> bool {
        let range = |array: &Array, size: usize| {
            let start = array.data() as usize;
            start..start + size * array.shape.iter().product::<usize>()
        };
        let (a, b) = (range(self, size), range(other, other_size));
        a.start < b.end && b.start < a.end && !a.is_empty() && !b.is_empty()
    }
}

impl Parameter {
    /// Describes an argument or a result.
    ///
    /// # Errors
    /// If NumPy lacks its type.
    pub fn new(py: Python, name: &str, number: ScalarType, shape: Option<Vec<Option<u64>>>) -> PyResult<Parameter> {
        let descriptor = match number {
            ScalarType::BF16 => {
                let module = py.import("ml_dtypes").map_err(|_| {
                    PyImportError::new_err("arrays of bfloat16 need the package ml_dtypes: pip install ml_dtypes")
                })?;
                PyArrayDescr::new(py, module.getattr("bfloat16")?)?
            }
            other => PyArrayDescr::new(py, dtype(other))?,
        };
        Ok(Parameter { name: name.into(), number, shape, descriptor: descriptor.unbind() })
    }

    /// The type, as `float64` for a number, `float64[3, ?]` for a tensor.
    pub fn annotation(&self) -> String {
        let extent = |extent: &Option<u64>| extent.map_or_else(|| "?".into(), |extent| extent.to_string());
        match &self.shape {
            None => dtype(self.number).into(),
            Some(shape) => {
                format!("{}[{}]", dtype(self.number), shape.iter().map(extent).collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// The descriptor of the elements.
    pub fn descriptor<'py>(&self, py: Python<'py>) -> &Bound<'py, PyArrayDescr> {
        self.descriptor.bind(py)
    }

    /// The memory of an object that is given for an argument. `subject` begins messages.
    ///
    /// # Errors
    /// If the object does not fit.
    pub fn read<'py>(&self, object: &Bound<'py, PyAny>, subject: &dyn Fn() -> String) -> PyResult<Array<'py>> {
        let is_number = self.shape.as_ref().is_none_or(Vec::is_empty);
        if is_number && let (ScalarType::F64, Ok(number)) = (self.number, object.cast_exact::<PyFloat>()) {
            return Ok(Array::number(number.value()));
        }
        if let Ok(array) = object.cast::<PyUntypedArray>() {
            return self.read_array(array, subject);
        }
        if let Some(tensor) = dlpack::import(object, subject)? {
            if !self.takes(tensor.number) {
                return Err(self.other_type(subject, dtype(tensor.number)));
            }
            self.check_shape(tensor.shape, subject)?;
            if !tensor.is_contiguous {
                let numpy = object.py().import("numpy")?;
                let array = numpy.call_method1("from_dlpack", (object,))?;
                return self.read_array(array.cast::<PyUntypedArray>()?, subject);
            }
            let shape = tensor.shape.to_vec();
            return Ok(Array { memory: Memory::Object(tensor.data, tensor.capsule), shape });
        }
        if !is_number {
            let given = object.get_type().name()?.to_string();
            return Err(PyTypeError::new_err(format!(
                "{} takes an array of {}, not {given}; use numpy.asarray",
                subject(),
                self.annotation()
            )));
        }
        self.read_number(object, subject)
    }

    fn read_array<'py>(
        &self,
        array: &Bound<'py, PyUntypedArray>,
        subject: &dyn Fn() -> String,
    ) -> PyResult<Array<'py>> {
        self.check_type(array, subject)?;
        self.check_shape(array.shape(), subject)?;
        if array.is_c_contiguous() && array.is_aligned() {
            return Ok(borrowed(array));
        }
        let keywords = pyo3::types::PyDict::new(array.py());
        keywords.set_item("order", "C")?;
        let copy = array.call_method("copy", (), Some(&keywords))?;
        Ok(borrowed(copy.cast::<PyUntypedArray>()?))
    }

    /// The memory of an object that is given for a result of these extents; `None` if they are not known yet.
    ///
    /// # Errors
    /// If the object does not fit, or cannot be written.
    pub fn destination<'py>(
        &self,
        object: &Bound<'py, PyAny>,
        shape: Option<&[usize]>,
        subject: &dyn Fn() -> String,
    ) -> PyResult<Array<'py>> {
        let refused = |reason: &str| Err(PyValueError::new_err(format!("{} {reason}", subject())));
        let array = match object.cast::<PyUntypedArray>() {
            Ok(array) => {
                self.check_type(array, subject)?;
                if !array.is_c_contiguous() || !array.is_aligned() {
                    return refused("is not stored in row-major order (C order)");
                }
                let flags: bool = array.getattr("flags")?.getattr("writeable")?.extract()?;
                if !flags {
                    return refused("is read-only");
                }
                borrowed(array)
            }
            Err(_) => {
                let Some(tensor) = dlpack::import(object, subject)? else {
                    let given = object.get_type().name()?.to_string();
                    let message = format!("{} is not an array, but {given}", subject());
                    return Err(PyTypeError::new_err(message));
                };
                if !self.takes(tensor.number) {
                    return Err(self.other_type(subject, dtype(tensor.number)));
                }
                if !tensor.is_contiguous {
                    return refused("is not stored in row-major order (C order)");
                }
                if !tensor.is_writable {
                    return refused("is read-only");
                }
                let shape = tensor.shape.to_vec();
                Array { memory: Memory::Object(tensor.data, tensor.capsule), shape }
            }
        };
        self.check_shape(&array.shape, subject)?;
        match shape {
            Some(shape) if shape != array.shape => Err(other_shape(
                subject,
                &array.shape,
                &shape.iter().map(|extent| Some(*extent as u64)).collect::<Vec<_>>(),
            )),
            Some(_) | None => Ok(array),
        }
    }

    /// Whether elements of a type are stored as those of the parameter are.
    fn takes(&self, number: ScalarType) -> bool {
        number == self.number || (number == ScalarType::I64 && self.number == ScalarType::Index)
    }

    fn check_type(&self, array: &Bound<PyUntypedArray>, subject: &dyn Fn() -> String) -> PyResult<()> {
        let (given, expected) = (array.dtype(), self.descriptor(array.py()));
        if given.is(expected) {
            return Ok(());
        }
        // Integers have no signs: what an operation does depends on the operation.
        let kind = |kind: u8| if kind == b'u' { b'i' } else { kind };
        let is_same = match self.number {
            ScalarType::BF16 => given.num() == expected.num(),
            _ => kind(given.kind()) == kind(expected.kind()) && given.itemsize() == expected.itemsize(),
        };
        match is_same && given.is_native_byteorder() != Some(false) {
            true => Ok(()),
            false => Err(self.other_type(subject, &given.to_string())),
        }
    }

    fn other_type(&self, subject: &dyn Fn() -> String, given: &str) -> PyErr {
        let expected = dtype(self.number);
        PyTypeError::new_err(format!("{} has elements of {given}, not {expected}; use astype", subject()))
    }

    fn check_shape(&self, given: &[usize], subject: &dyn Fn() -> String) -> PyResult<()> {
        let expected = self.shape.as_deref().unwrap_or_default();
        let fits =
            |(expected, given): (&Option<u64>, &usize)| expected.is_none_or(|expected| expected == *given as u64);
        match expected.len() == given.len() && expected.iter().zip(given).all(fits) {
            true => Ok(()),
            false => Err(other_shape(subject, given, expected)),
        }
    }

    fn read_number<'py>(&self, object: &Bound<'py, PyAny>, subject: &dyn Fn() -> String) -> PyResult<Array<'py>> {
        let refused = |error: PyErr| {
            let py = object.py();
            let given = object.get_type().name().map(|name| name.to_string()).unwrap_or_default();
            let expected = dtype(self.number);
            match error.is_instance_of::<PyTypeError>(py) {
                true => PyTypeError::new_err(format!("{} takes a number of {expected}, not {given}", subject())),
                false => PyValueError::new_err(format!("{}, of {expected}: {}", subject(), error.value(py))),
            }
        };
        fn of<'py, T: Copy + for<'a> FromPyObject<'a, 'py>>(object: &Bound<'py, PyAny>) -> PyResult<Array<'py>> {
            Ok(Array::number(object.extract::<T>().map_err(Into::into)?))
        }
        let real = || object.extract::<f64>();
        let made = match self.number {
            ScalarType::I1 => of::<bool>(object),
            ScalarType::I8 => of::<i8>(object),
            ScalarType::I16 => of::<i16>(object),
            ScalarType::I32 => of::<i32>(object),
            ScalarType::I64 | ScalarType::Index => of::<i64>(object),
            ScalarType::F16 => real().map(|value| Array::number(f16::from_f64(value))),
            ScalarType::BF16 => real().map(|value| Array::number(bf16::from_f64(value))),
            ScalarType::F32 => real().map(|value| Array::number(value as f32)),
            ScalarType::F64 => real().map(Array::number),
            ScalarType::Complex64 => object
                .extract::<Complex<f64>>()
                .map(|value| Array::number(Complex::new(value.re as f32, value.im as f32))),
            ScalarType::Complex128 => object.extract::<Complex<f64>>().map(Array::number),
        };
        made.map_err(refused)
    }

    /// The Python number of a result that was stored in place.
    ///
    /// # Errors
    /// If Python has no memory.
    pub fn number<'py>(&self, py: Python<'py>, array: &Array<'py>) -> PyResult<Bound<'py, PyAny>> {
        /// The value in a place.
        ///
        /// # Safety
        /// The place holds a value of the type.
        unsafe fn at<T: Copy>(array: &Array) -> T {
            // SAFETY: guaranteed by the caller.
            unsafe { array.data().cast::<T>().read_unaligned() }
        }
        // SAFETY: a call has stored a number of this type in the place.
        unsafe {
            Ok(match self.number {
                ScalarType::I1 => (at::<u8>(array) != 0).into_pyobject(py)?.to_owned().into_any(),
                ScalarType::I8 => at::<i8>(array).into_pyobject(py)?.into_any(),
                ScalarType::I16 => at::<i16>(array).into_pyobject(py)?.into_any(),
                ScalarType::I32 => at::<i32>(array).into_pyobject(py)?.into_any(),
                ScalarType::I64 | ScalarType::Index => at::<i64>(array).into_pyobject(py)?.into_any(),
                ScalarType::F16 => PyFloat::new(py, at::<f16>(array).to_f64()).into_any(),
                ScalarType::BF16 => PyFloat::new(py, at::<bf16>(array).to_f64()).into_any(),
                ScalarType::F32 => PyFloat::new(py, f64::from(at::<f32>(array))).into_any(),
                ScalarType::F64 => PyFloat::new(py, at::<f64>(array)).into_any(),
                ScalarType::Complex64 => {
                    let value = at::<Complex<f32>>(array);
                    PyComplex::from_doubles(py, value.re.into(), value.im.into()).into_any()
                }
                ScalarType::Complex128 => {
                    let value = at::<Complex<f64>>(array);
                    PyComplex::from_doubles(py, value.re, value.im).into_any()
                }
            })
        }
    }

    /// A new NumPy array of these extents, whose elements are not set.
    ///
    /// # Errors
    /// If there is not enough memory.
    pub fn allocate<'py>(&self, py: Python<'py>, shape: &[usize]) -> PyResult<Array<'py>> {
        let mut extents: Vec<numpy::npyffi::npy_intp> = shape.iter().map(|extent| *extent as isize).collect();
        let descriptor = self.descriptor(py).clone().into_ptr();
        // SAFETY: the call takes over the descriptor, reads the extents, and returns a new array or sets an exception.
        let array = unsafe {
            let array = numpy::PY_ARRAY_API.PyArray_NewFromDescr(
                py,
                numpy::npyffi::get_type_object(py, numpy::npyffi::NpyTypes::PyArray_Type),
                descriptor.cast(),
                extents.len() as i32,
                extents.as_mut_ptr(),
                std::ptr::null_mut(),
                std::ptr::null_mut(),
                0,
                std::ptr::null_mut(),
            );
            Bound::from_owned_ptr_or_err(py, array)?
        };
        Ok(borrowed(array.cast::<PyUntypedArray>()?))
    }
}

/// The memory of an array in row-major order.
fn borrowed<'py>(array: &Bound<'py, PyUntypedArray>) -> Array<'py> {
    // SAFETY: the array is alive; the field is set when it is made.
    let data = unsafe { (*array.as_array_ptr()).fields.data };
    Array { memory: Memory::Object(data.cast(), array.as_any().clone()), shape: array.shape().to_vec() }
}

fn other_shape(subject: &dyn Fn() -> String, given: &[usize], expected: &[Option<u64>]) -> PyErr {
    let text = |extents: Vec<String>| match &extents[..] {
        [only] => format!("({only},)"),
        extents => format!("({})", extents.join(", ")),
    };
    let given = text(given.iter().map(usize::to_string).collect());
    let expected = expected.iter().map(|extent| extent.map_or_else(|| "?".into(), |extent| extent.to_string()));
    PyValueError::new_err(format!("{} has shape {given}, not {}", subject(), text(expected.collect())))
}
