//! Checkpoints: what reverse mode computes again instead of keeping it.
//!
//! The primal operations of a checkpoint are copied as they are. The linear region holds them once more, in an
//! `ad.checkpoint` together with the operations on tangents, so that its transpose computes them right before it needs
//! them (`region`). The linear counterpart of a loop with snapshots carries the primal values beside the tangents
//! (`replay`); its transpose goes back through the states by a binomial schedule
//! ([`dp_ad_engine::loops::schedule`]).

pub(crate) mod limit;
pub(crate) mod plan;
pub(crate) mod region;
pub(crate) mod replay;
