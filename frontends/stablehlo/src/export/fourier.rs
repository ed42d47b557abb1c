//! Fourier transforms.

use super::emitter::{Emitter, ExportSite};
use super::text::{Tensor, Term, list};
use dp_dialects::attributes::FftKind;
use dp_dialects::{Number, Parameters, SpannedDiagnostic};

/// A transform along a dimension, which becomes the last one.
pub(super) fn fft<'c>(e: &mut Emitter<'c>, site: &ExportSite<'c>) -> Result<Term, SpannedDiagnostic<'c>> {
    let (Parameters::Fft(form), [x]) = (&site.parameters, &site.operands[..]) else { return site.malformed() };
    let result = &site.result;
    if result.is_empty() {
        return Ok(e.splat(result.dtype(), Number::of_f64(0.0, result.dtype()), &result.shape));
    }
    let rank = result.shape.len();
    let mut exchanged: Vec<usize> = (0..rank).collect();
    exchanged.swap(form.dim, rank - 1);
    let turned = |e: &mut Emitter<'c>, x: &Term| {
        if form.dim + 1 == rank {
            return x.clone();
        }
        let shape = exchanged.iter().map(|dim| x.r#type.shape[*dim]).collect();
        let to = Tensor { element: x.r#type.element, shape };
        e.w.op("transpose", &[x], &format!(", dims = [{}]", list(&exchanged)), to)
    };
    let x = turned(e, x);
    let kind = match form.kind {
        FftKind::Fft => "FFT",
        FftKind::Ifft => "IFFT",
        FftKind::Rfft => "RFFT",
        FftKind::Irfft => "IRFFT",
    };
    let mut shape = x.r#type.shape.clone();
    shape[rank - 1] = form.made();
    let tail = format!(", type = {kind}, length = [{}]", form.length);
    let made = e.w.op("fft", &[&x], &tail, Tensor { element: result.element, shape });
    Ok(turned(e, &made))
}
