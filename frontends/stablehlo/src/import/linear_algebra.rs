//! Factorizations of matrices, and triangular systems.

use super::extents::Extent;
use super::site::Site;
use super::{Translated, attributes};
use dp_dialects::attributes::Predicate;
use dp_dialects::ir::Val;
use dp_dialects::parameters::SolveForm;
use dp_dialects::{Diagnostic, OpKind, Parameters};

/// `cholesky`.
pub(super) fn cholesky<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let lower = attributes::boolean(site.op, "lower").unwrap_or(false);
    Ok(vec![factor(site, !lower)?])
}

/// The lower triangular factor of the first operand, or the upper triangular one, its adjoint, of which the upper triangle
/// is read.
fn factor<'c>(site: &Site<'_, 'c>, upper: bool) -> Translated<'c, Val<'c>> {
    let x = site.operand(0)?;
    if !upper {
        return site.emit(OpKind::ArrayCholesky, &Parameters::None, &[x]);
    }
    let x = adjoint(site, x)?;
    adjoint(site, site.emit(OpKind::ArrayCholesky, &Parameters::None, &[x])?)
}

/// The transposed conjugates of matrices.
pub(super) fn adjoint<'c>(site: &Site<'_, 'c>, x: Val<'c>) -> Translated<'c, Val<'c>> {
    let r#type = site.type_of(x)?;
    let mut permutation: Vec<usize> = (0..r#type.rank()).collect();
    if r#type.rank() >= 2 {
        permutation.swap(r#type.rank() - 2, r#type.rank() - 1);
    }
    let turned = site.transpose(x, &permutation)?;
    if r#type.dtype.is_complex() { site.scalar(OpKind::ScalarConj, &[turned]) } else { Ok(turned) }
}

/// A Cholesky factor, and for each matrix 0, or 1 if it is not positive definite.
pub(super) fn cholesky_with_info<'c>(site: &Site<'_, 'c>, upper: bool) -> Translated<'c, Vec<Val<'c>>> {
    let (factor, to) = (factor(site, upper)?, site.result(1)?);
    let own = site.extents(factor)?;
    let batch = own.len() - 2;
    if own[batch..].iter().any(|extent| extent.known() == Some(0)) {
        return Ok(vec![factor, zeros(site, 1)?]);
    }
    let first = [&own[..batch], &[Extent::Known(1); 2]].concat();
    let pivot = site.sliced(factor, &vec![Extent::Known(0); own.len()], &vec![1; own.len()], &first)?;
    let pivot = site.reshaped(pivot, &own[..batch])?;
    let fails = site.emit(OpKind::ScalarCompare, &Parameters::Compare(Predicate::Ne), &[pivot, pivot])?;
    Ok(vec![factor, site.convert(fails, to.dtype, true)?])
}

/// Zeros of the type of a result of a custom call, which lists the operands that give the extents of each result, if not all
/// are known.
pub(super) fn zeros<'c>(site: &Site<'_, 'c>, result: usize) -> Translated<'c, Val<'c>> {
    let to = site.result(result)?;
    let zero = site.number(0.0, to.dtype)?;
    if to.is_static() {
        return if to.is_tensor() { Ok(site.builder.broadcast(zero, &[], &to, &[])?) } else { Ok(zero) };
    }
    let lists = site.ints("indices_of_shape_operands")?;
    let list = lists.get(result).and_then(|operand| usize::try_from(*operand).ok());
    let list = list.ok_or_else(|| Diagnostic::invalid(format!("no operand gives the extents of result {result}")))?;
    site.repeated(zero, &[], &site.given_extents(&to, list)?)
}

/// `triangular_solve`.
pub(super) fn triangular_solve<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let set = |name: &str| {
        let found = attributes::boolean(site.op, name);
        found.ok_or_else(|| Diagnostic::invalid(format!("has no boolean '{name}'")))
    };
    let (transposed, conjugated) = match attributes::keyword(site.op, "transpose_a") {
        Some("NO_TRANSPOSE") => (false, false),
        Some("TRANSPOSE") => (true, false),
        Some("ADJOINT") => (true, true),
        _ => return Err(Diagnostic::invalid("does not say whether the matrix is transposed").into()),
    };
    let form = SolveForm {
        right: !set("left_side")?,
        upper: !set("lower")?,
        unit: set("unit_diagonal")?,
        transposed,
        conjugated,
    };
    triangular(site, form)
}

/// The solution of triangular systems.
pub(super) fn triangular<'c>(site: &Site<'_, 'c>, form: SolveForm) -> Translated<'c, Vec<Val<'c>>> {
    let operands = [site.operand(0)?, site.operand(1)?];
    Ok(vec![site.emit(OpKind::ArrayTriangularSolve, &Parameters::Solve(form), &operands)?])
}

/// A letter among the options of a function of LAPACK.
pub(super) fn letter(site: &Site<'_, '_>, name: &str) -> Option<char> {
    char::from_u32(u32::try_from(attributes::option(site.op, name)?).ok()?)
}

/// Whether an option of a function of LAPACK is the second of two letters.
pub(super) fn flag<'c>(site: &Site<'_, 'c>, name: &str, [no, yes]: [char; 2]) -> Translated<'c, bool> {
    match letter(site, name) {
        Some(letter) if letter == no => Ok(false),
        Some(letter) if letter == yes => Ok(true),
        _ => {
            let message = format!("the option '{name}' of the custom call is missing or has an unknown value");
            Err(Diagnostic::unsupported(message).help("programs of JAX 0.5 and later are read").into())
        }
    }
}

/// LU factors, the pivots as LAPACK counts them, from 1 on, and 0 for each matrix: JAX asks only whether it is negative,
/// which is for arguments that LAPACK does not take.
pub(super) fn lu<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let x = site.operand(0)?;
    let pivots = site.emit(OpKind::ArrayLuPivots, &Parameters::None, &[x])?;
    let factors = site.emit(OpKind::ArrayLu, &Parameters::None, &[x, pivots])?;
    let one = site.spread(site.number(1.0, site.type_of(pivots)?.dtype)?, pivots)?;
    let counted = site.scalar(OpKind::ScalarAdd, &[pivots, one])?;
    Ok(vec![factors, counted, zeros(site, 2)?])
}
