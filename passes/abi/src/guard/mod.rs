//! `guard-allocations`: out of memory is a run-time error, and no run-time error leaks memory.

mod caller;
pub(crate) mod lists;
mod records;
pub(crate) mod table;

use crate::descriptors::{AbiBuilder, pointer};
use crate::formula;
use caller::CallerWorkspace;
use dp_abi::{Library, OUT_OF_MEMORY};
use dp_bufferize::views::buffer;
use dp_bufferize::workspace::size::counted;
use dp_bufferize::workspace::{is_by_hand, whole};
use dp_dialects::MlirType;
use dp_dialects::ir::{
    Op, Val, body_ops, erase, is_declaration, is_set, move_before, operands, region_block, replace_all_uses, result,
    symbol_name, walk,
};
use dp_dialects::marks::{ABI, MEMORY};
use dp_dialects::{Builder, Diagnostic, OpKind, Result, ScalarType};
use dp_loopnest::checks::{Order, compare, require};
use dp_loopnest::structured::{address as address_of, arith, is_named};
use dp_passes::symbols::public_functions;
use dp_passes::{ErrorGuaranteed, Pass, pass_options};
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use std::collections::HashSet;
use table::{call, table, table_pointer};
pub use table::{holds, release_all};

/// `guard-allocations`.
pub static GUARD_ALLOCATIONS: Pass<GuardOptions> = Pass {
    flag: "guard-allocations",
    summary: "check allocations and track them for clean-up",
    description: "Takes functions on buffers, before `lower-interface`. Replaces allocations by calls that allocate memory, \
        with checks that the size does not overflow and that memory was obtained. A function that allocates has a \
        table on its stack, marked `dp.held`, of what it holds: workspaces and results in fixed entries, \
        everything else in a list that an allocation joins until it is freed. `lower-checks` frees what the table \
        holds when a check fails. `ad.record` and `ad.recall` become accesses of a tape, a list of blocks that the \
        public function owns. A private function that returns memory uses the list of its caller. Large blocks use huge pages. With `caller`, a public function that allocates a \
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
    let mut has_allocations = false;
    let with_caller: Vec<usize> = match options.caller {
        true => public_functions(module).into_iter().map(address_of).collect(),
        false => Vec::new(),
    };
    if options.caller {
        record_workspaces(module);
    }
    let (public, users) = (public_functions(module), records::users(module));
    let public: Vec<usize> = public.into_iter().map(address_of).collect();
    let givers = lists::givers(module, |function| public.contains(&address_of(function)));
    for function in body_ops(module) {
        let is_ours = OpKind::of(function) == Some(OpKind::FuncFunc) && !is_declaration(function);
        if !is_ours {
            continue;
        }
        let uses_tape = symbol_name(function).is_some_and(|name| users.contains(name));
        let tape = match (uses_tape, public.contains(&address_of(function))) {
            (false, _) => Tape::None,
            (true, false) => Tape::Callers,
            (true, true) => Tape::Own,
        };
        let from_caller = with_caller.contains(&address_of(function));
        let at = |diagnostic: Diagnostic| diagnostic.report(function.location());
        let takes_list = symbol_name(function).is_some_and(|name| givers.contains(name));
        let list = if takes_list { Some(lists::take(function).map_err(at)?) } else { None };
        records::read(function).map_err(at)?;
        let scope = Scope { from_caller, tape, users: &users, list, givers: &givers };
        if !is_set(function, "no_inline") {
            has_allocations |= guard(function, &scope).map_err(at)?;
        }
        if tape == Tape::Callers {
            records::take(function).and_then(|tape| records::lower(function, tape, &users)).map_err(at)?;
        }
    }
    let at = |diagnostic: Diagnostic| diagnostic.report(module.location());
    if has_allocations {
        table::append(module).map_err(at)?;
    }
    if !users.is_empty() {
        records::append(module).map_err(at)?;
    }
    Ok(())
}

/// The tape for what a function records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tape {
    /// It records nothing, and calls nothing that does.
    None,
    /// That of its caller.
    Callers,
    /// Its own.
    Own,
}

/// What a function has from its callers, and passes on.
struct Scope<'a, 'c> {
    /// Whether the caller may pass a workspace.
    from_caller: bool,
    tape: Tape,
    /// The functions that use a tape.
    users: &'a HashSet<&'c str>,
    /// The list of the caller, for a function that returns memory.
    list: Option<Val<'c>>,
    /// The functions that return memory.
    givers: &'a HashSet<&'c str>,
}

/// Records the workspace size of each public function.
fn record_workspaces(module: Op) {
    let library = ABI.of(module).and_then(|text| Library::from_description(&text).ok());
    let workspace = |function: Op| {
        let name = symbol_name(function).unwrap_or_default();
        let model = library.as_ref().and_then(|library| library.function(name));
        [name.to_owned(), formula::of_function(function, model)]
    };
    MEMORY.set(module, &public_functions(module).into_iter().flat_map(workspace).collect());
}

/// Guards the allocations of a function, and gives it a tape if it owns one; returns whether there are any.
fn guard<'c>(function: Op<'c>, scope: &Scope<'_, 'c>) -> Result<bool> {
    let (mut allocs, mut frees, mut by_hand) = (Vec::new(), Vec::new(), Vec::new());
    walk(function, &mut |op| {
        if is_named(op, "memref.alloc") {
            allocs.push(op);
        } else if is_named(op, "memref.dealloc") {
            if is_by_hand(op) { by_hand.push(op) } else { frees.push(op) }
        }
    });
    // A workspace is freed last: after a check that fails, what the table holds is freed, and so is the workspace.
    let last = body_ops(function).into_iter().find(|op| is_return(*op));
    for (free, last) in by_hand.into_iter().zip(last.into_iter().cycle()) {
        move_before(free, last);
    }
    let (owns_tape, receives) = (scope.tape == Tape::Own, lists::receives(function, scope.givers));
    let entry = region_block(function, 0).and_then(|block| block.first_operation());
    let Some(entry) = entry.filter(|_| !allocs.is_empty() || owns_tape || receives) else { return Ok(false) };
    let returned: Vec<Val> =
        body_ops(function).into_iter().filter(|op| is_return(*op)).flat_map(operands).map(buffer).collect();
    let is_own = |op: &Op<'c>| is_by_hand(*op) || scope.list.is_none() && returned.contains(&result(*op));
    let (own, listed): (Vec<Op>, Vec<Op>) = allocs.into_iter().partition(is_own);
    let b = Builder::before(entry).located(function.location());
    let entries = own.len() + 1;
    let has_table = scope.list.is_none() || owns_tape || !own.is_empty();
    let held = if has_table { Some(table(&b, entries)?) } else { None };
    let list = match (scope.list, held) {
        (Some(list), _) => List::OfCaller(list),
        (None, Some(held)) => List::Own(held),
        (None, None) => return Err(Diagnostic::internal("internal error: a function without a table")),
    };
    // Before calls are replaced: the first operation may be one.
    let pointer = if receives { Some(list.pointer(&b)?) } else { None };
    let tape = held.filter(|_| owns_tape).map(|held| records::own(&b, function, held)).transpose()?;
    if let Some(pointer) = pointer {
        lists::pass(function, pointer, scope.givers)?;
    }
    if let Some(tape) = tape {
        records::lower(function, tape, scope.users)?;
    }
    let mut workspaces = own.iter().copied().filter(|op| is_by_hand(*op));
    let workspace = workspaces.next().filter(|_| scope.from_caller && workspaces.next().is_none()).map(address_of);
    for (index, op) in own.into_iter().enumerate() {
        let Some(held) = held else { continue };
        let passed = if workspace == Some(address_of(op)) { Some(CallerWorkspace::of(function, op)?) } else { None };
        guard_in_slot(function, op, held, index as i64 + 1, passed)?;
    }
    for op in listed {
        guard_in_list(function, op, list)?;
    }
    frees.into_iter().try_for_each(release)?;
    Ok(true)
}

/// Where allocations without a slot are listed.
#[derive(Clone, Copy)]
enum List<'c> {
    /// In the function's own table.
    Own(Val<'c>),
    /// At a pointer that the caller passes.
    OfCaller(Val<'c>),
}

impl<'c> List<'c> {
    /// The pointer to the list.
    fn pointer(self, b: &Builder<'c>) -> Result<Val<'c>> {
        match self {
            List::Own(held) => table_pointer(b, held),
            List::OfCaller(list) => Ok(list),
        }
    }
}

/// Whether an operation returns from the function.
fn is_return(op: Op) -> bool {
    OpKind::of(op) == Some(OpKind::FuncReturn)
}

/// Guards an allocation with a slot of its own. An empty one needs no memory.
fn guard_in_slot<'c>(
    function: Op<'c>,
    op: Op<'c>,
    held: Val<'c>,
    slot: i64,
    passed: Option<CallerWorkspace<'c>>,
) -> Result<()> {
    let abi = AbiBuilder { b: Builder::before(op).located(function.location()) };
    let b = &abi.b;
    let bytes = counted(b, op)?;
    let total = abi.wide(whole(b, bytes)?)?;
    let is_own = passed.map(|passed| passed.check(&abi, total)).transpose()?;
    let pointer = match passed {
        Some(passed) => call(b, "dp_workspace", &[passed.memory, total], &[pointer(b.context())])?,
        None => call(b, "dp_allocate", &[total], &[pointer(b.context())])?,
    };
    let memory = Memory::of(&abi, result(pointer), total)?;
    let is_empty = compare(b, Order::Eq, bytes, memory.null)?;
    let i1 = ScalarType::I1.to_type(b.context());
    let enough = b.named("arith.ori", &[memory.is_there, is_empty], &[i1], &[], vec![]).map(result)?;
    require(b, enough, OUT_OF_MEMORY)?;
    let owned = match is_own {
        Some(is_own) => {
            let of = [is_own, memory.address, memory.null];
            b.named("arith.select", &of, &[memory.address.r#type()], &[], vec![]).map(result)?
        }
        None => memory.address,
    };
    b.named("memref.store", &[owned, held, b.index(slot)?], &[], &[], vec![])?;
    replace(op, memory.buffer, memory.null)
}

/// Guards an allocation by adding it to the list.
fn guard_in_list<'c>(function: Op<'c>, op: Op<'c>, list: List<'c>) -> Result<()> {
    let abi = AbiBuilder { b: Builder::before(op).located(function.location()) };
    let b = &abi.b;
    let header = b.index(HEADER)?;
    let bytes = abi.wide(arith(b, "arith.addi", counted(b, op)?, header)?)?;
    let list = list.pointer(b)?;
    let entry = call(b, "dp_acquire", &[list, bytes], &[pointer(b.context())]).map(result)?;
    let memory = Memory::of(&abi, entry, bytes)?;
    require(b, memory.is_there, OUT_OF_MEMORY)?;
    replace(op, memory.buffer, header)
}

/// Memory that was requested.
struct Memory<'c> {
    /// Its bytes.
    buffer: Val<'c>,
    address: Val<'c>,
    /// The address 0.
    null: Val<'c>,
    /// Whether it was obtained.
    is_there: Val<'c>,
}

impl<'c> Memory<'c> {
    /// The memory of this many bytes at a pointer.
    fn of(abi: &AbiBuilder<'c>, pointer: Val<'c>, bytes: Val<'c>) -> Result<Self> {
        let buffer = abi.row_major(pointer, ScalarType::I8, &[(bytes, None)])?;
        let (address, null) = (abi.address(buffer)?, abi.b.index(0)?);
        let is_there = compare(&abi.b, Order::Ne, address, null)?;
        Ok(Memory { buffer, address, null, is_there })
    }
}

/// Replaces an allocation by a view of memory at an offset.
fn replace<'c>(op: Op<'c>, memory: Val<'c>, offset: Val<'c>) -> Result<()> {
    let of: Vec<Val> = [memory, offset].into_iter().chain(operands(op)).collect();
    let view = Builder::before(op).named("memref.view", &of, &[result(op).r#type()], &[], vec![])?;
    replace_all_uses(result(op), result(view));
    erase(op);
    Ok(())
}

/// Removes a buffer from the list and frees it.
fn release(op: Op) -> Result<()> {
    let b = Builder::before(op);
    let buffer = operands(op)[0];
    // SAFETY: the type is that of a live buffer.
    let rank = unsafe { mlir_sys::mlirShapedTypeGetRank(melior::ir::TypeLike::to_raw(&buffer.r#type())) };
    let entry = AbiBuilder { b }.allocated(buffer, rank as usize)?;
    call(&b, "dp_release", &[entry], &[])?;
    erase(op);
    Ok(())
}
