//! Automatic differentiation as a transformation of the dialects: linearize, then transpose (Radul et al., "You Only
//! Linearize Once", POPL 2023).
//!
//! [`linearize`] expands a request for a derivative in place. It emits the function's primal operations and, next to
//! them, an `ad.linear` region that maps tangents to tangents. Primal values that the region uses are its residuals.
//! Inlining the region gives forward mode. [`transpose`] inlines its transpose instead, which gives reverse mode, in
//! the same function, so that simplification sees both sweeps as one program. The result is in the same dialects, so
//! derivatives nest: innermost requests are expanded first.
//!
//! A loop becomes two: the primal one keeps what the linear one uses on tapes, tensors with a row for each round, and
//! the linear one has as many rounds. Its transpose goes through them from the last to the first. What a tangent flows
//! into in some round is found before, by a fixpoint (`activity`). `scf.while` is executed once more, to count its
//! rounds.
//!
//! Before a region that the user wrote is transposed, [`dp_linearity`] checks that it is linear; an affine map would
//! lose its constant. `prepare` then expands what has no transpose: calls, and operations that return residuals
//! together with tangents.
//!
//! Each operation has one rule in [`rules`]; operations with regions have a handler in [`regions`]. The engines name no
//! operation. The interfaces are [`tangent::Tangent`], [`transpose::cotangents::Acc`], [`regions::RegionHandler`] and
//! [`residuals::ResidualPolicy`].

pub mod activity;
pub mod calls;
mod checked;
pub mod checkpoints;
mod construct;
pub mod linearize;
pub mod passes;
mod prepare;
mod pullbacks;
pub mod regions;
mod requests;
pub mod residuals;
pub mod rules;
pub mod tangent;
pub mod transpose;

pub use passes::{AD, AD_LINEARIZE, AD_TRANSPOSE, AdOptions};
