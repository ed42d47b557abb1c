//! The extension module `diffprog._native`: programs, compiled functions and libraries for Python. What users see is in
//! `diffprog/`, which adds trees of arrays, signatures and documentation.
//!
//! - `program`: programs and their derivatives; compiling and saving, by way of `dp-driver`.
//! - `interrupt`: threads for long work, which Ctrl-C ends.
//! - `function`, `call`: compiled functions; the path of a call, prepared once.
//! - `engine`: what executes them: a library, XLA, the interpreter.
//! - `arrays`, `dlpack`: which objects fit an argument, and where their memory is.
//! - `library`: libraries that were compiled before.
//! - `errors`, `options`: exceptions from diagnostics; keyword arguments.

mod arrays;
mod call;
mod dlpack;
mod engine;
mod errors;
mod function;
mod interrupt;
mod library;
mod options;
mod program;

#[pyo3::pymodule]
mod _native {
    #[pymodule_export]
    use crate::function::{Function, Pullback};
    #[pymodule_export]
    use crate::interrupt::join;
    #[pymodule_export]
    use crate::library::load;
    #[pymodule_export]
    use crate::program::Program;
}
