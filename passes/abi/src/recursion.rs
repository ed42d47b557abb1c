//! `check-recursion`: a recursion that is too deep for the stack of the calling thread is a run-time error.
//!
//! A public function remembers a limit for the stack pointer, at first not far below its own frame, so that recursion
//! that is not deep asks nothing. Below it, the C library says where the stack of the thread ends; the limit is then
//! near that end. Code that runs on another stack than that of its thread has no limit.

use crate::descriptors::{AbiBuilder, pointer};
use crate::guard::lists::append_argument;
use crate::guard::table::call;
use crate::memory::retype;
use dp_dialects::ir::{
    Op, Val, block_args, block_ops, body_ops, context_of, operands, region_block, result, results, symbol_name,
};
use dp_dialects::{Builder, Diagnostic, MlirType, OpKind, Result, ScalarType};
use dp_loopnest::checks::{is_assertion, require};
use dp_loopnest::structured::{is_named, segments};
use dp_passes::calls::{CallGraph, calls, reaching};
use dp_passes::records::is_record;
use dp_passes::symbols::public_functions;
use dp_passes::{ErrorGuaranteed, NoOptions, Pass, text};
use melior::ir::Type;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::MemRefType;
use std::collections::HashSet;

/// `check-recursion`.
pub static CHECK_RECURSION: Pass = Pass {
    flag: "check-recursion",
    summary: "check that recursion fits the stack",
    description: "Takes functions on buffers, before `guard-allocations`. A recursive function compares the stack \
        pointer with a limit, and asserts that there is room, before it does anything else. The public function that \
        calls it owns the limit, and passes its address. Functions in which all recursive calls are the last operation, and nothing can \
        fail, are left alone: they become loops.",
    body: run,
};

/// The message.
const TOO_DEEP: &str = "the recursion is too deep for the stack of the calling thread";

/// The functions that compare.
const FUNCTIONS: &str = r#"
llvm.func @pthread_self() -> i64
llvm.func @pthread_getattr_np(i64, !llvm.ptr) -> i32
llvm.func @pthread_attr_getstack(!llvm.ptr, !llvm.ptr, !llvm.ptr) -> i32
llvm.func @pthread_attr_destroy(!llvm.ptr) -> i32

// Whether the stack has room below the address %at; %limit points to an address above which it has.
llvm.func internal @dp_stack_fits(%limit: !llvm.ptr, %at: !llvm.ptr) -> i1 attributes {passthrough = ["nounwind"]} {
  %true = llvm.mlir.constant(true) : i1
  %here = llvm.ptrtoint %at : !llvm.ptr to i64
  %least = llvm.load %limit : !llvm.ptr -> i64
  %fits = llvm.icmp "uge" %here, %least : i64
  llvm.cond_br %fits, ^done(%true : i1), ^ask
^ask:
  %asked = llvm.call @dp_stack_ask(%limit, %here) : (!llvm.ptr, i64) -> i1
  llvm.br ^done(%asked : i1)
^done(%answer: i1):
  llvm.return %answer : i1
}

// Sets the limit by what the C library says about the stack of the thread: 64 KiB before its end, or a quarter of a small
// one, are for functions that do not compare. The limit is 0 if it is not known.
llvm.func internal @dp_stack_ask(%limit: !llvm.ptr, %here: i64) -> i1 attributes {passthrough = ["noinline", "nounwind", "cold"]} {
  %one = llvm.mlir.constant(1 : i64) : i64
  %two = llvm.mlir.constant(2 : i64) : i64
  %words = llvm.mlir.constant(32 : i64) : i64
  %most = llvm.mlir.constant(65536 : i64) : i64
  %zero = llvm.mlir.constant(0 : i64) : i64
  %success = llvm.mlir.constant(0 : i32) : i32
  %true = llvm.mlir.constant(true) : i1
  %attributes = llvm.alloca %words x i64 {alignment = 16 : i64} : (i64) -> !llvm.ptr
  %begin_place = llvm.alloca %one x i64 : (i64) -> !llvm.ptr
  %size_place = llvm.alloca %one x i64 : (i64) -> !llvm.ptr
  %self = llvm.call @pthread_self() : () -> i64
  %status = llvm.call @pthread_getattr_np(%self, %attributes) : (i64, !llvm.ptr) -> i32
  %is_known = llvm.icmp "eq" %status, %success : i32
  llvm.cond_br %is_known, ^known, ^unknown
^known:
  %read = llvm.call @pthread_attr_getstack(%attributes, %begin_place, %size_place) : (!llvm.ptr, !llvm.ptr, !llvm.ptr) -> i32
  %destroyed = llvm.call @pthread_attr_destroy(%attributes) : (!llvm.ptr) -> i32
  %is_read = llvm.icmp "eq" %read, %success : i32
  llvm.cond_br %is_read, ^place, ^unknown
^place:
  %begin = llvm.load %begin_place : !llvm.ptr -> i64
  %size = llvm.load %size_place : !llvm.ptr -> i64
  %offset = llvm.sub %here, %begin : i64
  %is_inside = llvm.icmp "ult" %offset, %size : i64
  llvm.cond_br %is_inside, ^set, ^unknown
^set:
  %quarter = llvm.lshr %size, %two : i64
  %kept = llvm.intr.umin(%quarter, %most) : (i64, i64) -> i64
  %least = llvm.add %begin, %kept : i64
  llvm.store %least, %limit : i64, !llvm.ptr
  %fits = llvm.icmp "uge" %offset, %kept : i64
  llvm.return %fits : i1
^unknown:
  llvm.store %zero, %limit : i64, !llvm.ptr
  llvm.return %true : i1
}
"#;

/// How far below the frame of a public function nothing is asked: less than a small stack of a thread.
const NEAR: i64 = 64 << 10;

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let checked = checked(module);
    if checked.is_empty() {
        return Ok(());
    }
    let is_call = |op: Op<'c>| callee(op).is_some_and(|callee| checked.contains(callee));
    let users = reaching(module, is_call);
    let public: HashSet<&str> = public_functions(module).into_iter().filter_map(symbol_name).collect();
    for function in body_ops(module) {
        let Some(name) = symbol_name(function).filter(|name| users.contains(name)) else { continue };
        let made = match public.contains(name) {
            true => own(function),
            false => take(function, checked.contains(name)),
        };
        let passed = made.and_then(|limit| {
            let takes = |(_, callee): &(Op, &str)| users.contains(callee) && !public.contains(callee);
            calls(function).into_iter().filter(takes).try_for_each(|(op, callee)| append_argument(op, callee, limit))
        });
        passed.map_err(|diagnostic| diagnostic.report(function.location()))?;
    }
    let functions = text::parse(context_of(module), FUNCTIONS, "the functions that check recursion");
    let functions = functions.map_err(|diagnostic| diagnostic.report(module.location()))?;
    text::append(module, &functions);
    Ok(())
}

fn callee(op: Op<'_>) -> Option<&str> {
    dp_dialects::ir::symbol_attribute(op, "callee").filter(|_| OpKind::of(op) == Some(OpKind::FuncCall))
}

/// The functions that check: those that call themselves, but not as the last operation, or that can fail; and those that
/// call themselves and one of these.
fn checked<'c>(module: Op<'c>) -> HashSet<&'c str> {
    let recursive = CallGraph::of(module).recursive();
    if recursive.is_empty() {
        return recursive;
    }
    let is_failure =
        |op: Op<'c>| is_assertion(op) || is_record(op) || is_named(op, "memref.alloc") || is_named(op, "memref.alloca");
    let is_inner = |op: Op<'c>| callee(op).is_some_and(|callee| recursive.contains(callee)) && !is_last(op);
    let deep = reaching(module, |op| is_failure(op) || is_inner(op));
    recursive.into_iter().filter(|name| deep.contains(name)).collect()
}

/// Whether nothing happens after an operation, whose results the function returns.
fn is_last(op: Op) -> bool {
    let Some(next) = op.next_in_block() else { return false };
    if operands(next) != results(op) {
        return false;
    }
    match OpKind::of(next) {
        Some(OpKind::FuncReturn) => true,
        Some(OpKind::ScfYield) => {
            let parent = dp_dialects::ir::ancestors(next).next();
            parent.is_some_and(|parent| {
                matches!(OpKind::of(parent), Some(OpKind::ScfIf | OpKind::ScfIndexSwitch)) && is_last(parent)
            })
        }
        Some(_) | None => false,
    }
}

/// The address of the limit of a public function, which is near its own frame.
fn own<'c>(function: Op<'c>) -> Result<Val<'c>> {
    let b = entry(function)?;
    let context = b.context();
    let index = ScalarType::Index.to_type(context);
    let r#type: Type = MemRefType::new(index, &[1], None, None).into();
    let limit = b.named("memref.alloca", &[], &[r#type], &[segments(context, &[0, 0])], vec![]).map(result)?;
    let abi = AbiBuilder { b };
    let here = abi.one("llvm.ptrtoint", &[stack_pointer(&abi)?], ScalarType::I64.to_type(context), &[])?;
    let here = abi.one("arith.index_cast", &[here], index, &[])?;
    let least = abi.one("arith.subi", &[here, abi.b.index(NEAR)?], index, &[])?;
    abi.b.named("memref.store", &[least, limit, abi.b.index(0)?], &[], &[], vec![])?;
    crate::guard::table::table_pointer(&abi.b, limit)
}

/// Adds the address of the limit as last argument of a private function; a recursive one checks it.
fn take<'c>(function: Op<'c>, is_checked: bool) -> Result<Val<'c>> {
    let b = entry(function)?;
    let block = region_block(function, 0).ok_or_else(|| Diagnostic::internal("internal error: no body"))?;
    block.add_argument(pointer(b.context()), function.location());
    let limit = block_args(block).pop().ok_or_else(|| Diagnostic::internal("internal error: no argument"))?;
    let returned = block.terminator().map(operands).unwrap_or_default();
    retype(function, block, &returned);
    if is_checked {
        let here = stack_pointer(&AbiBuilder { b })?;
        let i1 = ScalarType::I1.to_type(b.context());
        let fits = call(&b, "dp_stack_fits", &[limit, here], &[i1]).map(result)?;
        require(&b, fits, TOO_DEEP)?;
    }
    Ok(limit)
}

fn entry<'c>(function: Op<'c>) -> Result<Builder<'c>> {
    let first = region_block(function, 0).and_then(|block| block_ops(block).first().copied());
    let first = first.ok_or_else(|| Diagnostic::internal("internal error: a function without a body"))?;
    Ok(Builder::before(first).located(function.location()))
}

fn stack_pointer<'c>(abi: &AbiBuilder<'c>) -> Result<Val<'c>> {
    abi.one("llvm.intr.stacksave", &[], pointer(abi.b.context()), &[])
}
