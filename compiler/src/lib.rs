//! The command-line tools: `dpc`, a client of the driver; the language server; the reference generator.

pub mod dpc;
pub mod lsp;
pub mod reference;
pub mod trace;
