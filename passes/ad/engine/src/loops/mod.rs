//! What the derivatives of loops share: the primal loop that saves, the linear loop that reads, and the plan of what.

mod kept;
mod plan;
pub mod rounds;
pub mod tape;
