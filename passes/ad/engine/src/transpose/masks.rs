//! Cotangents of what a select chooses from: the cotangent where it is chosen, and zero elsewhere.
//!
//! An operand that is not chosen may have an infinite derivative, and 0 · ∞ is NaN. Forward mode drops it after the
//! product; so that reverse mode does too, the zeros stay outermost: f(select(p, c, 0)) is select(p, f(c), 0) for a
//! linear f of elements.

use super::Transposer;
use dp_dialects::OpKind::*;
use dp_dialects::ir::Val;
use dp_dialects::{Builder, Result};
use melior::ir::ValueLike;

/// A cotangent that a select gives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Masked<'c> {
    predicate: Val<'c>,
    parts: Parts<'c>,
}

#[derive(Clone, Copy, Debug)]
enum Parts<'c> {
    /// A cotangent where the predicate has the value `holds`, and 0 elsewhere.
    One { holds: bool, cotangent: Val<'c> },
    /// Cotangents where the predicate holds and where it does not.
    Both { yes: Val<'c>, no: Val<'c> },
}

impl<'c> Parts<'c> {
    fn of(holds: bool, chosen: Val<'c>, other: Val<'c>) -> Self {
        let (yes, no) = if holds { (chosen, other) } else { (other, chosen) };
        Parts::Both { yes, no }
    }
}

impl<'c> Transposer<'c> {
    /// The cotangent of the operand of a select that is chosen where `predicate` has the value `holds`.
    ///
    /// # Errors
    /// If an operation cannot be created.
    pub fn masked(
        &mut self,
        builder: Builder<'c>,
        predicate: Val<'c>,
        holds: bool,
        cotangent: Val<'c>,
    ) -> Result<Val<'c>> {
        self.select(builder, Masked { predicate, parts: Parts::One { holds, cotangent } })
    }

    /// A linear map of elements, applied to a cotangent within its mask.
    ///
    /// # Errors
    /// If `map` fails, or an operation cannot be created.
    pub fn within_mask(
        &mut self,
        builder: Builder<'c>,
        cotangent: Val<'c>,
        map: impl FnOnce(Val<'c>) -> Result<Val<'c>>,
    ) -> Result<Val<'c>> {
        match self.one_mask(builder, cotangent)? {
            Some(Masked { predicate, parts: Parts::One { holds, cotangent } }) => {
                let mapped = map(cotangent)?;
                self.masked(builder, predicate, holds, mapped)
            }
            Some(Masked { parts: Parts::Both { .. }, .. }) | None => map(cotangent),
        }
    }

    /// The sum of two cotangents: one select where both have the same predicate.
    ///
    /// # Errors
    /// If an operation cannot be created.
    pub(super) fn sum(&mut self, builder: Builder<'c>, a: Val<'c>, b: Val<'c>) -> Result<Val<'c>> {
        let (a_masked, b_masked) = match (self.masks.get(a).copied(), self.masks.get(b).copied()) {
            (Some(a), Some(b)) if a.predicate == b.predicate => (a, b),
            _ => return builder.scalar(ScalarAdd, &[a, b]),
        };
        let parts = match (a_masked.parts, b_masked.parts) {
            (Parts::One { holds, cotangent: a }, Parts::One { holds: same, cotangent: b }) => {
                if holds == same {
                    Parts::One { holds, cotangent: self.sum(builder, a, b)? }
                } else {
                    Parts::of(holds, a, b)
                }
            }
            (Parts::One { holds, cotangent }, Parts::Both { yes, no })
            | (Parts::Both { yes, no }, Parts::One { holds, cotangent }) => {
                let (chosen, other) = if holds { (yes, no) } else { (no, yes) };
                Parts::of(holds, self.sum(builder, chosen, cotangent)?, other)
            }
            (Parts::Both { yes: a, no: b }, Parts::Both { yes: c, no: d }) => {
                Parts::Both { yes: self.sum(builder, a, c)?, no: self.sum(builder, b, d)? }
            }
        };
        self.select(builder, Masked { predicate: a_masked.predicate, parts })
    }

    fn select(&mut self, builder: Builder<'c>, masked: Masked<'c>) -> Result<Val<'c>> {
        let (yes, no) = match masked.parts {
            Parts::One { holds: true, cotangent } => (cotangent, self.zero_like(builder, cotangent)?),
            Parts::One { holds: false, cotangent } => (self.zero_like(builder, cotangent)?, cotangent),
            Parts::Both { yes, no } => (yes, no),
        };
        let value = builder.scalar(ScalarSelect, &[masked.predicate, yes, no])?;
        self.masks.insert(value, masked);
        Ok(value)
    }

    /// How a cotangent is masked. Masks within one another become one, of the conjunction of their predicates, so that
    /// each further map is under one select.
    fn one_mask(&mut self, builder: Builder<'c>, cotangent: Val<'c>) -> Result<Option<Masked<'c>>> {
        let Some(mut mask) = self.masks.get(cotangent).copied() else { return Ok(None) };
        while let Parts::One { holds, cotangent: within } = mask.parts
            && let Some(Masked { predicate, parts: Parts::One { holds: also, cotangent } }) =
                self.masks.get(within).copied()
            && predicate.r#type() == mask.predicate.r#type()
        {
            let test = |predicate, holds| {
                if holds { Ok(predicate) } else { builder.scalar(ScalarNot, &[predicate]) }
            };
            let both = builder.scalar(ScalarAnd, &[test(mask.predicate, holds)?, test(predicate, also)?])?;
            mask = Masked { predicate: both, parts: Parts::One { holds: true, cotangent } };
        }
        self.masks.insert(cotangent, mask);
        Ok(Some(mask))
    }
}
