//! The engine of automatic differentiation: linearize, then transpose (Radul et al., "You Only Linearize Once", POPL 2023).
//!
//! [`linearize`] copies a function's primal operations to a derivative request and emits, next to them, an `ad.linear`
//! region that maps tangents to tangents. Primal values that the region uses are its residuals. Inlining the region gives
//! forward mode. [`transpose`] inlines its transpose instead, which gives reverse mode, in the same function, so that
//! simplification sees both sweeps as one program. The result is in the same dialects, so derivatives nest.
//!
//! A loop becomes two: the primal one keeps what the linear one uses on tapes, tensors with a row for each round, and
//! the linear one has as many rounds ([`loops`]). Its transpose goes through them from the last to the first. Tapes of inner
//! loops whose trip counts differ from round to round are flat. What a tangent flows into in some round, and matters to the
//! results, is found before ([`activity`]). What is kept is planned for a loop body as a whole.
//!
//! The engine names no operation. Its interfaces are [`site::TangentRules`], [`transpose::TransposeRules`],
//! [`tangent::Tangent`], [`transpose::cotangents::Acc`] and [`residuals::ResidualPolicy`].

pub mod activity;
mod checkpoint;
pub mod construct;
pub mod levels;
pub mod linearize;
pub mod loops;
pub mod report;
pub mod residuals;
pub mod site;
pub mod tangent;
pub mod transpose;
