//! `ad.record`, `ad.recall` and `ad.release`: a tape of 8-byte words on the heap. A public function that reaches a record owns the
//! tape; it passes the tape's address to the private functions that use it, and frees the tape when it returns. A record
//! is addressed by its position, since the tape moves when it grows. `f_vjp` leaves its tape to a handle instead, and
//! `f_pull` reads it there: a pullback that records something itself does so in a copy.

use super::lists::append_argument;
use super::table::{call, table_pointer};
use crate::descriptors::{AbiBuilder, pointer};
use crate::memory::retype;
use dp_abi::OUT_OF_MEMORY;
use dp_dialects::MlirType;
use dp_dialects::ir::{
    Op, Val, block_args, body_ops, context_of, erase, operands, region_block, replace_all_uses, result, results,
    symbol_attribute, walk,
};
use dp_dialects::marks::{KEPT, PULLS, TAPE};
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

/// The error of a position that no record has.
const NO_RECORD: &str = "there is no record at this position";

/// The words of a tape: the address of its memory, the words in use, the capacity in words, and the address of the entry
/// of the owner's table that holds the address of its memory too.
const WORDS: i64 = 4;

/// The functions on tapes.
const FUNCTIONS: &str = r#"
llvm.func @realloc(!llvm.ptr, i64) -> !llvm.ptr
llvm.func @free(!llvm.ptr)

// Takes %words more words of a tape into use. Returns their position, or -1 if there is no memory.
llvm.func internal @dp_record(%tape: !llvm.ptr, %words: i64) -> i64 attributes {passthrough = ["nounwind"]} {
  %used_place = llvm.getelementptr %tape[1] : (!llvm.ptr) -> !llvm.ptr, i64
  %capacity_place = llvm.getelementptr %tape[2] : (!llvm.ptr) -> !llvm.ptr, i64
  %used = llvm.load %used_place : !llvm.ptr -> i64
  %capacity = llvm.load %capacity_place : !llvm.ptr -> i64
  %after = llvm.add %used, %words : i64
  %fits = llvm.icmp "ule" %after, %capacity : i64
  llvm.cond_br %fits, ^take, ^grow
^grow:
  %grown = llvm.call @dp_record_grow(%tape, %after) : (!llvm.ptr, i64) -> i1
  llvm.cond_br %grown, ^take, ^full
^take:
  llvm.store %after, %used_place : i64, !llvm.ptr
  llvm.return %used : i64
^full:
  %none = llvm.mlir.constant(-1 : i64) : i64
  llvm.return %none : i64
}

// Gives a tape room for %least words or more. Capacities double, so that growth takes constant time a word. A tape that
// does not own its memory yet, which then is a handle's or none, becomes a copy.
llvm.func internal @dp_record_grow(%tape: !llvm.ptr, %least: i64) -> i1 attributes {passthrough = ["noinline", "nounwind", "cold"]} {
  %first = llvm.mlir.constant(512 : i64) : i64
  %three = llvm.mlir.constant(3 : i64) : i64
  %one = llvm.mlir.constant(1 : i64) : i64
  %null = llvm.mlir.zero : !llvm.ptr
  %capacity_place = llvm.getelementptr %tape[2] : (!llvm.ptr) -> !llvm.ptr, i64
  %entry_place = llvm.getelementptr %tape[3] : (!llvm.ptr) -> !llvm.ptr, i64
  %capacity = llvm.load %capacity_place : !llvm.ptr -> i64
  %double = llvm.shl %capacity, %one : i64
  %enough = llvm.intr.umax(%double, %least) : (i64, i64) -> i64
  %words = llvm.intr.umax(%enough, %first) : (i64, i64) -> i64
  %bytes = llvm.shl %words, %three : i64
  %entry = llvm.load %entry_place : !llvm.ptr -> !llvm.ptr
  %own = llvm.load %entry : !llvm.ptr -> !llvm.ptr
  %memory = llvm.call @realloc(%own, %bytes) : (!llvm.ptr, i64) -> !llvm.ptr
  %is_there = llvm.icmp "ne" %memory, %null : !llvm.ptr
  llvm.cond_br %is_there, ^check, ^done
^check:
  %is_first = llvm.icmp "eq" %own, %null : !llvm.ptr
  llvm.cond_br %is_first, ^copy, ^keep
^copy:
  %before = llvm.load %tape : !llvm.ptr -> !llvm.ptr
  %used_place = llvm.getelementptr %tape[1] : (!llvm.ptr) -> !llvm.ptr, i64
  %used = llvm.load %used_place : !llvm.ptr -> i64
  %used_bytes = llvm.shl %used, %three : i64
  "llvm.intr.memcpy"(%memory, %before, %used_bytes) <{isVolatile = false}> : (!llvm.ptr, !llvm.ptr, i64) -> ()
  llvm.br ^keep
^keep:
  llvm.store %memory, %tape : !llvm.ptr, !llvm.ptr
  llvm.store %memory, %entry : !llvm.ptr, !llvm.ptr
  llvm.store %words, %capacity_place : i64, !llvm.ptr
  llvm.br ^done
^done:
  llvm.return %is_there : i1
}

// The address of %words words at a position; null if the words in use end before.
llvm.func internal @dp_recall(%tape: !llvm.ptr, %at: i64, %words: i64) -> !llvm.ptr attributes {passthrough = ["nounwind"]} {
  %null = llvm.mlir.zero : !llvm.ptr
  %used_place = llvm.getelementptr %tape[1] : (!llvm.ptr) -> !llvm.ptr, i64
  %used = llvm.load %used_place : !llvm.ptr -> i64
  %rest = llvm.sub %used, %at : i64
  %begins = llvm.icmp "ule" %at, %used : i64
  %ends = llvm.icmp "ule" %words, %rest : i64
  %is_there = llvm.and %begins, %ends : i1
  %memory = llvm.load %tape : !llvm.ptr -> !llvm.ptr
  %place = llvm.getelementptr %memory[%at] : (!llvm.ptr, i64) -> !llvm.ptr, i64
  %found = llvm.select %is_there, %place, %null : i1, !llvm.ptr
  llvm.return %found : !llvm.ptr
}
"#;

/// Adds these functions to a module.
pub(super) fn append(module: Op) -> Result<()> {
    let functions = text::parse(context_of(module), FUNCTIONS, "the functions on tapes")?;
    text::append(module, &functions);
    Ok(())
}

fn is_record(op: Op) -> bool {
    matches!(OpKind::of(op), Some(OpKind::AdRecord | OpKind::AdRecall | OpKind::AdRelease))
}

fn callee(op: Op<'_>) -> Option<&str> {
    symbol_attribute(op, "callee").filter(|_| OpKind::of(op) == Some(OpKind::FuncCall))
}

/// The functions that use a tape: those with a record, and their callers.
pub(super) fn users(module: Op<'_>) -> HashSet<&str> {
    reaching(module, is_record)
}

/// A tape, whose memory an entry of a function's table holds too. It is empty, or that of a handle.
pub(super) fn own<'c>(b: &Builder<'c>, function: Op<'c>, held: Val<'c>, entry: usize) -> Result<Val<'c>> {
    let context = b.context();
    let r#type: Type = MemRefType::new(ScalarType::Index.to_type(context), &[WORDS], None, None).into();
    let tape = b.named("memref.alloca", &[], &[r#type], &[segments(context, &[0, 0])], vec![]).map(result)?;
    let abi = AbiBuilder { b: *b };
    let bytes = b.index(8 * entry as i64)?;
    let place = b.named("arith.addi", &[abi.address(held)?, bytes], &[bytes.r#type()], &[], vec![]).map(result)?;
    let null = b.index(0)?;
    let (memory, used) = match given(function)? {
        Some(words) => {
            let used = b.named("memref.dim", &[words, null], &[null.r#type()], &[], vec![]).map(result)?;
            (abi.address(words)?, used)
        }
        None => (null, null),
    };
    // Without capacity, a tape that a handle has is copied before it grows.
    for (word, value) in [memory, used, null, place].into_iter().enumerate() {
        b.named("memref.store", &[value, tape, b.index(word as i64)?], &[], &[], vec![])?;
    }
    let is_kept = TAPE.is_on(function) && KEPT.is_on(function);
    for last in body_ops(function).into_iter().filter(|op| super::is_return(*op)) {
        let abi = AbiBuilder { b: Builder::before(last) };
        let load = |of: Val<'c>, word: usize| -> Result<Val<'c>> {
            let at = abi.b.index(word as i64)?;
            abi.b.named("memref.load", &[of, at], &[null.r#type()], &[], vec![]).map(result)
        };
        let memory = abi.wide(load(held, entry)?)?;
        let memory = abi.one("llvm.inttoptr", &[memory], pointer(context), &[])?;
        // A check that fails after this does not free it again.
        abi.b.named("memref.store", &[null, held, abi.b.index(entry as i64)?], &[], &[], vec![])?;
        if is_kept {
            let words = abi.row_major(memory, ScalarType::I64, &[(abi.wide(load(tape, 1)?)?, None)])?;
            let returned: Vec<Val> = operands(last).into_iter().chain([words]).collect();
            abi.b.named(OpKind::FuncReturn.name(), &returned, &[], &[], vec![])?;
            erase(last);
            if let Some(block) = region_block(function, 0) {
                retype(function, block, &returned);
            }
        } else {
            call(&abi.b, "free", &[memory], &[])?;
        }
    }
    table_pointer(b, tape)
}

/// The words of the tape that a function has from a handle.
fn given<'c>(function: Op<'c>) -> Result<Option<Val<'c>>> {
    let Some(pulls) = PULLS.of(function).filter(|_| TAPE.is_on(function)) else { return Ok(None) };
    let place: i64 = pulls.iter().take(2).sum::<i64>() - 1;
    let arguments = region_block(function, 0).map(block_args).unwrap_or_default();
    let words = usize::try_from(place).ok().and_then(|place| arguments.get(place).copied());
    words.map(Some).ok_or_else(|| Diagnostic::internal("internal error: a pullback does not take its tape"))
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
        if is_record(op) || callee(op).is_some_and(|callee| users.contains(callee)) {
            ops.push(op);
        }
    });
    for op in ops {
        match OpKind::of(op) {
            Some(OpKind::AdRecord) => record(op, tape)?,
            Some(OpKind::AdRecall) => recall(op, tape)?,
            Some(OpKind::AdRelease) => release(op, tape)?,
            Some(_) | None => append_argument(op, callee(op).unwrap_or_default(), tape)?,
        }
    }
    Ok(())
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

fn record<'c>(op: Op<'c>, tape: Val<'c>) -> Result<()> {
    let abi = AbiBuilder { b: Builder::before(op) };
    let (words, places) = layout(&operands(op))?;
    let i64 = ScalarType::I64.to_type(abi.b.context());
    let at = call(&abi.b, "dp_record", &[tape, abi.constant(words)?], &[i64]).map(result)?;
    let position = abi.one("arith.index_cast", &[at], ScalarType::Index.to_type(abi.b.context()), &[])?;
    require(&abi.b, compare(&abi.b, Order::Sge, position, abi.b.index(0)?)?, OUT_OF_MEMORY)?;
    let memory = abi.one("llvm.load", &[tape], pointer(abi.b.context()), &[])?;
    let base = abi.word(memory, at)?;
    for (value, (dtype, place)) in operands(op).into_iter().zip(places) {
        abi.write(value, dtype, abi.component(base, ScalarType::I64, place as i32)?)?;
    }
    replace_all_uses(result(op), position);
    erase(op);
    Ok(())
}

/// The words in use end at the record.
fn release<'c>(op: Op<'c>, tape: Val<'c>) -> Result<()> {
    let abi = AbiBuilder { b: Builder::before(op) };
    let used = abi.component(tape, ScalarType::I64, 1)?;
    abi.write(abi.wide(operands(op)[0])?, ScalarType::I64, used)?;
    erase(op);
    Ok(())
}

fn recall<'c>(op: Op<'c>, tape: Val<'c>) -> Result<()> {
    let abi = AbiBuilder { b: Builder::before(op) };
    let (words, places) = layout(&results(op))?;
    let at = abi.wide(operands(op)[0])?;
    let base = call(&abi.b, "dp_recall", &[tape, at, abi.constant(words)?], &[pointer(abi.b.context())]);
    let base = base.map(result)?;
    if words > 0 {
        let address = abi.one("llvm.ptrtoint", &[base], ScalarType::I64.to_type(abi.b.context()), &[])?;
        let address = abi.one("arith.index_cast", &[address], ScalarType::Index.to_type(abi.b.context()), &[])?;
        require(&abi.b, compare(&abi.b, Order::Ne, address, abi.b.index(0)?)?, NO_RECORD)?;
    }
    for (value, (dtype, place)) in results(op).into_iter().zip(places) {
        let kept = abi.read(abi.component(base, ScalarType::I64, place as i32)?, dtype)?;
        replace_all_uses(value, kept);
    }
    erase(op);
    Ok(())
}
