//! The test executable: a module a subject.

mod derivatives;
mod programs;
mod semantics;
