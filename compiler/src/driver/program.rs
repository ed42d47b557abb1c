//! The program: a module and its functions.

use crate::diagnostics::DiagnosticRecord;
use dp_abi::{Argument, Extent};
use dp_dialects::ErrorGuaranteed;
use dp_dialects::diagnostics::Position;
use dp_dialects::ir::{Op, argument_name, body_ops, functions, is_declaration, signature, symbol_name};
use dp_dialects::{Diagnostic, OpKind, Result, ValueType};
use dp_dialects::{context, source};
use melior::Context;
use melior::ir::attribute::StringAttribute;
use melior::ir::operation::OperationRef;
use melior::ir::{Module, Type};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::admission;
use super::console::Console;
use super::names;
use super::report::Failure;

/// A program that was read.
pub struct Program<'c> {
    context: &'c Context,
    module: Module<'c>,
    path: PathBuf,
}

impl<'c> Program<'c> {
    /// Reads and verifies a program; `-` is standard input.
    ///
    /// # Errors
    /// Where the file cannot be read; where it is no program, which has been reported.
    pub fn read(context: &'c Context, path: &Path, console: &Console) -> Result<Self, Failure> {
        let (name, read) = match path == Path::new("-") {
            true => ("<stdin>".into(), read_all(io::stdin())),
            false => (path.to_string_lossy(), std::fs::read(path)),
        };
        let text = read.map_err(|error| {
            Diagnostic::io(format!("cannot read {}: {error}", path.display()))
                .help("give the path of a program in MLIR, or `-` for standard input")
        })?;
        admission::check_text(&name, &text)?;
        console.show(&name, &text);
        source::check(&text).map_err(|refusal| {
            let (line, column) = (refusal.line as u32, refusal.column as u32);
            console.print(&DiagnosticRecord {
                position: Some(Position { file: name.to_string(), line, column }),
                ..refusal.diagnostic.into()
            });
            ErrorGuaranteed
        })?;
        let module = context::parse(context, &String::from_utf8_lossy(&text), &name).ok_or(ErrorGuaranteed)?;
        let program = Program { context, module, path: path.into() };
        names::check(program.module()).map_err(|located| located.report())?;
        Ok(program)
    }

    /// The context.
    pub fn context(&self) -> &'c Context {
        self.context
    }

    /// The module's operation, which lives as long as the program.
    pub fn module(&self) -> Op<'c> {
        // SAFETY: the module belongs to the program; what is made of it is used while the program lives.
        unsafe { OperationRef::from_raw(self.module.as_operation().to_raw()) }
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

    /// What files that belong to the program are called: the input's name, less its ending.
    pub fn stem(&self) -> String {
        let stem = self.path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        stem.filter(|stem| stem != "-").unwrap_or_else(|| "program".into())
    }

    /// The same as a name that C and MLIR accept.
    pub fn name(&self) -> String {
        c_name(&self.stem())
    }

    /// A function with a body.
    ///
    /// # Errors
    /// Where there is none of that name: the diagnostic begins with `asked`, and
    /// says which there are.
    pub fn function(&self, asked: &str, name: &str) -> Result<Op<'c>> {
        let module = self.module();
        let found = functions(module).get(name).copied().filter(|op| OpKind::of(*op) == Some(OpKind::FuncFunc));
        if let Some(function) = found.filter(|function| !is_declaration(*function)) {
            return Ok(function);
        }
        let message = match found {
            Some(_) => format!("{asked}: function '{name}' is declared, but has no body"),
            None => format!("{asked}: there is no function '{name}'"),
        };
        let names: Vec<&str> = body_ops(module)
            .into_iter()
            .filter(|op| OpKind::of(*op) == Some(OpKind::FuncFunc) && !is_declaration(*op))
            .filter_map(symbol_name)
            .collect();
        let file = if self.path == Path::new("-") { "the program".into() } else { self.path.display().to_string() };
        Err(Diagnostic::request(message).help(match names.is_empty() {
            true => format!("{file} has no functions"),
            false => format!("{file} has {}", names.join(", ")),
        }))
    }
}

/// All that a stream gives.
fn read_all(mut from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).map(|_| bytes)
}

/// A name that C accepts, made of another.
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

/// What a function takes, as the C border describes it.
///
/// # Errors
/// Where an argument is neither a number nor a tensor of numbers.
pub fn arguments(function: Op) -> Result<Vec<Argument>> {
    let inputs = signature(function).map(|(inputs, _)| inputs).unwrap_or_default();
    inputs.iter().enumerate().map(|(index, input)| argument(argument_name(function, index), *input)).collect()
}

fn argument(name: String, r#type: Type) -> Result<Argument> {
    let refusal = || {
        Diagnostic::unsupported(format!("argument '{name}' has type {type}, for which no value can be written"))
            .help("functions that are called from outside take numbers and tensors of numbers")
    };
    let value = ValueType::of(r#type).ok_or_else(refusal)?;
    let extent = |extent: &Option<u64>| extent.map_or(Extent::Dynamic, Extent::Static);
    Ok(Argument {
        number: value.dtype,
        shape: value.shape.as_ref().map(|shape| shape.iter().map(extent).collect()),
        name,
    })
}
