//! Fourier transforms: one dimension after another, of which the last one may be real.

use super::site::Site;
use super::{Translated, attributes};
use dp_dialects::attributes::FftKind;
use dp_dialects::ir::Val;
use dp_dialects::parameters::FftForm;
use dp_dialects::{Diagnostic, OpKind, Parameters};

/// `fft`, over the last dimensions.
pub(super) fn fft<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let mut x = site.operand(0)?;
    let rank = site.type_of(x)?.rank();
    let lengths = site.ints("fft_length")?;
    if lengths.is_empty() || lengths.len() > rank.min(3) {
        let message = format!("transforms {} dimensions of a tensor of rank {rank}", lengths.len());
        return Err(Diagnostic::invalid(message).help("transform 1, 2 or 3 of its dimensions").into());
    }
    let (last, others) = match attributes::keyword(site.op, "fft_type") {
        Some("FFT") => (FftKind::Fft, FftKind::Fft),
        Some("IFFT") => (FftKind::Ifft, FftKind::Ifft),
        Some("RFFT") => (FftKind::Rfft, FftKind::Fft),
        Some("IRFFT") => (FftKind::Irfft, FftKind::Ifft),
        _ => return Err(Diagnostic::invalid("does not say which transform it is").into()),
    };
    let first = rank - lengths.len();
    let mut forms = Vec::new();
    for (place, length) in lengths.iter().enumerate() {
        let (dim, kind) = (first + place, if first + place + 1 == rank { last } else { others });
        let length = u64::try_from(*length).map_err(|_| Diagnostic::invalid("has a negative length"))?;
        forms.push(FftForm { kind, dim, length });
    }
    // The real dimension is transformed first, and back last.
    if last != FftKind::Irfft {
        forms.reverse();
    }
    for form in forms {
        x = site.emit(OpKind::ArrayFft, &Parameters::Fft(form), &[x])?;
    }
    Ok(vec![x])
}
