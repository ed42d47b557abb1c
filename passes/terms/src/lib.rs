//! The term algebra: the expression language in which rules are written, and term graphs with facts and costs, their
//! import from MLIR and their emission to MLIR.

pub mod cost;
pub mod dag;
pub mod emit;
pub mod expr;
pub mod facts;
pub mod graph;
pub mod import;
pub mod interner;
pub mod node;
pub mod origin;
pub mod syntax;

pub use cost::Cost;
pub use dag::Dag;
pub use egg::Id;
pub use expr::Expr;
pub use facts::{Facts, Size, range};
pub use graph::Graph;
pub use import::Program;
pub use interner::Interner;
pub use node::{Node, NodeKind};
pub use origin::Origin;
pub use range::Range;
pub use syntax::parse;
