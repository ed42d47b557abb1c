//! Automatic differentiation as a transformation of the dialects: what is differentiated, and how. The engine that does
//! it, linearization and transposition, is [`dp_ad_engine`].
//!
//! Requests for derivatives are expanded in place (`requests`), innermost first, by the passes in [`passes`]. Each operation
//! has one rule in [`rules`]; operations with regions have a handler in [`regions`]. A function whose calls stay becomes functions
//! of its own ([`calls`]), and a pullback that leaves the function that makes it a record (`pullbacks`). What reverse mode
//! computes again instead of keeping it is in [`checkpoints`]; which extrema cancel, in [`shifts`].
//!
//! Before a region that the user wrote is transposed, [`dp_linearity`] checks that it is linear; an affine map would
//! lose its constant. `prepare` then expands what has no transpose: calls, and operations that return residuals
//! together with tangents.

pub mod calls;
mod checked;
pub mod checkpoints;
pub mod passes;
mod prepare;
mod pullbacks;
pub mod regions;
mod requests;
pub mod rules;
pub mod shifts;

pub use passes::{AD, AD_LINEARIZE, AD_TRANSPOSE, AdOptions};
