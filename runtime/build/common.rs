    /// An error of a call.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub enum Error {
        /// The length of a slice does not match the extents.
        Length {
            /// The argument.
            argument: &'static str,
            /// The number of elements.
            length: usize,
            /// The extents, or the static ones.
            extents: Vec<usize>,
        },
        /// A result does not fit into memory.
        Memory {
            /// The result.
            result: &'static str,
        },
        /// The function returned a status other than 0.
        Status {
            /// The status.
            status: i32,
            /// Its message.
            message: String,
        },
    }

    impl std::fmt::Display for Error {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            match self {
                Error::Length { argument, length, extents } => {
                    write!(f, "`{argument}` has {length} elements, which do not match its extents {extents:?}")
                }
                Error::Memory { result } => write!(f, "the result `{result}` does not fit into memory"),
                Error::Status { message, .. } => f.write_str(message),
            }
        }
    }

    impl std::error::Error for Error {}

    fn count__(extents: &[usize]) -> Option<usize> {
        if extents.contains(&0) {
            return Some(0);
        }
        extents.iter().try_fold(1_usize, |product, extent| product.checked_mul(*extent))
    }

    fn check__(argument: &'static str, length: usize, extents: &[usize]) -> Result<(), Error> {
        match count__(extents) == Some(length) {
            true => Ok(()),
            false => Err(Error::Length { argument, length, extents: extents.to_vec() }),
        }
    }

    /// Computes the dynamic extent; 0 if the static ones leave no elements.
    fn rows__(argument: &'static str, length: usize, fixed: &[usize]) -> Result<usize, Error> {
        match count__(fixed) {
            Some(size) if size != 0 && length % size == 0 => Ok(length / size),
            Some(0) if length == 0 => Ok(0),
            _ => Err(Error::Length { argument, length, extents: fixed.to_vec() }),
        }
    }

    fn zeros__<T: Clone + Default>(result: &'static str, extents: &[usize]) -> Result<Vec<T>, Error> {
        let mut elements = Vec::new();
        let reserved = count__(extents).map(|count| elements.try_reserve_exact(count).map(|()| count));
        match reserved {
            Some(Ok(count)) => elements.resize(count, T::default()),
            _ => return Err(Error::Memory { result }),
        }
        Ok(elements)
    }

    /// Copies a result that the library allocated, and frees it.
    fn owned__<T: Clone, const RANK: usize>(
        memory: *mut T,
        extents: [usize; RANK],
        free: unsafe extern "C" fn(*mut std::ffi::c_void),
    ) -> (Vec<T>, [usize; RANK]) {
        let count = count__(&extents).unwrap_or(0);
        // SAFETY: the library wrote this many elements there, and this function owns the memory.
        let elements = unsafe {
            let elements = if count == 0 { Vec::new() } else { std::slice::from_raw_parts(memory, count).to_vec() };
            free(memory.cast());
            elements
        };
        (elements, extents)
    }

    fn success__(status: i32) -> Result<(), Error> {
        if status == 0 {
            return Ok(());
        }
        // SAFETY: the function returns a string of the library or a null pointer for every status.
        let message = unsafe {
            let text = ffi::MESSAGE(status);
            match text.is_null() {
                true => format!("status {status}"),
                false => std::ffi::CStr::from_ptr(text).to_string_lossy().into_owned(),
            }
        };
        Err(Error::Status { status, message })
    }
