//! The runtime library for host programs. It does not depend on the compiler.
//!
//! - [`Array`]: a scalar or a row-major tensor, with its type. Rust numbers, arrays and vectors convert by `into`.
//! - [`Library`] and [`Function`]: load a compiled library and call it. Types and static extents are checked before the
//!   call, the rest by the library.
//! - [`npy`]: NumPy's file format.
//! - [`values`]: conversion of arrays from and to text.
//! - [`pjrt`]: runs and compiles StableHLO with PJRT plugins.
//!
//! With the output of `dpc examples/wave/wave.mlir --grad wave -o target/libwave.so`:
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let library = dp_runtime::Library::open("target/libwave.so")?;
//! let results = library.call("wave_grad", &[2.0.into(), [0.5, 1.0, 1.5].into()])?;
//! let sum: Option<f64> = results[0].as_number();
//! let d_x: Option<&[f64]> = results[2].as_slice();
//! # Ok(())
//! # }
//! ```
//!
//! Use [`Library::function`] to look up a function once for many calls, and [`Library::vjp`] for the pullback of a function.

mod array;

mod convert;
mod elf;
mod help;
mod library;
pub mod npy;
pub mod pjrt;
pub mod values;
mod workspace;

pub use array::{Array, Element, Elements, ShapeError};
pub use convert::Nested;
pub use dp_abi::{DiagnosticCode, Help};
pub use elf::FileError;
pub use library::{
    CallError, Function, Library, LoadError, Pullback, RawArgument, RawHandle, RawResult, UnknownFunction,
};
pub use workspace::Workspace;
