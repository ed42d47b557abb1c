//! Checks for contradictions within a request, and between a request and its target.

use super::request::{Emit, MAX_LEVEL, Request};
use super::targets::TargetDriver;
use dp_abi::{DROP, PULL, VJP};
use dp_dialects::{Diagnostic, Result};

/// Rejects outputs that the target does not support, and requests that contradict themselves.
///
/// # Errors
/// If the request is one of these.
pub fn check(request: &Request, target: &dyn TargetDriver) -> Result<()> {
    let Request { emit, call, stop_after, level, .. } = request;
    let refused = |message: String, help: &str| Err(Diagnostic::request(message).help(help));
    if let Some(emit) = emit.filter(|emit| !target.emits().contains(emit)) {
        let words: Vec<&str> = target.emits().iter().map(|emit| emit.name()).collect();
        let message = format!("--emit={}: not supported by --target={}", emit.name(), target.name());
        return refused(message, &format!("it supports {}", words.join(", ")));
    }
    if *level > MAX_LEVEL {
        return refused(format!("-O{level}: not an optimization level"), &format!("choose 0 to {MAX_LEVEL}"));
    }
    let adds_none = request.grad.is_empty() && request.jvp.is_empty() && request.vjp.is_empty();
    if request.check_gradients.is_some() && adds_none {
        return refused(
            "--check-gradients: no derivative is added".into(),
            "add --grad FUNC, --jvp FUNC or --vjp FUNC",
        );
    }
    if let Some(call) = call {
        let takes_handle = |of: &&str| [PULL, DROP].iter().any(|suffix| call.function.strip_suffix(suffix) == Some(of));
        if let Some(of) = request.vjp.iter().map(|vjp| vjp.function.as_str()).find(takes_handle) {
            return refused(
                format!("--run {}: a handle cannot be passed on the command line", call.function),
                &format!("use --run {of}{VJP}, which takes the cotangents after the arguments and pulls them back"),
            );
        }
    }
    target.check(request)?;
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
