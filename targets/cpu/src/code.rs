//! Translation to LLVM IR, and LLVM's pass pipeline.

use crate::machine::{target_machine, vectors};
use crate::{Artifact, Beside, Error, Kernel, Kind, Options, lines, link, passes, symbols};
use dp_abi::Library;
use dp_dialects::ir::Op;
use dp_passes::manager::VectorWidth;
use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::context::Context;
use inkwell::module::{Linkage, Module};
use inkwell::passes::PassBuilderOptions;
use inkwell::targets::{FileType, TargetMachine};
use std::collections::HashSet;

/// Translates a lowered module to LLVM IR, optimizes it and emits an artifact.
pub(crate) fn generate(
    module: Op,
    library: &Library,
    options: &Options,
    kind: Kind,
    beside: Beside,
) -> Result<Artifact, Error> {
    let machine = target_machine(&options.cpu, options.level)?;
    let vectors = vectors(&options.cpu)?;
    let context = Context::create();
    if options.lines {
        lines::attach(module)?;
    }
    let translated = translate(module, &context, &machine, vectors.width)?;
    prepare(&context, &translated, library, beside.exported);
    optimize(&translated, &machine, &passes::pipeline(options.level))?;
    verify(&translated)?;
    passes::keep_addresses();
    match kind {
        Kind::Llvm => Ok(Artifact::Text(translated.print_to_string().to_string())),
        Kind::Assembly => {
            let text = write(&translated, &machine, FileType::Assembly)?;
            Ok(Artifact::Text(String::from_utf8_lossy(&text).into_owned()))
        }
        Kind::SharedLibrary => {
            let object = object(&translated, &machine)?;
            symbols::check(&object, |name| {
                beside.prefix.is_some_and(|prefix| name.starts_with(prefix))
                    || options.kernels.iter().any(|kernel| kernel.symbol == name)
            })?;
            let is_declared = |kernel: &&Kernel| {
                kernel.serves(vectors)
                    && translated.get_function(kernel.symbol).is_some_and(|found| found.count_basic_blocks() == 0)
            };
            let kernels = options.kernels.iter().filter(is_declared).map(|kernel| kernel.object);
            let inputs = kernels.chain(beside.inputs.iter().copied());
            let objects: Vec<&[u8]> = std::iter::once(&object[..]).chain(inputs).collect();
            let _span = tracing::info_span!("link").entered();
            link::shared_library(&objects, library.name()).map(Artifact::Bytes)
        }
        Kind::Archive | Kind::Object | Kind::Header => {
            let object = object(&translated, &machine)?;
            symbols::check(&object, |_| false)?;
            Ok(Artifact::Bytes(if kind == Kind::Archive { link::archive(&object, library.name())? } else { object }))
        }
    }
}

/// Translates a module in the LLVM dialect to LLVM IR for a target machine. Functions prefer the widest vectors.
pub(crate) fn translate<'a>(
    module: Op,
    context: &'a Context,
    machine: &TargetMachine,
    width: VectorWidth,
) -> Result<Module<'a>, Error> {
    let _span = tracing::info_span!("llvm", step = "translate").entered();
    // SAFETY: module and context are live; the returned module is owned by the caller unless null.
    let translated: Module = unsafe {
        let raw = mlir_sys::mlirTranslateModuleToLLVMIR(module.to_raw(), context.raw().cast());
        if raw.is_null() { Err(Error::Untranslatable) } else { Ok(Module::new(raw.cast())) }
    }?;
    verify(&translated)?;
    translated.set_triple(&machine.get_triple());
    translated.set_data_layout(&machine.get_target_data().get_data_layout());
    let bits = (8 * width.bytes()).to_string();
    let width = context.create_string_attribute("prefer-vector-width", &bits);
    let unwinding = context.create_string_attribute("frame-pointer", "none");
    for function in translated.get_functions().filter(|function| function.count_basic_blocks() > 0) {
        function.add_attribute(AttributeLoc::Function, width);
        function.add_attribute(AttributeLoc::Function, unwinding);
    }
    Ok(translated)
}

/// Runs LLVM's passes.
pub(crate) fn optimize(module: &Module, machine: &TargetMachine, pipeline: &str) -> Result<(), Error> {
    let _span = tracing::info_span!("llvm", step = "optimize").entered();
    let options = PassBuilderOptions::create();
    options.set_loop_vectorization(true);
    options.set_loop_interleaving(true);
    options.set_loop_slp_vectorization(true);
    options.set_loop_unrolling(true);
    module.run_passes(pipeline, machine, options).map_err(|error| Error::Llvm(error.to_string()))
}

/// Runs LLVM's verifier.
///
/// # Errors
/// The verifier's message, if the module is invalid.
pub fn verify(module: &Module) -> Result<(), Error> {
    let _span = tracing::info_span!("llvm", step = "verify").entered();
    module.verify().map_err(|error| Error::Llvm(error.to_string()))
}

/// Generates a relocatable object.
pub(crate) fn object(module: &Module, machine: &TargetMachine) -> Result<Vec<u8>, Error> {
    write(module, machine, FileType::Object)
}

fn write(module: &Module, machine: &TargetMachine, file: FileType) -> Result<Vec<u8>, Error> {
    let _span = tracing::info_span!("llvm", step = "generate").entered();
    let buffer = machine.write_to_memory_buffer(module, file).map_err(|error| Error::Llvm(error.to_string()))?;
    Ok(buffer.as_slice().to_vec())
}

/// Sets linkage and attributes: only entry points and `exported` functions are visible outside the library.
fn prepare(context: &Context, module: &Module, library: &Library, exported: &[String]) {
    let mut entries = HashSet::from([library.message_symbol(), library.free_symbol()]);
    entries.extend(exported.iter().cloned());
    for function in library.functions() {
        entries.extend([function.name.clone(), function.packed_symbol()]);
        entries.extend(function.drop_symbol());
        if function.offers_workspace() {
            entries.extend([
                function.with_workspace_symbol(),
                function.workspace_size_symbol(),
                function.packed_workspace_symbol(),
            ]);
        }
    }
    let noinline = context.create_enum_attribute(Attribute::get_named_enum_kind_id("noinline"), 0);
    for function in module.get_functions().filter(|function| function.count_basic_blocks() > 0) {
        // The packed entry point calls the unpacked one; inlining would duplicate the code.
        let name = function.get_name().to_string_lossy();
        if library.functions().iter().any(|entry| name == entry.name || name == entry.with_workspace_symbol()) {
            function.add_attribute(AttributeLoc::Function, noinline);
        }
        let is_seen = function.get_linkage() == Linkage::External;
        if is_seen && !entries.contains(function.get_name().to_string_lossy().as_ref()) {
            function.set_linkage(Linkage::Internal);
        }
    }
}
