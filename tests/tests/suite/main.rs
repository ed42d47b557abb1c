//! The test executable: a module a subject.

mod derivatives;
mod interp;
mod programs;
mod semantics;
