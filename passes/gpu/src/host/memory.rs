//! `lower-device-memory`: lowers allocation, deallocation and copies of device memory to calls of the runtime.

use super::runtime::Runtime;
use crate::fills::root;
use dp_bufferize::workspace::size::counted;
use dp_dialects::ir::{
    Op, Val, ancestors, body_ops, defining_op, erase, functions, is_declaration, operands, replace_all_uses, result,
    symbol_attribute, users, walk,
};
use dp_dialects::{OpKind, Result};
use dp_loopnest::nest::extents_of;
use dp_loopnest::structured::{address, is_named};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;
use std::collections::HashSet;

/// `lower-device-memory`.
pub static LOWER_DEVICE_MEMORY: Pass = Pass {
    flag: "lower-device-memory",
    summary: "allocate, free and copy device memory through the runtime",
    description: "Takes `memref.alloc`, `memref.dealloc` and `memref.copy` in host functions, after `lower-launches`. Leaves \
        calls of the runtime, in the order of the call's stream: freed memory is reused only by later launches. \
        Each allocation is preceded by a check that its size does not overflow. Memory that the host accesses \
        itself, the lists of upstream's deallocation, stays as it is.",
    body: run,
};

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let mut found = Vec::new();
    let is_ours = |op: &Op| OpKind::of(*op) == Some(OpKind::FuncFunc) && !is_declaration(*op);
    for function in body_ops(module).into_iter().filter(is_ours) {
        walk(function, &mut |op| found.push(op));
    }
    let own = host_accessed(&found);
    for op in found.into_iter().filter(|op| !own.contains(&address(*op))) {
        let made = match op.name().as_string_ref().as_str() {
            Ok("memref.alloc") => allocate(op),
            Ok("memref.dealloc") => free(op),
            Ok("memref.copy") => copy(op),
            _ => Ok(()),
        };
        made.map_err(|diagnostic| diagnostic.report(op.location()))?;
    }
    Ok(())
}

/// Allocations and deallocations of memory that the host itself accesses: the lists of buffers with dynamic ownership
/// in upstream's deallocation, passed to a function that it generates.
fn host_accessed(ops: &[Op]) -> HashSet<usize> {
    let is_argument = |buffer: &Val| defining_op(*buffer).is_none();
    let of = |op: Op| ancestors(op).find(|op| OpKind::of(*op) == Some(OpKind::FuncFunc)).map(address);
    let accessors: HashSet<usize> =
        ops.iter().filter(|op| accessed(**op).as_ref().is_some_and(is_argument)).filter_map(|op| of(*op)).collect();
    let functions = ops.first().and_then(|op| ancestors(*op).last()).map(functions).unwrap_or_default();
    let accesses = |callee: &str| functions.get(callee).is_some_and(|function| accessors.contains(&address(*function)));
    let mut own = HashSet::new();
    for op in ops {
        let values = match accessed(*op) {
            Some(buffer) => vec![buffer],
            None if symbol_attribute(*op, "callee").is_some_and(accesses) => operands(*op),
            None => continue,
        };
        for allocation in values.into_iter().filter_map(|value| defining_op(root(value))) {
            own.insert(address(allocation));
            own.extend(users(result(allocation)).into_iter().filter(|op| is_named(*op, "memref.dealloc")).map(address));
        }
    }
    own
}

/// The buffer of which the host reads or writes an element.
fn accessed<'c>(op: Op<'c>) -> Option<Val<'c>> {
    let at = match op.name().as_string_ref().as_str() {
        Ok("memref.load") => 0,
        Ok("memref.store") => 1,
        _ => return None,
    };
    operands(op).get(at).copied()
}

fn allocate<'c>(op: Op<'c>) -> Result<()> {
    let runtime = Runtime::before(op);
    let r#type = result(op).r#type();
    let mut dynamic = operands(op).into_iter();
    let extents: Vec<Option<Val>> =
        extents_of(r#type).into_iter().map(|extent| if extent.is_none() { dynamic.next() } else { None }).collect();
    let address = runtime.alloc(counted(&runtime.b, op)?)?;
    replace_all_uses(result(op), runtime.buffer(address, r#type, &extents)?);
    erase(op);
    Ok(())
}

fn free<'c>(op: Op<'c>) -> Result<()> {
    let runtime = Runtime::before(op);
    let address = runtime.wide(runtime.address(operands(op)[0])?)?;
    runtime.call("dp_cuda_free", &[address], &[])?;
    erase(op);
    Ok(())
}

/// Copies a contiguous range of device memory.
fn copy<'c>(op: Op<'c>) -> Result<()> {
    let runtime = Runtime::before(op);
    let [from, to] = operands(op)[..] else { return Ok(()) };
    let (_, extents, _) = runtime.metadata(from)?;
    let known = extents_of(from.r#type());
    let dynamic: Vec<Option<Val>> =
        known.iter().zip(extents).map(|(known, extent)| known.is_none().then_some(extent)).collect();
    let bytes = runtime.wide(runtime.bytes(from.r#type(), &dynamic)?)?;
    let (from, to) = (runtime.wide(runtime.address(from)?)?, runtime.wide(runtime.address(to)?)?);
    runtime.call("dp_cuda_copy", &[to, from, bytes], &[])?;
    erase(op);
    Ok(())
}
