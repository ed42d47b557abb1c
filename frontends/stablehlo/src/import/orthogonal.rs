//! QR factors, eigenvalues and singular values, as calls of LAPACK.

use super::Translated;
use super::linear_algebra::{adjoint, flag, letter, zeros};
use super::site::Site;
use dp_dialects::ir::Val;
use dp_dialects::{Diagnostic, OpKind, Parameters};
use dp_passes::matrices::{Reflections, Size, rank, reflectors, slice};

/// Packed factors and taus.
pub(super) fn qr<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let x = site.operand(0)?;
    let part = |kind| site.emit(kind, &Parameters::None, &[x]);
    Ok(vec![part(OpKind::ArrayQr)?, part(OpKind::ArrayQrTaus)?])
}

/// The first columns of a product of reflections, whose vectors are packed; there may be more columns than taus.
pub(super) fn product_of_reflections<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (packed, taus) = (site.operand(0)?, site.operand(1)?);
    Ok(vec![columns_of_product(site, packed, taus)?])
}

/// As many columns of a product of reflections as there are packed ones.
fn columns_of_product<'c>(site: &Site<'_, 'c>, packed: Val<'c>, taus: Val<'c>) -> Translated<'c, Val<'c>> {
    let b = site.builder;
    let columns = rank(packed)? - 1;
    let count = Size::of(b, packed, columns)?;
    let vectors = slice(b, packed, &[(columns, None, Size::of(b, taus, columns - 1)?)])?;
    Ok(Reflections::of(b, reflectors(b, vectors, None)?, taus)?.columns(b, count)?)
}

/// Eigenvectors and eigenvalues, of the lower triangle or the upper one. JAX asks whether `info` is 0 and takes NaN if not;
/// of elements that are not finite, the results are NaN.
pub(super) fn eigh<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let mut x = site.operand(0)?;
    if flag(site, "uplo", ['L', 'U'])? {
        x = adjoint(site, x)?;
    }
    let vectors = match flag(site, "mode", ['N', 'V'])? {
        true => site.emit(OpKind::ArrayEighVectors, &Parameters::None, &[x])?,
        false => zeros(site, 0)?,
    };
    Ok(vec![vectors, site.emit(OpKind::ArrayEighValues, &Parameters::None, &[x])?, zeros(site, 2)?])
}

/// The operand, which LAPACK overwrites, the singular values, the left vectors, and the adjoint right ones: none, as many as
/// there are values, or all.
pub(super) fn svd<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let x = site.operand(0)?;
    let part = |kind| site.emit(kind, &Parameters::None, &[x]);
    let values = part(OpKind::ArraySvdValues)?;
    let is_all = match letter(site, "mode") {
        Some('N') => return Ok(vec![x, values, zeros(site, 2)?, zeros(site, 3)?, zeros(site, 4)?]),
        Some('S') => false,
        Some('A') => true,
        _ => {
            let diagnostic =
                Diagnostic::unsupported("the option 'mode' of the custom call is missing or has an unknown value");
            return Err(diagnostic.help("compute no singular vectors, as many as values, or all").into());
        }
    };
    let (mut left, mut right) = (part(OpKind::ArraySvdLeft)?, part(OpKind::ArraySvdRight)?);
    if is_all {
        left = completed(site, left)?;
        right = adjoint(site, completed(site, adjoint(site, right)?)?)?;
    }
    Ok(vec![x, values, left, right, zeros(site, 4)?])
}

/// Orthonormal columns, and others that complete them to a basis: the last columns of the product of all reflections.
fn completed<'c>(site: &Site<'_, 'c>, x: Val<'c>) -> Translated<'c, Val<'c>> {
    let b = site.builder;
    let rows = rank(x)? - 2;
    let [height, width] = [rows, rows + 1].map(|dim| site.type_of(x).map(|of| of.extents()[dim]));
    let (Some(height), Some(width)) = (height?, width?) else {
        return Err(Diagnostic::internal("internal error: an extent is not known").into());
    };
    if height == width {
        return Ok(x);
    }
    let part = |kind| site.emit(kind, &Parameters::None, &[x]);
    let (packed, taus) = (part(OpKind::ArrayQr)?, part(OpKind::ArrayQrTaus)?);
    let vectors = reflectors(b, packed, None)?;
    let whole = Reflections::of(b, vectors, taus)?.columns(b, Size::known(b, height)?)?;
    let start = b.index(width as i64)?;
    let others = slice(b, whole, &[(rows + 1, Some(start), Size::known(b, height - width)?)])?;
    site.emit(OpKind::ArrayConcatenate, &Parameters::Dim(rows + 1), &[x, others])
}
