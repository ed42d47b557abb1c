//! What a request may not ask for together.

use super::request::{Emit, Request};
use dp_dialects::{Diagnostic, Result};

impl Request {
    /// Refuses a request for what the target does not make, and one whose parts rule each other out.
    ///
    /// # Errors
    /// Where it is one of them.
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
