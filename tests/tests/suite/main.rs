//! The test executable: a module a subject.

mod classifier;
mod cpu;
mod derivatives;
mod fuzz;
mod interp;
mod lsp;
mod messages;
mod programs;
mod refutation;
mod semantics;
mod stablehlo;
#[path = "../../targets/mod.rs"]
mod targets;
