//! The table on the stack of a function, which lists the memory that it holds, and the functions that update it.

use crate::descriptors::AbiBuilder;
use dp_dialects::MlirType;
use dp_dialects::ir::{Op, Val, context_of, result, walk};
use dp_dialects::marks::HELD;
use dp_dialects::{Builder, Result, ScalarType};
use dp_loopnest::structured::segments;
use dp_passes::text;
use melior::ir::attribute::{DenseI32ArrayAttribute, FlatSymbolRefAttribute};
use melior::ir::r#type::MemRefType;
use melior::ir::{Type, ValueLike};

/// The functions that track memory. The allocations without a slot are a doubly linked list. An entry starts with two
/// pointers: to the next entry, and to the pointer that points to this entry. The first slot of the table is the pointer
/// to the first entry.
const FUNCTIONS: &str = r#"
llvm.func @aligned_alloc(i64, i64) -> !llvm.ptr
llvm.func @free(!llvm.ptr)
llvm.func @madvise(!llvm.ptr, i64, i32) -> i32

// Allocates %bytes bytes. The system is advised to use huge pages (14 is MADV_HUGEPAGE) for memory of 1 MiB or more,
// which allocators may map and unmap at each call. It may ignore the advice.
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

// Returns the caller's workspace, or allocates one if that is null.
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

// Frees a workspace unless it is the caller's.
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

// Stores the required workspace size at the workspace pointer if %size is negative, which is a query.
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

// Allocates %bytes bytes and adds them to the list of the table %held. Returns null if there is no memory.
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
  llvm.call @dp_enter(%held, %entry) : (!llvm.ptr, !llvm.ptr) -> ()
  llvm.br ^done
^done:
  llvm.return %entry : !llvm.ptr
}

// Adds memory to the list of the table %held.
llvm.func internal @dp_enter(%held: !llvm.ptr, %entry: !llvm.ptr) attributes {passthrough = ["nounwind"]} {
  %null = llvm.mlir.zero : !llvm.ptr
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
  llvm.return
}

// Removes memory from its list and frees it.
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

// Frees the list of the table %held, and the memory in its other %count - 1 slots.
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

/// Adds these functions to a module.
pub(super) fn append(module: Op) -> Result<()> {
    let functions = text::parse(context_of(module), FUNCTIONS, "the functions that track memory")?;
    text::append(module, &functions);
    Ok(())
}

/// An empty table.
pub(super) fn table<'c>(b: &Builder<'c>, slots: usize) -> Result<Val<'c>> {
    let index = ScalarType::Index.to_type(b.context());
    let r#type: Type = MemRefType::new(index, &[slots as i64], None, None).into();
    let attributes = [HELD.attribute(b.context(), &()), segments(b.context(), &[0, 0])];
    let held = b.named("memref.alloca", &[], &[r#type], &attributes, vec![]).map(result)?;
    let null = b.index(0)?;
    for slot in 0..slots {
        b.named("memref.store", &[null, held, b.index(slot as i64)?], &[], &[], vec![])?;
    }
    Ok(held)
}

/// Calls one of these functions.
pub(crate) fn call<'c>(b: &Builder<'c>, name: &str, operands: &[Val<'c>], results: &[Type<'c>]) -> Result<Op<'c>> {
    let callee = FlatSymbolRefAttribute::new(b.context(), name).into();
    let bundles = DenseI32ArrayAttribute::new(b.context(), &[]).into();
    let sizes = segments(b.context(), &[operands.len(), 0]);
    b.named("llvm.call", operands, results, &[("callee", callee), ("op_bundle_sizes", bundles), sizes], vec![])
}

/// The address of the table.
pub(crate) fn table_pointer<'c>(b: &Builder<'c>, held: Val<'c>) -> Result<Val<'c>> {
    let abi = AbiBuilder { b: *b };
    abi.pointer(abi.address(held)?)
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

/// Frees the list of a table.
pub(super) fn release_list<'c>(b: &Builder<'c>, held: Val<'c>) -> Result<()> {
    let places = AbiBuilder { b: *b }.constant(1)?;
    call(b, "dp_release_all", &[table_pointer(b, held)?, places], &[]).map(|_| ())
}

/// Frees everything that a function holds, if it has a table.
pub fn release_all<'c>(b: &Builder<'c>, function: Op<'c>) -> Result<()> {
    let Some(held) = held(function).map(result) else { return Ok(()) };
    // SAFETY: the type is that of a live buffer of one dimension.
    let places = unsafe { mlir_sys::mlirShapedTypeGetDimSize(melior::ir::TypeLike::to_raw(&held.r#type()), 0) };
    let places = AbiBuilder { b: *b }.wide(b.index(places)?)?;
    call(b, "dp_release_all", &[table_pointer(b, held)?, places], &[]).map(|_| ())
}
