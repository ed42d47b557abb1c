//! `annotate-loops`: what LLVM's vectorizer is told of loops.

use dp_dialects::Complaint;
use dp_dialects::ir::{Op, body_ops, context_of, region_block};
use dp_passes::{Pass, PassOption, Reported};
use melior::ir::attribute::Attribute;
use melior::ir::block::BlockLike;
use melior::ir::operation::{OperationLike, OperationMutLike, OperationRefMut};
use std::collections::HashSet;

/// `annotate-loops`.
pub static ANNOTATE_LOOPS: Pass = Pass {
    flag: "annotate-loops",
    summary: "ask for masked vectors rather than scalar remainders of loops",
    description: "Takes a module in LLVM's dialect. Where vectors have 64 bytes, whose instructions take masks at no \
        cost, each branch backwards says that its loop is to be vectorized with a mask: one loop instead of a vector \
        loop and two kinds of remainder, which halves the code and the time to make it, and serves loops that are \
        shorter than a vector.",
    options: &[PassOption {
        name: "vector-bytes",
        summary: "the widest useful vectors of the processor, in bytes: 16, 32 or 64",
        default: "32",
    }],
    body: |module, options| if options.first() == Some(&"64") { annotate(module) } else { Ok(()) },
};

const MASKED: &str = "#llvm.loop_annotation<vectorize = <predicateEnable = true>>";

fn annotate(module: Op) -> Result<(), Reported> {
    let Some(masked) = Attribute::parse(context_of(module), MASKED) else {
        Complaint::new(format!("internal error: '{MASKED}' does not parse")).emit(module.location());
        return Err(Reported);
    };
    for function in body_ops(module) {
        let mut before = HashSet::new();
        let mut next = region_block(function, 0);
        while let Some(block) = next {
            before.insert(block.to_raw().ptr as usize);
            if let Some(last) = block.terminator().filter(|last| is_backwards(*last, &before)) {
                // SAFETY: the operation is live, and nothing else refers to it here.
                let mut last: OperationRefMut = unsafe { OperationRefMut::from_raw(last.to_raw()) };
                last.set_attribute("loop_annotation", masked);
            }
            next = block.next_in_region();
        }
    }
    Ok(())
}

/// Whether an operation is a plain branch to one of the blocks up to its own.
/// Structured control flow makes loops in that order.
fn is_backwards(op: Op, before: &HashSet<usize>) -> bool {
    op.name().as_string_ref().as_str() == Ok("llvm.br")
        && op.successor(0).is_ok_and(|target| before.contains(&(target.to_raw().ptr as usize)))
}
