//! Copies of buffers, and `lower-copies`, which lowers them to loops.

use dp_dialects::ir::{Op, Val, erase, operands, result, walk};
use dp_dialects::{Builder, MlirType, Result, ScalarType};
use dp_loopnest::structured::{Indexed, element_type, generic, segments};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::operation::OperationLike;
use melior::ir::r#type::MemRefType;
use melior::ir::{TypeLike, ValueLike};

/// `lower-copies`.
pub static LOWER_COPIES: Pass = Pass {
    flag: "lower-copies",
    summary: "lower copies of buffers to loops",
    description: "Lowers `memref.copy` to `linalg.generic`, and drops a copy of a buffer to itself. Upstream lowers strided copies to calls of MLIR's runner \
        library, on which our libraries must not depend.",
    body: run,
};

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    lower(module, |_| true)
}

/// Lowers the selected copies to loops.
pub fn lower<'c>(module: Op<'c>, is_lowered: impl Fn(Op<'c>) -> bool) -> Result<(), ErrorGuaranteed> {
    let mut found = Vec::new();
    walk(module, &mut |op| {
        if op.name().as_string_ref().as_str() == Ok("memref.copy") && is_lowered(op) {
            found.push(op);
        }
    });
    for op in found {
        let [from, to] = operands(op)[..] else { continue };
        // Bufferization has made the update in place.
        if from == to {
            erase(op);
            continue;
        }
        // SAFETY: the operand is live and a buffer.
        let rank = unsafe { mlir_sys::mlirShapedTypeGetRank(from.r#type().to_raw()) } as usize;
        let (from, to) = (Indexed::identity(from, rank), Indexed::identity(to, rank));
        let made = generic(&Builder::before(op), rank, &[], &[from], &[to], |_, elements| Ok(vec![elements[0]]));
        made.map_err(|diagnostic| diagnostic.report(op.location()))?;
        erase(op);
    }
    Ok(())
}

/// Copies a buffer to another.
pub(crate) fn copy<'c>(b: &Builder<'c>, from: Val<'c>, to: Val<'c>) -> Result<()> {
    b.named("memref.copy", &[from, to], &[], &[], vec![]).map(|_| ())
}

/// A copy of a buffer in new memory, with the type and the extents of `like`.
pub(crate) fn saved<'c>(b: &Builder<'c>, from: Val<'c>, like: Val<'c>) -> Result<Val<'c>> {
    let r#type = like.r#type();
    // SAFETY: the type is a live ranked buffer type.
    let extents: Vec<i64> = unsafe {
        let raw = r#type.to_raw();
        (0..mlir_sys::mlirShapedTypeGetRank(raw))
            .map(|dim| mlir_sys::mlirShapedTypeGetDimSize(raw, dim as isize))
            .collect()
    };
    let index = ScalarType::Index.to_type(b.context());
    let open = (0..).zip(&extents).filter(|(_, extent)| **extent == dp_dialects::types::DYNAMIC);
    let open = open
        .map(|(dim, _)| b.named("memref.dim", &[like, b.index(dim)?], &[index], &[], vec![]).map(result))
        .collect::<Result<Vec<Val>>>()?;
    let whole = MemRefType::new(element_type(r#type), &extents, None, None).into();
    let saved =
        b.named("memref.alloc", &open, &[whole], &[segments(b.context(), &[open.len(), 0])], vec![]).map(result)?;
    copy(b, from, saved)?;
    if whole == r#type {
        return Ok(saved);
    }
    b.named("memref.cast", &[saved], &[r#type], &[], vec![]).map(result)
}
