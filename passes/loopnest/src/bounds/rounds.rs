//! The iterations of a counted loop, as the number of an iteration and the number of iterations.

use super::form::{Form, is_small};
use dp_dialects::OpKind;
use dp_dialects::ir::{Op, Val, block_args, constant_integer, is_set, operands, region_block};

/// The iterations of a loop in steps of 1.
pub(crate) struct Rounds<'c> {
    induction: Val<'c>,
    first: i64,
    end: Form<'c>,
}

impl<'c> Rounds<'c> {
    /// The iterations of an `scf.for` over signed numbers that starts at a constant and has steps of 1.
    pub(crate) fn of(op: Op<'c>) -> Option<Rounds<'c>> {
        if OpKind::of(op) != Some(OpKind::ScfFor) || is_set(op, "unsignedCmp") {
            return None;
        }
        let all = operands(op);
        let first = constant_integer(all[0]).filter(|first| is_small(*first) && constant_integer(all[2]) == Some(1))?;
        let induction = *block_args(region_block(op, 0)?).first()?;
        Some(Rounds { induction, first, end: Form::of(all[1]) })
    }

    /// The first value of the induction variable.
    pub(crate) fn first(&self) -> i64 {
        self.first
    }

    /// Whether an index is the number of the iteration, from 0.
    pub(crate) fn is_number(&self, index: Val<'c>) -> bool {
        Form::of(index) == Form { plus: Some(self.induction), minus: None, constant: -self.first }
    }

    /// Whether an extent is the number of iterations.
    pub(crate) fn is_count(&self, extent: Form<'c>) -> bool {
        let count = Form { constant: self.end.constant - self.first, ..self.end };
        // max(x, l) − l, where the loop goes from l to x.
        let clamped = extent.without_maximum();
        extent == count
            || clamped
                .is_some_and(|(exact, _, least)| exact == count && least == self.first && least + extent.constant == 0)
    }
}
