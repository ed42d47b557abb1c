//! `guard-allocations`: memory that is missing is an error at run time, and an error leaks none.

use super::border::{Door, pointer};
use super::memory::{retype, strings};
use super::{ABI, public_functions, results};
use crate::checks::{Order, compare, require};
use crate::structured::{Made, address as address_of, arith, is_named, segments, set_attribute};
use crate::text;
use crate::workspace::formula;
use crate::workspace::size::{MOST, Size, too_large};
use crate::workspace::{LINE, OUT_OF_MEMORY, is_by_hand, whole};
use dp_abi::{Library, Number};
use dp_dialects::ir::{
    Op, Val, body_ops, context_of, erase, is_declaration, is_set, operands, region_block, replace_all_uses, result,
    string_attribute, symbol_name, users, walk,
};
use dp_dialects::{Builder, Complaint, DType, OpKind};
use dp_passes::{Pass, PassOption, Reported};
use melior::ir::attribute::{Attribute, DenseI32ArrayAttribute, FlatSymbolRefAttribute, StringAttribute};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::MemRefType;
use melior::ir::{Type, ValueLike};

/// `guard-allocations`.
pub static GUARD_ALLOCATIONS: Pass = Pass {
    flag: "guard-allocations",
    summary: "check what an allocation gives, and keep account of it",
    description: "Takes functions on buffers, before `lower-border`. Leaves calls that allocate memory in the place of \
        allocations, each between checks that its size can be counted and that there is memory. A function that allocates has a table on its stack, \
        marked `dp.held`, of what it holds: workspaces and results, each at its place, and a list of all the rest, in \
        which an allocation enters itself until it is freed. Larger memory than allocators keep is asked for in huge \
        pages. Where callers may give workspaces, a public function that allocates one takes two arguments more: \
        a workspace, null where it is to be allocated, and its size; a negative size has the size written to where \
        the workspace points, and nothing computed. `lower-checks` frees what is in the table where a check \
        fails. Functions that are never inlined are kernels, which check for themselves, and stay as they are.",
    options: &[PassOption {
        name: "caller",
        summary: "whether public functions may get their workspace from their caller",
        default: "false",
    }],
    body: run,
};

/// The attribute of a function whose last two arguments are a workspace of its caller, and its size.
pub(crate) const WORKSPACE: &str = "dp.workspace";

/// The attribute of a module that says what the workspaces of its functions take, a line for each.
pub(crate) const MEMORY: &str = "dp.memory";

/// The status of a call that asked for the size of the workspace.
pub(crate) const ASKED: &str = "the size of the workspace has been written";

/// The attribute of the table.
const HELD: &str = "dp.held";

/// The bytes before an allocation of the list: its neighbours, and room to keep what follows aligned.
const HEADER: i64 = 64;

/// The functions that keep account. The table's first place, like the first field of an entry, holds the
/// address of the next entry; the second field holds where the address of the entry itself is.
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

fn run<'c>(module: Op<'c>, options: &[&str]) -> Result<(), Reported> {
    let mut keeps_account = false;
    let asks_caller: Vec<usize> = match options.first() {
        Some(&"true") => public_functions(module).into_iter().map(address_of).collect(),
        _ => Vec::new(),
    };
    if options.first() == Some(&"true") {
        tell(module);
    }
    for function in body_ops(module) {
        let is_ours = OpKind::of(function) == Some(OpKind::FuncFunc) && !is_declaration(function);
        if !is_ours || is_set(function, "no_inline") {
            continue;
        }
        let from_caller = asks_caller.contains(&address_of(function));
        keeps_account |= guard(function, from_caller).map_err(|complaint| complaint.report(function.location()))?;
    }
    if keeps_account {
        let account = text::parse(context_of(module), ACCOUNT, "the functions that keep account of memory");
        let account = account.map_err(|complaint| complaint.report(module.location()))?;
        text::append(module, &account);
    }
    Ok(())
}

/// Notes what the workspace of each public function takes.
fn tell(module: Op) {
    let library = string_attribute(module, ABI).and_then(|text| Library::from_description(text).ok());
    let line = |function: Op| {
        let name = symbol_name(function).unwrap_or_default();
        let model = library.as_ref().and_then(|library| library.function(name));
        format!("{name}: workspace {} bytes", formula::of_function(function, model))
    };
    let lines: Vec<String> = public_functions(module).into_iter().map(line).collect();
    set_attribute(module, MEMORY, strings(context_of(module), &lines));
}

/// Guards the allocations of a function; whether there are any.
fn guard<'c>(function: Op<'c>, from_caller: bool) -> Made<bool> {
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
    let mut workspaces = own.iter().copied().filter(|op| is_by_hand(*op));
    let workspace = workspaces.next().filter(|_| from_caller && workspaces.next().is_none()).map(address_of);
    for (index, op) in own.into_iter().enumerate() {
        let given = if workspace == Some(address_of(op)) { Some(Given::of(function, op)?) } else { None };
        keep(function, op, held, index as i64 + 1, given)?;
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

/// A workspace of the caller: null where there is none, and its size.
#[derive(Clone, Copy)]
struct Given<'c> {
    memory: Val<'c>,
    size: Val<'c>,
}

impl<'c> Given<'c> {
    /// Two arguments more of a function, which then frees its workspace only where it has allocated it.
    fn of(function: Op<'c>, workspace: Op<'c>) -> Made<Self> {
        let context = context_of(function);
        let block =
            region_block(function, 0).ok_or_else(|| Complaint::new("internal error: a function without a body"))?;
        // SAFETY: the arguments live as long as their block, which the module owns.
        let live = |value: Val<'_>| unsafe { melior::ir::Value::from_raw(value.to_raw()) };
        let memory = live(block.add_argument(pointer(context), function.location()));
        let size = live(block.add_argument(DType::I64.to_type(context), function.location()));
        let given = Given { memory, size };
        let returned = body_ops(function).into_iter().find(|op| is_return(*op)).map(operands).unwrap_or_default();
        retype(function, block, &returned);
        set_attribute(function, WORKSPACE, Attribute::unit(context));
        for op in users(result(workspace)).into_iter().filter(|op| is_named(*op, "memref.dealloc")) {
            let b = Builder::before(op);
            let memory = Door { b }.allocated(operands(op)[0], 1)?;
            call(&b, "dp_workspace_free", &[given.memory, memory], &[])?;
            erase(op);
        }
        Ok(given)
    }

    /// Tells how much it takes where that is asked, and checks what is given.
    fn check(self, door: &Door<'c>, total: Val<'c>) -> Made<Val<'c>> {
        let b = &door.b;
        let i64 = DType::I64.to_type(b.context());
        let zero = door.wide(b.index(0)?)?;
        call(b, "dp_workspace_tell", &[self.memory, self.size, total], &[])?;
        let message = StringAttribute::new(b.context(), ASKED).into();
        let is_call = compare(b, Order::Sge, self.size, zero)?;
        b.named("cf.assert", &[is_call], &[], &[("msg", message)], vec![])?;
        let address = b.named("llvm.ptrtoint", &[self.memory], &[i64], &[], vec![]).map(result)?;
        let is_none = compare(b, Order::Eq, address, zero)?;
        let fits = compare(b, Order::Sle, total, self.size)?;
        let fits = arith(b, "arith.ori", is_none, fits)?;
        require(b, fits, "the workspace is smaller than the function's '__workspace_size' says")?;
        let past = arith(b, "arith.andi", address, door.wide(b.index(LINE as i64 - 1)?)?)?;
        let is_aligned = compare(b, Order::Eq, past, zero)?;
        require(b, is_aligned, "the workspace does not begin at a multiple of 64 bytes")?;
        Ok(is_none)
    }
}

/// An allocation that has a place of its own. Where nothing is asked for, no memory is needed.
fn keep<'c>(function: Op<'c>, op: Op<'c>, held: Val<'c>, place: i64, given: Option<Given<'c>>) -> Made<()> {
    let door = Door { b: Builder::before(op).located(function.location()) };
    let b = &door.b;
    let bytes = counted(b, op)?;
    let total = door.wide(whole(b, bytes)?)?;
    let is_own = given.map(|given| given.check(&door, total)).transpose()?;
    let memory = match given {
        Some(given) => call(b, "dp_workspace", &[given.memory, total], &[pointer(b.context())])?,
        None => call(b, "dp_allocate", &[total], &[pointer(b.context())])?,
    };
    let all = door.buffer(result(memory), Number::I8, &[(total, None)])?;
    let (address, nothing) = (address(b, all)?, b.index(0)?);
    let there = compare(b, Order::Ne, address, nothing)?;
    let none = compare(b, Order::Eq, bytes, nothing)?;
    let i1 = DType::I1.to_type(b.context());
    let enough = b.named("arith.ori", &[there, none], &[i1], &[], vec![]).map(result)?;
    require(b, enough, OUT_OF_MEMORY)?;
    let owned = match is_own {
        Some(is_own) => {
            b.named("arith.select", &[is_own, address, nothing], &[address.r#type()], &[], vec![]).map(result)?
        }
        None => address,
    };
    b.named("memref.store", &[owned, held, b.index(place)?], &[], &[], vec![])?;
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
