//! The test executable: a module a subject.
