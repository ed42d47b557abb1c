//! `array.fft`: discrete Fourier transforms.

use super::extents::follow;
use super::{Entry, Extents, Source, Work, first, invalid, read};
use crate::attributes::FftKind;
use crate::parameters::{FftForm, Parameters};
use crate::{Diagnostic, OpKind::*, Result, ScalarType, ValueType};

pub(super) const ENTRIES: &[Entry] =
    &[Entry::term(ArrayFft, read::fft).extents(Extents::Follow(of_lines)).inferred(fft).work(Work::Fourier)];

/// The longest line.
const MOST: u64 = 1 << 31;

/// All extents are the operand's but that of the lines.
fn of_lines(parameters: &Parameters, _: &dyn Fn(usize) -> usize, dim: usize) -> Source {
    match parameters {
        Parameters::Fft(form) if form.dim != dim => Source::Operand(0, dim),
        _ => Source::Own,
    }
}

/// The additions of an `array.fft`, whose operand or result has this many elements, the greater number of both.
pub fn fourier(parameters: &Parameters, elements: u64) -> u64 {
    let Parameters::Fft(form) = parameters else { return 0 };
    let doublings = u64::from((2 * form.length.max(1) - 1).ilog2());
    // A complex number takes 5 additions for each doubling; of two real ones, one is counted.
    let complex = elements.saturating_mul(5).saturating_mul(doublings);
    match form.kind {
        FftKind::Fft | FftKind::Ifft => complex,
        FftKind::Rfft | FftKind::Irfft => complex / 2,
    }
}

fn fft(operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    let x = first(operands, parameters)?;
    let Parameters::Fft(form) = parameters else { return invalid("lacks 'kind', 'dim' or 'length'") };
    let dtype = element(form.kind, &x)?;
    check(form, &x)?;
    let mut extents = follow(of_lines, parameters, operands, x.rank())?;
    extents[form.dim] = Some(form.made());
    Ok(ValueType::tensor(dtype, extents))
}

/// The element type of the result.
fn element(kind: FftKind, x: &ValueType) -> Result<ScalarType> {
    let (is_real, result) = match kind {
        FftKind::Fft | FftKind::Ifft => (false, Some(x.dtype)),
        FftKind::Rfft => (true, x.dtype.complex()),
        FftKind::Irfft => (false, Some(x.dtype.real())),
    };
    if let Some(result) = result.filter(|_| x.dtype.is_complex() != is_real) {
        return Ok(result);
    }
    let wanted = if is_real { "f32 or f64" } else { "complex numbers" };
    let diagnostic = Diagnostic::invalid(format!("of kind '{}' takes {wanted}, not {}", kind.keyword(), x.dtype));
    Err(diagnostic.help("convert the elements with 'scalar.convert', or take another kind"))
}

fn check(form: &FftForm, x: &ValueType) -> Result<()> {
    let Some(extent) = x.extents().get(form.dim) else {
        return invalid(format!("uses dimension {}, but the rank is {}", form.dim, x.rank()));
    };
    let FftForm { dim, length, .. } = *form;
    if length == 0 {
        return invalid("requires a positive length");
    }
    if length > MOST {
        return Err(Diagnostic::limit(format!("has a length of {length}; the limit is {MOST}")));
    }
    match extent {
        None => {
            let message = format!("transforms along dimension {dim}, whose extent is dynamic");
            Err(Diagnostic::unsupported(message).help("fix the extent in the type of the operand"))
        }
        Some(extent) if *extent != form.given() => {
            let message = format!("of length {length} takes lines of {} elements, not {extent}", form.given());
            Err(Diagnostic::invalid(message).help("pad the operand with 'array.pad', or take a slice"))
        }
        Some(_) => Ok(()),
    }
}
