//! `expand-orthogonal`: QR factors, eigenvalues and singular values as loops on whole tensors.

mod eigh;
mod qr;
mod reflector;
mod svd;
mod tridiagonal;

use crate::manager::Pass;
use crate::matrices::{compare, splat};
use dp_dialects::OpKind::*;
use dp_dialects::attributes::{Predicate, Reduction};
use dp_dialects::ir::{Op, Val, erase, operands, replace_all_uses, result, users, walk};
use dp_dialects::ops::DECOMPOSITIONS;
use dp_dialects::{Builder, OpKind, Parameters, Result, ValueType};
use melior::ir::operation::OperationLike;

/// `expand-orthogonal`.
pub static EXPAND_ORTHOGONAL: Pass = Pass {
    flag: "expand-orthogonal",
    summary: "expand QR factors, eigenvalues and singular values to loops on whole tensors",
    description: "Takes `array.qr`, `array.eigh_values`, `array.svd_values`, and what else is computed with them. Leaves \
        `scf.for` and `scf.while` with other operations of `array` and `scalar`. What one block asks about one matrix is \
        computed once.",
    body: |module, _| {
        // Singular values ask for eigenvalues, and both for QR factors.
        for family in [&SVD, &EIGH, &QR] {
            let mut found = Vec::new();
            walk(module, &mut |op| found.extend(OpKind::of(op).filter(|kind| family.kinds.contains(kind)).map(|_| op)));
            let mut made = Vec::new();
            for op in found.iter().copied() {
                // Expanded together with one before it.
                if made.contains(&op) {
                    continue;
                }
                let same = |kind: OpKind| together(op).find(|other| OpKind::of(*other) == Some(kind));
                let asked: Vec<Option<Op>> = family.kinds.iter().map(|kind| same(*kind)).collect();
                let wanted: Vec<bool> = asked.iter().map(Option::is_some).collect();
                let values = (family.expand)(Builder::before(op), operands(op)[0], &wanted)
                    .map_err(|diagnostic| diagnostic.report(op.location()))?;
                for other in together(op).collect::<Vec<_>>() {
                    let place = family.kinds.iter().position(|kind| OpKind::of(other) == Some(*kind));
                    if let Some(Some(value)) = place.map(|place| values[place]) {
                        replace_all_uses(result(other), value);
                        made.push(other);
                    }
                }
            }
            made.into_iter().for_each(erase);
        }
        Ok(())
    },
};

/// Operations of one operand that are computed together.
struct Family {
    kinds: &'static [OpKind],
    expand: Expand,
}

/// Makes the results that are wanted; others may be `None`.
type Expand = for<'c> fn(Builder<'c>, Val<'c>, &[bool]) -> Result<Vec<Option<Val<'c>>>>;

const QR: Family = Family { kinds: DECOMPOSITIONS[0], expand: qr::qr };
const EIGH: Family = Family { kinds: DECOMPOSITIONS[1], expand: eigh::eigh };
const SVD: Family = Family { kinds: DECOMPOSITIONS[2], expand: svd::svd };

/// An operation, and those behind it in its block with the same operand.
fn together<'c>(op: Op<'c>) -> impl Iterator<Item = Op<'c>> {
    let block = op.block();
    let mut next = Some(op);
    let x = operands(op)[0];
    let others = users(x);
    let mut behind = Vec::new();
    while let Some(op) = next {
        if others.contains(&op) {
            behind.push(op);
        }
        next = op.next_in_block();
    }
    debug_assert!(behind.iter().all(|other| other.block() == block));
    behind.into_iter()
}

/// Whether a module has operations that the pass expands.
pub fn is_expanded(op: Op) -> bool {
    OpKind::of(op).is_some_and(expands)
}

/// Whether the pass expands operations of a kind.
pub fn expands(kind: OpKind) -> bool {
    [&QR, &EIGH, &SVD].iter().any(|family| family.kinds.contains(&kind))
}

/// The greatest size of an element of each matrix of a batch, 1 if it is 0 or not finite; for complex numbers, the greatest
/// size of a part.
fn scale<'c>(b: Builder<'c>, x: Val<'c>) -> Result<Val<'c>> {
    let r#type = ValueType::of_value(x)?;
    let size = match r#type.dtype.is_complex() {
        true => {
            let part = |kind| b.scalar(ScalarAbs, &[b.scalar(kind, &[x])?]);
            b.scalar(ScalarMax, &[part(ScalarReal)?, part(ScalarImag)?])?
        }
        false => b.scalar(ScalarAbs, &[x])?,
    };
    let most =
        b.emit(ArrayReduce, &Parameters::Reduce { kind: Reduction::Max, dims: matrix_dims(r#type.rank()) }, &[size])?;
    let positive = compare(b, Predicate::Gt, most, splat(b, 0.0, most)?)?;
    let finite = b.scalar(ScalarIsFinite, &[most])?;
    b.scalar(ScalarSelect, &[b.scalar(ScalarAnd, &[positive, finite])?, most, splat(b, 1.0, most)?])
}

fn matrix_dims(rank: usize) -> Vec<usize> {
    vec![rank - 2, rank - 1]
}
