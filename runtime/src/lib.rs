//! What a host program uses of this compiler: nothing of the compiler itself.
//!
//! - [`Array`]: a number or a row-major tensor, with its type.
//! - [`Library`] and [`Function`]: opening a compiled library and calling it, with
//!   types and static extents checked before the call, the rest by the library.
//! - [`npy`]: NumPy's file format.
//! - [`values`]: arrays from and to text.
//! - [`pjrt`]: running and compiling StableHLO through plugins of XLA.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use dp_runtime::{Array, Library};
//!
//! // SAFETY: dpc wrote this library.
//! let library = unsafe { Library::open("target/libmodel.so") }?;
//! let square = library.function("square_grad")?;
//! let results = square.call(&[Array::number(3.0_f64)])?;
//! assert_eq!(results[1].as_number::<f64>(), Some(6.0));
//! # Ok(())
//! # }
//! ```

mod array;
mod call;
mod library;
pub mod npy;
pub mod pjrt;
pub mod values;
mod workspace;

pub use array::{Array, Element, Elements, ShapeError};
pub use call::{CallError, Function};
pub use library::{Library, LoadError};
pub use workspace::Workspace;
