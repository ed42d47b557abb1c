//! The pass manager and helpers shared by passes (parsing of text into a module, function symbols, dead-code
//! elimination), and the passes on whole programs: `lift-control-flow`, `raise-to-scalar`, `bound-loops`,
//! `inline-calls`, `split-recursion`, `split-pullbacks`, `specialize-extents` `expand-elimination` and `expand-orthogonal`.

pub mod bound;
pub mod calls;
pub mod control;
pub mod copies;
pub mod dce;
pub mod elimination;
pub mod flow;
pub mod functions;
pub mod hoist;
pub mod inline;
pub mod manager;
pub mod matrices;
pub mod numbers;
pub mod orthogonal;
pub mod parallel;
pub mod pullback;
pub mod raise;
pub mod records;
pub mod recursion;
pub mod shardings;
pub mod specialize;
pub mod symbols;
pub mod text;

pub use dp_dialects::{ErrorGuaranteed, Result};
pub use manager::{NoOptions, Pass, upstream};
