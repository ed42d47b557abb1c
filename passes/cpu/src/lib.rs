//! CPU code: vectorizes structured loops on buffers, lowers contractions to matmul kernels, outlines long straight-line
//! code into functions of bounded length, and annotates loops for LLVM.

pub mod dot;
pub mod loops;
pub mod outline;
pub mod products;
pub mod transfers;
pub mod vectors;
