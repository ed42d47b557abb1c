//! The dialects `scalar`, `array` and `ad`. Their ODS is in `td/`, their C++ classes are in `shim/`, and the bodies of
//! verifiers, folders and type inference are here, with typed access to operations and the only constructor of
//! contexts.

pub mod attributes;
pub mod builder;
pub mod context;
pub mod diagnostics;
pub mod float_model;
mod hooks;
pub mod ir;
pub mod kind;
pub mod literal;
pub mod marks;
pub mod number;
pub mod ops;
pub mod parameters;
pub mod pass;
mod shim;
pub mod source;
pub mod stack;
pub mod tools;
pub mod types;

pub use builder::Builder;
pub use diagnostics::{Diagnostic, DiagnosticCode, ErrorGuaranteed, Result, SpannedDiagnostic};
pub use float_model::{FloatModel, License};
pub use hooks::{Fold, install_folder};
pub use kind::OpKind;
pub use literal::{Elements, Literal};
pub use number::Number;
pub use parameters::Parameters;
pub use types::{Extent, MlirType, ScalarType, ValueType};

/// The directory of the LLVM installation that this compiler was built with.
pub const LLVM: &str = env!("DP_LLVM");
