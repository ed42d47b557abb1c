//! Operations of upstream dialects that PyTorch's exporter leaves beside those of StableHLO: they compute extents. Vectors
//! of `index` have no translation; their elements are looked up where they are used.

use super::Translated;
use super::extents::Extent;
use super::site::Site;
use dp_dialects::ir::Val;
use dp_dialects::{Diagnostic, OpKind, Parameters, ScalarType};

/// `tensor.dim`.
pub(super) fn dim<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let extent = site.dimension_at(site.op)?;
    Ok(vec![site.index_of(&extent)?])
}

/// `tensor.cast`, which says more or less about the extents.
pub(super) fn cast<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    Ok(vec![site.operand(0)?])
}

/// `tensor.from_elements`, of a vector or one number.
pub(super) fn from_elements<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (values, to) = (site.operands()?, site.result(0)?);
    if !to.is_tensor() {
        return Ok(values);
    }
    if to.rank() != 1 {
        let diagnostic = Diagnostic::unsupported("a tensor of several dimensions from numbers is not supported");
        return Err(diagnostic.help("make a vector, and reshape it").into());
    }
    let one = |value: Val<'c>| site.repeated(value, &[], &[Extent::Known(1)]);
    let parts = values.into_iter().map(one).collect::<Translated<'c, Vec<_>>>()?;
    match parts[..] {
        [part] => Ok(vec![part]),
        _ => Ok(vec![site.emit(OpKind::ArrayConcatenate, &Parameters::Dim(0), &parts)?]),
    }
}

/// `arith.index_cast` of a number.
pub(super) fn index_cast<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (x, to) = (site.operand(0)?, site.result(0)?.dtype);
    Ok(vec![match to {
        ScalarType::Index => site.index(x, false)?,
        _ => site.integer_of(&Extent::Value(x), to)?,
    }])
}
