//! Factorizations of matrices, and triangular systems.

use super::emitter::{Emitter, ExportSite};
use super::text::Term;
use dp_dialects::{Number, Parameters, ScalarType, SpannedDiagnostic};

/// A Cholesky factor. XLA gives NaN for a matrix that is not positive definite; what it leaves above the diagonal is not
/// defined.
pub(super) fn cholesky<'c>(e: &mut Emitter<'c>, site: &ExportSite<'c>) -> Result<Term, SpannedDiagnostic<'c>> {
    let [x] = &site.operands[..] else { return site.malformed() };
    let r#type = site.result.clone();
    if r#type.is_empty() {
        return Ok(x.clone());
    }
    let rank = r#type.shape.len();
    let factor = e.w.fresh(r#type.clone());
    e.w.line(format_args!("{factor} = stablehlo.cholesky {x}, lower = true : {type}"));
    let zero = e.splat(r#type.dtype(), Number::of_f64(0.0, r#type.dtype()), &r#type.shape);
    let [row, column] =
        [rank - 2, rank - 1].map(|dim| e.w.nullary("iota", &format!("dim = {dim}"), r#type.of(ScalarType::I64)));
    let is_below = e.w.fresh(r#type.of(ScalarType::I1));
    let (places, to) = (&row.r#type, &is_below.r#type);
    e.w.line(format_args!("{is_below} = stablehlo.compare GE, {row}, {column}, SIGNED : ({places}, {places}) -> {to}"));
    Ok(e.w.op("select", &[&is_below, &factor, &zero], "", r#type))
}

/// Solutions of triangular systems. `stablehlo.triangular_solve` does not conjugate alone, so the matrix is conjugated first.
pub(super) fn solve<'c>(e: &mut Emitter<'c>, site: &ExportSite<'c>) -> Result<Term, SpannedDiagnostic<'c>> {
    let (Parameters::Solve(form), [a, b]) = (&site.parameters, &site.operands[..]) else { return site.malformed() };
    if site.result.is_empty() {
        return Ok(b.clone());
    }
    let is_conjugated = form.conjugated && a.r#type.dtype().is_complex();
    let mut a = a.clone();
    if is_conjugated && !form.transposed {
        let real = a.r#type.of(a.r#type.dtype().real());
        let [re, im] = ["real", "imag"].map(|name| e.w.op(name, &[&a], "", real.clone()));
        let im = e.w.same("negate", &[&im]);
        a = e.w.op("complex", &[&re, &im], "", a.r#type.clone());
    }
    let transpose = match (form.transposed, is_conjugated) {
        (false, _) => "NO_TRANSPOSE",
        (true, false) => "TRANSPOSE",
        (true, true) => "ADJOINT",
    };
    let result = e.w.fresh(site.result.clone());
    e.w.line(format_args!(
        "{result} = \"stablehlo.triangular_solve\"({a}, {b}) <{{left_side = {}, lower = {}, transpose_a = \
         #stablehlo<transpose {transpose}>, unit_diagonal = {}}}> : ({}, {}) -> {}",
        !form.right, !form.upper, form.unit, a.r#type, b.r#type, result.r#type
    ));
    Ok(result)
}
