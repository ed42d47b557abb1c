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
            let message = format!("--emit={}: the target {} does not make it", emit.name(), target.name());
            return refused(message, &format!("it makes {}", words.join(", ")));
        }
        target.check(self)?;
        match (call, stop_after, emit) {
            (Some(_), None, Some(emit @ Emit::Linalg)) => refused(
                format!("--emit={}: the program is not lowered further, so it cannot be called", emit.name()),
                "leave out --run, or emit something else",
            ),
            (Some(call), Some(_), _) => refused(
                format!("--run {}: the pipeline stops before anything is called", call.function),
                "leave out --run or --stop-after, and do the other afterwards",
            ),
            (None, Some(step), Some(emit)) if !matches!(emit, Emit::Mlir | Emit::Simplified) => refused(
                format!("--stop-after={step}: the program is written as MLIR, and not as {}", emit.name()),
                "give a file that ends in .mlir, or leave out --emit",
            ),
            (_, _, _) => Ok(()),
        }
    }
}
