//! `guard-allocations`: out of memory is a run-time error, and no run-time error leaks memory.

use dp_dialects::MlirType;
mod account;
mod given;

use crate::descriptors::{AbiBuilder, pointer};
use crate::formula;
use account::{address, call, table, table_pointer};
pub use account::{holds, release_all};
use dp_abi::{Library, OUT_OF_MEMORY};
use dp_bufferize::views::buffer;
use dp_bufferize::workspace::size::counted;
use dp_bufferize::workspace::{is_by_hand, whole};
use dp_dialects::ir::{
    Op, Val, body_ops, erase, is_declaration, is_set, operands, region_block, replace_all_uses, result, symbol_name,
    walk,
};
use dp_dialects::marks::{ABI, MEMORY};
use dp_dialects::{Builder, OpKind, Result, ScalarType};
use dp_loopnest::checks::{Order, compare, require};
use dp_loopnest::structured::{address as address_of, arith, is_named};
use dp_passes::symbols::public_functions;
use dp_passes::{ErrorGuaranteed, Pass, pass_options};
use given::Given;
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;

/// `guard-allocations`.
pub static GUARD_ALLOCATIONS: Pass<GuardOptions> = Pass {
    flag: "guard-allocations",
    summary: "check allocations and track them for clean-up",
    description: "Takes functions on buffers, before `lower-interface`. Replaces allocations by calls that allocate memory, \
        with checks that the size does not overflow and that memory was obtained. A function that allocates has a \
        table on its stack, marked `dp.held`, of what it holds: workspaces and results in fixed entries, \
        everything else in a list that an allocation joins until it is freed. `lower-checks` frees what the table \
        holds when a check fails. Large blocks use huge pages. With `caller`, a public function that allocates a \
        workspace takes two more arguments: a workspace, or null to allocate one, and its size; a negative size \
        stores the required size at the workspace pointer and computes nothing. Functions marked never to be \
        inlined are kernels, which do their own checks, and are left alone.",
    body: run,
};

pass_options! {
    /// Options of `guard-allocations`.
    pub struct GuardOptions {
        "caller" => caller: bool = false, "whether callers may pass a workspace to public functions";
    }
}

/// The size of the header before a listed allocation: list pointers, and padding for alignment.
const HEADER: i64 = 64;

fn run<'c>(module: Op<'c>, options: &GuardOptions) -> Result<(), ErrorGuaranteed> {
    let mut keeps_account = false;
    let asks_caller: Vec<usize> = match options.caller {
        true => public_functions(module).into_iter().map(address_of).collect(),
        false => Vec::new(),
    };
    if options.caller {
        tell(module);
    }
    for function in body_ops(module) {
        let is_ours = OpKind::of(function) == Some(OpKind::FuncFunc) && !is_declaration(function);
        if !is_ours || is_set(function, "no_inline") {
            continue;
        }
        let from_caller = asks_caller.contains(&address_of(function));
        keeps_account |= guard(function, from_caller).map_err(|diagnostic| diagnostic.report(function.location()))?;
    }
    if keeps_account {
        account::append(module).map_err(|diagnostic| diagnostic.report(module.location()))?;
    }
    Ok(())
}

/// Records the workspace size of each public function.
fn tell(module: Op) {
    let library = ABI.of(module).and_then(|text| Library::from_description(&text).ok());
    let workspace = |function: Op| {
        let name = symbol_name(function).unwrap_or_default();
        let model = library.as_ref().and_then(|library| library.function(name));
        [name.to_owned(), formula::of_function(function, model)]
    };
    MEMORY.set(module, &public_functions(module).into_iter().flat_map(workspace).collect());
}

/// Guards the allocations of a function; returns whether there are any.
fn guard<'c>(function: Op<'c>, from_caller: bool) -> Result<bool> {
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
        body_ops(function).into_iter().filter(|op| is_return(*op)).flat_map(operands).map(buffer).collect();
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

/// Whether an operation returns from the function.
fn is_return(op: Op) -> bool {
    OpKind::of(op) == Some(OpKind::FuncReturn)
}

/// An allocation with a slot of its own. An empty one needs no memory.
fn keep<'c>(function: Op<'c>, op: Op<'c>, held: Val<'c>, place: i64, given: Option<Given<'c>>) -> Result<()> {
    let abi = AbiBuilder { b: Builder::before(op).located(function.location()) };
    let b = &abi.b;
    let bytes = counted(b, op)?;
    let total = abi.wide(whole(b, bytes)?)?;
    let is_own = given.map(|given| given.check(&abi, total)).transpose()?;
    let memory = match given {
        Some(given) => call(b, "dp_workspace", &[given.memory, total], &[pointer(b.context())])?,
        None => call(b, "dp_allocate", &[total], &[pointer(b.context())])?,
    };
    let all = abi.buffer(result(memory), ScalarType::I8, &[(total, None)])?;
    let (address, nothing) = (address(b, all)?, b.index(0)?);
    let there = compare(b, Order::Ne, address, nothing)?;
    let none = compare(b, Order::Eq, bytes, nothing)?;
    let i1 = ScalarType::I1.to_type(b.context());
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

/// An allocation that is added to the list.
fn enter<'c>(function: Op<'c>, op: Op<'c>, held: Val<'c>) -> Result<()> {
    let abi = AbiBuilder { b: Builder::before(op).located(function.location()) };
    let b = &abi.b;
    let header = b.index(HEADER)?;
    let bytes = abi.wide(arith(b, "arith.addi", counted(b, op)?, header)?)?;
    let list = table_pointer(b, held)?;
    let entry = call(b, "dp_acquire", &[list, bytes], &[pointer(b.context())]).map(result)?;
    let all = abi.buffer(entry, ScalarType::I8, &[(bytes, None)])?;
    let there = compare(b, Order::Ne, address(b, all)?, b.index(0)?)?;
    require(b, there, OUT_OF_MEMORY)?;
    replace(op, all, header)
}

/// Replaces an allocation by a view of memory at an offset.
fn replace<'c>(op: Op<'c>, memory: Val<'c>, offset: Val<'c>) -> Result<()> {
    let of: Vec<Val> = [memory, offset].into_iter().chain(operands(op)).collect();
    let view = Builder::before(op).named("memref.view", &of, &[result(op).r#type()], &[], vec![])?;
    replace_all_uses(result(op), result(view));
    erase(op);
    Ok(())
}

/// Removes a buffer from the list.
fn leave(op: Op) -> Result<()> {
    let b = Builder::before(op);
    let buffer = operands(op)[0];
    // SAFETY: the type is that of a live buffer.
    let rank = unsafe { mlir_sys::mlirShapedTypeGetRank(melior::ir::TypeLike::to_raw(&buffer.r#type())) };
    let entry = AbiBuilder { b }.allocated(buffer, rank as usize)?;
    call(&b, "dp_release", &[entry], &[])?;
    erase(op);
    Ok(())
}
