//! The C functions of the shim, `shim/*.cpp`.

use mlir_sys::*;
use std::ffi::{c_char, c_int, c_void};

/// The C representation of a [`crate::pass::RegisteredPass`].
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct DpPass {
    pub flag: MlirStringRef,
    pub summary: MlirStringRef,
    pub data: *const c_void,
    pub option_count: isize,
    pub options: *const MlirStringRef,
}

unsafe extern "C" {
    pub(crate) fn mlirGetDialectHandle__scalar__() -> MlirDialectHandle;
    pub(crate) fn mlirGetDialectHandle__array__() -> MlirDialectHandle;
    pub(crate) fn mlirGetDialectHandle__ad__() -> MlirDialectHandle;
    pub(crate) fn mlirGetDialectHandle__dp__() -> MlirDialectHandle;

    pub(crate) fn dpPullbackSignature(r#type: MlirType) -> MlirType;
    pub(crate) fn dpPullbackGet(signature: MlirType) -> MlirType;
    pub(crate) fn dpOriginGet(context: MlirContext, rule: MlirStringRef, level: i64) -> MlirAttribute;
    pub(crate) fn dpOriginLevel(attribute: MlirAttribute) -> i64;
    pub(crate) fn dpOriginRule(attribute: MlirAttribute) -> MlirStringRef;
    pub(crate) fn dpEmit(
        location: MlirLocation,
        severity: MlirDiagnosticSeverity,
        message: MlirStringRef,
        note: MlirStringRef,
    );
    pub(crate) fn dpCloneWithMapping(
        op: MlirOperation,
        count: isize,
        from: *const MlirValue,
        to: *const MlirValue,
    ) -> MlirOperation;
    pub(crate) fn dpIsPure(op: MlirOperation) -> bool;

    pub(crate) fn dpParseModule(context: MlirContext, text: MlirStringRef, name: MlirStringRef) -> MlirModule;
    pub(crate) fn dpVerifyModule(module: MlirModule) -> bool;
    pub(crate) fn dpRegisterPass(pass: DpPass);
    pub(crate) fn dpOptMain(argc: c_int, argv: *mut *mut c_char, registry: MlirDialectRegistry) -> c_int;
    pub(crate) fn dpLspMain(argc: c_int, argv: *mut *mut c_char, registry: MlirDialectRegistry) -> c_int;
}
