//! Checks which operations and attributes a program contains, beyond what verifiers check. It runs before all passes,
//! so that messages are about the user's program and not about a pass's output.

use super::failure::Failure;
use super::program::Program;
use dp_dialects::ErrorGuaranteed;
use dp_dialects::ir::{
    Op, body_ops, defining_op, functions, i64_attribute, is_declaration, operands, results, symbol_attribute, walk,
};
use dp_dialects::marks::OF_PROGRAMS;
use dp_dialects::{Diagnostic, Literal, OpKind, Result, ScalarType, ValueType};
use dp_mlir::dialects::{advice, is_accepted};
use dp_passes::functions::FUNCTION_VALUES;
use dp_passes::parallel::PARALLEL;
use dp_passes::raise::buffers;
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;
use melior::ir::{Attribute, Identifier};

/// Function attributes that lowering passes on to LLVM, apart from those of the LLVM dialect.
const FOR_LLVM: &[&str] = &["passthrough", "func.varargs", "target_cpu", "target_features", "memory"];

/// Unsupported operations of accepted dialects, with what to use instead.
const INSTEAD: &[(&str, &str)] = &[
    ("tensor.bitcast", "use 'scalar.convert' to convert elements"),
    ("tensor.gather", "use 'array.gather', which takes rows by index"),
    ("tensor.generate", "use 'array.iota' and operations on whole tensors"),
    ("tensor.pad", "use 'array.pad'"),
    ("tensor.reshape", "use 'array.reshape', which takes each extent as an operand"),
    ("tensor.scatter", "use 'array.scatter', which adds to rows by index"),
    ("scf.execute_region", "inline its body"),
];

/// Branches between blocks, which `lift-control-flow` converts to structured control flow.
const BRANCHES: &[&str] = &["cf.br", "cf.cond_br", "cf.switch"];

/// Checks the operations and attributes of a program.
///
/// # Errors
/// If the program defines no function or contains something unsupported; the error is reported at its location.
pub fn check(program: &Program) -> Result<(), Failure> {
    let module = program.module();
    for op in body_ops(module) {
        if OpKind::of(op) != Some(OpKind::FuncFunc) {
            return Err(Diagnostic::unsupported(format!("'{}' is not allowed at the top level", name(op)))
                .help("a program is one module of functions; move the contents of inner modules into it")
                .report(op.location())
                .into());
        }
    }
    let with_body = |op: &Op| OpKind::of(*op) == Some(OpKind::FuncFunc) && !is_declaration(*op);
    if !body_ops(module).iter().any(with_body) {
        return Err(Diagnostic::invalid("the program defines no functions")
            .help("define one or more functions, `func.func @name(…) { … }`")
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

/// Rejects function attributes that LLVM would read. They affect the calling convention, and some are only valid in
/// combination.
fn check_attributes(function: Op) -> Result<(), ErrorGuaranteed> {
    let name = |(name, _): (Identifier, Attribute)| name.as_string_ref().as_str().ok().map(str::to_owned);
    let of_llvm = |name: &String| FOR_LLVM.contains(&name.as_str()) || name.starts_with("llvm.");
    match function.attributes().filter_map(name).find(of_llvm) {
        Some(name) => Err(Diagnostic::invalid(format!("the function attribute '{name}' is reserved for LLVM"))
            .help("remove it; the compiler chooses calling conventions and optimizations")
            .report(function.location())),
        None => Ok(()),
    }
}

fn check_op(op: Op, is_declared: &impl Fn(&str) -> bool) -> Result<(), ErrorGuaranteed> {
    let own = |(name, _): (Identifier, Attribute)| {
        let name = name.as_string_ref().as_str().ok()?;
        (name.starts_with("dp.") && !OF_PROGRAMS.contains(&name)).then(|| name.to_owned())
    };
    if let Some(mark) = op.attributes().find_map(own) {
        let diagnostic = Diagnostic::invalid(format!("the attribute '{mark}' is reserved for the compiler"));
        return Err(diagnostic
            .help("remove it; programs may only set 'dp.name', 'dp.range' and 'dp.checkpoint'")
            .report(op.location()));
    }
    let name = name(op);
    let dialect = name.split('.').next().unwrap_or_default();
    if !is_accepted(dialect) {
        let message = format!("'{name}': the dialect {dialect} is not allowed in programs");
        return Err(Diagnostic::unsupported(message).help(advice(dialect)).report(op.location()));
    }
    buffers::check(op).and_then(|()| check_known(op, &name)).map_err(|diagnostic| diagnostic.report(op.location()))?;
    match symbol_attribute(op, "callee") {
        Some(callee) if is_declared(callee) => {
            Err(Diagnostic::unsupported(format!("cannot call '{callee}': it has no body"))
                .help("define it; functions of other libraries are not linked")
                .report(op.location()))
        }
        Some(_) | None => Ok(()),
    }
}

/// Rejects operations that no later pass handles, and undefined ones.
fn check_known(op: Op, name: &str) -> Result<()> {
    let kind = OpKind::from_name(name);
    let mut types = operands(op).into_iter().chain(results(op)).filter_map(|value| ValueType::of(value.r#type()));
    let with_indices = types.clone().any(|r#type| r#type.dtype == ScalarType::Index);
    let is_arithmetic = matches!(name.split('.').next(), Some("arith" | "math" | "ub"));
    let mut indices = || types.any(|r#type| r#type.dtype == ScalarType::Index && r#type.is_tensor());
    let refused = |message: &str, help: &str| Err(Diagnostic::unsupported(format!("'{name}' {message}")).help(help));
    match kind {
        Some(_) if is_arithmetic && indices() => {
            refused("does not support tensors of index", "use tensors of i64, and cast scalars to index")
        }
        Some(OpKind::ArithConstant) if op.attribute("value").ok().and_then(Literal::of).is_none() => {
            refused("has elements in an unsupported form", "write the elements as dense<[…]>")
        }
        Some(OpKind::TensorDim) => {
            let dim = defining_op(operands(op)[1]).and_then(|dim| i64_attribute(dim, "value"));
            let rank = ValueType::of_value(operands(op)[0])?.rank();
            match dim.filter(|dim| usize::try_from(*dim).is_ok_and(|dim| dim >= rank) || *dim < 0) {
                None => Ok(()),
                Some(dim) => {
                    let message = format!("'{name}': dimension {dim} is out of range for rank {rank}");
                    Err(Diagnostic::invalid(message).help("dimensions count from 0"))
                }
            }
        }
        Some(OpKind::AdRecord | OpKind::AdRecall | OpKind::AdReserve | OpKind::AdRelease) => {
            refused("is not allowed in programs", "it is for derivatives; use results and arguments")
        }
        Some(_) => Ok(()),
        None if buffers::is_access(op)
            || dp_passes::raise::is_known(name, with_indices)
            || BRANCHES.contains(&name)
            || PARALLEL.contains(&name)
            || FUNCTION_VALUES.contains(&name) =>
        {
            Ok(())
        }
        None if is_arithmetic && with_indices => {
            refused("is not supported on index", "use i64, and cast the result with 'arith.index_cast'")
        }
        None => {
            let instead = INSTEAD.iter().find(|(refused, _)| *refused == name).map(|(_, instead)| *instead);
            let help = "use operations of 'scalar' and 'array', branches, loops and calls";
            refused("is not supported", instead.unwrap_or(help))
        }
    }
}

fn name(op: Op) -> String {
    op.name().as_string_ref().as_str().unwrap_or_default().to_owned()
}
