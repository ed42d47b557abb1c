//! Activity: which values vary with the active inputs ([`varying`]), and which matter to the results that are differentiated
//! ([`useful`]). Only what does both has a tangent; what varies and does not matter is idle, and is copied like a constant,
//! so that nothing is kept for it.
//!
//! Both analyses are conservative. A value that varies may have a zero tangent, and one that matters may not. An operation of
//! which nothing is known lets all through: its results vary if an operand does, and its operands always matter.

pub mod useful;
pub mod varying;

/// How activity flows through an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Its results are inactive.
    Stops,
    /// Its results are active if an operand is.
    Through,
    /// Its results are active if what its regions yield is. Arguments of a region are elements of the operands.
    Regions,
    /// As [`Flow::Through`], and what flows into it matters even if no result does: it has no derivative, or it keeps what
    /// other operations read.
    Unknown,
}
