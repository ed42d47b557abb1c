//! The test executable: a module a subject.

mod cpu;
mod classifier;
mod derivatives;
mod interp;
mod programs;
mod semantics;
