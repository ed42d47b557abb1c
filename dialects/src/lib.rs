//! The dialects `scalar`, `array` and `ad`: their ODS is in `td/`, their C++
//! classes in `shim/`, and the bodies of their verifiers, folders and type
//! inference here; with typed access to operations, and the one constructor of
//! contexts.

pub mod attributes;
pub mod builder;
pub mod context;
pub mod diagnostics;
pub mod float_model;
mod hooks;
pub mod infer;
pub mod ir;
pub mod kind;
pub mod legality;
pub mod literal;
pub mod number;
pub mod parameters;
pub mod pass;
mod shim;
pub mod source;
pub mod stack;
pub mod tools;
pub mod types;
pub mod verify;

pub use builder::Builder;
pub use diagnostics::{Diagnostic, ErrorGuaranteed, Result, SpannedDiagnostic};
pub use float_model::{FloatModel, License};
pub use hooks::{Fold, install_folder};
pub use kind::OpKind;
pub use literal::{Elements, Literal};
pub use number::Number;
pub use parameters::Parameters;
pub use types::{DType, Extent, ValueType};

/// The folder of the LLVM that this compiler was built with.
pub const LLVM: &str = env!("DP_LLVM");
