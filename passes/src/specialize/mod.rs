//! `specialize-extents`: fixes extents of arguments, and all extents that follow from them.

mod control;

use crate::calls::calls;
use crate::manager::OptionValue;
use crate::{ErrorGuaranteed, Pass, pass_options, recursion};
use dp_dialects::diagnostics::{VALUES, help_of_check};
use dp_dialects::ir::{
    Blk, Op, Val, ValueMap, ancestors, argument_name, block_args, block_ops, body_ops, context_of, defining_op, erase,
    functions, i64_attribute, operands, region_block, replace_all_uses, result, results, set_attribute, set_operand,
    signature, string_attribute, symbol_attribute, symbol_name,
};
use dp_dialects::marks::PLACEHOLDER;
use dp_dialects::ops::{self, Extents, ResultType};
use dp_dialects::parameters::clamped_starts;
use dp_dialects::types::Extent;
use dp_dialects::{
    Builder, Diagnostic, Literal, Number, OpKind, Parameters, Result, ScalarType, SpannedDiagnostic, ValueType,
};
use dp_semantics::indices;
use melior::ir::ValueLike;
use melior::ir::attribute::TypeAttribute;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::FunctionType;
use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

/// `specialize-extents`.
pub static SPECIALIZE_EXTENTS: Pass<SpecializeOptions> = Pass {
    flag: "specialize-extents",
    summary: "fix extents of arguments",
    description: "Takes a program after calls are inlined; functions that are still called keep their types. Arguments with the given names take the given extents, in \
        every function that has them and is not called; `index` arguments take the given value. Every extent that \
        follows is written into its type, and the operand for it is dropped. Constant starts of slices are clamped \
        where extents are known. If branches or loop iterations differ in an extent, it stays dynamic, with casts. \
        Contradictory extents are errors.",
    body: run,
};

pass_options! {
    /// Options of `specialize-extents`.
    pub struct SpecializeOptions {
        "extents" => extents: Vec<Fixed> = Vec::new(), "the extents of arguments, as x=32x64";
    }
}

/// An argument's name, and its extents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// The name.
    pub name: String,
    /// The extents, outermost first.
    pub extents: Vec<u64>,
}

impl FromStr for Fixed {
    type Err = Diagnostic;

    fn from_str(text: &str) -> Result<Fixed> {
        let malformed =
            || Diagnostic::request(format!("`{text}` is not of the form NAME=2x3")).help("write for example x=32x64");
        let (name, extents) = text.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or_else(malformed)?;
        // A larger extent does not fit an index.
        let extent = |word: &str| word.parse::<u64>().ok().filter(|extent| *extent <= i64::MAX as u64);
        let extents: Option<Vec<u64>> = extents.split('x').map(extent).collect();
        Ok(Fixed { name: name.into(), extents: extents.ok_or_else(malformed)? })
    }
}

impl fmt::Display for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let extents: Vec<String> = self.extents.iter().map(u64::to_string).collect();
        write!(f, "{}={}", self.name, extents.join("x"))
    }
}

impl OptionValue for Fixed {
    fn values() -> String {
        "NAME=2x3".into()
    }

    fn parse(text: &str) -> Result<Self, Option<Diagnostic>> {
        text.parse().map_err(Some)
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

fn run<'c>(module: Op<'c>, options: &SpecializeOptions) -> Result<(), ErrorGuaranteed> {
    specialize(module, &options.extents).map_err(|located| located.report())
}

fn specialize<'c>(module: Op<'c>, fixed: &[Fixed]) -> Result<(), SpannedDiagnostic<'c>> {
    check_names(module, fixed)?;
    if !fixed.is_empty() {
        recursion::split(module);
    }
    let functions: Vec<Op> =
        body_ops(module).into_iter().filter(|op| OpKind::of(*op) == Some(OpKind::FuncFunc)).collect();
    // Recursive functions keep their types.
    let called: HashSet<&str> = functions.iter().flat_map(|op| calls(*op)).map(|(_, callee)| callee).collect();
    for function in functions.into_iter().filter(|op| symbol_name(*op).is_none_or(|name| !called.contains(name))) {
        let Some(body) = region_block(function, 0) else { continue };
        for (index, argument) in block_args(body).into_iter().enumerate() {
            let name = argument_name(function, index);
            if let Some(position) = fixed.iter().position(|fixed| fixed.name == name) {
                fix(function, body, argument, &fixed[position])?;
            }
        }
        let mut known = Known::default();
        refine(body, &mut known)?;
        let types = |values: Vec<Val<'c>>| values.into_iter().map(|value| value.r#type()).collect::<Vec<_>>();
        let returned = block_ops(body).last().map(|last| types(operands(*last))).unwrap_or_default();
        let of = FunctionType::new(context_of(function), &types(block_args(body)), &returned);
        set_attribute(function, "function_type", TypeAttribute::new(of.into()).into());
    }
    Ok(())
}

/// Checks that each fixed argument exists in some function with a body, and is listed once.
///
/// # Errors
/// If one does not exist, with the list of arguments as help, or is listed twice.
pub fn check_names<'c>(module: Op<'c>, fixed: &[Fixed]) -> Result<(), SpannedDiagnostic<'c>> {
    let mut names: Vec<String> = Vec::new();
    for function in body_ops(module).into_iter().filter(|op| OpKind::of(*op) == Some(OpKind::FuncFunc)) {
        let Some(body) = region_block(function, 0) else { continue };
        for index in 0..block_args(body).len() {
            let name = argument_name(function, index);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let is_given_before =
        |(index, later): &(usize, &Fixed)| fixed[..*index].iter().any(|fixed| fixed.name == later.name);
    if let Some((_, twice)) = fixed.iter().enumerate().find(is_given_before) {
        let diagnostic = Diagnostic::request(format!("the extents of '{}' are given twice", twice.name));
        return Err(SpannedDiagnostic::new(module.location(), diagnostic.help("list each argument once")));
    }
    let Some(unknown) = fixed.iter().find(|fixed| !names.contains(&fixed.name)) else { return Ok(()) };
    let diagnostic = Diagnostic::request(format!("no function has an argument '{}'", unknown.name));
    let diagnostic = diagnostic.help(match names.is_empty() {
        true => "no function has arguments".into(),
        false => format!("the arguments are {}; without `dp.name` they are called a0, a1, …", names.join(", ")),
    });
    Err(SpannedDiagnostic::new(module.location(), diagnostic))
}

/// Gives an argument its extents. An index argument is replaced by its value.
fn fix<'c>(function: Op<'c>, body: Blk<'c>, argument: Val<'c>, fixed: &Fixed) -> Result<(), SpannedDiagnostic<'c>> {
    let is_index = ValueType::of(argument.r#type()) == Some(ValueType::number(ScalarType::Index));
    if let (true, [value], Some(first)) = (is_index, &fixed.extents[..], block_ops(body).first()) {
        let constant = Builder::before(*first).index(*value as i64);
        let constant = constant.map_err(|diagnostic| SpannedDiagnostic::new(function.location(), diagnostic))?;
        replace_all_uses(argument, constant);
        return Ok(());
    }
    let r#type = ValueType::of(argument.r#type()).filter(|r#type| r#type.rank() == fixed.extents.len());
    let agreed = r#type.as_ref().and_then(|r#type| {
        let extents = r#type.extents().iter().zip(&fixed.extents);
        extents
            .map(|(old, new)| old.is_none_or(|old| old == *new).then_some(Some(*new)))
            .collect::<Option<Vec<Extent>>>()
    });
    match (r#type, agreed) {
        (Some(r#type), Some(shape)) => {
            set_type(argument, &ValueType::tensor(r#type.dtype, shape), function);
            Ok(())
        }
        _ => {
            let message = format!("the argument '{}' of type {} does not match {fixed}", fixed.name, argument.r#type());
            let diagnostic =
                Diagnostic::request(message).help("give one extent for each dimension, consistent with the type");
            Err(SpannedDiagnostic::new(function.location(), diagnostic))
        }
    }
}

fn set_type<'c>(value: Val<'c>, to: &ValueType, near: Op<'c>) {
    dp_dialects::ir::set_type(value, to.to_type(context_of(near)));
}

/// The values of integers that are known at compile time.
type Known = ValueMap<i64>;

/// Refines the types of a block's values, in order.
fn refine<'c>(block: Blk<'c>, known: &mut Known) -> Result<(), SpannedDiagnostic<'c>> {
    for op in block_ops(block) {
        let Some(kind) = OpKind::of(op).filter(|_| !PLACEHOLDER.is_on(op)) else { continue };
        // Read now, since the operation may be replaced.
        let location = op.location();
        let located = |diagnostic| SpannedDiagnostic::new(location, diagnostic);
        match kind {
            OpKind::ScfIf | OpKind::ScfIndexSwitch => control::branch(op, known)?,
            OpKind::ScfFor | OpKind::ScfWhile => control::carry(kind, op, known)?,
            OpKind::ArrayMap => {
                let shape = operands(op).iter().find_map(|x| ValueType::of(x.r#type()));
                for result in results(op) {
                    if let (Some(from), Some(to)) = (&shape, ValueType::of(result.r#type())) {
                        set_type(result, &from.with_dtype(to.dtype), op);
                    }
                }
                agree(kind, op).map_err(located)?;
            }
            OpKind::ArraySort => {
                for (x, result) in operands(op).into_iter().zip(results(op)) {
                    if let Some(from) = ValueType::of(x.r#type()) {
                        set_type(result, &from, op);
                    }
                }
                agree(kind, op).map_err(located)?;
            }
            OpKind::TensorCast | OpKind::TensorDim => {
                replace(kind, op, known).map_err(located)?;
            }
            OpKind::CfAssert => decide(op, known)?,
            OpKind::FuncCall => call(op).map_err(located)?,
            _ if kind.dialect() == "arith" => note(kind, op, known),
            OpKind::AdStopGradient | OpKind::AdBarrier => infer_one(kind, op, known).map_err(located)?,
            _ if matches!(kind.dialect(), "scalar" | "array") => {
                note_number(kind, op, known);
                infer_one(kind, op, known).map_err(located)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Folds casts of static operands, and `tensor.dim` of known extents.
fn replace<'c>(kind: OpKind, op: Op<'c>, known: &mut Known) -> Result<()> {
    let (operands, result) = (operands(op), results(op)[0]);
    let Some(from) = ValueType::of(operands[0].r#type()) else { return Ok(()) };
    let new = if kind == OpKind::TensorCast {
        let Some(to) = ValueType::of(result.r#type()) else { return Ok(()) };
        if !from.is_compatible(&to) {
            let diagnostic = Diagnostic::request(format!("'{}' cannot convert {from} to {to}", kind.name()));
            return Err(diagnostic.help("check the specialized extents of the arguments"));
        }
        from.is_static().then_some(operands[0])
    } else {
        let dim = integer(operands[1], known).and_then(|dim| usize::try_from(dim).ok());
        let extent = dim.and_then(|dim| from.extents().get(dim).copied().flatten());
        extent.map(|extent| Builder::before(op).index(extent as i64)).transpose()?
    };
    if let Some(new) = new {
        replace_all_uses(result, new);
        erase(op);
    }
    Ok(())
}

/// Gives a call of a recursive function operands of the types that the function takes.
fn call(op: Op) -> Result<()> {
    let module = ancestors(op).last();
    let callee = symbol_attribute(op, "callee").and_then(|callee| functions(module?).get(callee).copied());
    let (inputs, _) = callee.and_then(signature).unwrap_or_default();
    for (index, (value, input)) in operands(op).into_iter().zip(inputs).enumerate() {
        if value.r#type() != input && ValueType::of(value.r#type()).is_some_and(|of| of.is_tensor()) {
            let cast = Builder::before(op).op(OpKind::TensorCast, &[value], &[input], &[], vec![])?;
            set_operand(op, index, result(cast));
        }
    }
    Ok(())
}

/// Decides an assertion whose condition is known: removes it, or reports that it fails. In a branch or a loop, one that
/// fails stays: whether it is executed is known only at run time.
fn decide<'c>(op: Op<'c>, known: &Known) -> Result<(), SpannedDiagnostic<'c>> {
    let around = op.block().and_then(|block| block.parent_operation());
    let is_executed = around.is_some_and(|around| OpKind::of(around) == Some(OpKind::FuncFunc));
    match operands(op).first().and_then(|condition| integer(*condition, known)) {
        None => Ok(()),
        Some(0) if !is_executed => Ok(()),
        Some(0) => {
            let message = string_attribute(op, "msg").unwrap_or("assertion failed");
            let help = match help_of_check(message) {
                VALUES => "check the specialized extents of the arguments",
                help => help,
            };
            Err(SpannedDiagnostic::new(op.location(), Diagnostic::request(message).help(help)))
        }
        Some(_) => {
            erase(op);
            Ok(())
        }
    }
}

/// The value of an integer, if it is known.
fn integer(value: Val, known: &Known) -> Option<i64> {
    if let Some(number) = known.get(value) {
        return Some(*number);
    }
    let is_constant = |op: &Op| matches!(OpKind::of(*op), Some(OpKind::ArithConstant | OpKind::ScalarConstant));
    let constant = defining_op(value).filter(is_constant)?;
    let literal = constant.attribute("value").ok().and_then(Literal::of)?;
    (literal.shape.is_none() && !literal.dtype.is_differentiable()).then(|| literal.element(0).integer())
}

/// Evaluates arithmetic on known integers.
fn note(kind: OpKind, op: Op, known: &mut Known) {
    let values: Option<Vec<i64>> = operands(op).into_iter().map(|value| integer(value, known)).collect();
    let from = operands(op).first().and_then(|value| ValueType::of(value.r#type()));
    let computed = values.and_then(|values| match (kind, &values[..], from) {
        (OpKind::ArithIndexCast, [value], Some(from)) => Some(indices::index_cast(*value, from.dtype)),
        (_, values, _) => indices::evaluate(kind, i64_attribute(op, "predicate"), values),
    });
    if let (Some(computed), Some(result)) = (computed, results(op).first()) {
        known.insert(*result, computed);
    }
}

/// Evaluates an operation of `scalar` on known integers, of which front ends compute extents.
fn note_number(kind: OpKind, op: Op, known: &mut Known) {
    let number = |value: Val| {
        let of = ValueType::of(value.r#type()).filter(|of| !of.is_tensor() && !of.dtype.is_differentiable())?;
        Some(Literal::number(of.dtype, Number::Integer(integer(value, known)?)))
    };
    let [result] = results(op)[..] else { return };
    let is_integer = |of: &ValueType| !of.is_tensor() && !of.dtype.is_differentiable();
    let Some(to) = ValueType::of(result.r#type()).filter(is_integer) else { return };
    let values: Option<Vec<Literal>> = operands(op).into_iter().map(number).collect();
    let (Some(values), Some(parameters)) = (values, Parameters::of(kind, op)) else { return };
    if kind.dialect() == "scalar"
        && dp_semantics::is_evaluated(kind)
        && let Ok(computed) = dp_semantics::evaluate(kind, &parameters, &values, &to)
    {
        known.insert(result, computed.element(0).integer());
    }
}

/// Checks that the known extents of an operation are consistent.
fn agree(kind: OpKind, op: Op) -> Result<()> {
    let mut shapes = operands(op).into_iter().filter_map(|x| ValueType::of(x.r#type())).filter(ValueType::is_tensor);
    if let (Extents::Agreed, Some(first)) = (kind.entry().extents, shapes.next())
        && let Some(other) = shapes.find(|other| !first.is_compatible(other))
    {
        let diagnostic = Diagnostic::request(format!(
            "'{}' requires operands of the same shape, not {first} and {other}",
            kind.name()
        ));
        return Err(diagnostic.help("check the specialized extents of the arguments"));
    }
    ops::verify(op).map_err(|diagnostic| {
        let help = diagnostic.help.unwrap_or_else(|| "check the specialized extents of the arguments".into());
        Diagnostic::request(format!("'{}' {}", kind.name(), diagnostic.message)).help(help)
    })
}

/// Infers the type of an operation's result from the types of its operands and the known extents.
fn infer_one<'c>(kind: OpKind, op: Op<'c>, known: &Known) -> Result<()> {
    let Some(result) = results(op).first().copied() else { return Ok(()) };
    let Some(old) = ValueType::of(result.r#type()).filter(|old| old.is_tensor()) else { return Ok(()) };
    let operands = operands(op);
    let malformed = || Diagnostic::internal(format!("internal error: '{}' is malformed", kind.name()));
    let parameters = Parameters::of(kind, op).ok_or_else(malformed)?;
    if !matches!(kind.entry().extents, Extents::Given) {
        let types: Option<Vec<ValueType>> = operands.iter().map(|value| ValueType::of(value.r#type())).collect();
        let types = types.ok_or_else(malformed)?;
        let new = match (kind.entry().result, types.first()) {
            (ResultType::Inferred(infer), _) => infer(&types, &parameters)?,
            // Only the element type of an elementwise operation is explicit.
            (ResultType::Written, Some(x)) => x.with_dtype(old.dtype),
            (ResultType::Written, None) => return Err(malformed()),
        };
        set_type(result, &new, op);
        return agree(kind, op);
    }
    // Constant starts are clamped once the extents are known.
    let clamped = |new: &ValueType| match &parameters {
        Parameters::Slice { starts, strides } => {
            let whole = ValueType::of_value(operands[0])?;
            let starts = clamped_starts(starts, strides, &whole, new);
            Ok(Parameters::Slice { starts, strides: strides.clone() })
        }
        parameters => Ok(parameters.clone()),
    };
    if old.is_static() {
        for (name, value) in clamped(&old)?.attributes(context_of(op)) {
            set_attribute(op, name, value);
        }
        return agree(kind, op);
    }
    // The trailing operands are the extents, one for each `?`.
    let given = operands.len() - old.dynamic_dimensions().count();
    let mut kept: Vec<Val> = operands[..given].to_vec();
    let mut new = old.clone();
    let mut extents = operands[given..].iter();
    for extent in new.shape.iter_mut().flatten().filter(|extent| extent.is_none()) {
        let Some(operand) = extents.next().copied() else { return Err(malformed()) };
        match integer(operand, known) {
            Some(number) => {
                let negative = || Diagnostic::invalid(format!("'{}' has the negative extent {number}", kind.name()));
                *extent = Some(u64::try_from(number).map_err(|_| negative().help("extents must not be negative"))?);
            }
            None => kept.push(operand),
        }
    }
    let made = Builder::before(op).emit_typed(kind, &clamped(&new)?, &kept, &new)?;
    debug_assert!(new.dtype != ScalarType::Index);
    replace_all_uses(result, made);
    erase(op);
    defining_op(made).map_or(Ok(()), |made| agree(kind, made))
}
