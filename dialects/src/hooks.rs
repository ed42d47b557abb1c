//! The Rust side of the trampolines in `shim/Dialects.cpp`. Verifiers may run on any thread. Panics must not unwind
//! into C++.

use crate::diagnostics::upstream_code;
use crate::ir::{Op, context_at};
use crate::marks::{self, Subject};
use crate::ops::{self, infer};
use crate::parameters::Parameters;
use crate::{Diagnostic, DiagnosticCode, OpKind, Result, ValueType};
use melior::StringRef;
use melior::ir::operation::{OperationLike, OperationRef};
use melior::ir::{Attribute, AttributeLike, Location, TypeLike, Value, ValueLike};
use mlir_sys::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

/// The result of folding an operation.
pub enum Fold<'c> {
    /// The operation does not fold.
    Unchanged,
    /// An existing value.
    Value(Value<'c, 'c>),
    /// A constant.
    Constant(Attribute<'c>),
}

/// Folds an operation, given the constants among its operands.
pub type Folder = for<'c> fn(Op<'c>, &[Option<Attribute<'c>>]) -> Fold<'c>;

static FOLDER: OnceLock<Folder> = OnceLock::new();

/// Installs the folder. Evaluation is defined in a crate above this one, which registers it here. Only the first call
/// has an effect.
pub fn install_folder(folder: Folder) {
    FOLDER.get_or_init(|| folder);
}

fn guarded<T>(location: Location, otherwise: T, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| {
        Diagnostic::internal("internal error in the compiler").emit(location);
        otherwise
    })
}

fn accept(op: Op, outcome: Result<()>) -> bool {
    let Err(diagnostic) = outcome else { return true };
    let name = op.name();
    refuse(diagnostic, name.as_string_ref().as_str().unwrap_or("?"), op.location());
    false
}

/// Reports a verifier error. In an operation that a pass created, it is an internal error.
fn refuse(diagnostic: Diagnostic, name: &str, location: Location) {
    let is_made = upstream_code() == DiagnosticCode::Internal;
    let code = if is_made { DiagnosticCode::Internal } else { diagnostic.code };
    Diagnostic { code, ..diagnostic.prefixed(format_args!("'{name}' op ")) }.emit(location);
}

#[unsafe(no_mangle)]
extern "C" fn dpVerify(op: MlirOperation) -> bool {
    // SAFETY: C++ passes a live operation.
    let op: Op = unsafe { OperationRef::from_raw(op) };
    guarded(op.location(), false, || accept(op, ops::verify(op)))
}

#[unsafe(no_mangle)]
extern "C" fn dpVerifyRequest(op: MlirOperation, callee: MlirOperation) -> bool {
    // SAFETY: C++ passes a live operation, and a live or null callee.
    let (op, callee): (Op, Option<Op>) = unsafe { (OperationRef::from_raw(op), OperationRef::from_option_raw(callee)) };
    guarded(op.location(), false, || accept(op, ops::request(op, callee)))
}

#[unsafe(no_mangle)]
extern "C" fn dpVerifyMark(op: MlirOperation, subject: i32, name: MlirStringRef, mark: MlirAttribute) -> bool {
    // SAFETY: C++ passes a live operation, and the name and value of an attribute.
    let (op, name, mark): (Op, StringRef, Attribute) =
        unsafe { (OperationRef::from_raw(op), StringRef::from_raw(name), Attribute::from_raw(mark)) };
    let subject = match subject {
        1 => Subject::Argument,
        2 => Subject::Result,
        // C++ passes no other number.
        _ => Subject::Operation,
    };
    let verified = || marks::verify(op, subject, name.as_str().unwrap_or("?"), mark);
    guarded(op.location(), false, || accept(op, verified()))
}

#[unsafe(no_mangle)]
extern "C" fn dpFold(
    op: MlirOperation,
    count: isize,
    operands: *const MlirAttribute,
    value: *mut MlirValue,
    attribute: *mut MlirAttribute,
) -> i32 {
    // SAFETY: C++ passes a live operation and one attribute, or null, for each operand.
    let (op, known): (Op, Vec<Option<Attribute>>) = unsafe {
        let raw = if count == 0 { &[] } else { std::slice::from_raw_parts(operands, count as usize) };
        (OperationRef::from_raw(op), raw.iter().map(|raw| Attribute::from_option_raw(*raw)).collect())
    };
    let Some(folder) = FOLDER.get() else { return 0 };
    match guarded(op.location(), Fold::Unchanged, || folder(op, &known)) {
        Fold::Unchanged => 0,
        Fold::Value(folded) => {
            // SAFETY: C++ passes a valid pointer for the result.
            unsafe { *value = folded.to_raw() };
            1
        }
        Fold::Constant(folded) => {
            // SAFETY: C++ passes a valid pointer for the result.
            unsafe { *attribute = folded.to_raw() };
            2
        }
    }
}

#[unsafe(no_mangle)]
extern "C" fn dpInfer(
    name: MlirStringRef,
    location: MlirLocation,
    count: isize,
    operands: *const MlirValue,
    attributes: MlirAttribute,
) -> MlirType {
    const NONE: MlirType = MlirType { ptr: std::ptr::null() };
    // SAFETY: C++ passes live values, a live location, and a dictionary.
    let (name, location, values, dictionary) = unsafe {
        let raw = if count == 0 { &[] } else { std::slice::from_raw_parts(operands, count as usize) };
        let values: Vec<Value> = raw.iter().map(|raw| Value::from_raw(*raw)).collect();
        (StringRef::from_raw(name), Location::from_raw(location), values, Attribute::from_raw(attributes))
    };
    guarded(location, NONE, || {
        let name = name.as_str().unwrap_or("?");
        let get = |name: &str| {
            // SAFETY: the dictionary is live; a missing attribute is null.
            unsafe {
                Attribute::from_option_raw(mlirDictionaryAttrGetElementByName(
                    dictionary.to_raw(),
                    StringRef::new(name).to_raw(),
                ))
            }
        };
        let kind = OpKind::from_name(name).ok_or_else(|| Diagnostic::internal("is not known"));
        let inferred = kind.and_then(|kind| {
            let parameters = Parameters::read(kind, &get)
                .ok_or_else(|| Diagnostic::invalid("has a missing or malformed attribute"))?;
            let types: Option<Vec<ValueType>> = values.iter().map(|value| ValueType::of(value.r#type())).collect();
            let types = types.ok_or_else(|| Diagnostic::invalid("takes scalars and tensors"))?;
            infer(kind, &types, &parameters)
        });
        match inferred {
            Ok(r#type) => r#type.to_type(context_at(location.context())).to_raw(),
            Err(diagnostic) => {
                refuse(diagnostic, name, location);
                NONE
            }
        }
    })
}
