//! Host code: launches, device memory, and entry points.

pub mod entry_points;
pub mod image;
pub mod launches;
pub mod memory;
mod parameters;
mod runtime;
