//! Slices and updates of slices.

use super::emitter::{Emitter, ExportSite};
use super::shapes::reshape;
use super::text::{Tensor, Term, list};
use dp_dialects::parameters::Start;
use dp_dialects::{Diagnostic, Number, Parameters, ScalarType, SpannedDiagnostic};

/// The number of positions that a slice spans in each dimension.
fn spans(sizes: &[u64], strides: &[usize]) -> Vec<u64> {
    let span = |(size, stride): (&u64, &usize)| if *size == 0 { 0 } else { (size - 1) * *stride as u64 + 1 };
    sizes.iter().zip(strides).map(span).collect()
}

/// Rejects a slice that does not fit into its operand.
fn fits<'c>(site: &ExportSite<'c>, covered: &[u64], extents: &[u64]) -> Result<(), SpannedDiagnostic<'c>> {
    if covered.iter().zip(extents).all(|(span, extent)| span <= extent) {
        return Ok(());
    }
    let message = format!("the slice of '{}' is out of bounds", site.kind.name());
    site.refuse(Diagnostic::invalid(message).help("use a smaller slice or smaller strides"))
}

/// The starts as terms; static ones are emitted as constants.
fn starts(e: &mut Emitter, written: &[Start], operands: &[Term]) -> Vec<Term> {
    let mut operands = operands.iter();
    let mut terms = Vec::new();
    for start in written {
        terms.push(match (start, operands.as_slice()) {
            (Start::Operand, [next, ..]) => {
                operands.next();
                next.clone()
            }
            (Start::At(at), _) => e.splat(ScalarType::I64, Number::Integer(*at), &[]),
            (Start::Operand, []) => e.splat(ScalarType::I64, Number::Integer(0), &[]),
        });
    }
    terms
}

/// A slice. `dynamic_slice` clamps starts like `array.slice`.
pub(super) fn slice<'c>(e: &mut Emitter<'c>, site: &ExportSite<'c>) -> Result<Term, SpannedDiagnostic<'c>> {
    let Parameters::Slice { starts: written, strides } = &site.parameters else { return site.malformed() };
    let (x, sizes) = (&site.operands[0], &site.result.shape);
    let covered = spans(sizes, strides);
    fits(site, &covered, &x.r#type.shape)?;
    let known: Option<Vec<i64>> = written
        .iter()
        .map(|start| match start {
            Start::At(at) => Some(*at),
            Start::Operand => None,
        })
        .collect();
    let Some(known) = known else {
        let starts = starts(e, written, &site.operands[1..]);
        let cover = dynamic(e, x, &starts, &covered);
        return Ok(strided(e, &cover, &vec![0; covered.len()], &covered, strides, sizes));
    };
    let rooms = x.r#type.shape.iter().zip(&covered).map(|(extent, span)| (extent - span) as i64);
    let first: Vec<u64> = known.iter().zip(rooms).map(|(start, room)| (*start).clamp(0, room) as u64).collect();
    Ok(strided(e, x, &first, &covered, strides, sizes))
}

fn dynamic(e: &mut Emitter, x: &Term, starts: &[Term], sizes: &[u64]) -> Term {
    let operands: Vec<&Term> = std::iter::once(x).chain(starts).collect();
    let r#type = Tensor { element: x.r#type.element, shape: sizes.to_vec() };
    e.w.op("dynamic_slice", &operands, &format!(", sizes = [{}]", list(sizes)), r#type)
}

/// A strided slice with known starts.
pub(super) fn strided(
    e: &mut Emitter,
    x: &Term,
    first: &[u64],
    covered: &[u64],
    strides: &[usize],
    sizes: &[u64],
) -> Term {
    if x.r#type.shape == sizes {
        return x.clone();
    }
    let bounds = first.iter().zip(covered).zip(strides).map(|((first, span), stride)| {
        let limit = first + span;
        if *stride == 1 { format!("{first}:{limit}") } else { format!("{first}:{limit}:{stride}") }
    });
    let tail = format!(" [{}]", list(bounds));
    e.w.op("slice", &[x], &tail, Tensor { element: x.r#type.element, shape: sizes.to_vec() })
}

/// Replaces the slice or adds to it.
pub(super) fn update<'c>(e: &mut Emitter<'c>, site: &ExportSite<'c>) -> Result<Term, SpannedDiagnostic<'c>> {
    let Parameters::Update { starts: written, accumulate } = &site.parameters else { return site.malformed() };
    let [x, update, rest @ ..] = &site.operands[..] else { return site.malformed() };
    fits(site, &update.r#type.shape, &x.r#type.shape)?;
    if update.r#type.is_empty() {
        return Ok(x.clone());
    }
    let starts = starts(e, written, rest);
    let new = if *accumulate {
        let old = dynamic(e, x, &starts, &update.r#type.shape);
        e.w.same("add", &[&old, update])
    } else {
        update.clone()
    };
    let operands: Vec<&Term> = [x, &new].into_iter().chain(&starts).collect();
    Ok(e.w.op("dynamic_update_slice", &operands, "", site.result.clone()))
}

pub(super) fn pad<'c>(e: &mut Emitter<'c>, site: &ExportSite<'c>) -> Result<Term, SpannedDiagnostic<'c>> {
    let Parameters::Pad { low, high, interior } = &site.parameters else { return site.malformed() };
    let [x, value, ..] = &site.operands[..] else { return site.malformed() };
    let extent =
        |dim: usize| low[dim] as u64 + high[dim] as u64 + spans(&[x.r#type.shape[dim]], &[interior[dim] + 1])[0];
    for (dim, given) in site.result.shape.iter().enumerate() {
        if extent(dim) != *given {
            let message =
                format!("dimension {dim} of 'array.pad' has extent {}, but its type has {given}", extent(dim));
            return site.refuse(Diagnostic::invalid(message).help("correct the type or the padding"));
        }
    }
    let tail = format!(", low = [{}], high = [{}], interior = [{}]", list(low), list(high), list(interior));
    Ok(e.w.op("pad", &[x, value], &tail, site.result.clone()))
}

/// Windows: for each element of a window, a strided slice of the operand; these are concatenated.
pub(super) fn windows<'c>(e: &mut Emitter<'c>, site: &ExportSite<'c>) -> Result<Term, SpannedDiagnostic<'c>> {
    let Parameters::Windows(form) = &site.parameters else { return site.malformed() };
    let (x, rank, to) = (&site.operands[0], form.rank(), &site.result.shape);
    if site.result.is_empty() {
        return Ok(e.splat(site.result.dtype(), Number::of_f64(0.0, site.result.dtype()), to));
    }
    let mut sizes = x.r#type.shape.clone();
    sizes[form.dim..form.dim + rank].copy_from_slice(&to[form.dim..form.dim + rank]);
    let mut strides = vec![1; sizes.len()];
    strides[form.dim..form.dim + rank].copy_from_slice(&form.strides);
    let covered = spans(&sizes, &strides);
    let mut flat = sizes.clone();
    flat.insert(form.dim + rank, 1);
    let mut slices = Vec::new();
    for element in form.elements() {
        let first: Vec<u64> = form.starts(&element, sizes.len()).into_iter().map(|start| start as u64).collect();
        let slice = strided(e, x, &first, &covered, &strides, &sizes);
        slices.push(reshape(e, &slice, &flat));
    }
    flat[form.dim + rank] = slices.len() as u64;
    let terms: Vec<&Term> = slices.iter().collect();
    let tail = format!(", dim = {}", form.dim + rank);
    let all = e.w.op("concatenate", &terms, &tail, Tensor { element: x.r#type.element, shape: flat });
    Ok(reshape(e, &all, to))
}
