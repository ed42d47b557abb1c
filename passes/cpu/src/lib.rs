//! What a CPU runs: structured loops on buffers become loops of vectors and calls of the matrix product, long blocks
//! without loops are cut into functions of bounded length, and LLVM is told of loops what it need not find out.

pub mod dot;
pub mod loops;
pub mod outline;
pub mod products;
pub mod vectors;
