//! The compiler: the registry of passes, pipelines, and what the command-line
//! tools do.

pub mod diagnostics;
pub mod driver;
pub mod lsp;
pub mod pipelines;
pub mod reference;
pub mod registry;
pub mod trace;
