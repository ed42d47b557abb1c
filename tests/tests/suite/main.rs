//! The test executable: a module a subject.

mod check_each;
mod check_gradients;
mod classifier;
mod cookbook;
mod costs;
mod cpu;
mod derivatives;
mod devices;
mod driver;
mod examples;
mod fuzz;
mod imports;
mod internal;
mod interp;
mod jax;
mod locations;
mod lsp;
mod markdown;
mod messages;
mod programs;
mod refutation;
mod semantics;
mod specification;
mod stablehlo;
#[path = "../../targets/mod.rs"]
mod targets;
mod verification;
