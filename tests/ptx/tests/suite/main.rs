//! Tests of the interpreter: instructions against plain Rust, kernels that LLVM wrote, planted mistakes.

mod faults;
mod instructions;
mod kernels;
mod libclc;
mod parsing;
mod support;
mod warps;
