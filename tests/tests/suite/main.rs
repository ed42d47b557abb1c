//! The test executable: a module a subject.

mod classifier;
mod cpu;
mod cuda;
mod derivatives;
mod digits;
mod interp;
mod lsp;
mod programs;
mod refutation;
mod semantics;
