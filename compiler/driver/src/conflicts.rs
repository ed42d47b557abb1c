//! Checks for contradictions within a request.

use super::request::{Emit, Request};
use dp_dialects::{Diagnostic, Result};

impl Request {
    /// Rejects outputs that the target does not support, and requests that contradict themselves.
    ///
    /// # Errors
    /// If the request is one of these.
    pub fn check(&self) -> Result<()> {
        let Request { target, emit, call, stop_after, .. } = self;
        let refused = |message: String, help: &str| Err(Diagnostic::request(message).help(help));
        if let Some(emit) = emit.filter(|emit| !target.emits().contains(emit)) {
            let words: Vec<&str> = target.emits().iter().map(|emit| emit.name()).collect();
            let message = format!("--emit={}: not supported by --target={}", emit.name(), target.name());
            return refused(message, &format!("it supports {}", words.join(", ")));
        }
        target.check(self)?;
        match (call, stop_after, emit) {
            (Some(_), None, Some(emit @ Emit::Linalg)) => refused(
                format!("--emit={}: compilation stops before the program can be run", emit.name()),
                "omit --run, or choose another --emit",
            ),
            (Some(call), Some(_), _) => refused(
                format!("--run {}: the pipeline stops before the program can be run", call.function),
                "use --run and --stop-after in separate commands",
            ),
            (None, Some(step), Some(emit)) if !matches!(emit, Emit::Mlir | Emit::Simplified) => refused(
                format!("--stop-after={step} writes MLIR, not {}", emit.name()),
                "use an output file with the suffix .mlir, or omit --emit",
            ),
            (_, _, _) => Ok(()),
        }
    }
}
