//! `map-kernels`: maps structured operations on buffers to kernels and their launches.
//!
//! Buffers are in device memory; the host keeps addresses, extents, scalars, checks and control flow. Host values that
//! an operation uses become parameters of its kernel.

use crate::fills::Fills;
use crate::kernel::Kernels;
use crate::{constants, contraction, elementwise, loops, matmul, reductions};
use dp_bufferize::copies;
use dp_dialects::ir::{Op, Val, ancestors, body_ops, erase, operands, walk};
use dp_dialects::{Diagnostic, FloatModel, License, OpKind, Result};
use dp_loopnest::nest::{Layout, Nest};
use dp_loopnest::structured::{address, is_named};
use dp_passes::{ErrorGuaranteed, Pass, pass_options};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;

/// `map-kernels`.
pub static MAP_KERNELS: Pass<MapOptions> = Pass {
    flag: "map-kernels",
    summary: "map structured operations on buffers to kernels",
    description: "Takes `linalg.generic`, `linalg.fill`, `linalg.contract` and `memref.copy` on buffers. Leaves a kernel for \
        each in the `gpu.module` of kernels, and its launch. A fill of a buffer that is then reduced into becomes \
        the initial value of the reduction.",
    body: run,
};

pass_options! {
    /// Options of `map-kernels`.
    pub struct MapOptions {
        "fp" => fp: FloatModel = FloatModel::Reassociate, "the floating-point model";
    }
}

fn run<'c>(module: Op<'c>, options: &MapOptions) -> Result<(), ErrorGuaranteed> {
    let strict = !options.fp.may(License::Reorder);
    for dialect in ["gpu", "nvvm", "llvm", "vector", "memref"] {
        dp_dialects::ir::context_of(module).get_or_load_dialect(dialect);
    }
    drop_copies(module);
    constants::copy_to_device(module).map_err(|diagnostic| diagnostic.report(module.location()))?;
    copies::lower(module, |op| !is_whole(op))?;
    contraction::generalize_all(module)?;
    let kernels = Kernels::new(module);
    let is_ours = |op: &Op| OpKind::of(*op) == Some(OpKind::FuncFunc);
    for function in body_ops(module).into_iter().filter(is_ours) {
        loops::all(&kernels, function).map_err(|diagnostic| diagnostic.report(function.location()))?;
    }
    let mut found = Vec::new();
    let functions = body_ops(module).into_iter().filter(is_ours);
    functions.for_each(|function| walk(function, &mut |op| found.extend(is_structured(op).then_some(op))));
    let mut fills = Fills::default();
    for op in &found {
        fills.fold(*op);
    }
    for op in found {
        if fills.is_folded(op) {
            erase(op);
            continue;
        }
        check_bodies(op)?;
        let made = map(&kernels, &fills, op, strict);
        made.map_err(|diagnostic| diagnostic.report(op.location()))?;
        erase(op);
    }
    Ok(())
}

/// Rejects checks in the body of an operation: a kernel cannot return a status.
fn check_bodies(op: Op) -> Result<(), ErrorGuaranteed> {
    let mut check = None;
    walk(op, &mut |inner| check = check.or((OpKind::of(inner) == Some(OpKind::CfAssert)).then_some(inner)));
    let Some(check) = check else { return Ok(()) };
    Err(Diagnostic::unsupported("per-element checks are not supported by the target cuda: kernels cannot fail")
        .help("check before 'array.map'; or divide in i64, where division by 0 is defined")
        .report(check.location()))
}

/// Whether a copy is contiguous and in device memory, outside loops, which may become kernels.
fn is_whole(op: Op) -> bool {
    let dense = |value: &Val| Layout::of(value.r#type()) == Layout::Dense && constants::constant(*value).is_none();
    operands(op).iter().all(dense) && !ancestors(op).any(|op| is_named(op, "scf.for"))
}

/// Removes copies of buffers to themselves.
fn drop_copies(module: Op) {
    let mut found = Vec::new();
    walk(module, &mut |op| {
        let of = if is_named(op, "memref.copy") { operands(op) } else { vec![] };
        found.extend((of.len() == 2 && of[0] == of[1]).then_some(op));
    });
    found.into_iter().for_each(erase);
}

fn is_structured(op: Op) -> bool {
    ["linalg.generic", "linalg.fill", "linalg.contract"].iter().any(|name| is_named(op, name))
}

/// Replaces an operation by the launch of a kernel.
fn map<'c>(kernels: &Kernels<'c>, fills: &Fills<'c>, op: Op<'c>, strict: bool) -> Result<()> {
    let unread = || {
        let name = op.name();
        Diagnostic::unsupported(format!(
            "'{}' cannot be mapped to a kernel",
            name.as_string_ref().as_str().unwrap_or_default()
        ))
        .help("kernels operate on buffers; bufferize first")
    };
    let mut nest = Nest::read(op)?.ok_or_else(unread)?;
    let starts = fills.starts(address(op), nest.outputs().len());
    nest.collapse()?;
    if matmul::contract(kernels, &nest, &starts, strict)? {
        return Ok(());
    }
    let reduces = nest.reduces.iter().any(|reduces| *reduces);
    if reduces && reductions::reduce(kernels, &nest, &starts, strict)? {
        return Ok(());
    }
    elementwise::emit(kernels, &nest, &starts)
}
