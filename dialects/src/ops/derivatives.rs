//! Operations of `ad`: derivatives, pullbacks and linear regions.

use super::extents::of_first;
use super::{Attributes, Check, Entry, Extents, Regions, Work, first, invalid, read};
use crate::builder::pullback_type;
use crate::ir::{Op, Val, block_args, context_of, is_set, operands, positions, region_block, results, signature};
use crate::{Diagnostic, OpKind, OpKind::*, Result, ValueType};
use melior::ir::block::BlockLike;
use melior::ir::{Type, ValueLike};

pub(super) const ENTRIES: &[Entry] = &[
    checked(Entry::structure(AdJvp), with_its_callee),
    checked(Entry::structure(AdVjp), with_its_callee),
    checked(Entry::structure(AdGrad), with_its_callee),
    checked(Entry::structure(AdPull), pull),
    checked(Entry::structure(AdLinear), linear).regions(Regions::Capturing),
    checked(Entry::of(AdCheckpoint), checkpoint).extents(Extents::Yielded).regions(Regions::Capturing),
    Entry { attributes: Attributes::Read(read::nothing), ..checked(Entry::of(AdBarrier), with_types_in_ods) }
        .inferred(first)
        .extents(Extents::Follow(of_first))
        .work(Work::View),
    checked(Entry::structure(AdYield), with_its_region),
    checked(Entry::of(AdRecord), keeps_values),
    checked(Entry::of(AdRecall), keeps_values),
    checked(Entry::of(AdReserve), with_types_in_ods),
    checked(Entry::of(AdRelease), keeps_values),
    Entry { is_elementwise: true, ..checked(Entry::term(AdStopGradient, read::nothing), stop_gradient) }
        .inferred(first)
        .extents(Extents::Agreed)
        .work(Work::View),
];

const fn checked(entry: Entry, check: for<'c> fn(Op<'c>) -> Result<()>) -> Entry {
    Entry { check: Check::Operation(check), ..entry }
}

/// A derivative is verified together with its callee: see [`request`].
fn with_its_callee(_: Op) -> Result<()> {
    Ok(())
}

/// The terminator is verified together with the operation around it.
fn with_its_region(_: Op) -> Result<()> {
    Ok(())
}

/// A record holds scalars and tensors.
fn keeps_values(op: Op) -> Result<()> {
    let is_value = |value: &Val| ValueType::of(value.r#type()).is_some();
    match operands(op).iter().chain(&results(op)).all(is_value) {
        true => Ok(()),
        false => invalid("keeps only scalars and tensors"),
    }
}

/// The types are in ODS.
fn with_types_in_ods(_: Op) -> Result<()> {
    Ok(())
}

/// A checkpoint has the results that its region yields.
fn checkpoint(op: Op) -> Result<()> {
    let Some(block) = region_block(op, 0) else { return invalid("needs a region") };
    let terminator = block.terminator().filter(|last| OpKind::of(*last) == Some(OpKind::AdYield));
    let Some(terminator) = terminator else { return invalid("its region must end in 'ad.yield'") };
    if !block_args(block).is_empty() {
        return invalid("its region uses values from outside directly, and takes none");
    }
    let yielded = types(&operands(terminator));
    if types(&results(op)) != yielded {
        return invalid(format!("its region yields {}", list(&yielded)));
    }
    Ok(())
}

fn stop_gradient(op: Op) -> Result<()> {
    match operands(op).first().and_then(|x| ValueType::of(x.r#type())) {
        Some(r#type) if r#type.dtype.is_differentiable() => Ok(()),
        _ => invalid("requires a differentiable type: floats or complex numbers"),
    }
}

fn types<'c>(values: &[Val<'c>]) -> Vec<Type<'c>> {
    values.iter().map(|value| value.r#type()).collect()
}

fn list(types: &[Type]) -> String {
    format!("({})", types.iter().map(|r#type| r#type.to_string()).collect::<Vec<_>>().join(", "))
}

fn linear(op: Op) -> Result<()> {
    let Some(block) = region_block(op, 0) else { return invalid("needs a region") };
    let terminator = block.terminator().filter(|last| OpKind::of(*last) == Some(OpKind::AdYield));
    let Some(terminator) = terminator else { return invalid("its region must end in 'ad.yield'") };
    let (mut from, mut to) = (types(&block_args(block)), types(&operands(terminator)));
    if is_set(op, "transpose") {
        std::mem::swap(&mut from, &mut to);
    }
    let arguments = types(&block_args(block));
    let operands = operands(op);
    let (inputs, primals) = operands.split_at(operands.len().saturating_sub(arguments.len()));
    if types(inputs) != from || types(&results(op)) != to {
        return invalid(format!("its region has the type {} -> {}", list(&from), list(&to)));
    }
    if types(primals) != arguments {
        return invalid(format!("requires 'at' operands of type {}", list(&arguments)));
    }
    Ok(())
}

fn pull(op: Op) -> Result<()> {
    let operands = operands(op);
    let Some((cotangents, outputs)) = crate::ir::pullback_signature(operands[0].r#type()) else {
        return invalid("requires a pullback");
    };
    if types(&operands[1..]) != cotangents || types(&results(op)) != outputs {
        return invalid(format!("its pullback has the type {} -> {}", list(&cotangents), list(&outputs)));
    }
    Ok(())
}

/// Whether values of the type carry derivatives.
fn is_differentiable(r#type: &Type) -> bool {
    ValueType::of(*r#type).is_some_and(|r#type| r#type.dtype.is_differentiable())
}

/// Verifies `ad.jvp`, `ad.vjp` and `ad.grad` against the function to differentiate.
pub(crate) fn request<'c>(op: Op<'c>, callee: Option<Op<'c>>) -> Result<()> {
    let Some((inputs, outputs)) = callee.and_then(signature) else {
        let diagnostic = Diagnostic::invalid("lacks a callee");
        return Err(diagnostic.help("the callee must be a 'func.func' in this module"));
    };
    let Some(wrt) = positions(op, "wrt") else { return invalid("'wrt' must list positions of arguments") };
    for (index, argument) in wrt.iter().enumerate() {
        let Some(r#type) = inputs.get(*argument) else {
            let diagnostic = Diagnostic::invalid(format!("'wrt' lists argument {argument}, which does not exist"));
            return Err(diagnostic.help(format!("the function has {} arguments, counted from 0", inputs.len())));
        };
        if wrt[..index].contains(argument) {
            return invalid(format!("'wrt' lists argument {argument} twice"));
        }
        if !is_differentiable(r#type) {
            let diagnostic =
                Diagnostic::invalid(format!("argument {argument} has type {type}, which is not differentiable"));
            return Err(diagnostic.help("only floats, complex numbers and tensors of them are differentiable"));
        }
    }
    let chosen: Vec<Type> = wrt.iter().map(|argument| inputs[*argument]).collect();
    let carriers: Vec<Type> = outputs.iter().copied().filter(is_differentiable).collect();
    let (takes, gives): (Vec<Type>, Vec<Type>) = match OpKind::of(op) {
        Some(OpKind::AdJvp) => ([&inputs[..], &chosen[..]].concat(), [&outputs[..], &carriers[..]].concat()),
        Some(OpKind::AdVjp) => {
            let pullback = pullback_type(context_of(op), &carriers, &chosen);
            (inputs, [&outputs[..], &[pullback]].concat())
        }
        Some(OpKind::AdGrad) => {
            let number = match &outputs[..] {
                [output] => ValueType::of(*output).filter(|r#type| r#type.dtype.is_float() && r#type.rank() == 0),
                _ => None,
            };
            if number.is_none() {
                let diagnostic = Diagnostic::invalid("requires a function with one real scalar result");
                return Err(diagnostic.help("use 'ad.vjp' for other results"));
            }
            (inputs, [&outputs[..], &chosen[..]].concat())
        }
        _ => return invalid("is not a request for a derivative"),
    };
    if types(&operands(op)) != takes {
        return invalid(format!("requires operands of type {}", list(&takes)));
    }
    if types(&results(op)) != gives {
        return invalid(format!("requires results of type {}", list(&gives)));
    }
    Ok(())
}
