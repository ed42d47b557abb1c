//! The C border of a compiled library, as plain data.
//!
//! A [`Library`] is a name and [`Function`]s; a function takes and gives
//! [`Value`]s, which are numbers or row-major tensors of them. Three things
//! follow from that model alone, so that the code generator, the header and the
//! loader can never disagree:
//!
//! - [`Function::parameters`]: the flat list of C parameters, in order;
//! - [`Library::header`]: the C header, for C11 and C++17;
//! - [`Library::description`]: one line a function, which the library carries in
//!   its symbol [`Library::description_symbol`], and which reads back to the
//!   same model.
//!
//! The calling convention:
//!
//! - A function returns an `int`: 0, or a status whose text `NAME_message` gives.
//! - A number comes by value; a complex number as a pointer to its real and
//!   imaginary parts. f16 and bf16 are `uint16_t`, their bits.
//! - A tensor comes as a pointer to its elements in row-major order, then one
//!   `int64_t` for each dynamic dimension. Complex elements are interleaved.
//! - A result is written through a pointer to memory of the caller, whose extents
//!   are static or equal to extents of arguments. Where they are not, the library
//!   allocates: `T **y, int64_t *y_d0`, to be given back to `NAME_free`.
//! - Results overlap neither arguments nor each other.
//! - A function that allocates a workspace has `f__workspace_size(…, int64_t *size)` and
//!   `f__with_workspace(…, void *workspace, int64_t size)` beside it: a caller that keeps the memory pays for its pages
//!   once. `f__packed_workspace(slots, workspace, size)` is both for loaders.
//! - `f__packed(slots)` calls `f` with parameters that lie in memory: `slots[i]`
//!   is the address of the i-th one, as in libffi. A loader needs no other type.

#![forbid(unsafe_code)]

mod description;
mod header;
mod help;
mod model;

mod parameters;
mod scalar_type;

pub use description::DescriptionError;
pub use header::Packed;
pub use help::{HELP, Help};
pub use model::{Argument, Extent, Function, Library, ResultExtent, Returned, Value};
pub use model::{NameError, check_function_name, check_name};
pub use parameters::{Parameter, Passing, Role};
pub use scalar_type::ScalarType;
