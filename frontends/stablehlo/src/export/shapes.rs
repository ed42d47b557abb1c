//! Construction, shape operations and contractions.

use super::barriers;
use super::elementwise::convert;
use super::emitter::{Emitter, ExportSite};
use super::text::{Tensor, Term, list};
use dp_dialects::{Parameters, ScalarType, SpannedDiagnostic};

pub(super) fn iota<'c>(e: &mut Emitter<'c>, site: &ExportSite<'c>) -> Result<Term, SpannedDiagnostic<'c>> {
    let Parameters::Dim(dim) = site.parameters else { return site.malformed() };
    Ok(e.w.nullary("iota", &format!("dim = {dim}"), site.result.clone()))
}

pub(super) fn broadcast<'c>(e: &mut Emitter<'c>, site: &ExportSite<'c>) -> Result<Term, SpannedDiagnostic<'c>> {
    let Parameters::Broadcast(dims) = &site.parameters else { return site.malformed() };
    Ok(broadcast_to(e, &site.operands[0], dims, &site.result.shape))
}

/// Dimension `i` of a tensor becomes dimension `dims[i]` of the shape.
pub(super) fn broadcast_to(e: &mut Emitter, x: &Term, dims: &[usize], shape: &[u64]) -> Term {
    if x.r#type.shape == shape {
        return x.clone();
    }
    let to = Tensor { element: x.r#type.element, shape: shape.to_vec() };
    e.w.op("broadcast_in_dim", &[x], &format!(", dims = [{}]", list(dims)), to)
}

pub(super) fn reshape(e: &mut Emitter, x: &Term, shape: &[u64]) -> Term {
    if x.r#type.shape == shape {
        return x.clone();
    }
    e.w.op("reshape", &[x], "", Tensor { element: x.r#type.element, shape: shape.to_vec() })
}

pub(super) fn transpose<'c>(e: &mut Emitter<'c>, site: &ExportSite<'c>) -> Result<Term, SpannedDiagnostic<'c>> {
    let Parameters::Permutation(permutation) = &site.parameters else { return site.malformed() };
    let tail = format!(", dims = [{}]", list(permutation));
    Ok(e.w.op("transpose", &[&site.operands[0]], &tail, site.result.clone()))
}

pub(super) fn concatenate<'c>(e: &mut Emitter<'c>, site: &ExportSite<'c>) -> Result<Term, SpannedDiagnostic<'c>> {
    let Parameters::Dim(dim) = site.parameters else { return site.malformed() };
    let terms: Vec<&Term> = site.operands.iter().collect();
    Ok(e.w.op("concatenate", &terms, &format!(", dim = {dim}"), site.result.clone()))
}

/// A contraction, with at least the precision of the elements: XLA's default on TPUs is lower.
pub(super) fn dot<'c>(e: &mut Emitter<'c>, site: &ExportSite<'c>) -> Result<Term, SpannedDiagnostic<'c>> {
    let (Parameters::Dot(dims), [a, b]) = (&site.parameters, &site.operands[..]) else { return site.malformed() };
    let mut tail = String::new();
    if !dims.batch_a.is_empty() {
        tail += &format!(", batching_dims = [{}] x [{}]", list(&dims.batch_a), list(&dims.batch_b));
    }
    tail += &format!(", contracting_dims = [{}] x [{}]", list(&dims.contract_a), list(&dims.contract_b));
    if matches!(a.r#type.dtype(), ScalarType::F32 | ScalarType::F64 | ScalarType::Complex64 | ScalarType::Complex128) {
        tail += ", precision = [HIGHEST, HIGHEST]";
    }
    let (a, b) = (barriers::apart(e, a), barriers::apart(e, b));
    let dtype = site.result.dtype();
    let sums = e.w.op("dot_general", &[&a, &b], &tail, site.result.of(dtype.accumulator()));
    Ok(convert(e, &sums, dtype, false))
}
