//! Scans, in a logarithmic number of steps on whole tensors: each element combines the last `2^k` operands after step `k`
//! (Hillis and Steele). StableHLO has no scan, and XLA may take quadratic time for a `reduce_window` as wide as its
//! operand.

use super::barriers;
use super::elementwise::convert;
use super::emitter::{Emitter, ExportSite};
use super::regions::short;
use super::shapes::broadcast_to;
use super::slices::strided;
use super::text::{Tensor, Term, list};
use dp_dialects::ir::{block_args, region_block};
use dp_dialects::{Parameters, SpannedDiagnostic};
use std::ops::Range;

/// A scan of a tensor that is not empty.
pub(super) fn scan<'c>(e: &mut Emitter<'c>, site: &ExportSite<'c>) -> Result<Term, SpannedDiagnostic<'c>> {
    let Parameters::Scan(form) = site.parameters else { return site.malformed() };
    let (dtype, dim) = (site.result.dtype(), form.dim);
    // Whether XLA rounds partial sums of f16 and bf16 depends on the device.
    let work = form.kind.accumulator(dtype);
    let x = barriers::apart(e, &site.operands[0]);
    let mut y = convert(e, &x, work, false);
    let extent = y.r#type.shape[dim];
    let mut reach = 1;
    while reach < extent {
        let (first, near, far) = match form.reverse {
            false => (0..reach, reach..extent, 0..extent - reach),
            true => (extent - reach..extent, 0..extent - reach, reach..extent),
        };
        let (first, near, far) = (part(e, &y, dim, first), part(e, &y, dim, near), part(e, &y, dim, far));
        let combined = combine(e, site, &far, &near)?;
        y = join(e, dim, form.reverse, &first, &combined);
        reach = reach.saturating_mul(2);
    }
    let mut start = match (site.operands.get(1), form.kind.identity(work)) {
        (Some(start), _) => start.clone(),
        (None, Some(identity)) => e.splat(work, identity, &[]),
        (None, None) => return site.malformed(),
    };
    if form.exclusive {
        let mut shape = y.r#type.shape.clone();
        shape[dim] = 1;
        let first = broadcast_to(e, &start, &[], &shape);
        let rest = if form.reverse { 1..extent } else { 0..extent - 1 };
        y = match rest.is_empty() {
            true => first,
            false => {
                let mut rest = part(e, &y, dim, rest);
                if site.operands.len() > 1 {
                    start = broadcast_to(e, &start, &[], &rest.r#type.shape.clone());
                    rest = combine(e, site, &start, &rest)?;
                }
                join(e, dim, form.reverse, &first, &rest)
            }
        };
    } else if site.operands.len() > 1 {
        start = broadcast_to(e, &start, &[], &y.r#type.shape.clone());
        y = combine(e, site, &start, &y)?;
    }
    Ok(convert(e, &y, dtype, false))
}

/// The elements in a range along a dimension.
fn part(e: &mut Emitter, x: &Term, dim: usize, range: Range<u64>) -> Term {
    let rank = x.r#type.shape.len();
    let (mut first, mut sizes) = (vec![0; rank], x.r#type.shape.clone());
    (first[dim], sizes[dim]) = (range.start, range.end - range.start);
    strided(e, x, &first, &sizes, &vec![1; rank], &sizes)
}

/// What comes first in the order of the scan, joined with the rest.
fn join(e: &mut Emitter, dim: usize, reverse: bool, first: &Term, rest: &Term) -> Term {
    let mut shape = rest.r#type.shape.clone();
    shape[dim] += first.r#type.shape[dim];
    let terms = if reverse { [rest, first] } else { [first, rest] };
    let to = Tensor { element: first.r#type.element, shape };
    e.w.op("concatenate", &terms, &format!(", dim = {}", list([dim])), to)
}

/// The operation on whole tensors.
fn combine<'c>(e: &mut Emitter<'c>, site: &ExportSite<'c>, a: &Term, b: &Term) -> Result<Term, SpannedDiagnostic<'c>> {
    let Parameters::Scan(form) = site.parameters else { return site.malformed() };
    if let Some(name) = short(form.kind) {
        return Ok(e.w.same(name, &[a, b]));
    }
    let Some(body) = region_block(site.op, 0) else { return site.malformed() };
    let outside = (std::mem::replace(&mut e.lanes, a.r#type.shape.clone()), e.here.take());
    // Steps combine elements in another order than the program.
    let status = e.status.take();
    block_args(body).into_iter().zip([a, b]).for_each(|(argument, term)| e.bind(argument, term.clone()));
    let made = e.block(body);
    (e.lanes, e.here) = outside;
    e.status = status;
    match made?.pop() {
        Some(made) => Ok(made),
        None => site.malformed(),
    }
}
