//! Preparation of linear regions in the program for transposition.
//!
//! Functions that are called on tangents are inlined, unless they are recursive or made by differentiation: those are
//! transposed as functions (`calls`). Their size does not matter: only regions that the program writes out are prepared, and
//! `BUDGET` bounds what is inlined. Operations that only seem to depend on tangents are separated: an
//! extent is read where its tensor is defined, and an operation that returns residuals together with tangents is split
//! into two. Only a derivative request in the region remains, which must be expanded first.

use crate::rules::{Derivative, RULES, row};
use dp_ad_engine::linearize::BUDGET;
use dp_dialects::ir::{
    Op, ancestors, block_ops, constant_integer, erase, is_set, operands, region_block, replace_all_uses, result,
    results, symbol_attribute, value_block, walk,
};
use dp_dialects::marks::LINEAR_IN;
use dp_dialects::{Builder, Diagnostic, OpKind, SpannedDiagnostic};
use dp_linearity::{self, Checked, Degree, Linearity};
use dp_passes::calls::CallGraph;
use dp_passes::copies::copy_block;
use melior::ir::operation::OperationLike;
use std::cell::LazyCell;
use std::collections::HashMap;

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
    let module = ancestors(linear).find(|op| OpKind::of(*op) == Some(OpKind::BuiltinModule));
    let recursive = LazyCell::new(|| module.map(|module| CallGraph::of(module).recursive()).unwrap_or_default());
    loop {
        let checked = dp_linearity::check(functions, &RULES, linear)?;
        if !is_set(linear, "transpose") {
            return Ok(Readiness::Ready);
        }
        let callee = |op: Op<'c>| symbol_attribute(op, "callee").filter(|_| OpKind::of(op) == Some(OpKind::FuncCall));
        let (calls, others): (Vec<Op>, Vec<Op>) = checked.nested.iter().partition(|op| callee(**op).is_some());
        let is_transposed = |name: &str| {
            recursive.contains(name) || functions.get(name).is_some_and(|function| LINEAR_IN.is_on(*function))
        };
        let calls: Vec<Op> =
            calls.into_iter().filter(|op| callee(*op).is_some_and(|name| !is_transposed(name))).collect();
        if let (true, Some(first)) = (calls.is_empty(), others.first()) {
            return Ok(Readiness::Waits(*first));
        }
        if calls.is_empty() {
            hoist_extents(linear, &checked).map_err(|diagnostic| at(linear, diagnostic))?;
            separate_residuals(linear, &dp_linearity::check(functions, &RULES, linear)?)?;
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
pub(crate) fn inline<'c>(
    functions: &HashMap<&'c str, Op<'c>>,
    call: Op<'c>,
    spent: &mut usize,
) -> Result<(), SpannedDiagnostic<'c>> {
    let name = symbol_attribute(call, "callee").unwrap_or_default();
    let Some(block) = functions.get(name).and_then(|function| region_block(*function, 0)) else {
        return Err(at(call, Diagnostic::internal("internal error: a call of what has no body passed for linear")));
    };
    let ops = block_ops(block);
    *spent += ops.len();
    if *spent > BUDGET {
        let diagnostic = Diagnostic::limit(format!("this derivative expands to more than {BUDGET} operations"));
        return Err(at(call, diagnostic.help("calls are copied into the derivative: call less")));
    }
    let arguments = dp_dialects::ir::block_args(block).into_iter().zip(operands(call)).collect();
    let made = copy_block(Builder::before(call), ops, arguments);
    for (result, value) in results(call).into_iter().zip(made) {
        replace_all_uses(result, value);
    }
    erase(call);
    Ok(())
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
        // What is 0 has a transpose, like what depends on a tangent.
        let kept: Vec<usize> = (0..all.len()).filter(|index| checked.degree(all[*index]) == Degree::Constant).collect();
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
