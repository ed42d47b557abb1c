//! Types: tensors of rank 0 become numbers, and integers signless.

use dp_dialects::{Diagnostic, MlirType, Result, ScalarType, ValueType};
use melior::ir::{Type, TypeLike};
use mlir_sys::{
    mlirIntegerTypeGetWidth, mlirIntegerTypeIsUnsigned, mlirShapedTypeGetDimSize, mlirShapedTypeGetElementType,
    mlirShapedTypeGetRank, mlirShapedTypeIsDynamicDim, mlirTypeIsAInteger, mlirTypeIsARankedTensor,
};

/// The translation of a type.
///
/// # Errors
/// If it is not a tensor of numbers.
pub(super) fn of(r#type: Type) -> Result<ValueType> {
    let raw = r#type.to_raw();
    // SAFETY: the type is live, and a ranked tensor where its extents are read.
    unsafe {
        if !mlirTypeIsARankedTensor(raw) {
            return ValueType::of(r#type).ok_or_else(|| unsupported(r#type));
        }
        let dtype = element(Type::from_raw(mlirShapedTypeGetElementType(raw))).ok_or_else(|| unsupported(r#type))?;
        Ok(match extents(r#type) {
            shape if shape.is_empty() => ValueType::number(dtype),
            shape => ValueType::tensor(dtype, shape),
        })
    }
}

/// The extents of a tensor; none for another type.
fn extents(r#type: Type) -> Vec<Option<u64>> {
    let raw = r#type.to_raw();
    // SAFETY: the type is live, and a ranked tensor where its extents are read.
    unsafe {
        if !mlirTypeIsARankedTensor(raw) {
            return Vec::new();
        }
        let extent = |dim| {
            let is_static = !mlirShapedTypeIsDynamicDim(raw, dim as isize);
            is_static.then(|| mlirShapedTypeGetDimSize(raw, dim as isize) as u64)
        };
        (0..mlirShapedTypeGetRank(raw)).map(extent).collect()
    }
}

/// The number of elements of a type of the source, of any element type; `None` if it is dynamic or overflows.
pub(super) fn count(r#type: Type) -> Option<u64> {
    dp_dialects::types::count(&extents(r#type).into_iter().collect::<Option<Vec<u64>>>()?)
}

/// The element type of a tensor; other types are their own.
fn element_type(r#type: Type<'_>) -> Type<'_> {
    let raw = r#type.to_raw();
    // SAFETY: the type is live, and a tensor where its element type is read.
    unsafe { if mlirTypeIsARankedTensor(raw) { Type::from_raw(mlirShapedTypeGetElementType(raw)) } else { r#type } }
}

/// Whether integers of a type are unsigned; booleans are.
pub(super) fn is_unsigned(r#type: Type) -> bool {
    let raw = element_type(r#type).to_raw();
    // SAFETY: the type is live, and an integer where its sign is read.
    unsafe { mlirTypeIsAInteger(raw) && (mlirIntegerTypeIsUnsigned(raw) || mlirIntegerTypeGetWidth(raw) == 1) }
}

/// Whether a type has signed integers.
pub(super) fn is_signed(r#type: Type) -> bool {
    // SAFETY: the type is live.
    unsafe { mlirTypeIsAInteger(element_type(r#type).to_raw()) && !is_unsigned(r#type) }
}

fn element(r#type: Type) -> Option<ScalarType> {
    let raw = r#type.to_raw();
    // SAFETY: the type is live, and an integer where its width is read.
    unsafe {
        if !(mlirTypeIsAInteger(raw) && mlirIntegerTypeIsUnsigned(raw)) {
            return ScalarType::of(r#type).filter(|dtype| *dtype != ScalarType::Index);
        }
        Some(match mlirIntegerTypeGetWidth(raw) {
            8 => ScalarType::I8,
            16 => ScalarType::I16,
            32 => ScalarType::I32,
            64 => ScalarType::I64,
            _ => return None,
        })
    }
}

fn unsupported(r#type: Type) -> Diagnostic {
    let help = "elements may be i1, i8 to i64, ui8 to ui64, f16, bf16, f32, f64 and complex numbers of f32 and f64";
    Diagnostic::unsupported(format!("values of type {type} are not supported")).help(help)
}
