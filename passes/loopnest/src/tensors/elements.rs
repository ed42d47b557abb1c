//! Construction of tensors of complex numbers from scalars.

use super::LoweringSite;
use crate::structured::{Indexed, empty, generic};
use dp_dialects::ir::{Op, Val, result, results};
use dp_dialects::{OpKind, Result, ValueType};
use melior::ir::ValueLike;

/// Whether the result has complex elements.
pub(super) fn is_complex(op: Op) -> bool {
    let r#type = results(op).first().and_then(|tensor| ValueType::of(tensor.r#type()));
    r#type.is_some_and(|r#type| r#type.dtype.is_complex())
}

/// Builds a tensor of the real parts and one of the imaginary parts, and combines them: MLIR's folder of
/// `tensor.from_elements` assumes real constants and crashes on complex ones.
pub(super) fn from_elements<'c>(site: &LoweringSite<'c>) -> Result<Val<'c>> {
    let b = &site.b;
    let parts = site.result.with_dtype(site.result.dtype.real()).to_type(b.context());
    let tensor = |part: OpKind| -> Result<Indexed<'c>> {
        let numbers = site.operands.iter().map(|number| b.scalar(part, &[*number])).collect::<Result<Vec<_>>>()?;
        let made = b.op(OpKind::TensorFromElements, &numbers, &[parts], &[], vec![])?;
        Ok(Indexed::identity(result(made), site.result.rank()))
    };
    let inputs = [tensor(OpKind::ScalarReal)?, tensor(OpKind::ScalarImag)?];
    let rank = site.result.rank();
    let out = Indexed::identity(empty(b, &site.result, &[])?, rank);
    let made = generic(b, rank, &[], &inputs, &[out], |b, elements| {
        b.scalar(OpKind::ScalarComplex, &elements[..2]).map(|number| vec![number])
    })?;
    Ok(made[0])
}
