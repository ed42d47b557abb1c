//! `annotate-loops`: annotates loops for LLVM's loop passes.

use dp_dialects::Diagnostic;
use dp_dialects::ir::{Blk, Op, block_ops, body_ops, context_of, region_block, results};
use dp_passes::manager::VectorWidth;
use dp_passes::{ErrorGuaranteed, Pass, pass_options};
use melior::Context;
use melior::ir::attribute::Attribute;
use melior::ir::block::BlockLike;
use melior::ir::operation::{OperationLike, OperationMutLike, OperationRefMut};
use melior::ir::{TypeLike, ValueLike};
use std::collections::HashMap;

/// `annotate-loops`.
pub static ANNOTATE_LOOPS: Pass<AnnotateOptions> = Pass {
    flag: "annotate-loops",
    summary: "annotate loops for LLVM's vectorizer",
    description: "Takes a module in the LLVM dialect. The back edge of a loop with vector operations is annotated so that \
        LLVM neither vectorizes nor unrolls it: its lowering has done so. For vectors of 64 bytes, where masking \
        is free, other loops are annotated to be vectorized with a mask: one loop instead of a vector loop with \
        two remainder loops halves the code and its compile time, and serves trip counts below the vector length.",
    body: |module, options| annotate(module, options.vectors == VectorWidth::Bytes64),
};

pass_options! {
    /// Options of `annotate-loops`.
    pub struct AnnotateOptions {
        "vector-bytes" => vectors: VectorWidth = VectorWidth::Bytes32, "the vector width of the CPU, in bytes";
    }
}

const DONE: &str = "#llvm.loop_annotation<vectorize = <disable = true>, unroll = <disable = true>>";
const MASKED: &str = "#llvm.loop_annotation<vectorize = <predicateEnable = true>>";

fn annotation<'c>(context: &'c Context, module: Op<'c>, text: &str) -> Result<Attribute<'c>, ErrorGuaranteed> {
    Attribute::parse(context, text).ok_or_else(|| {
        Diagnostic::internal(format!("internal error: '{text}' does not parse")).report(module.location())
    })
}

fn annotate<'c>(module: Op<'c>, masks: bool) -> Result<(), ErrorGuaranteed> {
    let context = context_of(module);
    let (done, masked) = (annotation(context, module, DONE)?, annotation(context, module, MASKED)?);
    for function in body_ops(module) {
        // The position of each block, and the number of earlier blocks with vectors.
        let mut places = HashMap::new();
        let mut with_vectors = vec![0];
        let mut next = region_block(function, 0);
        while let Some(block) = next {
            places.insert(address(block), places.len());
            with_vectors.push(with_vectors[places.len() - 1] + usize::from(has_vectors(block)));
            let loops_to = block.terminator().and_then(|last| Some((last, branch_target(last)?)));
            if let Some((last, head)) = loops_to.and_then(|(last, to)| Some((last, *places.get(&address(to))?))) {
                let is_done = with_vectors[places.len()] > with_vectors[head];
                if let Some(annotation) = if is_done { Some(done) } else { masks.then_some(masked) } {
                    // SAFETY: the operation is live, and nothing else refers to it here.
                    let mut last: OperationRefMut = unsafe { OperationRefMut::from_raw(last.to_raw()) };
                    last.set_attribute("loop_annotation", annotation);
                }
            }
            next = block.next_in_region();
        }
    }
    Ok(())
}

fn address(block: Blk) -> usize {
    block.to_raw().ptr as usize
}

/// The target of an unconditional branch. Lowered structured loops are contiguous and begin with their header, so a
/// branch to an earlier block is a back edge.
fn branch_target<'c>(op: Op<'c>) -> Option<Blk<'c>> {
    if op.name().as_string_ref().as_str() != Ok("llvm.br") {
        return None;
    }
    // SAFETY: the block lives as long as its function.
    op.successor(0).ok().map(|block| unsafe { melior::ir::BlockRef::from_raw(block.to_raw()) })
}

fn has_vectors(block: Blk) -> bool {
    // SAFETY: the type is live.
    let is_vector = |r#type: melior::ir::Type| unsafe { mlir_sys::mlirTypeIsAVector(r#type.to_raw()) };
    block_ops(block).into_iter().any(|op| results(op).into_iter().any(|value| is_vector(value.r#type())))
}
