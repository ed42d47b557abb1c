//! A client of the PJRT C API, which runs and compiles StableHLO with XLA's plugins for CPU, GPU and TPU.
//!
//! - [`Plugin`]: a shared library with `GetPjrtApi`, loaded from its path.
//! - [`Client`]: its devices, of which the first is used. [`Client::compile`] makes an [`Executable`], which runs on
//!   [`Array`](crate::Array)s, or on [`Buffer`]s on the device. [`Client::compile_divided`] makes one that runs on several
//!   devices.
//! - [`Topology`]: devices to compile for, which need not be present; [`Topology::compile_ahead`] makes an
//!   [`AheadOfTime`] program.
//! - [`Memory`] and [`Cost`]: the compiler's statistics of a program.
//!
//! A plugin checks sizes of arguments, but not types and shapes. So each program has a [`Signature`], against which
//! arguments and results are checked.
//!
//! A program that `dpc` wrote may fail, where a loop passes its bound or an index is out of bounds. It then returns a
//! status after the results of its signature, and a run gives [`Error::Status`] unless it is 0.
//!
//! A plugin stays loaded until the process ends, since plugins do not support unloading. Other objects are
//! reference-counted: buffers and executables keep their client.
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
mod hlo;
mod parts;
mod plugin;
mod signature;
mod status;
mod topology;

pub use dp_abi::{Indivisible, Sharding, Shardings};

pub use buffer::Buffer;
pub use client::Client;
pub use error::{Code, Error};
pub use executable::Executable;
pub use figures::{Cost, Figure, Memory};
pub use hlo::Collective;
pub use plugin::Plugin;
pub use signature::{ArrayType, Signature, SignatureError};
pub use topology::{AheadOfTime, TPU_ENVIRONMENT, Topology};
