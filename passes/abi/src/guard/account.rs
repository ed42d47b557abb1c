//! The table of the memory that a function holds, on its stack, and the functions that update it.

use crate::descriptors::{AbiBuilder, pointer};
use dp_dialects::MlirType;
use dp_dialects::ir::{Op, Val, context_of, result, walk};
use dp_dialects::marks::HELD;
use dp_dialects::{Builder, Result, ScalarType};
use dp_loopnest::structured::segments;
use dp_passes::text;
use melior::ir::attribute::{DenseI32ArrayAttribute, FlatSymbolRefAttribute};
use melior::ir::r#type::MemRefType;
use melior::ir::{Type, ValueLike};

/// Functions for memory accounting. The first slot of the table, like the first field of an entry, is the address of
/// the next entry; the second field is the location of the pointer to this entry.
const ACCOUNT: &str = r#"
llvm.func @aligned_alloc(i64, i64) -> !llvm.ptr
llvm.func @free(!llvm.ptr)
llvm.func @madvise(!llvm.ptr, i64, i32) -> i32

// Memory of %bytes bytes. What allocators may map and unmap at each call comes in huge pages where the system has
// them: 14 is MADV_HUGEPAGE, whose answer does not matter.
llvm.func internal @dp_allocate(%bytes: i64) -> (!llvm.ptr {llvm.noalias, llvm.align = 64 : i64}) attributes {passthrough = ["noinline", "nounwind"]} {
  %line = llvm.mlir.constant(64 : i64) : i64
  %many = llvm.mlir.constant(1048576 : i64) : i64
  %is_small = llvm.icmp "ult" %bytes, %many : i64
  llvm.cond_br %is_small, ^small, ^large
^small:
  %few = llvm.call @aligned_alloc(%line, %bytes) : (i64, i64) -> !llvm.ptr
  llvm.return %few : !llvm.ptr
^large:
  %page = llvm.mlir.constant(2097152 : i64) : i64
  %past = llvm.mlir.constant(2097151 : i64) : i64
  %mask = llvm.mlir.constant(-2097152 : i64) : i64
  %advice = llvm.mlir.constant(14 : i32) : i32
  %null = llvm.mlir.zero : !llvm.ptr
  %more = llvm.add %bytes, %past : i64
  %total = llvm.and %more, %mask : i64
  %memory = llvm.call @aligned_alloc(%page, %total) : (i64, i64) -> !llvm.ptr
  %missing = llvm.icmp "eq" %memory, %null : !llvm.ptr
  llvm.cond_br %missing, ^done, ^advise
^advise:
  %answer = llvm.call @madvise(%memory, %total, %advice) : (!llvm.ptr, i64, i32) -> i32
  llvm.br ^done
^done:
  llvm.return %memory : !llvm.ptr
}

// The caller's workspace, or one of one's own where it is null.
llvm.func internal @dp_workspace(%given: !llvm.ptr, %bytes: i64) -> (!llvm.ptr {llvm.noalias, llvm.align = 64 : i64}) attributes {passthrough = ["noinline", "nounwind"]} {
  %null = llvm.mlir.zero : !llvm.ptr
  %none = llvm.icmp "eq" %given, %null : !llvm.ptr
  llvm.cond_br %none, ^allocate, ^done(%given : !llvm.ptr)
^allocate:
  %own = llvm.call @dp_allocate(%bytes) : (i64) -> !llvm.ptr
  llvm.br ^done(%own : !llvm.ptr)
^done(%memory: !llvm.ptr):
  llvm.return %memory : !llvm.ptr
}

// Frees a workspace that the caller has not given.
llvm.func internal @dp_workspace_free(%given: !llvm.ptr, %memory: !llvm.ptr) attributes {passthrough = ["noinline", "nounwind"]} {
  %null = llvm.mlir.zero : !llvm.ptr
  %none = llvm.icmp "eq" %given, %null : !llvm.ptr
  llvm.cond_br %none, ^free, ^done
^free:
  llvm.call @free(%memory) : (!llvm.ptr) -> ()
  llvm.br ^done
^done:
  llvm.return
}

// Writes how many bytes a workspace takes to where one asks for that, with a negative size.
llvm.func internal @dp_workspace_tell(%given: !llvm.ptr, %size: i64, %bytes: i64) attributes {passthrough = ["noinline", "nounwind"]} {
  %zero = llvm.mlir.constant(0 : i64) : i64
  %asks = llvm.icmp "slt" %size, %zero : i64
  llvm.cond_br %asks, ^tell, ^done
^tell:
  llvm.store %bytes, %given : i64, !llvm.ptr
  llvm.br ^done
^done:
  llvm.return
}

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

/// Adds the accounting functions to a module.
pub(super) fn append(module: Op) -> Result<()> {
    let account = text::parse(context_of(module), ACCOUNT, "the functions that keep account of memory")?;
    text::append(module, &account);
    Ok(())
}

/// An empty table.
pub(super) fn table<'c>(b: &Builder<'c>, places: usize) -> Result<Val<'c>> {
    let index = ScalarType::Index.to_type(b.context());
    let r#type: Type = MemRefType::new(index, &[places as i64], None, None).into();
    let attributes = [HELD.attribute(b.context(), &()), segments(b.context(), &[0, 0])];
    let held = b.named("memref.alloca", &[], &[r#type], &attributes, vec![]).map(result)?;
    let nothing = b.index(0)?;
    for place in 0..places {
        b.named("memref.store", &[nothing, held, b.index(place as i64)?], &[], &[], vec![])?;
    }
    Ok(held)
}

/// The address of a buffer, as an index.
pub(super) fn address<'c>(b: &Builder<'c>, buffer: Val<'c>) -> Result<Val<'c>> {
    let index = ScalarType::Index.to_type(b.context());
    b.named("memref.extract_aligned_pointer_as_index", &[buffer], &[index], &[], vec![]).map(result)
}

/// Calls an accounting function.
pub(super) fn call<'c>(b: &Builder<'c>, name: &str, operands: &[Val<'c>], results: &[Type<'c>]) -> Result<Op<'c>> {
    let callee = FlatSymbolRefAttribute::new(b.context(), name).into();
    let bundles = DenseI32ArrayAttribute::new(b.context(), &[]).into();
    let sizes = segments(b.context(), &[operands.len(), 0]);
    b.named("llvm.call", operands, results, &[("callee", callee), ("op_bundle_sizes", bundles), sizes], vec![])
}

/// The address of the table.
pub(super) fn table_pointer<'c>(b: &Builder<'c>, held: Val<'c>) -> Result<Val<'c>> {
    let address = AbiBuilder { b: *b }.wide(address(b, held)?)?;
    b.named("llvm.inttoptr", &[address], &[pointer(b.context())], &[], vec![]).map(result)
}

/// The table of a function.
fn held<'c>(function: Op<'c>) -> Option<Op<'c>> {
    let mut held = None;
    walk(function, &mut |op| held = held.or(HELD.is_on(op).then_some(op)));
    held
}

/// Whether a function has a table.
pub fn holds(function: Op) -> bool {
    held(function).is_some()
}

/// Frees everything that a function holds, if it has a table.
pub fn release_all<'c>(b: &Builder<'c>, function: Op<'c>) -> Result<()> {
    let Some(held) = held(function).map(result) else { return Ok(()) };
    // SAFETY: the type is that of a live buffer of one dimension.
    let places = unsafe { mlir_sys::mlirShapedTypeGetDimSize(melior::ir::TypeLike::to_raw(&held.r#type()), 0) };
    let places = AbiBuilder { b: *b }.wide(b.index(places)?)?;
    call(b, "dp_release_all", &[table_pointer(b, held)?, places], &[]).map(|_| ())
}
