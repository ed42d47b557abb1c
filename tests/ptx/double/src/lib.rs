//! A double of NVIDIA's driver, for tests on machines without a GPU: programs that speak to `libcuda.so.1`, through the
//! crate `cudarc` for instance, run unchanged, and their kernels are executed by [`dp_ptx`], which finds races, bad
//! accesses and divergent barriers.
//!
//! The library is called `libdp_cuda_double.so`, so that no program takes it for a driver by accident. A test gives it
//! the name `libcuda.so.1` in a folder of its own and starts the program with that folder in `LD_LIBRARY_PATH`:
//!
//! ```no_run
//! # fn main() -> std::io::Result<()> {
//! let folder = std::env::temp_dir().join("double");
//! dp_cuda_double::arrange(&folder)?;
//! let status = std::process::Command::new("program").env("LD_LIBRARY_PATH", &folder).status()?;
//! # Ok(()) }
//! ```
//!
//! # What the environment says
//!
//! | Variable | Meaning |
//! | --- | --- |
//! | `DP_CUDA_DOUBLE_SM` | the chip: `80`, `90` (as if nothing is said), … |
//! | `DP_CUDA_DOUBLE_SEED` | the seed of schedules; each launch adds its number to it |
//! | `DP_CUDA_DOUBLE_FAIL` | the number of the launch, from 0, at which the device fails for good; none where it is not given |
//! | `DP_CUDA_DOUBLE_MEMORY` | the bytes of memory that the device has; 8 GiB where it is not given |
//! | `DP_CUDA_DOUBLE_REPORT` | a file to which faults, warnings and leaks are appended, a line each |
//! | `CUDA_VISIBLE_DEVICES` | where it is given and empty there is no device, as with the driver; what else it says is not read |
//! | `DP_CUDA_DOUBLE_COUNTS` | a file to which a JSON object is appended for each launch: `kernel`, `grid`, `block`, `shared`, `counts` |
//!
//! # How it differs from a driver
//!
//! - Streams execute at once: a launch returns when it is done, and its fault is the launch's result. A fault stays, as
//!   on a device: every later call returns it, until the context is released for good.
//! - Device addresses are none of the host's: a host that follows one faults (see [`dp_ptx::GLOBAL_BASE`]).
//! - Memory that was allocated is not written, and a kernel that reads it is at fault; a host that copies it gets zeros,
//!   and the report a warning.
//! - There is one device. Modules are PTX text, up to version 8.8; binaries are refused.
//! - There are no graphs, pools, managed memory, textures and no `cuGetProcAddress`. Whatever is not exported, `cudarc`
//!   panics over when it is called.

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
