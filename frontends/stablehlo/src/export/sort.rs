//! Sorts.

use super::emitter::{Emitter, unsupported};
use super::text::{Term, list, types};
use dp_dialects::ir::{Op, region_block};
use dp_dialects::{OpKind, Parameters, SpannedDiagnostic};

/// A sort, which is stable.
pub(super) fn sort<'c>(e: &mut Emitter<'c>, op: Op<'c>, terms: &[Term]) -> Result<Vec<Term>, SpannedDiagnostic<'c>> {
    let (Some(Parameters::Dim(dim)), Some(body)) = (Parameters::of(OpKind::ArraySort, op), region_block(op, 0)) else {
        return Err(unsupported(op));
    };
    let of: Vec<_> = terms.iter().map(|term| term.r#type.clone()).collect();
    let (sorted, left) = e.w.fresh_all(&of);
    let outside = (std::mem::take(&mut e.lanes), e.here.take());
    let status = e.status.take();
    e.w.open(format_args!("{left}\"stablehlo.sort\"({}) ({{", list(terms)));
    let arguments = e.arguments(op, body)?;
    e.w.turn(format_args!("^bb0({}):", arguments.join(", ")));
    let given = e.block(body)?;
    (e.lanes, e.here) = outside;
    e.status = status;
    e.w.line(format_args!("stablehlo.return {} : {}", list(&given), types(&given)));
    e.w.close(format_args!("}}) {{dimension = {dim} : i64, is_stable = true}} : ({of}) -> ({of})", of = types(terms)));
    Ok(sorted)
}
