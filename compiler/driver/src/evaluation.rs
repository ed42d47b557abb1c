//! Evaluation of functions at random points, for checks: where arguments lie, and how closely results must agree.

pub mod components;
pub mod domain;
pub mod random;
pub mod tolerance;
