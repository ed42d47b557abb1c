//! Constants in StableHLO's syntax.

use super::text::{Tensor, Term, Writer, list};
use dp_dialects::{Literal, Number, ScalarType};
use melior::Context;

/// A constant; a scalar has rank 0.
pub(super) fn constant(w: &mut Writer, context: &Context, literal: &Literal) -> Term {
    let r#type = Tensor::new(literal.dtype, literal.extents().to_vec());
    let term = w.nullary("constant", &dense(context, literal), r#type);
    if let Some(value) = literal.splat_value() {
        w.note_known(&term, has_inverse(literal.dtype, value));
    }
    term
}

/// A splat of a shape.
pub(super) fn splat(w: &mut Writer, context: &Context, dtype: ScalarType, value: Number, shape: &[u64]) -> Term {
    constant(w, context, &Literal::splat(dtype, shape.to_vec(), value))
}

/// Whether the reciprocal of a constant is neither infinite nor subnormal.
fn has_inverse(dtype: ScalarType, value: Number) -> bool {
    // Not used for integers.
    let Some((least, greatest)) = dtype.limits() else { return true };
    let size = value.complex().norm();
    (least..=greatest).contains(&size) && (least..=greatest).contains(&size.recip())
}

/// `dense<…>`, without the type.
fn dense(context: &Context, literal: &Literal) -> String {
    if literal.is_empty() {
        return "dense<>".into();
    }
    match (literal.dtype, literal.splat_value()) {
        (ScalarType::I1, Some(value)) => format!("dense<{}>", value.integer() != 0),
        // The bit form of booleans differs between MLIR versions, so elements are written one by one.
        (ScalarType::I1, None) => {
            let words: Vec<bool> = literal.iter().map(|value| value.integer() != 0).collect();
            format!("dense<{}>", nested(literal.extents(), &words))
        }
        _ => {
            let dtype = if literal.dtype == ScalarType::Index { ScalarType::I64 } else { literal.dtype };
            let elements = literal.elements.clone();
            let tensor = Literal { dtype, shape: Some(literal.extents().to_vec()), elements };
            let text = tensor.to_attribute(context).to_string();
            text.rsplit_once(" : ").map_or(text.clone(), |(value, _)| value.into())
        }
    }
}

/// Elements in brackets, one pair per dimension.
fn nested(shape: &[u64], words: &[bool]) -> String {
    match shape {
        [] => list(words),
        [_] => format!("[{}]", list(words)),
        [extent, inner @ ..] => {
            let size = words.len() / (*extent).max(1) as usize;
            format!("[{}]", list(words.chunks(size.max(1)).map(|words| nested(inner, words))))
        }
    }
}
