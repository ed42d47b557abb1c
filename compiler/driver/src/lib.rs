//! The compiler as a library. [`Session::compile`] takes a [`Source`], a [target](targets::TargetDriver) and a
//! [`Request`] and returns an [`Artifact`] or diagnostics. It prints nothing, never exits, and keeps no state between compilations. Several threads may compile at
//! the same time, each in its own context. `dpc` is a client like any other.
#![deny(clippy::print_stdout, clippy::print_stderr, clippy::exit)]

mod admission;
pub mod artifact;
pub mod call;
pub mod check_each;
mod check_gradients;
pub mod conflicts;
pub mod conversion;
mod costs;
mod derivatives;
pub mod diagnostics;
mod evaluation;
pub mod events;
pub mod failure;
pub mod files;
pub mod interface;
pub mod job;
mod names;
pub mod phases;
pub mod pipelines;
pub mod program;
pub mod registry;
pub mod request;
pub mod session;
pub mod targets;

pub use artifact::{Artifact, Emitted, Results};
pub use diagnostics::{DiagnosticRecord, Severity};
pub use dp_dialects::{Diagnostic, DiagnosticCode};
pub use dp_frontends::{Frontend, Source};
pub use dp_interp::Cost;
pub use events::Event;
pub use interface::Interface;
pub use request::{Arguments, CallRequest, DerivativeRequest, Emit, GradientCheck, Request};
pub use session::Session;
