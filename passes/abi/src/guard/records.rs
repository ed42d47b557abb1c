//! `ad.record`, `ad.recall`, `ad.reserve` and `ad.release`: a tape on the heap. A public function that reaches a record owns
//! the tape, and passes its address to the private functions that record; it frees the tape when it returns. `f_vjp` leaves
//! the tape to a handle instead, and `f_drop` frees it.
//!
//! A tape is a list of blocks, each at least twice as large as the one before. So a record stays where it is, and its
//! position is its address: nothing but the memory is needed to read it. After a release, the blocks behind the last record
//! are used again.

use super::lists::append_argument;
use super::table::{call, release_list, table_pointer};
use crate::descriptors::{AbiBuilder, pointer};
use crate::memory::retype;
use dp_abi::OUT_OF_MEMORY;
use dp_dialects::MlirType;
use dp_dialects::ir::{
    Op, Val, body_ops, context_of, erase, operands, region_block, replace_all_uses, result, results, symbol_attribute,
    walk,
};
use dp_dialects::marks::{KEPT, TAPE};
use dp_dialects::{Builder, Diagnostic, OpKind, Result, ScalarType, ValueType};
use dp_loopnest::checks::{Order, compare, require};
use dp_loopnest::structured::segments;
use dp_passes::calls::reaching;
use dp_passes::text;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::MemRefType;
use melior::ir::{Type, ValueLike};
use std::collections::HashSet;

/// The words of a tape: where its next record begins, where the current block ends, the current block, and the address of
/// the owner's list of memory, which the blocks are in.
const WORDS: i64 = 4;

/// The functions on tapes. A block starts with five words: the two of the list; its end; the block before and the one
/// after it, or null. Records begin behind the first line. A block is never full, so that each position is in one block.
const FUNCTIONS: &str = r#"
// Of those that track memory.
llvm.func @aligned_alloc(i64, i64) -> !llvm.ptr
llvm.func @dp_allocate(i64) -> !llvm.ptr
llvm.func @dp_enter(!llvm.ptr, !llvm.ptr)

// Takes %bytes more bytes of a tape into use. Returns their address, or null if there is no memory.
llvm.func internal @dp_record(%tape: !llvm.ptr, %bytes: i64) -> !llvm.ptr attributes {passthrough = ["nounwind"]} {
  %null = llvm.mlir.zero : !llvm.ptr
  %end_place = llvm.getelementptr %tape[1] : (!llvm.ptr) -> !llvm.ptr, i64
  %next = llvm.load %tape : !llvm.ptr -> !llvm.ptr
  %end = llvm.load %end_place : !llvm.ptr -> !llvm.ptr
  %begin = llvm.ptrtoint %next : !llvm.ptr to i64
  %limit = llvm.ptrtoint %end : !llvm.ptr to i64
  %room = llvm.sub %limit, %begin : i64
  %fits = llvm.icmp "ult" %bytes, %room : i64
  llvm.cond_br %fits, ^take(%next : !llvm.ptr), ^grow
^grow:
  %first = llvm.call @dp_record_grow(%tape, %bytes) : (!llvm.ptr, i64) -> !llvm.ptr
  %is_there = llvm.icmp "ne" %first, %null : !llvm.ptr
  llvm.cond_br %is_there, ^take(%first : !llvm.ptr), ^full
^take(%at: !llvm.ptr):
  %after = llvm.getelementptr %at[%bytes] : (!llvm.ptr, i64) -> !llvm.ptr, i8
  llvm.store %after, %tape : !llvm.ptr, !llvm.ptr
  llvm.return %at : !llvm.ptr
^full:
  llvm.return %null : !llvm.ptr
}

// Continues a tape in a block with room for more than %bytes bytes: one that was released, or a new one. Returns where
// its records begin, or null. A new block is four times as large as the last one, or twice from 32 MiB on: then allocators
// that return free memory to the system if it is more than twice as large as the largest block keep it for the next call. It uses huge pages from 4 MiB on: most of a smaller one may stay untouched.
llvm.func internal @dp_record_grow(%tape: !llvm.ptr, %bytes: i64) -> !llvm.ptr attributes {passthrough = ["noinline", "nounwind", "cold"]} {
  %null = llvm.mlir.zero : !llvm.ptr
  %zero = llvm.mlir.constant(0 : i64) : i64
  %one = llvm.mlir.constant(1 : i64) : i64
  %two = llvm.mlir.constant(2 : i64) : i64
  %large = llvm.mlir.constant(33554432 : i64) : i64
  %many = llvm.mlir.constant(4194304 : i64) : i64
  %word = llvm.mlir.constant(8 : i64) : i64
  %line = llvm.mlir.constant(64 : i64) : i64
  %least = llvm.mlir.constant(4096 : i64) : i64
  %block_place = llvm.getelementptr %tape[2] : (!llvm.ptr) -> !llvm.ptr, i64
  %list_place = llvm.getelementptr %tape[3] : (!llvm.ptr) -> !llvm.ptr, i64
  %current = llvm.load %block_place : !llvm.ptr -> !llvm.ptr
  %is_empty = llvm.icmp "eq" %current, %null : !llvm.ptr
  llvm.cond_br %is_empty, ^allocate(%zero, %null : i64, !llvm.ptr), ^look(%current : !llvm.ptr)
^look(%last: !llvm.ptr):
  %newer_place = llvm.getelementptr %last[4] : (!llvm.ptr) -> !llvm.ptr, i64
  %newer = llvm.load %newer_place : !llvm.ptr -> !llvm.ptr
  %is_last = llvm.icmp "eq" %newer, %null : !llvm.ptr
  llvm.cond_br %is_last, ^measure, ^compare
^compare:
  %newer_end_place = llvm.getelementptr %newer[2] : (!llvm.ptr) -> !llvm.ptr, i64
  %newer_end = llvm.load %newer_end_place : !llvm.ptr -> i64
  %newer_begin = llvm.ptrtoint %newer : !llvm.ptr to i64
  %newer_size = llvm.sub %newer_end, %newer_begin : i64
  %newer_room = llvm.sub %newer_size, %line : i64
  %fits = llvm.icmp "ult" %bytes, %newer_room : i64
  llvm.cond_br %fits, ^enter(%newer, %newer_end : !llvm.ptr, i64), ^look(%newer : !llvm.ptr)
^measure:
  %last_end_place = llvm.getelementptr %last[2] : (!llvm.ptr) -> !llvm.ptr, i64
  %last_end = llvm.load %last_end_place : !llvm.ptr -> i64
  %last_begin = llvm.ptrtoint %last : !llvm.ptr to i64
  %last_size = llvm.sub %last_end, %last_begin : i64
  llvm.br ^allocate(%last_size, %last : i64, !llvm.ptr)
^allocate(%size: i64, %older: !llvm.ptr):
  %is_small = llvm.icmp "ult" %size, %large : i64
  %shift = llvm.select %is_small, %two, %one : i1, i64
  %grown = llvm.shl %size, %shift : i64
  %with_line = llvm.add %bytes, %line : i64
  %wanted = llvm.add %with_line, %word : i64
  %enough = llvm.intr.umax(%grown, %wanted) : (i64, i64) -> i64
  %much = llvm.intr.umax(%enough, %least) : (i64, i64) -> i64
  %past = llvm.mlir.constant(63 : i64) : i64
  %mask = llvm.mlir.constant(-64 : i64) : i64
  %more = llvm.add %much, %past : i64
  %total = llvm.and %more, %mask : i64
  %has_few = llvm.icmp "ult" %total, %many : i64
  llvm.cond_br %has_few, ^plain, ^huge
^plain:
  %few = llvm.call @aligned_alloc(%line, %total) : (i64, i64) -> !llvm.ptr
  llvm.br ^check(%few : !llvm.ptr)
^huge:
  %pages = llvm.call @dp_allocate(%total) : (i64) -> !llvm.ptr
  llvm.br ^check(%pages : !llvm.ptr)
^check(%memory: !llvm.ptr):
  %missing = llvm.icmp "eq" %memory, %null : !llvm.ptr
  llvm.cond_br %missing, ^missing, ^link
^missing:
  llvm.return %null : !llvm.ptr
^link:
  %list = llvm.load %list_place : !llvm.ptr -> !llvm.ptr
  llvm.call @dp_enter(%list, %memory) : (!llvm.ptr, !llvm.ptr) -> ()
  %begin = llvm.ptrtoint %memory : !llvm.ptr to i64
  %end = llvm.add %begin, %total : i64
  %end_of = llvm.getelementptr %memory[2] : (!llvm.ptr) -> !llvm.ptr, i64
  %before_of = llvm.getelementptr %memory[3] : (!llvm.ptr) -> !llvm.ptr, i64
  %after_of = llvm.getelementptr %memory[4] : (!llvm.ptr) -> !llvm.ptr, i64
  llvm.store %end, %end_of : i64, !llvm.ptr
  llvm.store %null, %after_of : !llvm.ptr, !llvm.ptr
  llvm.store %older, %before_of : !llvm.ptr, !llvm.ptr
  %is_first = llvm.icmp "eq" %older, %null : !llvm.ptr
  llvm.cond_br %is_first, ^enter(%memory, %end : !llvm.ptr, i64), ^chain
^chain:
  %older_place = llvm.getelementptr %older[4] : (!llvm.ptr) -> !llvm.ptr, i64
  llvm.store %memory, %older_place : !llvm.ptr, !llvm.ptr
  llvm.br ^enter(%memory, %end : !llvm.ptr, i64)
^enter(%block: !llvm.ptr, %limit: i64):
  %end_place = llvm.getelementptr %tape[1] : (!llvm.ptr) -> !llvm.ptr, i64
  llvm.store %limit, %end_place : i64, !llvm.ptr
  llvm.store %block, %block_place : !llvm.ptr, !llvm.ptr
  %first = llvm.getelementptr %block[64] : (!llvm.ptr) -> !llvm.ptr, i8
  llvm.return %first : !llvm.ptr
}

// Takes a record and all later ones off a tape. Blocks behind it stay, to be used again.
llvm.func internal @dp_record_release(%tape: !llvm.ptr, %at: i64) attributes {passthrough = ["nounwind"]} {
  %end_place = llvm.getelementptr %tape[1] : (!llvm.ptr) -> !llvm.ptr, i64
  %block_place = llvm.getelementptr %tape[2] : (!llvm.ptr) -> !llvm.ptr, i64
  %current = llvm.load %block_place : !llvm.ptr -> !llvm.ptr
  llvm.br ^look(%current : !llvm.ptr)
^look(%block: !llvm.ptr):
  %limit_place = llvm.getelementptr %block[2] : (!llvm.ptr) -> !llvm.ptr, i64
  %limit = llvm.load %limit_place : !llvm.ptr -> i64
  %begin = llvm.ptrtoint %block : !llvm.ptr to i64
  %size = llvm.sub %limit, %begin : i64
  %offset = llvm.sub %at, %begin : i64
  %is_inside = llvm.icmp "ult" %offset, %size : i64
  llvm.cond_br %is_inside, ^enter, ^before
^before:
  %older_place = llvm.getelementptr %block[3] : (!llvm.ptr) -> !llvm.ptr, i64
  %older = llvm.load %older_place : !llvm.ptr -> !llvm.ptr
  llvm.br ^look(%older : !llvm.ptr)
^enter:
  llvm.store %at, %tape : i64, !llvm.ptr
  llvm.store %limit, %end_place : i64, !llvm.ptr
  llvm.store %block, %block_place : !llvm.ptr, !llvm.ptr
  llvm.return
}
"#;

/// Adds these functions to a module.
pub(super) fn append(module: Op) -> Result<()> {
    let functions = text::parse(context_of(module), FUNCTIONS, "the functions on tapes")?;
    text::append(module, &functions);
    Ok(())
}

/// Whether an operation needs the tape. Records are read where they are.
fn uses_tape(op: Op) -> bool {
    matches!(OpKind::of(op), Some(OpKind::AdRecord | OpKind::AdReserve | OpKind::AdRelease))
}

fn callee(op: Op<'_>) -> Option<&str> {
    symbol_attribute(op, "callee").filter(|_| OpKind::of(op) == Some(OpKind::FuncCall))
}

/// The functions that use a tape: those that record, and their callers.
pub(super) fn users(module: Op<'_>) -> HashSet<&str> {
    reaching(module, uses_tape)
}

/// An empty tape, whose blocks join the list of a function's table.
pub(super) fn own<'c>(b: &Builder<'c>, function: Op<'c>, held: Val<'c>) -> Result<Val<'c>> {
    let context = b.context();
    let r#type: Type = MemRefType::new(ScalarType::Index.to_type(context), &[WORDS], None, None).into();
    let tape = b.named("memref.alloca", &[], &[r#type], &[segments(context, &[0, 0])], vec![]).map(result)?;
    let null = b.index(0)?;
    let list = AbiBuilder { b: *b }.address(held)?;
    for (word, value) in [null, null, null, list].into_iter().enumerate() {
        b.named("memref.store", &[value, tape, b.index(word as i64)?], &[], &[], vec![])?;
    }
    let is_kept = TAPE.is_on(function) && KEPT.is_on(function);
    for last in body_ops(function).into_iter().filter(|op| super::is_return(*op)) {
        let abi = AbiBuilder { b: Builder::before(last) };
        if !is_kept {
            release_list(&abi.b, held)?;
            continue;
        }
        // All else in the list is freed by now.
        let start = abi.b.index(0)?;
        let blocks = abi.b.named("memref.load", &[held, start], &[null.r#type()], &[], vec![]).map(result)?;
        abi.b.named("memref.store", &[start, held, start], &[], &[], vec![])?;
        let returned: Vec<Val> = operands(last).into_iter().chain([abi.wide(blocks)?]).collect();
        abi.b.named(OpKind::FuncReturn.name(), &returned, &[], &[], vec![])?;
        erase(last);
        if let Some(block) = region_block(function, 0) {
            retype(function, block, &returned);
        }
    }
    table_pointer(b, tape)
}

/// Adds the tape as last argument of a function.
pub(super) fn take<'c>(function: Op<'c>) -> Result<Val<'c>> {
    let block = region_block(function, 0).ok_or_else(|| Diagnostic::internal("internal error: no body"))?;
    let tape = block.add_argument(pointer(context_of(function)), function.location());
    let returned = block.terminator().map(operands).unwrap_or_default();
    retype(function, block, &returned);
    Ok(tape)
}

/// Lowers the records of a function, and passes its tape to the functions that use it.
pub(super) fn lower<'c>(function: Op<'c>, tape: Val<'c>, users: &HashSet<&str>) -> Result<()> {
    let mut ops = Vec::new();
    walk(function, &mut |op| {
        if uses_tape(op) || callee(op).is_some_and(|callee| users.contains(callee)) {
            ops.push(op);
        }
    });
    for op in ops {
        match OpKind::of(op) {
            Some(OpKind::AdRecord) => record(op, tape)?,
            Some(OpKind::AdReserve) => reserve(op, tape)?,
            Some(OpKind::AdRelease) => release(op, tape)?,
            Some(_) | None => append_argument(op, callee(op).unwrap_or_default(), tape)?,
        }
    }
    Ok(())
}

/// Lowers what a function reads from records.
pub(super) fn read(function: Op) -> Result<()> {
    let mut ops = Vec::new();
    walk(function, &mut |op| ops.extend((OpKind::of(op) == Some(OpKind::AdRecall)).then_some(op)));
    ops.into_iter().try_for_each(recall)
}

/// The words of a record, and where each of its values begins.
fn layout(values: &[Val]) -> Result<(i64, Vec<(ScalarType, i64)>)> {
    let mut words = 0;
    let mut places = Vec::new();
    for value in values {
        let dtype = ValueType::of_value(*value)?.dtype;
        places.push((dtype, words));
        words += dtype.size().div_ceil(8) as i64;
    }
    Ok((words, places))
}

/// Takes bytes of the tape into use. Returns their address, also as an index.
fn take_bytes<'c>(abi: &AbiBuilder<'c>, tape: Val<'c>, bytes: Val<'c>) -> Result<(Val<'c>, Val<'c>)> {
    let base = call(&abi.b, "dp_record", &[tape, bytes], &[pointer(abi.b.context())]).map(result)?;
    let address = abi.one("llvm.ptrtoint", &[base], ScalarType::I64.to_type(abi.b.context()), &[])?;
    let position = abi.one("arith.index_cast", &[address], ScalarType::Index.to_type(abi.b.context()), &[])?;
    require(&abi.b, compare(&abi.b, Order::Ne, position, abi.b.index(0)?)?, OUT_OF_MEMORY)?;
    Ok((base, position))
}

fn record<'c>(op: Op<'c>, tape: Val<'c>) -> Result<()> {
    let abi = AbiBuilder { b: Builder::before(op) };
    let (words, places) = layout(&operands(op))?;
    let (base, position) = take_bytes(&abi, tape, abi.constant(8 * words)?)?;
    for (value, (dtype, place)) in operands(op).into_iter().zip(places) {
        abi.write(value, dtype, abi.component(base, ScalarType::I64, place as i32)?)?;
    }
    replace_all_uses(result(op), position);
    erase(op);
    Ok(())
}

fn reserve<'c>(op: Op<'c>, tape: Val<'c>) -> Result<()> {
    let abi = AbiBuilder { b: Builder::before(op) };
    let (_, position) = take_bytes(&abi, tape, abi.wide(operands(op)[0])?)?;
    replace_all_uses(result(op), position);
    erase(op);
    Ok(())
}

fn release<'c>(op: Op<'c>, tape: Val<'c>) -> Result<()> {
    let abi = AbiBuilder { b: Builder::before(op) };
    call(&abi.b, "dp_record_release", &[tape, abi.wide(operands(op)[0])?], &[])?;
    erase(op);
    Ok(())
}

fn recall(op: Op) -> Result<()> {
    let abi = AbiBuilder { b: Builder::before(op) };
    let (_, places) = layout(&results(op))?;
    let base = abi.pointer(operands(op)[0])?;
    for (value, (dtype, place)) in results(op).into_iter().zip(places) {
        let kept = abi.read(abi.component(base, ScalarType::I64, place as i32)?, dtype)?;
        replace_all_uses(value, kept);
    }
    erase(op);
    Ok(())
}
