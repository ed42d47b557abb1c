//! Running StableHLO: a client of the PJRT C API, which XLA's plugins for CPU, GPU
//! and TPU speak.
//!
//! - [`Plugin`]: a shared library with `GetPjrtApi`, opened by its path.
//! - [`Client`]: its devices, of which the first is used. [`Client::compile`] makes an
//!   [`Executable`], which takes and gives [`Array`](crate::Array)s, or [`Buffer`]s
//!   that stay on the device.
//! - [`Topology`]: a machine that is not there; [`Topology::compile_ahead`] makes an
//!   [`AheadOfTime`] program for it.
//! - [`Memory`] and [`Cost`]: what a compiler says of its program.
//!
//! A plugin checks how many bytes it is given, never of what type or shape they are.
//! So a [`Signature`] says what a program takes and gives; every argument is checked
//! against it before the plugin sees it, every result before the caller does.
//!
//! A plugin stays loaded until the process ends: none is made to be unloaded. All else
//! goes when its last user goes: a buffer keeps its client, an executable too.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use dp_runtime::Array;
//! use dp_runtime::pjrt::{ArrayType, Plugin, Signature};
//!
//! // SAFETY: this file is a PJRT plugin.
//! let plugin = unsafe { Plugin::open("target/plugins/pjrt-cpu.so") }?;
//! let vector = ArrayType::of::<f32>(&[2]);
//! let program = plugin.client()?.compile(
//!     "func.func @main(%x: tensor<2xf32>) -> tensor<2xf32> {
//!        %y = stablehlo.add %x, %x : tensor<2xf32>
//!        return %y : tensor<2xf32>
//!      }",
//!     Signature { arguments: vec![vector.clone()], results: vec![vector] },
//! )?;
//! let results = program.run(&[Array::new(&[2], vec![1.0_f32, 2.0])?])?;
//! assert_eq!(results[0].as_slice::<f32>(), Some(&[2.0, 4.0][..]));
//! # Ok(())
//! # }
//! ```

mod buffer;
mod client;
mod error;
mod executable;
mod ffi;
mod figures;
mod plugin;
mod signature;
mod topology;

pub use buffer::Buffer;
pub use client::Client;
pub use error::{Code, Error};
pub use executable::Executable;
pub use figures::{Cost, Figure, Memory};
pub use plugin::Plugin;
pub use signature::{ArrayType, Signature, SignatureError};
pub use topology::{AheadOfTime, TPU_ENVIRONMENT, Topology};
