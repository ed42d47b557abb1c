//! What the host does: launches, memory of the device, and the entries that callers see.

pub mod entry_points;
pub mod image;
pub mod launches;
pub mod memory;
mod parameters;
mod runtime;
