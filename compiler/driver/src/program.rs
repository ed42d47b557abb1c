//! The program: a module and its functions.

use dp_abi::{Argument, Extent};
use dp_dialects::ir::{Op, argument_name, body_ops, functions, is_declaration, result_name, signature, symbol_name};
use dp_dialects::{Diagnostic, OpKind, Result, ValueType};
use dp_frontends::Source;
use melior::Context;
use melior::ir::attribute::StringAttribute;
use melior::ir::operation::OperationRef;
use melior::ir::{Module, Type};

/// A program.
pub struct Program<'c> {
    context: &'c Context,
    module: Module<'c>,
    /// The name of the source in diagnostics.
    file: String,
    stem: String,
}

impl<'c> Program<'c> {
    /// A program that a front end has read.
    pub fn new(context: &'c Context, module: Module<'c>, source: &Source) -> Self {
        let file = if source.is_file() { source.name.clone() } else { "the program".into() };
        Program { context, module, file, stem: source.stem() }
    }

    /// The context.
    pub fn context(&self) -> &'c Context {
        self.context
    }

    /// The module operation, which lives as long as the program.
    pub fn module(&self) -> Op<'c> {
        // SAFETY: the module belongs to the program; what is made of it is used while the program lives.
        unsafe { OperationRef::from_raw(self.module.as_operation().to_raw()) }
    }

    /// A copy, in the same context.
    pub fn copy(&self) -> Program<'c> {
        // SAFETY: the copy of a live module operation is a module, which the new program owns.
        let module = unsafe {
            let copy = mlir_sys::mlirOperationClone(self.module.as_operation().to_raw());
            Module::from_raw(mlir_sys::mlirModuleFromOperation(copy))
        };
        Program { context: self.context, module, file: self.file.clone(), stem: self.stem.clone() }
    }

    /// The program as text.
    pub fn text(&self) -> String {
        Program::print(self.module())
    }

    /// A module as text.
    pub fn print(module: Op) -> String {
        let mut text = module.to_string();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        text
    }

    /// The name of the source without its suffix, made a valid C name.
    pub fn name(&self) -> String {
        c_name(&self.stem)
    }

    /// Looks up a function with a body.
    ///
    /// # Errors
    /// If there is none of that name. The message begins with `subject`, and the help lists the functions.
    pub fn function(&self, subject: &str, name: &str) -> Result<Op<'c>> {
        let module = self.module();
        let found = functions(module).get(name).copied().filter(|op| OpKind::of(*op) == Some(OpKind::FuncFunc));
        if let Some(function) = found.filter(|function| !is_declaration(*function)) {
            return Ok(function);
        }
        let message = match found {
            Some(_) => format!("{subject}: function '{name}' is declared but not defined"),
            None => format!("{subject}: no function '{name}'"),
        };
        let names: Vec<&str> = body_ops(module)
            .into_iter()
            .filter(|op| OpKind::of(*op) == Some(OpKind::FuncFunc) && !is_declaration(*op))
            .filter_map(symbol_name)
            .collect();
        Err(Diagnostic::request(message).help(match names.is_empty() {
            true => format!("{} defines no functions", self.file),
            false => format!("{} defines {}", self.file, names.join(", ")),
        }))
    }
}

/// Makes a valid C name from a string.
pub fn c_name(of: &str) -> String {
    let words: Vec<&str> = of.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let name = words.join("_");
    if dp_abi::check_name(&name).is_ok() { name } else { "program".into() }
}

/// Makes one function the only public one, so that nothing else is compiled.
pub fn keep_only(program: &Program, function: Op) {
    for op in body_ops(program.module()).into_iter().filter(|op| OpKind::of(*op) == Some(OpKind::FuncFunc)) {
        set_visibility(op, if op == function { "public" } else { "private" });
    }
}

/// Makes a function private.
pub fn hide(function: Op) {
    set_visibility(function, "private");
}

fn set_visibility(function: Op, visibility: &str) {
    let value = StringAttribute::new(dp_dialects::ir::context_of(function), visibility);
    dp_dialects::ir::set_attribute(function, "sym_visibility", value.into());
}

/// The arguments of a function, as the C interface describes them.
///
/// # Errors
/// If an argument is neither a scalar nor a tensor.
pub fn arguments(function: Op) -> Result<Vec<Argument>> {
    let inputs = signature(function).map(|(inputs, _)| inputs).unwrap_or_default();
    inputs.iter().enumerate().map(|(index, input)| value("argument", argument_name(function, index), *input)).collect()
}

/// The results of a function, described as arguments are: the extents that types leave open are dynamic.
///
/// # Errors
/// If a result is neither a scalar nor a tensor.
pub fn results(function: Op) -> Result<Vec<Argument>> {
    let outputs = signature(function).map(|(_, outputs)| outputs).unwrap_or_default();
    outputs.iter().enumerate().map(|(index, output)| value("result", result_name(function, index), *output)).collect()
}

fn value(subject: &str, name: String, r#type: Type) -> Result<Argument> {
    let refusal = || {
        Diagnostic::unsupported(format!("{subject} '{name}' has type {type}, which cannot be passed"))
            .help("entry points take and return scalars and tensors")
    };
    let value = ValueType::of(r#type).ok_or_else(refusal)?;
    let extent = |extent: &Option<u64>| extent.map_or(Extent::Dynamic, Extent::Static);
    Ok(Argument {
        number: value.dtype,
        shape: value.shape.as_ref().map(|shape| shape.iter().map(extent).collect()),
        name,
    })
}
