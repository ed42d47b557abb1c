//! Compilation of the kernel module to PTX.

use crate::{Chip, Error};
use dp_dialects::ir::{Op, body_ops};
use inkwell::OptimizationLevel;
use inkwell::context::Context;
use inkwell::memory_buffer::MemoryBuffer;
use inkwell::module::{Linkage, Module};
use inkwell::passes::PassBuilderOptions;
use inkwell::targets::{CodeModel, FileType, InitializationConfig, RelocMode, Target, TargetMachine, TargetTriple};
use melior::ir::operation::OperationLike;
use std::collections::HashSet;
use std::sync::Once;

/// Elementary functions: Debian's libclc, embedded when the compiler is built.
static CLC: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/clc.bc"));

/// The PTX of the kernels of a lowered module; only a comment if it has none.
///
/// # Errors
/// If LLVM fails.
pub(crate) fn ptx(module: Op, chip: Chip) -> Result<String, Error> {
    let kernels = body_ops(module).into_iter().find(|op| op.name().as_string_ref().as_str() == Ok("gpu.module"));
    let Some(kernels) = kernels else { return Ok("// no kernels\n".into()) };
    let machine = machine(chip)?;
    let context = Context::create();
    let translated = translate(kernels, &context, &machine)?;
    let names: Vec<String> = defined(&translated);
    link(&context, &translated)?;
    hide(&translated, &names);
    let options = PassBuilderOptions::create();
    // Kernels are not vectorized.
    options.set_loop_slp_vectorization(false);
    options.set_loop_vectorization(false);
    translated
        .run_passes("globaldce,default<O3>", &machine, options)
        .map_err(|error| Error::Llvm(error.to_string()))?;
    resolved(&translated)?;
    translated.verify().map_err(|error| Error::Llvm(error.to_string()))?;
    let text = machine.write_to_memory_buffer(&translated, FileType::Assembly);
    let text = text.map_err(|error| Error::Llvm(error.to_string()))?;
    let text = squeezed(String::from_utf8_lossy(text.as_slice()).trim_end_matches('\0'));
    check(&text, chip, &names)?;
    Ok(text)
}

/// Removes comments and redundant spaces, about an eighth of the text.
fn squeezed(text: &str) -> String {
    let mut all = String::with_capacity(text.len());
    for line in text.lines() {
        // In a string, `//` and spaces are significant.
        let is_plain = !line.contains('"');
        let line = if is_plain { line.split("//").next().unwrap_or_default() } else { line };
        let mut words = line.split_whitespace().peekable();
        if words.peek().is_none() {
            continue;
        }
        if !is_plain {
            all.push_str(line.trim());
        }
        for word in words.filter(|_| is_plain) {
            let separates = !all.is_empty() && !all.ends_with(['\n', ',']);
            all.push_str(if separates { " " } else { "" });
            all.push_str(word);
        }
        all.push('\n');
    }
    all
}

/// Checks that PTX declares its target, has every kernel as an entry, and has no external symbols. Otherwise the driver
/// would reject it when the library is called.
///
/// # Errors
/// If one of these conditions does not hold.
pub fn check(text: &str, chip: Chip, kernels: &[String]) -> Result<(), Error> {
    let target = format!(".target {}", chip.name());
    let starts = |beginning: &str| text.lines().any(|line| line.trim_start().starts_with(beginning));
    let mut missing = [".version ", target.as_str()].into_iter().filter(|beginning| !starts(beginning));
    if let Some(beginning) = missing.next() {
        return Err(Error::Malformed(format!("no line begins with '{beginning}'")));
    }
    if let Some(line) = text.lines().find(|line| line.trim_start().starts_with(".extern .func")) {
        return Err(Error::Unresolved(line.into()));
    }
    let entries: HashSet<&str> = text
        .lines()
        .filter_map(|line| line.split_once(".entry "))
        .map(|(_, rest)| rest.split('(').next().unwrap_or_default().trim())
        .collect();
    match kernels.iter().find(|name| !entries.contains(name.as_str())) {
        Some(name) => Err(Error::Malformed(format!("'{name}' is not an entry"))),
        None => Ok(()),
    }
}

fn machine(chip: Chip) -> Result<TargetMachine, Error> {
    static INITIALIZED: Once = Once::new();
    INITIALIZED.call_once(|| Target::initialize_nvptx(&InitializationConfig::default()));
    let triple = TargetTriple::create("nvptx64-nvidia-cuda");
    let target = Target::from_triple(&triple).map_err(|error| Error::Llvm(error.to_string()))?;
    let level = OptimizationLevel::Aggressive;
    target
        .create_target_machine(&triple, chip.name(), chip.features(), level, RelocMode::Default, CodeModel::Default)
        .ok_or_else(|| Error::UnknownChip(chip.name().into()))
}

fn translate<'a>(kernels: Op, context: &'a Context, machine: &TargetMachine) -> Result<Module<'a>, Error> {
    // SAFETY: operation and context are live; the returned module is owned by the caller unless null.
    let translated: Module = unsafe {
        let raw = mlir_sys::mlirTranslateModuleToLLVMIR(kernels.to_raw(), context.raw().cast());
        if raw.is_null() { Err(Error::Untranslatable) } else { Ok(Module::new(raw.cast())) }
    }?;
    translated.set_triple(&machine.get_triple());
    translated.set_data_layout(&machine.get_target_data().get_data_layout());
    Ok(translated)
}

/// The kernels: the functions with a body and external linkage.
fn defined(module: &Module) -> Vec<String> {
    // LLVM's number for the calling convention of kernels.
    const KERNEL: u32 = 71;
    module
        .get_functions()
        .filter(|function| function.get_call_conventions() == KERNEL)
        .map(|function| function.get_name().to_string_lossy().into_owned())
        .collect()
}

/// Links the elementary functions, if kernels call some.
fn link<'a>(context: &'a Context, module: &Module<'a>) -> Result<(), Error> {
    let calls = module.get_functions().any(|function| {
        function.count_basic_blocks() == 0 && !function.get_name().to_string_lossy().starts_with("llvm.")
    });
    if !calls {
        return Ok(());
    }
    let llvm = |error: String| Error::Llvm(error);
    let buffer = MemoryBuffer::create_from_memory_range_copy(CLC, "clc");
    let library = Module::parse_bitcode_from_buffer(&buffer, context).map_err(|error| llvm(error.to_string()))?;
    library.set_triple(&module.get_triple());
    library.set_data_layout(&module.get_data_layout());
    for function in library.get_functions() {
        for name in ["target-cpu", "target-features"] {
            function.remove_string_attribute(inkwell::attributes::AttributeLoc::Function, name);
        }
    }
    module.link_in_module(library).map_err(|error| llvm(error.to_string()))
}

/// Gives all functions except the kernels internal linkage.
fn hide(module: &Module, kernels: &[String]) {
    for function in module.get_functions().filter(|function| function.count_basic_blocks() > 0) {
        if !kernels.iter().any(|name| function.get_name().to_bytes() == name.as_bytes()) {
            function.set_linkage(Linkage::Internal);
        }
    }
    for global in module.get_globals().filter(|global| global.get_initializer().is_some()) {
        global.set_linkage(Linkage::Internal);
    }
}

/// Checks that every called function is defined.
fn resolved(module: &Module) -> Result<(), Error> {
    let is_missing = |name: &str| !name.starts_with("llvm.");
    let missing = module
        .get_functions()
        .filter(|function| function.count_basic_blocks() == 0)
        .map(|function| function.get_name().to_string_lossy().into_owned())
        .find(|name| is_missing(name));
    missing.map_or(Ok(()), |name| Err(Error::Unresolved(name)))
}
