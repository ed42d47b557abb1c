//! An interpreter of PTX, for tests: it executes what LLVM's NVPTX backend writes, on a machine without a GPU, and finds
//! what a GPU would pass over in silence.
//!
//! ```
//! use dp_ptx::{Launch, Memory, Module};
//!
//! let module = Module::parse(
//!     ".version 8.0\n.target sm_80\n.address_size 64\n
//!      .visible .entry double(.param .u64 at) {
//!        .reg .b32 %r<3>; .reg .b64 %rd<3>;
//!        ld.param.b64 %rd0, [at];
//!        mov.u32 %r0, %tid.x;
//!        mul.wide.u32 %rd1, %r0, 4;
//!        add.s64 %rd2, %rd0, %rd1;
//!        ld.global.b32 %r1, [%rd2];
//!        add.s32 %r2, %r1, %r1;
//!        st.global.b32 [%rd2], %r2;
//!        ret;
//!      }",
//! )?;
//! let mut memory = Memory::new();
//! let at = memory.alloc(8)?;
//! memory.write(at, &[1, 0, 0, 0, 2, 0, 0, 0])?;
//! let counts = Launch::new("double", [1, 1, 1], [2, 1, 1], &[&at.to_le_bytes()]).run(&module, &mut memory)?;
//! let mut out = [0; 8];
//! memory.read(at, &mut out)?;
//! assert_eq!(out, [2, 0, 0, 0, 4, 0, 0, 0]);
//! assert_eq!((counts.instructions(), counts.sectors), (16, 2));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is executed, and how exactly
//!
//! An instruction or a modifier that is not known is an error of [`Module::parse`], which names its line. Arithmetic is
//! rounded exactly as PTX says; functions marked `approx` are computed in `f64` and rounded once, which is within their
//! bounds but not what hardware gives bit for bit; products of matrices (`mma.sync`) add up in `f64` and round once. NaN
//! results are the canonical ones.
//!
//! Threads run one at a time, for as many instructions as a seeded generator says, several blocks in turns, and synchronize
//! only at barriers, shuffles, votes and products of matrices. Memory is sequentially consistent; `cp.async` copies when
//! it is waited for and not before.
//!
//! # What is found
//!
//! See [`FaultKind`]. The first fault ends the launch. Races are found whatever the schedule: see the rules in
//! `shadow.rs`. Across blocks, no fence orders anything: a block that reads what another one wrote, behind a fence and
//! an atomic counter, must do so with `ld.relaxed`, `ld.acquire` or `ld.volatile` and the like to count as ordered.
//! Barriers that only a part of the block takes part in are not supported.

mod counts;
mod exec;
mod fault;
mod memory;
mod shadow;

pub use counts::{Counts, Traffic};
pub use dp_ptx_program::{Class, Module, ParseError, Space, Ty};
pub use exec::Launch;
pub use fault::{Fault, FaultKind, Touch, Triple};
pub use memory::{GLOBAL_BASE, Memory, MemoryError};
