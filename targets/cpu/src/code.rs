//! From a module in LLVM's dialect to LLVM IR, and through LLVM's pipeline.

use crate::machine::{target_machine, vector_bytes};
use crate::{Artifact, Error, Kind, Options, link};
use dp_abi::Library;
use dp_dialects::ir::Op;
use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::context::Context;
use inkwell::module::{Linkage, Module};
use inkwell::passes::PassBuilderOptions;
use inkwell::targets::FileType;
use std::collections::HashSet;

/// Translates, optimizes and writes.
pub(crate) fn generate(module: Op, library: &Library, options: &Options, kind: Kind) -> Result<Artifact, Error> {
    let machine = target_machine(&options.cpu, options.level)?;
    let context = Context::create();
    let translated = translate(module, &context)?;
    translated.set_triple(&machine.get_triple());
    translated.set_data_layout(&machine.get_target_data().get_data_layout());
    prepare(&context, &translated, library, vector_bytes(&options.cpu)? * 8);
    let passes = PassBuilderOptions::create();
    passes.set_loop_vectorization(true);
    passes.set_loop_interleaving(true);
    passes.set_loop_slp_vectorization(true);
    passes.set_loop_unrolling(true);
    {
        let _span = tracing::info_span!("llvm", step = "optimize").entered();
        translated
            .run_passes(options.level.passes(), &machine, passes)
            .map_err(|error| Error::Llvm(error.to_string()))?;
    }
    if kind == Kind::Llvm {
        return Ok(Artifact::Text(translated.print_to_string().to_string()));
    }
    let file = if kind == Kind::Assembly { FileType::Assembly } else { FileType::Object };
    let buffer = {
        let _span = tracing::info_span!("llvm", step = "generate").entered();
        machine.write_to_memory_buffer(&translated, file).map_err(|error| Error::Llvm(error.to_string()))?
    };
    match kind {
        Kind::Assembly => Ok(Artifact::Text(String::from_utf8_lossy(buffer.as_slice()).into_owned())),
        Kind::SharedLibrary => {
            let _span = tracing::info_span!("link").entered();
            link::shared_library(buffer.as_slice(), library.name()).map(Artifact::Bytes)
        }
        Kind::Object | Kind::Llvm | Kind::Header => Ok(Artifact::Bytes(buffer.as_slice().to_vec())),
    }
}

fn translate<'a>(module: Op, context: &'a Context) -> Result<Module<'a>, Error> {
    // SAFETY: module and context are live; a module that is not null is ours to own.
    unsafe {
        let raw = mlir_sys::mlirTranslateModuleToLLVMIR(module.to_raw(), context.raw().cast());
        if raw.is_null() { Err(Error::Untranslatable) } else { Ok(Module::new(raw.cast())) }
    }
}

/// Only the entries are seen from outside, and vectors are as wide as they can be.
fn prepare(context: &Context, module: &Module, library: &Library, vector_bits: usize) {
    let mut entries = HashSet::from([library.message_symbol(), library.free_symbol()]);
    for function in library.functions() {
        entries.extend([function.name.clone(), function.packed_symbol()]);
    }
    let width = context.create_string_attribute("prefer-vector-width", &vector_bits.to_string());
    let unwinding = context.create_string_attribute("frame-pointer", "none");
    let noinline = context.create_enum_attribute(Attribute::get_named_enum_kind_id("noinline"), 0);
    for function in module.get_functions() {
        if function.count_basic_blocks() == 0 {
            continue;
        }
        function.add_attribute(AttributeLoc::Function, width);
        function.add_attribute(AttributeLoc::Function, unwinding);
        // The packed entry calls the other one, which need not be there twice.
        if library.functions().iter().any(|entry| function.get_name().to_string_lossy() == entry.name) {
            function.add_attribute(AttributeLoc::Function, noinline);
        }
        let is_seen = function.get_linkage() == Linkage::External;
        if is_seen && !entries.contains(function.get_name().to_string_lossy().as_ref()) {
            function.set_linkage(Linkage::Internal);
        }
    }
}
