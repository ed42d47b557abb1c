//! Products of matrices.

use crate::structured::{Indexed, Made, REGROUPED, generic, is_named, map_dims, set_attribute};
use dp_dialects::ir::{Op, defining_op, erase, operands, result, walk};
use dp_dialects::{Builder, Complaint, DType, OpKind};
use dp_passes::Reported;
use melior::ir::ValueLike;
use melior::ir::attribute::{ArrayAttribute, Attribute};
use melior::ir::operation::OperationLike;

/// Makes plain nests of contractions that no tile serves.
pub(super) fn generalize_all<'c>(module: Op<'c>) -> Result<(), Reported> {
    let mut found = Vec::new();
    walk(module, &mut |op| found.extend(is_named(op, "linalg.contract").then_some(op)));
    for op in found {
        generalize(op).map_err(|complaint| {
            complaint.emit(op.location());
            Reported
        })?;
        erase(op);
    }
    Ok(())
}

/// A contraction as a plain nest of loops, before it.
fn generalize<'c>(op: Op<'c>) -> Made<()> {
    let unread = || Complaint::new("internal error: a contraction without maps");
    let maps = op.attribute("indexing_maps").and_then(ArrayAttribute::try_from).map_err(|_| unread())?;
    let mut operands_of = Vec::new();
    for (index, value) in operands(op).into_iter().enumerate() {
        let loops = maps.element(index).ok().and_then(map_dims).ok_or_else(unread)?;
        operands_of.push(Indexed { value, loops });
    }
    let kept = operands_of[2].loops.len();
    let rank = operands_of.iter().flat_map(|operand| &operand.loops).max().map_or(0, |last| last + 1);
    let reduced: Vec<usize> = (kept..rank).collect();
    let dtype = DType::of(crate::structured::element_type(operands_of[2].value.r#type())).ok_or_else(unread)?;
    generic(&Builder::before(op), rank, &reduced, &operands_of[..2], &operands_of[2..], |b, elements| {
        if dtype == DType::I1 {
            let both = b.named("arith.andi", &elements[..2], &[elements[0].r#type()], &[], vec![]).map(result)?;
            let sum = b.named("arith.xori", &[elements[2], both], &[elements[0].r#type()], &[], vec![]).map(result)?;
            return Ok(vec![sum]);
        }
        let product = b.scalar(OpKind::ScalarMul, &elements[..2])?;
        let sum = b.scalar(OpKind::ScalarAdd, &[elements[2], product])?;
        if let Some(sum) = defining_op(sum) {
            set_attribute(sum, REGROUPED, Attribute::unit(b.context()));
        }
        Ok(vec![sum])
    })
    .map(|_| ())
}
