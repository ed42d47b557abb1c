//! Automatic differentiation as a transformation of the dialects: linearize,
//! then transpose (Radul et al., "You Only Linearize Once", POPL 2023).
//!
//! [`linearize`] answers a request for a derivative in place: the function's
//! operations, and beside them a region `ad.linear` that maps tangents to
//! tangents; what that region uses from outside are its residuals.
//! [`transpose`] turns such a region around and inlines it. Forward mode is the
//! first alone. What comes out is in the same dialects, so nesting is doing it
//! again.
//!
//! What an operation contributes is a row of a table in [`rules`], or, for
//! operations with regions, a file in [`regions`]; the engines name no operation.

pub mod acc;
pub mod evaluator;
pub mod extents;
pub mod linearity;
pub mod linearize;
pub mod passes;
mod prepare;
pub mod reads;
pub mod regions;
mod requests;
pub mod residuals;
pub mod rules;
mod scope;
pub mod tangent;
pub mod transpose;

pub use passes::{AD, AD_LINEARIZE, AD_TRANSPOSE};
