//! What a host program uses of this compiler: nothing of the compiler itself.
//!
//! - [`Array`]: a number or a row-major tensor, with its type; made of Rust's numbers, arrays and vectors by `into`.
//! - [`Library`] and [`Function`]: opening a compiled library and calling it, with
//!   types and static extents checked before the call, the rest by the library.
//! - [`npy`]: NumPy's file format.
//! - [`values`]: arrays from and to text.
//! - [`pjrt`]: running and compiling StableHLO through plugins of XLA.
//!
//! With the library that `dpc examples/wave/wave.mlir --grad wave -o target/libwave.so` makes:
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
//! [`Library::function`] looks a function up once, for many calls.

mod array;

mod convert;
mod elf;
mod library;
pub mod npy;
pub mod pjrt;
pub mod values;
mod workspace;

pub use array::{Array, Element, Elements, ShapeError};
pub use convert::Nested;
pub use dp_abi::Help;
pub use elf::FileError;
pub use library::{CallError, Function, Library, LoadError, UnknownFunction};
pub use workspace::Workspace;
