//! `lower-loops`: vectorizes structured operations on buffers.
//!
//! The vectorized loop becomes the innermost one. It is the last loop along which every operand is uniform or
//! contiguous, and along which reductions may be reordered. The body is computed on vectors; functions that it calls
//! are added to the module in a vector version. With masks (AVX-512), the last vector of a row is masked; otherwise a
//! scalar loop follows. Long float sums are computed in blocks. If operands are contiguous along different loops, as in
//! transposes, square tiles are transposed in registers.

mod blocks;
mod emit;
mod memory;
mod plan;
mod spans;
mod tiles;
mod vectorize;

use dp_dialects::Result;
use dp_dialects::ir::{Op, context_of, erase, walk};
use dp_loopnest::nest::Nest;
use dp_passes::manager::VectorWidth;
use dp_passes::{ErrorGuaranteed, Pass, pass_options};
use melior::ir::operation::OperationLike;
pub(crate) use memory::retyped;
use plan::Machine;
use vectorize::Functions;

/// `lower-loops`.
pub static LOWER_LOOPS: Pass<LoopsOptions> = Pass {
    flag: "lower-loops",
    summary: "vectorize structured operations on buffers",
    description: "Takes `linalg.generic` and `linalg.fill` on buffers, with bodies in upstream dialects. Leaves loops of \
        vector loads, operations and stores. An operation is left alone if its operands are not contiguous rows, \
        its sums may not be reordered, or its body has no vector form.",
    body: run,
};

pass_options! {
    /// Options of `lower-loops`.
    pub struct LoopsOptions {
        "vector-bytes" => vectors: VectorWidth = VectorWidth::Bytes32, "the vector width of the CPU, in bytes";
    }
}

fn run<'c>(module: Op<'c>, options: &LoopsOptions) -> Result<(), ErrorGuaranteed> {
    let machine = Machine { bytes: options.vectors.bytes() };
    let mut found = Vec::new();
    walk(module, &mut |op| found.extend(is_structured(op).then_some(op)));
    let mut functions = Functions::new(module);
    for op in found {
        match lower(op, machine, &mut functions) {
            Ok(true) => erase(op),
            Ok(false) => {}
            Err(diagnostic) => {
                return Err(diagnostic.report(op.location()));
            }
        }
    }
    functions.prevent_inlining();
    Ok(())
}

fn is_structured(op: Op) -> bool {
    matches!(op.name().as_string_ref().as_str(), Ok("linalg.generic" | "linalg.fill"))
}

/// Emits loops before an operation; returns whether it was vectorized.
fn lower<'c>(op: Op<'c>, machine: Machine, functions: &mut Functions<'c>) -> Result<bool> {
    let Some(mut nest) = Nest::read(op)? else { return Ok(false) };
    nest.collapse()?;
    if let Some(tiles) = tiles::plan(&nest, machine, functions) {
        tiles::emit(&nest, &tiles, functions)?;
        return Ok(true);
    }
    let Some(plan) = plan::plan(&nest, machine, functions) else { return Ok(false) };
    emit::emit(&nest, &plan, machine, functions)?;
    Ok(true)
}
