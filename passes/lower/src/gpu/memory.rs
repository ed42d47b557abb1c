//! `lower-device-memory`: the runtime allocates, frees and copies the device's memory.

use super::runtime::Runtime;
use crate::structured::Made;
use crate::vectors::nest::extents_of;
use dp_dialects::OpKind;
use dp_dialects::ir::{Op, Val, body_ops, erase, is_declaration, operands, replace_all_uses, result, walk};
use dp_passes::{Pass, Reported};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;

/// `lower-device-memory`.
pub static LOWER_DEVICE_MEMORY: Pass = Pass {
    flag: "lower-device-memory",
    summary: "have the runtime allocate, free and copy the device's memory",
    description: "Takes `memref.alloc`, `memref.dealloc` and `memref.copy` of functions of the host, after \
        `lower-launches`. Leaves calls of the runtime, which does all that in the order of the call's stream: what is \
        freed is taken by later launches only, never from one under way.",
    options: &[],
    body: run,
};

fn run<'c>(module: Op<'c>, _: &[&str]) -> Result<(), Reported> {
    let mut found = Vec::new();
    let is_ours = |op: &Op| OpKind::of(*op) == Some(OpKind::FuncFunc) && !is_declaration(*op);
    for function in body_ops(module).into_iter().filter(is_ours) {
        walk(function, &mut |op| found.push(op));
    }
    for op in found {
        let made = match op.name().as_string_ref().as_str() {
            Ok("memref.alloc") => allocate(op),
            Ok("memref.dealloc") => free(op),
            Ok("memref.copy") => copy(op),
            _ => Ok(()),
        };
        made.map_err(|complaint| {
            complaint.emit(op.location());
            Reported
        })?;
    }
    Ok(())
}

fn allocate<'c>(op: Op<'c>) -> Made<()> {
    let runtime = Runtime::before(op);
    let r#type = result(op).r#type();
    let mut dynamic = operands(op).into_iter();
    let extents: Vec<Option<Val>> =
        extents_of(r#type).into_iter().map(|extent| if extent.is_none() { dynamic.next() } else { None }).collect();
    let address = runtime.alloc(runtime.bytes(r#type, &extents)?)?;
    replace_all_uses(result(op), runtime.buffer(address, r#type, &extents)?);
    erase(op);
    Ok(())
}

fn free<'c>(op: Op<'c>) -> Made<()> {
    let runtime = Runtime::before(op);
    let address = runtime.wide(runtime.address(operands(op)[0])?)?;
    runtime.call("dp_cuda_free", &[address], &[])?;
    erase(op);
    Ok(())
}

/// Copies a stretch of the device's memory.
fn copy<'c>(op: Op<'c>) -> Made<()> {
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
