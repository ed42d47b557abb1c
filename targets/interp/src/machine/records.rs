//! `ad.record` and `ad.recall`: scalars that are kept until the outermost call returns.

use super::fits;
use dp_dialects::ir::{Op, results};
use dp_dialects::{Diagnostic, Literal, Number, Result, ScalarType, ValueType};
use melior::ir::ValueLike;
use std::cell::RefCell;

/// The records of an execution. The position of a record is its number.
#[derive(Default)]
pub(super) struct Records(RefCell<Vec<Vec<Literal>>>);

impl Records {
    /// Keeps values, and returns their position.
    pub(super) fn keep(&self, values: Vec<Literal>) -> Literal {
        let mut records = self.0.borrow_mut();
        records.push(values);
        Literal::number(ScalarType::Index, Number::Integer(records.len() as i64 - 1))
    }

    /// Drops the record at a position, and all later ones.
    pub(super) fn release(&self, operands: &[Literal]) {
        let position = operands.first().and_then(|at| usize::try_from(at.element(0).integer()).ok());
        position.into_iter().for_each(|position| self.0.borrow_mut().truncate(position));
    }

    /// The values at a position.
    pub(super) fn read(&self, op: Op, operands: &[Literal]) -> Result<Vec<Literal>> {
        let position = operands.first().and_then(|at| usize::try_from(at.element(0).integer()).ok());
        let records = self.0.borrow();
        let types = results(op).into_iter().map(|result| ValueType::of(result.r#type())).collect::<Option<Vec<_>>>();
        let found = position.and_then(|position| records.get(position)).filter(|values| {
            types.as_ref().is_some_and(|types| {
                types.len() == values.len() && values.iter().zip(types).all(|(value, r#type)| fits(value, r#type))
            })
        });
        found.cloned().ok_or_else(|| {
            Diagnostic::request("there is no record of these types at this position")
                .help("recall what 'ad.record' returned, as the types that it kept")
        })
    }
}
