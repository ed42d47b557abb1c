//! Linearization of what is computed again: in the linear region, it stands once more beside the tangents.

use crate::linearize::Linearizer;
use crate::site::{Engine, Mode};
use crate::tangent::{Dual, Tangent};
use dp_dialects::builder::adjoint_location;
use dp_dialects::ir::{Op, Val, results, symbol_attribute};
use dp_dialects::marks::{CHECKPOINT, Checkpoint};
use dp_dialects::{Builder, OpKind, SpannedDiagnostic};
use melior::ir::operation::OperationLike;
use melior::ir::{Type, ValueLike};

/// The rule that the location of a checkpoint names.
const RULE: &str = "ad.checkpoint";

impl<'c> Linearizer<'c, '_> {
    /// Whether reverse mode keeps nothing of an operation and computes it again.
    pub(crate) fn is_checkpoint(&self, op: Op<'c>) -> bool {
        let callee = || self.functions.get(symbol_attribute(op, "callee")?).copied();
        self.mode() == Mode::Linear
            && match OpKind::of(op) {
                Some(OpKind::AdCheckpoint) => true,
                Some(OpKind::FuncCall) => callee().is_some_and(|function| CHECKPOINT.is_on(function)),
                Some(_) | None => CHECKPOINT.of(op) == Some(Checkpoint::Whole),
            }
    }

    /// Copies an operation, and linearizes it once more in a checkpoint in the linear region.
    ///
    /// # Errors
    /// If it has no derivative.
    pub fn checkpoint(
        &mut self,
        op: Op<'c>,
        primal: Builder<'c>,
        linear: Builder<'c>,
    ) -> Result<(), SpannedDiagnostic<'c>> {
        let at = |diagnostic| SpannedDiagnostic::new(op.location(), diagnostic);
        let copies = self.copy(op, primal);
        if let Some(report) = self.report() {
            report.again(op);
        }
        let name = OpKind::of(op).map_or(RULE, OpKind::name);
        let linear = linear.located(adjoint_location(linear.context(), name, op.location()));
        let (region, _, inner) = linear.region(&[]);
        self.differentiate(op, inner, inner)?;
        let tangents: Vec<Option<Val>> =
            results(op).into_iter().map(|result| self.dual(result).tangent.value()).collect();
        let yielded: Vec<Val> = tangents.iter().copied().flatten().collect();
        let types: Vec<Type> = yielded.iter().map(|value| value.r#type()).collect();
        inner.op(OpKind::AdYield, &yielded, &[], &[], vec![]).map_err(at)?;
        let mut made = match yielded.is_empty() {
            true => Vec::new(),
            false => results(linear.op(OpKind::AdCheckpoint, &[], &types, &[], vec![region]).map_err(at)?),
        }
        .into_iter();
        for ((result, copy), tangent) in results(op).into_iter().zip(copies).zip(tangents) {
            let tangent = tangent.and_then(|_| made.next());
            let tangent = tangent.map_or_else(|| Tangent::inactive(copy), Tangent::Value);
            self.note(result, Dual { primal: copy, tangent });
        }
        Ok(())
    }
}
