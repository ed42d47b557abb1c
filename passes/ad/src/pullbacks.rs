//! Pullbacks that leave the function that makes them: they are returned, passed, chosen by branches or carried by loops.
//!
//! A call of a function that takes or returns a pullback is inlined, of any size, unless the function is recursive: `BUDGET`
//! bounds what is inlined, and a pullback that stays in one function needs no record. A pullback that is
//! then pulled only in the function that makes it needs no more: it is expanded in place (`requests`). Any other becomes
//! the position of a record. The program is closed, so such a pullback is one of those requested somewhere: the record
//! holds the number of the request, and the position of another record, of what the pullback keeps. To pull it is to
//! choose, by the number, among the functions that do it.

use crate::calls::Registry;
use crate::prepare::inline;
use dp_ad_engine::transpose::calls::call;
use dp_dialects::ir::{
    Op, Val, defining_op, erase, functions, has_several_blocks, operands, positions, pullback_signature, results,
    set_type, symbol_attribute, symbol_name, users, walk,
};
use dp_dialects::{Builder, Diagnostic, MlirType, OpKind, Result, ScalarType, SpannedDiagnostic};
use dp_passes::calls::{CallGraph, calls, functions_of};
use dp_passes::numbers::{Numbered, choose, replace};
use melior::ir::operation::OperationLike;
use melior::ir::{Type, ValueLike};
use std::collections::HashSet;

const VALUES: Numbered = Numbered {
    is: |r#type| pullback_signature(r#type).is_some(),
    message: "a public function takes or returns a pullback, which has no form in the C interface",
    help: "make it private, and pull the pullback in a public function that takes cotangents",
};

/// Whether a pull is of a request's own pullback, in the request's function.
fn is_in_place(pull: Op, request: Op) -> bool {
    OpKind::of(pull) == Some(OpKind::AdPull) && defining_op(operands(pull)[0]) == Some(request)
}

/// The pullback that a request returns, if it is used other than by pulls.
pub(crate) fn escaping<'c>(request: Op<'c>) -> Option<Val<'c>> {
    let pullback = results(request).pop().filter(|_| OpKind::of(request) == Some(OpKind::AdVjp))?;
    users(pullback).into_iter().any(|user| !is_in_place(user, request)).then_some(pullback)
}

/// Inlines the calls of functions that take or return pullbacks, and removes those that nothing refers to any more.
fn inline_calls<'c>(module: Op<'c>) -> Result<(), SpannedDiagnostic<'c>> {
    let mut spent = 0;
    loop {
        let (defined, recursive) = (functions(module), CallGraph::of(module).recursive());
        let is_inlined = |name: &str| {
            let is_one = |function: &Op<'c>| VALUES.is_in_signature(*function) && !has_several_blocks(*function);
            !recursive.contains(name) && defined.get(name).is_some_and(is_one)
        };
        let found: Vec<Op> = functions_of(module)
            .flat_map(calls)
            .filter(|(_, callee)| is_inlined(callee))
            .map(|(call, _)| call)
            .collect();
        if found.is_empty() {
            break;
        }
        for call in found {
            inline(&defined, call, &mut spent)?;
        }
    }
    loop {
        let mut referred = HashSet::new();
        for function in functions_of(module) {
            walk(function, &mut |op| referred.extend(symbol_attribute(op, "callee")));
        }
        let is_left =
            |op: &Op| VALUES.is_in_signature(*op) && symbol_name(*op).is_some_and(|name| !referred.contains(name));
        let left: Vec<Op> = functions_of(module).filter(is_left).collect();
        if left.is_empty() {
            return Ok(());
        }
        left.into_iter().for_each(erase);
    }
}

/// A request whose pullback escapes: the function that it differentiates, and by which arguments.
#[derive(Clone, PartialEq, Eq)]
struct Kept<'c> {
    callee: &'c str,
    wrt: Vec<usize>,
    /// The type of the pullback.
    r#type: Type<'c>,
}

impl<'c> Kept<'c> {
    fn of(request: Op<'c>) -> Option<Self> {
        let r#type = escaping(request)?.r#type();
        Some(Kept { callee: symbol_attribute(request, "callee")?, wrt: positions(request, "wrt")?, r#type })
    }
}

/// Makes the pullbacks of a module that are more than values within a function positions of records.
///
/// # Errors
/// If a public function takes or returns a pullback, or one is pulled whose type no request has.
pub(crate) fn lower<'c>(module: Op<'c>, registry: &Registry<'c>) -> Result<(), SpannedDiagnostic<'c>> {
    let at = |op: Op<'c>, diagnostic| SpannedDiagnostic::new(op.location(), diagnostic);
    for function in functions_of(module) {
        VALUES.check(function).map_err(|diagnostic| at(function, diagnostic))?;
    }
    inline_calls(module)?;
    let (mut requests, mut pulls, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for function in functions_of(module) {
        walk(function, &mut |op| match Kept::of(op) {
            Some(kept) => requests.push((op, kept)),
            None if OpKind::of(op) == Some(OpKind::AdPull) => pulls.push(op),
            None => others.push(op),
        });
    }
    let is_in_its_place = |pull: &Op<'c>| {
        let made = defining_op(operands(*pull)[0]).filter(|made| OpKind::of(*made) == Some(OpKind::AdVjp));
        made.is_some_and(|made| escaping(made).is_none())
    };
    pulls.retain(|pull| !is_in_its_place(pull));
    // The number of a pullback is its place here.
    let mut kinds: Vec<Kept> = Vec::new();
    for (_, kept) in &requests {
        if !kinds.contains(kept) {
            kinds.push(kept.clone());
        }
    }
    for pull in pulls {
        let made = pulled(pull, &kinds, registry).map_err(|diagnostic| at(pull, diagnostic))?;
        replace(pull, &made);
    }
    for (request, kept) in requests {
        let number = kinds.iter().position(|kind| *kind == kept).unwrap_or_default() as i64;
        let b = Builder::before(request);
        let outputs = VALUES.lowered(b.context(), results(request).into_iter().map(|x| x.r#type()).collect());
        let made = call(b, &registry.vjp(kept.callee, &kept.wrt, number), &operands(request), &outputs);
        replace(request, &made.map_err(|diagnostic| at(request, diagnostic))?);
    }
    for op in others {
        // Pullbacks that are pulled in place remain.
        let own = results(op).pop().filter(|_| OpKind::of(op) == Some(OpKind::AdVjp)).map(|own| (own, own.r#type()));
        VALUES.retype(op);
        own.into_iter().for_each(|(own, r#type)| set_type(own, r#type));
    }
    Ok(())
}

/// The application of a pullback that is a position.
fn pulled<'c>(pull: Op<'c>, kinds: &[Kept<'c>], registry: &Registry<'c>) -> Result<Vec<Val<'c>>> {
    let b = Builder::before(pull);
    let given = operands(pull);
    let (pullback, cotangents) = given.split_first().ok_or_else(|| Diagnostic::invalid("requires a pullback"))?;
    let fitting = kinds.iter().enumerate().filter(|(_, kind)| kind.r#type == pullback.r#type());
    let fitting: Vec<(i64, String)> =
        fitting.map(|(number, kind)| (number as i64, registry.pull(kind.callee, &kind.wrt))).collect();
    if fitting.is_empty() {
        let message = "no pullback of this type is made in this program";
        return Err(Diagnostic::invalid(message).help("make one with 'ad.vjp'"));
    }
    let index = ScalarType::Index.to_type(b.context());
    let kept = results(b.op(OpKind::AdRecall, &[*pullback], &[index, index], &[], vec![])?);
    let arguments: Vec<Val> = std::iter::once(kept[1]).chain(cotangents.iter().copied()).collect();
    let outputs: Vec<Type> = results(pull).into_iter().map(|result| result.r#type()).collect();
    let functions: Vec<(i64, &str)> = fitting.iter().map(|(number, name)| (*number, &name[..])).collect();
    choose(b, kept[0], &functions, &arguments, &outputs)
}
