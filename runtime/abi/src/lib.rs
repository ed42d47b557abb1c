//! The C interface of a compiled library, as plain data.
//!
//! A [`Library`] has a name and [`Function`]s. The arguments and results of a function are [`Value`]s: scalars or
//! row-major tensors. Everything else is derived from this model, so the code generator, the header and the loader
//! cannot disagree:
//!
//! - [`Function::parameters`]: the flat list of C parameters, in order;
//! - [`Library::header`]: the C header, for C11 and C++17;
//! - [`Library::description`]: a text with one line per function, in the library's symbol
//!   [`Library::description_symbol`], which parses to the same model.
//!
//! The calling convention:
//!
//! - A function returns an `int`: 0, or a status, whose message `NAME_message` returns.
//! - A scalar is passed by value; a complex scalar as a pointer to its real and imaginary part. f16 and bf16 are passed
//!   as their bits, a `uint16_t`.
//! - A tensor is a pointer to its elements in row-major order, followed by one `int64_t` per dynamic dimension. Complex
//!   elements are interleaved.
//! - A result whose extents are static or those of arguments is written to memory of the caller. Otherwise the library
//!   allocates it (`T **y, int64_t *y_d0`), and the caller frees it with `NAME_free`.
//! - Results overlap neither arguments nor each other.
//! - A function `f` that allocates a workspace comes with `f__workspace_size(…, int64_t *size)` and
//!   `f__with_workspace(…, void *workspace, int64_t size)`, so that a caller can reuse the memory. For loaders,
//!   `f__packed_workspace(slots, workspace, size)` is both.
//! - A pullback is three functions: `f_vjp` has a last parameter `struct f_pullback **pullback`, where it stores a new
//!   handle; `f_pull` has a first parameter `const struct f_pullback *pullback`; `f_drop(pullback)` frees the handle.
//! - `f__packed(slots)` calls `f` with its parameters in memory: `slots[i]` is the address of parameter i, as in
//!   libffi. A loader needs only this type.

#![forbid(unsafe_code)]

mod description;
mod diagnostic_code;
mod header;
mod help;
mod model;

mod parameters;
mod scalar_type;
mod sharding;

pub use description::DescriptionError;
pub use diagnostic_code::DiagnosticCode;
pub use header::Packed;
pub use help::{HELP, Help, OUT_OF_MEMORY};
pub use model::{Argument, Extent, Function, Library, ResultExtent, Returned, Value};
pub use model::{DROP, PULL, Pullback, VJP};
pub use model::{NameError, check_function_name, check_name};
pub use parameters::{Parameter, Passing, Role};
pub use scalar_type::ScalarType;
pub use sharding::{Indivisible, Sharding, Shardings};
