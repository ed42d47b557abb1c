//! The only constructor of contexts and of the dialect registry.

use crate::diagnostics::{DiagnosticCode, upstream_errors};
use crate::shim;
use melior::Context;
use melior::StringRef;
use melior::dialect::DialectRegistry;
use melior::ir::Module;
use melior::utility::{register_all_dialects, register_all_llvm_translations};
use mlir_sys::*;

/// The dialects that our passes make, ours first.
fn dependent_dialects() -> [MlirDialectHandle; 16] {
    // SAFETY: the functions take nothing and give handles to static data.
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

/// Puts the dialects that our passes make into a registry; the shim calls this
/// for each pass, so that tools which load dialects lazily have them.
#[unsafe(no_mangle)]
extern "C" fn dpDependentDialects(registry: MlirDialectRegistry) {
    for handle in dependent_dialects() {
        // SAFETY: the registry is live for the call.
        unsafe { mlirDialectHandleInsertDialect(handle, registry) };
    }
}

/// A registry of upstream's dialects and ours.
pub fn registry() -> DialectRegistry {
    let registry = DialectRegistry::new();
    register_all_dialects(&registry);
    dpDependentDialects(registry.to_raw());
    registry
}

/// The module that a text is, whose places are in the file `name`. `None` after diagnostics.
pub fn parse<'c>(context: &'c Context, text: &str, name: &str) -> Option<Module<'c>> {
    let text = crate::source::readable(text);
    let (text, name) = (StringRef::new(&text), StringRef::new(name));
    let parsed = upstream_errors(DiagnosticCode::Syntax, || {
        // SAFETY: the context and the strings are live; the module that comes back, unless null, is the caller's.
        unsafe { Module::from_option_raw(shim::dpParseModule(context.to_raw(), text.to_raw(), name.to_raw())) }
    });
    parsed.filter(|module| {
        // SAFETY: the module is live.
        upstream_errors(DiagnosticCode::Invalid, || unsafe { shim::dpVerifyModule(module.to_raw()) })
    })
}

/// A context with the dialects that programs and our passes use, loaded, and
/// ready for translation to LLVM IR. Single-threaded: passes are module passes,
/// and the same input gives the same bytes.
pub fn context() -> Context {
    let registry = registry();
    let context = Context::new_with_registry(&registry, false);
    for handle in dependent_dialects() {
        // SAFETY: the context is live and holds the registry.
        unsafe { mlirDialectHandleLoadDialect(handle, context.to_raw()) };
    }
    context.get_or_load_dialect("bufferization");
    register_all_llvm_translations(&context);
    context
}
