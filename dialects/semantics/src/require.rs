//! Checks of operands and results.

use dp_dialects::{Diagnostic, Literal, Result, ValueType};

/// The diagnostic about an operation that cannot have passed a verifier.
pub fn malformed() -> Diagnostic {
    Diagnostic::invalid("the operation lacks operands or attributes").help("verify the operation before evaluating it")
}

/// Requires two extents to be equal.
pub fn require_equal(subject: impl FnOnce() -> String, a: u64, b: u64) -> Result<()> {
    if a == b {
        return Ok(());
    }
    Err(Diagnostic::run_time(format!("{} differ: {a} and {b}", subject()))
        .help("check the shapes of the arguments; there is no implicit broadcasting"))
}

/// Requires operands to have the same shape.
pub fn require_same_extents(operands: &[Literal]) -> Result<()> {
    let Some((first, others)) = operands.split_first() else { return Ok(()) };
    for (number, other) in (1..).zip(others) {
        if first.shape != other.shape {
            return Err(Diagnostic::run_time(format!(
                "operands 0 and {number} must have the same shape, but are {} and {}",
                first.value_type(),
                other.value_type()
            ))
            .help("there is no implicit broadcasting; use 'array.broadcast'"));
        }
    }
    Ok(())
}

/// Requires a result to have its declared type.
pub fn require_type(literal: &Literal, r#type: &ValueType) -> Result<()> {
    let fits = literal.dtype == r#type.dtype
        && literal.shape.is_some() == r#type.is_tensor()
        && literal.extents().len() == r#type.rank()
        && literal.extents().iter().zip(r#type.extents()).all(|(a, b)| b.is_none_or(|b| *a == b));
    if fits {
        return Ok(());
    }
    Err(Diagnostic::run_time(format!("the result has type {}, but {type} is declared", literal.value_type()))
        .help("check the shapes of the arguments"))
}
