//! `lift-control-flow`: lifts branches between blocks to `scf`, so that later passes see one block per region.
//!
//! This is upstream's `lift-cf-to-scf`, which handles any control-flow graph. It runs only if a region has several
//! blocks, so that other programs are unchanged.

use crate::parallel::make_sequential;
use crate::upstream;
use crate::{ErrorGuaranteed, Pass};
use dp_dialects::Diagnostic;
use dp_dialects::ir::{Op, has_several_blocks, walk};
use melior::ir::operation::OperationLike;

/// The pass.
pub static LIFT_CONTROL_FLOW: Pass = Pass {
    flag: "lift-control-flow",
    summary: "lift branches between blocks to scf",
    description: "Takes any module. If a region has several blocks, runs upstream's `lift-cf-to-scf`: branches become \
        `scf.if` and `scf.index_switch`, cycles become `scf.while`. `scf.parallel` and `scf.forall` become nests of \
        `scf.for`. Leaves one block in every region. Modules without branches between blocks and without parallel \
        loops stay unchanged.",
    body: |module, _| lift(module),
};

/// The first operation with a region of several blocks.
fn unstructured(module: Op<'_>) -> Option<Op<'_>> {
    let mut found = None;
    walk(module, &mut |op| found = found.or(has_several_blocks(op).then_some(op)));
    found
}

fn lift(module: Op) -> Result<(), ErrorGuaranteed> {
    make_sequential(module)?;
    if unstructured(module).is_none() {
        return Ok(());
    }
    upstream::run_on_program(module, "lift-cf-to-scf")?;
    match unstructured(module) {
        None => Ok(()),
        Some(op) => {
            let diagnostic = Diagnostic::unsupported("cannot convert these branches to 'scf'");
            Err(diagnostic
                .help("use 'cf' branches only directly in functions, or use 'scf.if' and 'scf.while'")
                .report(op.location()))
        }
    }
}
