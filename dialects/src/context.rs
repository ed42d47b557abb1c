//! The only constructor of contexts and of the dialect registry.

use crate::diagnostics::{DiagnosticCode, upstream_errors};
use crate::shim;
use melior::Context;
use melior::StringRef;
use melior::dialect::DialectRegistry;
use melior::ir::Module;
use melior::utility::{register_all_dialects, register_all_llvm_translations};
use mlir_sys::*;

/// The dialects whose operations our passes create, ours first.
fn dependent_dialects() -> [MlirDialectHandle; 16] {
    // SAFETY: the functions take no arguments and return handles to static data.
    unsafe {
        [
            shim::mlirGetDialectHandle__scalar__(),
            shim::mlirGetDialectHandle__array__(),
            shim::mlirGetDialectHandle__ad__(),
            shim::mlirGetDialectHandle__dp__(),
            mlirGetDialectHandle__arith__(),
            mlirGetDialectHandle__cf__(),
            mlirGetDialectHandle__complex__(),
            mlirGetDialectHandle__func__(),
            mlirGetDialectHandle__index__(),
            mlirGetDialectHandle__linalg__(),
            mlirGetDialectHandle__llvm__(),
            mlirGetDialectHandle__math__(),
            mlirGetDialectHandle__memref__(),
            mlirGetDialectHandle__scf__(),
            mlirGetDialectHandle__tensor__(),
            mlirGetDialectHandle__vector__(),
        ]
    }
}

/// Adds the dialects whose operations our passes create to a registry. The shim calls this for each pass, for tools
/// that load dialects lazily.
#[unsafe(no_mangle)]
extern "C" fn dpDependentDialects(registry: MlirDialectRegistry) {
    for handle in dependent_dialects() {
        // SAFETY: the registry is live for the call.
        unsafe { mlirDialectHandleInsertDialect(handle, registry) };
    }
}

/// A registry of the upstream dialects and ours.
pub fn registry() -> DialectRegistry {
    let registry = DialectRegistry::new();
    register_all_dialects(&registry);
    dpDependentDialects(registry.to_raw());
    registry
}

/// Parses and verifies a module; its locations are in the file `name`. `None` if an error was reported.
pub fn parse<'c>(context: &'c Context, text: &str, name: &str) -> Option<Module<'c>> {
    let text = crate::source::readable(text);
    let (text, name) = (StringRef::new(&text), StringRef::new(name));
    let parsed = upstream_errors(DiagnosticCode::Syntax, || {
        // SAFETY: the context and the strings are live; the returned module, unless null, is owned by the caller.
        unsafe { Module::from_option_raw(shim::dpParseModule(context.to_raw(), text.to_raw(), name.to_raw())) }
    });
    parsed.filter(|module| {
        // SAFETY: the module is live.
        upstream_errors(DiagnosticCode::Invalid, || unsafe { shim::dpVerifyModule(module.to_raw()) })
    })
}

/// A context with the dialects of a registry, which contains those of [`registry`], ready for translation to LLVM IR.
/// The dialects that our passes use are loaded. It is single-threaded: all passes are module passes, and output must be
/// deterministic.
pub fn context(registry: &DialectRegistry) -> Context {
    let context = Context::new_with_registry(registry, false);
    for handle in dependent_dialects() {
        // SAFETY: the context is live and holds the registry.
        unsafe { mlirDialectHandleLoadDialect(handle, context.to_raw()) };
    }
    context.get_or_load_dialect("bufferization");
    register_all_llvm_translations(&context);
    context
}
