//! PTX as a program: text, decoded instructions, and the functions of bits that arithmetic instructions compute.
//!
//! [`Module::parse`] reads a module. An instruction or a modifier that is not known is an error, which names its line.
//! Nothing here executes a program: the crate `dp-ptx` does.
//!
//! ```
//! let module = dp_ptx_program::Module::parse(
//!     ".version 8.0\n.target sm_80\n.address_size 64\n.visible .entry empty() { ret; }",
//! )?;
//! assert_eq!(module.kernels().collect::<Vec<_>>(), ["empty"]);
//! // The one that is written, and the one that ends every body.
//! assert_eq!(module.instructions("empty", dp_ptx_program::Class::Control), 2);
//! # Ok::<(), dp_ptx_program::ParseError>(())
//! ```

pub mod address;
pub mod alu;
mod class;
mod decode;
mod flow;
pub mod functions;
mod lint;
pub mod mma;
pub mod module;
pub mod op;
mod text;
mod types;

pub use class::Class;
pub use module::Module;
pub use text::ParseError;
pub use types::{Space, Ty};
