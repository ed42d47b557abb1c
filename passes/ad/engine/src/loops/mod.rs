//! What the derivatives of loops share: the primal loop that saves, the linear loop that reads, the plan of what,
//! and the schedule of loops that are computed again.

mod copied;
pub mod index;
mod kept;
mod plan;
mod ragged;
pub mod rounds;
pub mod schedule;
pub mod tape;
mod varying;
