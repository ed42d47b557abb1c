//! `guard-allocations`: memory that is missing is an error at run time, and an error leaks none.

use super::border::{Door, pointer};
use super::results;
use crate::checks::{Order, compare, require};
use crate::structured::{Made, arith, is_named, segments};
use crate::text;
use crate::workspace::size::{MOST, Size, too_large};
use crate::workspace::{LINE, OUT_OF_MEMORY, is_by_hand, whole};
use dp_abi::Number;
use dp_dialects::ir::{
    Op, Val, body_ops, context_of, erase, is_declaration, is_set, operands, region_block, replace_all_uses, result,
    walk,
};
use dp_dialects::{Builder, DType, OpKind};
use dp_passes::{Pass, Reported};
use melior::ir::attribute::{Attribute, DenseI32ArrayAttribute, FlatSymbolRefAttribute};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::MemRefType;
use melior::ir::{Type, ValueLike};

/// `guard-allocations`.
pub static GUARD_ALLOCATIONS: Pass = Pass {
    flag: "guard-allocations",
    summary: "check what an allocation gives, and keep account of it",
    description: "Takes functions on buffers, before `lower-border`. Leaves calls of `aligned_alloc` in the place of \
        allocations, each between checks that its size can be counted and that there is memory. A function that allocates has a table on its stack, \
        marked `dp.held`, of what it holds: workspaces and results, each at its place, and a list of all the rest, in \
        which an allocation enters itself until it is freed. `lower-checks` frees what is in the table where a check \
        fails. Functions that are never inlined are kernels, which check for themselves, and stay as they are.",
    options: &[],
    body: run,
};

/// The attribute of the table.
const HELD: &str = "dp.held";

/// The bytes before an allocation of the list: its neighbours, and room to keep what follows aligned.
const HEADER: i64 = 64;

/// The functions that keep account. The table's first place, like the first field of an entry, holds the
/// address of the next entry; the second field holds where the address of the entry itself is.
const ACCOUNT: &str = r#"
llvm.func @aligned_alloc(i64, i64) -> !llvm.ptr
llvm.func @free(!llvm.ptr)

// An entry of %bytes bytes in the list of %held; null where there is no memory.
llvm.func internal @dp_acquire(%held: !llvm.ptr, %bytes: i64) -> !llvm.ptr attributes {passthrough = ["noinline", "nounwind"]} {
  %line = llvm.mlir.constant(64 : i64) : i64
  %past = llvm.mlir.constant(63 : i64) : i64
  %mask = llvm.mlir.constant(-64 : i64) : i64
  %null = llvm.mlir.zero : !llvm.ptr
  %more = llvm.add %bytes, %past : i64
  %total = llvm.and %more, %mask : i64
  %entry = llvm.call @aligned_alloc(%line, %total) : (i64, i64) -> !llvm.ptr
  %missing = llvm.icmp "eq" %entry, %null : !llvm.ptr
  llvm.cond_br %missing, ^done, ^enter
^enter:
  %next = llvm.load %held : !llvm.ptr -> !llvm.ptr
  %place = llvm.getelementptr %entry[1] : (!llvm.ptr) -> !llvm.ptr, !llvm.ptr
  llvm.store %next, %entry : !llvm.ptr, !llvm.ptr
  llvm.store %held, %place : !llvm.ptr, !llvm.ptr
  llvm.store %entry, %held : !llvm.ptr, !llvm.ptr
  %last = llvm.icmp "eq" %next, %null : !llvm.ptr
  llvm.cond_br %last, ^done, ^link
^link:
  %its_place = llvm.getelementptr %next[1] : (!llvm.ptr) -> !llvm.ptr, !llvm.ptr
  llvm.store %entry, %its_place : !llvm.ptr, !llvm.ptr
  llvm.br ^done
^done:
  llvm.return %entry : !llvm.ptr
}

// Takes memory off its list and frees it.
llvm.func internal @dp_release(%entry: !llvm.ptr) attributes {passthrough = ["noinline", "nounwind"]} {
  %null = llvm.mlir.zero : !llvm.ptr
  %place = llvm.getelementptr %entry[1] : (!llvm.ptr) -> !llvm.ptr, !llvm.ptr
  %next = llvm.load %entry : !llvm.ptr -> !llvm.ptr
  %before = llvm.load %place : !llvm.ptr -> !llvm.ptr
  llvm.store %next, %before : !llvm.ptr, !llvm.ptr
  %last = llvm.icmp "eq" %next, %null : !llvm.ptr
  llvm.cond_br %last, ^done, ^link
^link:
  %its_place = llvm.getelementptr %next[1] : (!llvm.ptr) -> !llvm.ptr, !llvm.ptr
  llvm.store %before, %its_place : !llvm.ptr, !llvm.ptr
  llvm.br ^done
^done:
  llvm.call @free(%entry) : (!llvm.ptr) -> ()
  llvm.return
}

// Frees the list of %held, and what is at its other %count - 1 places.
llvm.func internal @dp_release_all(%held: !llvm.ptr, %count: i64) attributes {passthrough = ["noinline", "nounwind", "cold"]} {
  %null = llvm.mlir.zero : !llvm.ptr
  %one = llvm.mlir.constant(1 : i64) : i64
  llvm.br ^list
^list:
  %entry = llvm.load %held : !llvm.ptr -> !llvm.ptr
  %empty = llvm.icmp "eq" %entry, %null : !llvm.ptr
  llvm.cond_br %empty, ^places(%one : i64), ^release
^release:
  llvm.call @dp_release(%entry) : (!llvm.ptr) -> ()
  llvm.br ^list
^places(%index: i64):
  %more = llvm.icmp "slt" %index, %count : i64
  llvm.cond_br %more, ^free, ^done
^free:
  %place = llvm.getelementptr %held[%index] : (!llvm.ptr, i64) -> !llvm.ptr, !llvm.ptr
  %memory = llvm.load %place : !llvm.ptr -> !llvm.ptr
  llvm.call @free(%memory) : (!llvm.ptr) -> ()
  %next = llvm.add %index, %one : i64
  llvm.br ^places(%next : i64)
^done:
  llvm.return
}
"#;

fn run<'c>(module: Op<'c>, _: &[&str]) -> Result<(), Reported> {
    let mut keeps_account = false;
    for function in body_ops(module) {
        let is_ours = OpKind::of(function) == Some(OpKind::FuncFunc) && !is_declaration(function);
        if !is_ours || is_set(function, "no_inline") {
            continue;
        }
        keeps_account |= guard(function).map_err(|complaint| complaint.report(function.location()))?;
    }
    if keeps_account {
        let account = text::parse(context_of(module), ACCOUNT, "the functions that keep account of memory");
        let account = account.map_err(|complaint| complaint.report(module.location()))?;
        text::append(module, &account);
    }
    Ok(())
}

/// Guards the allocations of a function; whether there are any.
fn guard<'c>(function: Op<'c>) -> Made<bool> {
    let (mut allocs, mut frees) = (Vec::new(), Vec::new());
    walk(function, &mut |op| {
        if is_named(op, "memref.alloc") {
            allocs.push(op);
        } else if is_named(op, "memref.dealloc") && !is_by_hand(op) {
            frees.push(op);
        }
    });
    let entry = region_block(function, 0).and_then(|block| block.first_operation());
    let Some(entry) = entry.filter(|_| !allocs.is_empty()) else { return Ok(false) };
    let returned: Vec<Val> =
        body_ops(function).into_iter().filter(|op| is_return(*op)).flat_map(operands).map(results::buffer).collect();
    let is_own = |op: &Op<'c>| is_by_hand(*op) || returned.contains(&result(*op));
    let (own, listed): (Vec<Op>, Vec<Op>) = allocs.into_iter().partition(is_own);
    let b = Builder::before(entry).located(function.location());
    let held = table(&b, own.len() + 1)?;
    for (index, op) in own.into_iter().enumerate() {
        keep(function, op, held, index as i64 + 1)?;
    }
    for op in listed {
        enter(function, op, held)?;
    }
    frees.into_iter().try_for_each(leave)?;
    Ok(true)
}

fn is_return(op: Op) -> bool {
    OpKind::of(op) == Some(OpKind::FuncReturn)
}

/// A table that holds nothing.
fn table<'c>(b: &Builder<'c>, places: usize) -> Made<Val<'c>> {
    let index = DType::Index.to_type(b.context());
    let r#type: Type = MemRefType::new(index, &[places as i64], None, None).into();
    let attributes = [(HELD, Attribute::unit(b.context())), segments(b.context(), &[0, 0])];
    let held = b.named("memref.alloca", &[], &[r#type], &attributes, vec![]).map(result)?;
    let nothing = b.index(0)?;
    for place in 0..places {
        b.named("memref.store", &[nothing, held, b.index(place as i64)?], &[], &[], vec![])?;
    }
    Ok(held)
}

fn address<'c>(b: &Builder<'c>, buffer: Val<'c>) -> Made<Val<'c>> {
    let index = DType::Index.to_type(b.context());
    b.named("memref.extract_aligned_pointer_as_index", &[buffer], &[index], &[], vec![]).map(result)
}

/// The bytes that an allocation asks for, after a check that they can be counted.
pub(crate) fn counted<'c>(b: &Builder<'c>, op: Op<'c>) -> Made<Val<'c>> {
    let size = Size::of(op).ok_or_else(|| too_large(result(op).r#type()))?;
    if size.factors.is_empty() {
        return b.index(size.bytes as i64);
    }
    let (bytes, fits) = size.value(b, MOST)?;
    require(b, fits, OUT_OF_MEMORY)?;
    Ok(bytes)
}

/// An allocation that has a place of its own. Where nothing is asked for, no memory is needed.
fn keep<'c>(function: Op<'c>, op: Op<'c>, held: Val<'c>, place: i64) -> Made<()> {
    let door = Door { b: Builder::before(op).located(function.location()) };
    let b = &door.b;
    let bytes = counted(b, op)?;
    let total = door.wide(whole(b, bytes)?)?;
    let memory = call(b, "aligned_alloc", &[door.wide(b.index(LINE as i64)?)?, total], &[pointer(b.context())])?;
    let all = door.buffer(result(memory), Number::I8, &[(total, None)])?;
    let (address, nothing) = (address(b, all)?, b.index(0)?);
    let there = compare(b, Order::Ne, address, nothing)?;
    let none = compare(b, Order::Eq, bytes, nothing)?;
    let i1 = DType::I1.to_type(b.context());
    let enough = b.named("arith.ori", &[there, none], &[i1], &[], vec![]).map(result)?;
    require(b, enough, OUT_OF_MEMORY)?;
    b.named("memref.store", &[address, held, b.index(place)?], &[], &[], vec![])?;
    replace(op, all, nothing)
}

/// An allocation that enters itself in the list.
fn enter<'c>(function: Op<'c>, op: Op<'c>, held: Val<'c>) -> Made<()> {
    let door = Door { b: Builder::before(op).located(function.location()) };
    let b = &door.b;
    let header = b.index(HEADER)?;
    let bytes = door.wide(arith(b, "arith.addi", counted(b, op)?, header)?)?;
    let list = table_pointer(b, held)?;
    let entry = call(b, "dp_acquire", &[list, bytes], &[pointer(b.context())]).map(result)?;
    let all = door.buffer(entry, Number::I8, &[(bytes, None)])?;
    let there = compare(b, Order::Ne, address(b, all)?, b.index(0)?)?;
    require(b, there, OUT_OF_MEMORY)?;
    replace(op, all, header)
}

/// Puts a view of memory, from an offset on, in the place of an allocation.
fn replace<'c>(op: Op<'c>, memory: Val<'c>, offset: Val<'c>) -> Made<()> {
    let of: Vec<Val> = [memory, offset].into_iter().chain(operands(op)).collect();
    let view = Builder::before(op).named("memref.view", &of, &[result(op).r#type()], &[], vec![])?;
    replace_all_uses(result(op), result(view));
    erase(op);
    Ok(())
}

/// A buffer that leaves the list.
fn leave(op: Op) -> Made<()> {
    let b = Builder::before(op);
    let buffer = operands(op)[0];
    // SAFETY: the type is that of a live buffer.
    let rank = unsafe { mlir_sys::mlirShapedTypeGetRank(melior::ir::TypeLike::to_raw(&buffer.r#type())) };
    let entry = Door { b }.allocated(buffer, rank as usize)?;
    call(&b, "dp_release", &[entry], &[])?;
    erase(op);
    Ok(())
}

fn call<'c>(b: &Builder<'c>, name: &str, operands: &[Val<'c>], results: &[Type<'c>]) -> Made<Op<'c>> {
    let callee = FlatSymbolRefAttribute::new(b.context(), name).into();
    let bundles = DenseI32ArrayAttribute::new(b.context(), &[]).into();
    let sizes = segments(b.context(), &[operands.len(), 0]);
    b.named("llvm.call", operands, results, &[("callee", callee), ("op_bundle_sizes", bundles), sizes], vec![])
}

fn table_pointer<'c>(b: &Builder<'c>, held: Val<'c>) -> Made<Val<'c>> {
    let address = Door { b: *b }.wide(address(b, held)?)?;
    b.named("llvm.inttoptr", &[address], &[pointer(b.context())], &[], vec![]).map(result)
}

/// The table of what a function holds.
fn held<'c>(function: Op<'c>) -> Option<Op<'c>> {
    let mut held = None;
    walk(function, &mut |op| held = held.or(is_set(op, HELD).then_some(op)));
    held
}

/// Whether a function has a table of what it holds.
pub(crate) fn holds(function: Op) -> bool {
    held(function).is_some()
}

/// Frees all that a function holds, if it has a table.
pub(crate) fn release_all<'c>(b: &Builder<'c>, function: Op<'c>) -> Made<()> {
    let Some(held) = held(function).map(result) else { return Ok(()) };
    // SAFETY: the type is that of a live buffer of one dimension.
    let places = unsafe { mlir_sys::mlirShapedTypeGetDimSize(melior::ir::TypeLike::to_raw(&held.r#type()), 0) };
    let places = Door { b: *b }.wide(b.index(places)?)?;
    call(b, "dp_release_all", &[table_pointer(b, held)?, places], &[]).map(|_| ())
}
