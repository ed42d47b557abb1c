//! The external functions that compiled code may call: functions of libc and libm, but not of a compiler runtime.

use crate::Error;
use object::{Object, ObjectSymbol};

/// Functions of libc.
const LIBC: &[&str] = &[
    "aligned_alloc",
    "bcmp",
    "calloc",
    "free",
    "madvise",
    "malloc",
    "memcmp",
    "memcpy",
    "memmove",
    "memset",
    "pthread_attr_destroy",
    "pthread_attr_getstack",
    "pthread_getattr_np",
    "pthread_self",
    "realloc",
];

/// Functions of libm on f64; the names for f32 have the suffix `f`.
const LIBM: &[&str] = &[
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cbrt",
    "ceil",
    "copysign",
    "cos",
    "cosh",
    "erf",
    "erfc",
    "exp",
    "exp10",
    "exp2",
    "expm1",
    "fabs",
    "fdim",
    "floor",
    "fma",
    "fmax",
    "fmin",
    "fmod",
    "frexp",
    "hypot",
    "ldexp",
    "lgamma",
    "llrint",
    "llround",
    "log",
    "log10",
    "log1p",
    "log2",
    "logb",
    "lrint",
    "lround",
    "modf",
    "nearbyint",
    "nextafter",
    "pow",
    "remainder",
    "rint",
    "round",
    "roundeven",
    "scalbn",
    "sin",
    "sincos",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
    "tgamma",
    "trunc",
];

/// Checks that the undefined symbols of an object are in libc, in libm, or satisfy `is_beside`.
///
/// # Errors
/// If another symbol is undefined. LLVM may lower an operation to a call of its runtime library.
pub(crate) fn check(object: &[u8], is_beside: impl Fn(&str) -> bool) -> Result<(), Error> {
    let read = object::File::parse(object).map_err(|error| Error::Llvm(error.to_string()))?;
    for symbol in read.symbols().filter(|symbol| symbol.is_undefined()) {
        let name = symbol.name().map_err(|error| Error::Llvm(error.to_string()))?;
        let in_libm = || LIBM.contains(&name) || name.strip_suffix('f').is_some_and(|stem| LIBM.contains(&stem));
        let is_known = name.is_empty() || name == "_GLOBAL_OFFSET_TABLE_" || LIBC.contains(&name) || in_libm();
        if !is_known && !is_beside(name) {
            return Err(Error::Unresolved(name.into()));
        }
    }
    Ok(())
}
