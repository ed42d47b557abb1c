//! What linearization asks of the analyses of activity.

use super::Linearizer;
use crate::activity::useful::{Program, Summaries, Useful};
use crate::activity::varying::Varying;
use crate::site::Engine;
use crate::tangent::{Dual, Tangent};
use dp_dialects::ir::{Op, block_args, region_block};
use dp_dialects::types::tangent_type;
use dp_extents::loops::Loop;
use melior::ir::ValueLike;

impl<'c> Linearizer<'c, '_> {
    /// Asks the analyses.
    pub(super) fn analyzed<T>(&self, ask: impl FnOnce(&Summaries<'c>, &Program<'c, '_>) -> T) -> T {
        let flow = |kind| self.rules.flow(kind);
        let is_opaque = |name: &str| self.calls.is_opaque(name);
        ask(&self.summaries, &Program { functions: self.functions, flow: &flow, is_opaque: &is_opaque })
    }

    /// Whether the tangents of an operation's results are needed.
    pub(super) fn matters(&self, op: Op<'c>) -> bool {
        self.useful.as_ref().is_none_or(|useful| useful.operation(op))
    }

    /// A copy and its tangent, without the tangent if it is not needed.
    pub(super) fn needed(&self, dual: Dual<'c>, is_needed: impl FnOnce(&Useful<'c>) -> bool) -> Dual<'c> {
        match self.useful.as_ref().is_none_or(|useful| is_needed(useful)) {
            true => dual,
            false => Dual { tangent: Tangent::inactive(dual.primal), ..dual },
        }
    }

    /// For each carried value of a loop, whether it varies in some iteration and matters.
    pub(super) fn active_carried(&self, looped: &Loop<'c>) -> Vec<bool> {
        let varies = |value| self.pair(value).tangent.value().is_some();
        let varying = self.analyzed(|summaries, program| Varying::carried(looped, program, summaries, &varies));
        let is_useful = |value| self.useful.as_ref().is_none_or(|useful| useful.value(value));
        let carried = looped.carried.iter().zip(varying);
        carried.map(|(carried, varies)| varies && is_useful(carried.argument)).collect()
    }

    /// The arguments among these from which no path leads to a result: gradients with respect to them are zero by
    /// structure.
    pub fn without_path(&self, name: &'c str, wrt: &[usize]) -> Vec<usize> {
        let Some(block) = self.functions.get(name).and_then(|function| region_block(*function, 0)) else {
            return Vec::new();
        };
        let (arguments, results) = (block_args(block), super::yielded(block));
        let Some(useful) = self.analyzed(|summaries, program| summaries.useful(program, name, &vec![true; results]))
        else {
            return Vec::new();
        };
        let carries = |index: &usize| tangent_type(arguments[*index].r#type()).is_some();
        wrt.iter().copied().filter(|index| carries(index) && !useful.value(arguments[*index])).collect()
    }
}
