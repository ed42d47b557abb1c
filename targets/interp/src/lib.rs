//! The interpreter: executes the high-level dialects directly.
