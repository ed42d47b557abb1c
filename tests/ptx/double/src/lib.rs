//! A mock of NVIDIA's driver, for tests on machines without a GPU. Programs that use `libcuda.so.1`, for example
//! through the crate `cudarc`, run unchanged; [`dp_ptx`] executes their kernels and detects races, bad accesses and
//! divergent barriers.
//!
//! The library is called `libdp_cuda_double.so`, so that no program loads it by accident. A test gives it the name
//! `libcuda.so.1` in a separate directory and starts the program with that directory in `LD_LIBRARY_PATH`:
//!
//! ```no_run
//! # fn main() -> std::io::Result<()> {
//! let folder = std::env::temp_dir().join("double");
//! dp_cuda_double::arrange(&folder)?;
//! let status = std::process::Command::new("program").env("LD_LIBRARY_PATH", &folder).status()?;
//! # Ok(()) }
//! ```
//!
//! # Environment variables
//!
//! | Variable | Meaning |
//! | --- | --- |
//! | `DP_CUDA_DOUBLE_SM` | the chip: `80`, `90` (the default), … |
//! | `DP_CUDA_DOUBLE_SEED` | the seed of schedules; each launch adds its index |
//! | `DP_CUDA_DOUBLE_FAIL` | the index of the launch, from 0, at which the device fails permanently; default none |
//! | `DP_CUDA_DOUBLE_MEMORY` | the memory of the device in bytes; default 8 GiB |
//! | `DP_CUDA_DOUBLE_REPORT` | a file to which faults, warnings and leaks are appended, one per line |
//! | `CUDA_VISIBLE_DEVICES` | if set and empty, there is no device, as with the driver; other values are ignored |
//! | `DP_CUDA_DOUBLE_COUNTS` | a file to which a JSON object is appended for each launch: `kernel`, `grid`, `block`, `shared`, `counts` |
//!
//! # How it differs from a driver
//!
//! - Streams are synchronous: a launch returns when the kernel has finished, with its fault. As on a device, a fault is
//!   sticky: every later call returns it until the context is destroyed.
//! - Device addresses are not valid host addresses: a host that dereferences one faults (see [`dp_ptx::GLOBAL_BASE`]).
//! - Allocated memory is uninitialized: reading it in a kernel is a fault; a copy to the host gives zeros and a warning
//!   in the report.
//! - There is one device. Modules are PTX text, up to version 8.8; binaries are rejected.
//! - There are no graphs, pools, managed memory, textures or `cuGetProcAddress`. `cudarc` panics when it calls a
//!   function that is not exported.

mod arrange;
mod device;
mod error;
mod events;
mod functions;
mod memory;
mod modules;
mod report;
mod state;
mod streams;

pub use arrange::{arrange, library};
