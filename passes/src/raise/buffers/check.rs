//! Which programs with buffers are accepted.

use super::Access;
use dp_dialects::ir::{Op, Val, operands, results, signature};
use dp_dialects::types::{DYNAMIC, MlirType};
use dp_dialects::{Diagnostic, OpKind, Result, ScalarType, ValueType};
use melior::ir::operation::OperationLike;
use melior::ir::{Type, TypeLike, ValueLike};

/// Operations on buffers that are not accepted, with what to use instead.
const INSTEAD: &[(&str, &str)] = &[
    ("memref.subview", VIEW),
    ("memref.cast", VIEW),
    ("memref.view", VIEW),
    ("memref.reinterpret_cast", VIEW),
    ("memref.collapse_shape", VIEW),
    ("memref.expand_shape", VIEW),
    ("memref.reshape", VIEW),
    ("memref.transpose", VIEW),
    ("memref.memory_space_cast", VIEW),
    ("memref.realloc", "allocate another buffer, and copy the elements"),
    ("memref.atomic_rmw", "use 'memref.load', an operation of 'arith', and 'memref.store'"),
    ("memref.generic_atomic_rmw", "use 'memref.load', operations of 'arith', and 'memref.store'"),
    ("memref.assume_alignment", "use the buffer itself; the compiler aligns tensors"),
    ("memref.alloca_scope", "use its operations without the scope; buffers need not be freed"),
    ("memref.get_global", "use 'array.constant' or 'arith.constant' for the elements"),
];

const VIEW: &str = "access the elements of the buffer itself, with indices computed by 'arith'";

/// Help for buffers that pass from function to function.
const CALL: &str = "take and return tensors; 'bufferization.to_buffer' makes a buffer with the elements of a tensor, and \
     'bufferization.to_tensor' gives the elements of a buffer. Calls are not inlined before buffers are raised";

/// Help for other uses of buffers.
const USE: &str = "use buffers only in 'memref.load', 'memref.store', 'memref.copy', 'memref.dim' and \
     'bufferization.to_tensor'";

/// Whether a type is that of a buffer.
fn is_buffer(r#type: Type) -> bool {
    // SAFETY: the type is live.
    unsafe { mlir_sys::mlirTypeIsAMemRef(r#type.to_raw()) || mlir_sys::mlirTypeIsAUnrankedMemRef(r#type.to_raw()) }
}

/// The type of the contents of a buffer: a tensor, or a scalar for rank 0. `None` for a buffer that has no such type.
pub(super) fn contents(buffer: Val) -> Option<ValueType> {
    let raw = buffer.r#type().to_raw();
    // SAFETY: the type is live, and a ranked buffer where its parts are asked for.
    unsafe {
        if !mlir_sys::mlirTypeIsAMemRef(raw) {
            return None;
        }
        let dtype = ScalarType::of(Type::from_raw(mlir_sys::mlirShapedTypeGetElementType(raw)))?;
        let extent = |dimension| match mlir_sys::mlirShapedTypeGetDimSize(raw, dimension as isize) {
            DYNAMIC => None,
            extent => u64::try_from(extent).ok(),
        };
        Some(match mlir_sys::mlirShapedTypeGetRank(raw) {
            0 => ValueType::number(dtype),
            rank => ValueType::tensor(dtype, (0..rank).map(extent).collect()),
        })
    }
}

/// Rejects operations that `raise-buffers` does not support.
///
/// # Errors
/// If the operation is one on buffers that is not supported, or if it lets a buffer escape.
pub fn check(op: Op) -> Result<()> {
    let kind = OpKind::of(op);
    if kind == Some(OpKind::FuncFunc) {
        return check_signature(op);
    }
    let name = op.name();
    let name = name.as_string_ref().as_str().unwrap_or("?");
    let refused = |message: String, help: &str| Err(Diagnostic::unsupported(message).help(help));
    match Access::of(op) {
        Some(Access::Make) => results(op).into_iter().try_for_each(check_type),
        Some(Access::Free | Access::Load | Access::Store | Access::Dim | Access::Copy | Access::Read) => Ok(()),
        None if matches!(name.split('.').next(), Some("memref" | "bufferization")) => {
            let instead = INSTEAD.iter().find(|(refused, _)| *refused == name).map(|(_, instead)| *instead);
            refused(format!("'{name}' is not supported"), instead.unwrap_or(USE))
        }
        None if !operands(op).into_iter().chain(results(op)).any(|value| is_buffer(value.r#type())) => Ok(()),
        None => match name.split('.').next() {
            Some("func") => refused(format!("'{name}' of a buffer is not supported"), CALL),
            // The operation around it is rejected.
            Some("scf") if results(op).is_empty() && op.region_count() == 0 => Ok(()),
            Some("scf" | "cf") => refused(
                format!("'{name}' does not pass on buffers"),
                "allocate the buffer before, and use it inside directly; what is stored in it is carried along",
            ),
            Some("arith") => {
                refused(format!("'{name}' of buffers is not supported"), "choose between elements or tensors instead")
            }
            Some(_) | None => refused(format!("'{name}' does not take buffers"), USE),
        },
    }
}

/// Rejects functions that take or return buffers.
fn check_signature(function: Op) -> Result<()> {
    let Some((inputs, outputs)) = signature(function) else { return Ok(()) };
    let refused = |part: &str, index: usize, r#type: &Type| {
        let message = format!("{part} {index} has type {type}: functions do not take or return buffers");
        Err(Diagnostic::unsupported(message).help(CALL))
    };
    match (inputs.iter().position(|r#type| is_buffer(*r#type)), outputs.iter().position(|r#type| is_buffer(*r#type))) {
        (Some(index), _) => refused("argument", index, &inputs[index]),
        (None, Some(index)) => refused("result", index, &outputs[index]),
        (None, None) => Ok(()),
    }
}

/// Rejects buffers whose contents no tensor can be.
fn check_type(buffer: Val) -> Result<()> {
    let r#type = buffer.r#type();
    let refused = |message: &str, help: &str| {
        Err(Diagnostic::unsupported(format!("a buffer of type {type} {message}")).help(help))
    };
    let Some(contents) = contents(buffer) else {
        return refused("has no counterpart among tensors", "use a buffer of floats, complex numbers, integers or i1");
    };
    // SAFETY: the type is a live ranked buffer.
    let (is_plain, is_elsewhere) = unsafe {
        let raw = r#type.to_raw();
        let map = mlir_sys::mlirMemRefTypeGetAffineMap(raw);
        let space = mlir_sys::mlirMemRefTypeGetMemorySpace(raw);
        (mlir_sys::mlirAffineMapIsIdentity(map), !space.ptr.is_null())
    };
    match () {
        () if !is_plain => refused("has a layout", "use the default layout, and compute the indices with 'arith'"),
        () if is_elsewhere => refused("is in a memory space", "use the default memory space"),
        () if contents.is_tensor() && contents.dtype == ScalarType::Index => {
            refused("is not supported", "use a buffer of i64, and 'arith.index_cast'")
        }
        () => Ok(()),
    }
}
