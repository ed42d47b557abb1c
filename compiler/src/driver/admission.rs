//! What a program may consist of, beyond what its verifiers say: checked before anything is done with it, so that the
//! message names what the user wrote and not what some pass made of it.

use super::program::Program;
use super::report::Failure;
use crate::diagnostics::dialects::{STABLEHLO, advice, is_accepted};
use dp_dialects::ErrorGuaranteed;
use dp_dialects::ir::{Op, body_ops, functions, is_declaration, symbol_attribute, walk};
use dp_dialects::{Diagnostic, OpKind, Result};
use melior::ir::operation::OperationLike;
use melior::ir::{Attribute, Identifier};

/// Attributes of functions that lowering hands to LLVM, beside those of its dialect.
const FOR_LLVM: &[&str] = &["passthrough", "func.varargs", "target_cpu", "target_features", "memory"];

/// Operations of dialects that programs are written in, but that are not compiled; and what to write.
const REFUSED: &[(&str, &str)] = &[
    ("tensor.gather", "use 'array.gather', which takes rows by number"),
    ("tensor.scatter", "use 'array.scatter', which adds to rows by number"),
    ("tensor.reshape", "use 'array.reshape', which takes each extent as an operand"),
    ("func.constant", "call functions by name: they are not values"),
    ("func.call_indirect", "call functions by name: they are not values"),
];

/// Refuses StableHLO's portable bytecode, which begins as MLIR's own does.
///
/// # Errors
/// Where the file of that name is such bytecode.
pub fn check_text(name: &str, text: &[u8]) -> Result<()> {
    let Some(header) = text.strip_prefix(b"ML\xefR") else { return Ok(()) };
    // The version, a varint, and who wrote it, a string that ends in 0.
    let producer = header.get(1..).and_then(|rest| rest.split(|byte| *byte == 0).next()).unwrap_or_default();
    let producer = String::from_utf8_lossy(producer);
    if !producer.starts_with("StableHLO") {
        return Ok(());
    }
    Err(Diagnostic::new(format!("{name}: this is bytecode of {producer}")).help(STABLEHLO))
}

/// Checks what a program consists of.
///
/// # Errors
/// Where it has no function, or what is not compiled: reported at its place.
pub fn check(program: &Program) -> Result<(), Failure> {
    let module = program.module();
    for op in body_ops(module) {
        if OpKind::of(op) != Some(OpKind::FuncFunc) {
            return Err(Diagnostic::new(format!("'{}' stands where functions stand", name(op)))
                .help("a program is one module of functions: move what the inner module holds into it")
                .report(op.location())
                .into());
        }
    }
    let with_body = |op: &Op| OpKind::of(*op) == Some(OpKind::FuncFunc) && !is_declaration(*op);
    if !body_ops(module).iter().any(with_body) {
        return Err(Diagnostic::new("the program has no functions with a body")
            .help("a program is one or more functions, `func.func @name(…) { … }`")
            .report(module.location())
            .into());
    }
    let (functions, mut outcome) = (functions(module), Ok(()));
    for function in body_ops(module) {
        check_attributes(function)?;
    }
    walk(module, &mut |op| {
        if outcome.is_ok() {
            outcome = check_op(op, &|callee| functions.get(callee).is_some_and(|found| is_declaration(*found)));
        }
    });
    Ok(outcome?)
}

/// Refuses what LLVM would read of a function beside its name and its type: it decides how code is called, and some of
/// it only together.
fn check_attributes(function: Op) -> Result<(), ErrorGuaranteed> {
    let name = |(name, _): (Identifier, Attribute)| name.as_string_ref().as_str().ok().map(str::to_owned);
    let of_llvm = |name: &String| FOR_LLVM.contains(&name.as_str()) || name.starts_with("llvm.");
    match function.attributes().filter_map(name).find(of_llvm) {
        Some(name) => Err(Diagnostic::new(format!("the attribute '{name}' of a function is LLVM's"))
            .help("leave it out: the compiler decides how functions are called and optimized")
            .report(function.location())),
        None => Ok(()),
    }
}

fn check_op(op: Op, is_declared: &impl Fn(&str) -> bool) -> Result<(), ErrorGuaranteed> {
    let name = name(op);
    let dialect = name.split('.').next().unwrap_or_default();
    if !is_accepted(dialect) {
        let message = format!("'{name}': no program is written in the dialect {dialect}");
        return Err(Diagnostic::new(message).help(advice(dialect)).report(op.location()));
    }
    if let Some((_, help)) = REFUSED.iter().find(|(refused, _)| *refused == name) {
        return Err(Diagnostic::new(format!("'{name}' is not compiled")).help(*help).report(op.location()));
    }
    match symbol_attribute(op, "callee") {
        Some(callee) if is_declared(callee) => {
            Err(Diagnostic::new(format!("'{callee}' has no body, so it cannot be called"))
                .help("give it a body: functions of other libraries are not linked")
                .report(op.location()))
        }
        Some(_) | None => Ok(()),
    }
}

fn name(op: Op) -> String {
    op.name().as_string_ref().as_str().unwrap_or_default().to_owned()
}
