//! Preparation of linear regions in the program for transposition.
//!
//! Functions that are called on tangents are inlined. Operations that only seem to depend on tangents are separated: an
//! extent is read where its tensor is defined, and an operation that returns residuals together with tangents is split
//! into two. Only a derivative request in the region remains, which must be expanded first.

use crate::linearity::{self, Checked, Degree, Linearity};
use crate::linearize::BUDGET;
use crate::rules::{Derivative, RULES, row};
use dp_dialects::ir::{
    Op, block_ops, constant_integer, erase, is_set, operands, region_block, replace_all_uses, result, results,
    symbol_attribute, value_block, walk,
};
use dp_dialects::{Builder, Diagnostic, OpKind, SpannedDiagnostic};
use dp_passes::copies::copy_block;
use melior::ir::operation::OperationLike;
use std::collections::{HashMap, HashSet};

/// Whether a linear region can be inlined.
pub(crate) enum Readiness<'c> {
    /// It can.
    Ready,
    /// An operation in it, whose results depend on tangents, must be expanded first.
    Waits(Op<'c>),
}

/// Checks a region that the program contains, and prepares it if it is to be transposed.
///
/// # Errors
/// At the first operation that is not linear in a tangent, or that has no transpose.
pub(crate) fn prepare<'c>(
    functions: &HashMap<&'c str, Op<'c>>,
    linear: Op<'c>,
) -> Result<Readiness<'c>, SpannedDiagnostic<'c>> {
    let mut spent = 0;
    loop {
        let checked = linearity::check(functions, &RULES, linear)?;
        if !is_set(linear, "transpose") {
            return Ok(Readiness::Ready);
        }
        let is_call = |op: &&Op<'c>| OpKind::of(**op) == Some(OpKind::FuncCall);
        let calls: Vec<Op> = checked.nested.iter().filter(is_call).copied().collect();
        if let (true, Some(first)) = (calls.is_empty(), checked.nested.first()) {
            return Ok(Readiness::Waits(*first));
        }
        if calls.is_empty() {
            hoist_extents(linear, &checked).map_err(|diagnostic| at(linear, diagnostic))?;
            separate_residuals(linear, &linearity::check(functions, &RULES, linear)?)?;
            return Ok(Readiness::Ready);
        }
        for call in calls {
            inline(functions, call, &mut spent)?;
        }
    }
}

fn at<'c>(op: Op<'c>, diagnostic: Diagnostic) -> SpannedDiagnostic<'c> {
    SpannedDiagnostic::new(op.location(), diagnostic)
}

/// Replaces a call by the function's operations.
fn inline<'c>(
    functions: &HashMap<&'c str, Op<'c>>,
    call: Op<'c>,
    spent: &mut usize,
) -> Result<(), SpannedDiagnostic<'c>> {
    let name = symbol_attribute(call, "callee").unwrap_or_default();
    let Some(block) = functions.get(name).and_then(|function| region_block(*function, 0)) else {
        return Err(at(call, Diagnostic::internal("internal error: a call of what has no body passed for linear")));
    };
    if calls_itself(functions, name) {
        let diagnostic =
            Diagnostic::unsupported(format!("'@{name}' calls itself, and recursion is not transposed yet"));
        return Err(at(
            call,
            diagnostic.help("write it without recursion, or apply the region instead of its transpose"),
        ));
    }
    let ops = block_ops(block);
    *spent += ops.len();
    if *spent > BUDGET {
        let diagnostic = Diagnostic::limit(format!("this transpose expands to more than {BUDGET} operations"));
        return Err(at(call, diagnostic.help("calls are copied into the transpose: call less")));
    }
    let arguments = dp_dialects::ir::block_args(block).into_iter().zip(operands(call)).collect();
    let made = copy_block(Builder::before(call), ops, arguments);
    for (result, value) in results(call).into_iter().zip(made) {
        replace_all_uses(result, value);
    }
    erase(call);
    Ok(())
}

/// Whether a function calls itself, directly or indirectly.
fn calls_itself<'c>(functions: &HashMap<&'c str, Op<'c>>, name: &'c str) -> bool {
    let (mut pending, mut seen) = (vec![name], HashSet::new());
    while let Some(function) = pending.pop().and_then(|next| functions.get(next)) {
        let mut found = false;
        walk(*function, &mut |op| {
            let callee = symbol_attribute(op, "callee").filter(|_| OpKind::of(op) == Some(OpKind::FuncCall));
            found = found || callee == Some(name);
            pending.extend(callee.filter(|callee| functions.contains_key(callee) && seen.insert(*callee)));
        });
        if found {
            return true;
        }
    }
    false
}

/// The operations within a region, each after those in its own regions.
fn inner_first<'c>(linear: Op<'c>) -> Vec<Op<'c>> {
    let mut found = Vec::new();
    walk(linear, &mut |op| found.push(op));
    found.reverse();
    found.pop();
    found
}

/// Moves reads of extents next to the tangents: an operation whose regions only read an extent of a tangent does not
/// depend on the tangent.
fn hoist_extents<'c>(linear: Op<'c>, checked: &Checked<'c>) -> dp_dialects::Result<()> {
    for op in inner_first(linear) {
        let asks = OpKind::of(op).and_then(row).and_then(|row| row.linearity.as_ref());
        let (Some(Linearity::Extents), [tensor, dim]) = (asks, &operands(op)[..]) else { continue };
        let dim = constant_integer(*dim);
        let is_outside = value_block(*tensor) != op.block();
        if let (Some(dim), true, Degree::Linear) = (dim, is_outside, checked.degree(*tensor)) {
            let extent = Builder::before(op).after(*tensor).extent(*tensor, dim as usize)?;
            replace_all_uses(result(op), extent);
            erase(op);
        }
    }
    Ok(())
}

/// Splits each operation with regions that depends on tangents and also returns residuals.
fn separate_residuals<'c>(linear: Op<'c>, checked: &Checked<'c>) -> Result<(), SpannedDiagnostic<'c>> {
    for op in inner_first(linear) {
        let all = results(op);
        let kept: Vec<usize> = (0..all.len()).filter(|index| checked.degree(all[*index]) != Degree::Linear).collect();
        let derivative = OpKind::of(op).and_then(row).map(|row| &row.derivative);
        let Some(Derivative::Region(handler)) = derivative else { continue };
        if kept.is_empty() || !checked.touches_tangents(op) {
            continue;
        }
        let made = handler.separate(op, &kept, &|value| checked.degree(value) == Degree::Linear);
        if let Some(made) = made.map_err(|diagnostic| at(op, diagnostic))? {
            for (index, value) in kept.into_iter().zip(results(made)) {
                replace_all_uses(all[index], value);
            }
        }
    }
    Ok(())
}
