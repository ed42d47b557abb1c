//! What automatic differentiation finds out about programs, for their authors.

mod activity;

pub use activity::{ActivityOptions, PRINT_ACTIVITY};
